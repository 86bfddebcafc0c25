package io.github.jconv.check;

import io.github.jconv.tensor.DataType;

/**
 * How far a correctly computed output element may lie from the definition, derived and never tuned.
 *
 * <p>An element is a sum of n products, {@code ref = sum x_i * w_i}, to which a start value s may be added. Every correct
 * algorithm rounds each product and each addition at most once (a fused multiply-add rounds less often), in an order of its own.
 * With the unit roundoff u of the type ({@code 2^-24} for fp32, {@code 2^-53} for fp64) each rounding multiplies by
 * {@code 1 + delta}, {@code |delta| <= u}, and k roundings in a row multiply by {@code 1 + theta},
 * {@code |theta| <= gamma_k = k*u / (1 - k*u)} (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., Lemma 3.1).
 *
 * <p>Whatever the order of summation, the additions that a product passes on its way to the result each join it with at least one
 * other product, and these are different ones each time: at most n - 1 additions, and one rounding of the product itself. Adding
 * an exact zero (padding written out) rounds nothing. A start value adds one more term. Hence, with
 * {@code S = sum |x_i| * |w_i|}, m = n without and n + 1 with a start value (Higham, section 3.1 and (3.5), for any order):
 *
 * <pre>
 *   |sum computed - (ref + s)|  &lt;=  E = gamma_m * (S + |s|)
 *   |got - (ref + s)|           &lt;=  E + u * (|ref + s| + E) + (m + 1) * eta
 * </pre>
 *
 * <p>The second line adds one rounding to the type of the output, for algorithms that sum in a wider type, and underflow: a
 * product or a rounding that lands among the subnormal numbers loses up to half of the smallest one, {@code eta / 2}, instead of
 * a relative u (Higham, (2.8)); a sum of two numbers of the type never underflows inexactly. With eta the whole of the smallest
 * number, the factor {@code 1 + gamma} that the loss may still be multiplied by is covered as long as gamma is at most 1.
 *
 * <p>The reference is itself computed in fp64. Its own error, by the same derivation {@code gamma_m(2^-53) * (S + |s|)} and as
 * much again in S, is added; it is negligible for fp32 (where products are exact in fp64 and never underflow) and doubles the
 * bound for fp64. If a sum may overflow on the way, or m*u
 * exceeds 1/2, nothing can be said: the bound is infinite.
 *
 * <p>Tensors of 16 bits: operands and start values are numbers of fp32, too, and the sum is formed there (or wider), to within
 * {@code B}, the bound above for fp32. It is rounded to the type once, when it is stored. With v the unit roundoff of the type
 * ({@code 2^-11} for fp16, {@code 2^-8} for bfloat16) and h half of its smallest subnormal number ({@code 2^-25}, {@code 2^-134})
 * that changes a number z by at most {@code v * |z| + h}, and {@code |z| <= |ref + s| + B}:
 *
 * <pre>
 *   |got - (ref + s)|  &lt;=  B + v * (|ref + s| + B) + h
 * </pre>
 *
 * <p>Where {@code |z| * (1 + v)} may exceed the largest number of the type (65504 for fp16), the result may be infinite and nothing can
 * be said.
 */
public final class ErrorBound {

    private static final ErrorBound FP32 = new ErrorBound(0x1p-24, Float.MIN_VALUE, Float.MAX_VALUE, null);
    private static final ErrorBound FP64 = new ErrorBound(0x1p-53, Double.MIN_VALUE, Double.MAX_VALUE, null);
    private static final ErrorBound FP16 = new ErrorBound(FP32.unit, FP32.smallest, FP32.largest, NarrowType.FP16);
    private static final ErrorBound BF16 = new ErrorBound(FP32.unit, FP32.smallest, FP32.largest, NarrowType.BF16);

    /** The bound is a few roundings of fp64 itself: this keeps it on the safe side. */
    private static final double EVALUATION = 1 + 0x1p-48;

    private static final double TRANSFORM_UNITS = 336;

    /** Units of u that each bit of the length of a Fourier transform costs: of two operands in the norm, and of the transform back. */
    private static final double FOURIER_BIT = 10 + 10 + 6.3;

    /** Additions of fp64 in S, and in the reference, for each rounding of fp32: up to 36 products for each channel. */
    private static final long WINOGRAD_TERMS = 64;

    private final double unit;
    private final double smallest;
    private final double largest;

    /** What results are stored in, or null where that is the type that they are computed in. */
    private final NarrowType stored;

    private ErrorBound(double unit, double smallest, double largest, NarrowType stored) {
        this.unit = unit;
        this.smallest = smallest;
        this.largest = largest;
        this.stored = stored;
    }

    public static ErrorBound of(DataType type) {
        return switch (type) {
            case FLOAT32 -> FP32;
            case FLOAT64 -> FP64;
            case FLOAT16 -> FP16;
            case BFLOAT16 -> BF16;
        };
    }

    /** {@code k*u / (1 - k*u)}; infinite when k*u exceeds 1/2. */
    public double gamma(long roundings) {
        return gamma(roundings, unit);
    }

    /** Up to this size all integers are numbers of the type. */
    double largestExact() {
        return 1 / unit;
    }

    /** Whether anything can be said about sums of that many terms: their number times u is at most 1/2. */
    public boolean covers(long terms) {
        return terms * unit <= 0.5;
    }

    /**
     * The bound for an element that overwrites.
     *
     * @param terms       n, how many products are summed, or more
     * @param absoluteSum S, the same sum of absolute values in fp64
     * @param reference   the element by the definition, in fp64
     */
    public double of(long terms, double absoluteSum, double reference) {
        return asStored(bound(terms, absoluteSum, reference), reference);
    }

    /**
     * The bound for an element that is added to a start value (accumulation, or a bias).
     *
     * @param terms       n, how many products are summed, or more
     * @param absoluteSum S, the same sum of absolute values in fp64, without the start value
     * @param start       s
     * @param reference   the element by the definition, start value included, in fp64
     */
    public double withStart(long terms, double absoluteSum, double start, double reference) {
        return asStored(bound(terms + 1, absoluteSum + Math.abs(start), reference), reference);
    }

    /** The bound of sums before they are stored: of the type that they are formed in. */
    ErrorBound ofSums() {
        return stored == null ? this : FP32;
    }

    /**
     * What an element may be off when it is stored.
     *
     * @param before    what it may be off before
     * @param reference the element by the definition
     */
    double asStored(double before, double reference) {
        return stored == null || Double.isInfinite(before) ? before : (before + stored.ofResult(Math.abs(reference) + before)) * EVALUATION;
    }

    /**
     * An upper limit of S for a sum of absolute values that was itself computed in this arithmetic: from
     * {@code |computed - S| <= gamma_n * S + u * (1 + gamma_n) * S + (n + 1) * eta} follows
     * {@code S <= (computed + (n + 1) * eta) / (1 - 2 * gamma_(n+1))}. Where it was stored in 16 bits, what was computed is first limited
     * in the same way.
     */
    double absoluteSumAtMost(long terms, double computed) {
        double loss = 2 * gamma(terms + 1);
        double before = stored == null ? computed : stored.beforeRounding(computed);
        return loss < 1 ? (before + (terms + 1) * smallest) / (1 - loss) * EVALUATION : Double.POSITIVE_INFINITY;
    }

    /**
     * What an element may be further off when both factors of each product were brought to TF32: by less than
     * {@code (1 + 2^-10)^2 - 1 = 2 * 2^-10 + 2^-20} of the product, whether low bits are rounded or left out, on top of which the
     * roundings of the sum multiply by {@code 1 + gamma_n}. And tensor cores cut off where other additions round (M. Fasi, N. J. Higham,
     * M. Mikaitis, S. Pranesh, Numerical behavior of NVIDIA tensor cores, PeerJ Computer Science 7:e330, 2021): each addition then loses
     * up to 2u instead of u, {@code gamma_2n} instead of {@code gamma_n}.
     *
     * @param start absolute value of what the sum is added to, or 0
     */
    double ofTf32(long terms, double absoluteSum, double start) {
        return ofFactors((2 * 0x1p-10 + 0x1p-20) * absoluteSum, terms, absoluteSum, start);
    }

    /**
     * What an element may be further off when both factors of each product were rounded to a 16-bit type with unit roundoff v: by
     * {@code (1 + v)^2 - 1} of the product and by what is lost among the type's subnormal numbers, and the additions, that of a start
     * value among them, as with {@link #ofTf32}. Products of such factors are exact in fp32, and the result stays there.
     *
     * @param start absolute value of what the sum is added to, or 0
     */
    double ofNarrowFactors(NarrowType type, long terms, double absoluteSum, double start) {
        return ofFactors(type.ofFactors(absoluteSum, terms), terms, absoluteSum, start);
    }

    /** @param lost what the factors' rounding changes the sum by, if nothing else is rounded */
    private double ofFactors(double lost, long terms, double absoluteSum, double start) {
        return lost * (1 + gamma(2 * (terms + 1))) * EVALUATION + ofTensorCores(terms, absoluteSum, start);
    }

    /**
     * What an element may be further off when each product of fp32 factors is made of three products in TF32 that tensor cores add up
     * ({@code io.github.jconv.device.MathMode.TF32X3}). With h the factor x rounded to TF32, {@code |x - h| <= 2^-11 |x|}, what is left has
     * 12 significant bits, and l, that rounded to 11, is off by {@code 2^-12} of it, {@code |x - h - l| <= 2^-23 |x|}; h' and l' likewise of
     * w. What is computed is {@code h h' + h l' + l h'}, which is off from x w by
     *
     * <pre>
     *   |h (w - h' - l') + (x - h - l) h' + (x - h) (w - h')|  &lt;=  ((1 + 2^-11) 2^-23 + 2^-23 (1 + 2^-11) + 2^-22) |x w|
     *                                                           =   (2^-21 + 2^-33) |x w|
     * </pre>
     *
     * <p>A product passes at most 24 additions of tensor cores, in three times eight products, each of which loses up to 2u as in
     * {@link #ofTf32}, and the parts are together at most {@code 1 + 2^-9} times as large as S. The additions outside of tensor cores, at
     * most n of them, are those of the bound of sums, which the parts pass in place of S. Each of the three products may be cut off among
     * the subnormal numbers. Factors below 2^-103 are not covered: TF32 has not all of their remainders.
     */
    double ofThreeTf32(long terms, double absoluteSum) {
        double products = (0x1p-21 + 0x1p-33) * absoluteSum;
        double parts = (1 + 0x1p-9) * absoluteSum;
        double additions = gamma(2 * 24) * parts;
        double outside = gamma(terms + 1) * (parts + additions - absoluteSum);
        double underflow = absoluteSum == 0 ? 0 : 3 * terms * smallest;
        return (products + additions + outside + underflow) * (1 + unit) * EVALUATION;
    }

    /** What an element may be further off when only the additions are those of tensor cores: {@code (gamma_2n - gamma_n) * (S + |s|)}. */
    double ofTensorCores(long terms, double absoluteSum, double start) {
        double additions = gamma(2 * (terms + 1)) - gamma(terms);
        return additions * (absoluteSum + start) * (1 + unit) * EVALUATION;
    }

    /**
     * What an element may be further off when both factors of each product and the result were rounded to a 16-bit type with unit
     * roundoff v: the factors by {@code (1 + v)^2 - 1} of the product and by what is lost among the type's subnormal numbers, and the
     * additions as with {@link #ofTf32}; then the result once. Infinite where the result may be too large for the type.
     *
     * @param sum the element by the definition, without a start value
     */
    double ofNarrow(NarrowType type, long terms, double absoluteSum, double sum) {
        double factors = type.ofFactors(absoluteSum, terms);
        double additions = gamma(2 * (terms + 1)) - gamma(terms);
        double before = factors * (1 + gamma(2 * (terms + 1))) + additions * absoluteSum;
        return (before + type.ofResult(Math.abs(sum) + before + gamma(terms) * absoluteSum)) * EVALUATION;
    }

    /**
     * What an element may be off when it comes from a product of transforms: the bar of benchdnn for Winograd (oneDNN,
     * {@code tests/benchdnn/conv}), {@code |errors|_2 <= 2e-5 * |results|_2} in fp32, which is {@code 336 * u}. No single element is
     * further off than all together.
     *
     * @param norm Euclidean norm of all results
     */
    double ofTransforms(double norm) {
        return TRANSFORM_UNITS * unit * norm;
    }

    /**
     * The bound for an element of a Winograd convolution with transforms as in {@link WinogradForm}. Over exact numbers they give the
     * sum of the definition, each element being a sum of terms (coefficients of A, G and B) times an element of d times one of g, of
     * which S is the sum of absolute values. In no transform does a term enter a result by two ways, and each passes at most, on
     * each of the two axes,
     *
     * <pre>
     *              inputs                          filters                               outputs
     *   F(2, 3)    1 (d0 - d2)                     2 ((g0 + g2) + g1; halves are exact)  2
     *   F(4, 3)    3 (4 d0 + (-5 d2 + d4))         4 (the same, times 1/6 rounded)       3 ((m0 + (m1 + m2)) + (m3 + m4))
     * </pre>
     *
     * <p>roundings, products by powers of two being exact and fused operations counted as two; then the rounding of the product
     * in {@code U V} and the C - 1 additions of the others to it, and with a start value one more. The filter gradient of F(4, 3),
     * {@code dw = G^T [ sum over t tiles (B^T d B) * (A dy A^T) ] G}, has on each axis
     *
     * <pre>
     *              inputs       gradients                                   filters
     *   F(4, 3)    3            2 ((y0 + 4 y2) + 2 (y1 + 4 y3))             5 (u5 + 1/6 ((u3 + u4) - (u1 + u2)), 1/6 rounded)
     * </pre>
     *
     * <p>roundings, as many together as the convolution itself, and t - 1 additions. So a term is multiplied by
     * {@code 1 + theta}, {@code |theta| <= gamma_r}, r the sum of all: {@code |got - (ref + s)| <= gamma_r * (S + |s|)}.
     *
     * <p>Underflow: sums and multiples by whole numbers of what fp32 holds are multiples of eta, hence exact where they are subnormal. Only
     * filters and products lose something: a filter, multiplied by fractions on both axes, at most 2 eta; a product at most eta.
     * The first is multiplied by a transformed input, both are summed over the C channels and multiplied by A: losses of
     * {@code 2 L + C * |A^T| 1 |A|} numbers eta, taken twice for the roundings that follow. The reference has its own error as in the
     * class comment.
     *
     * @param roundings   r without that of a start value
     * @param absoluteSum S
     * @param losses      numbers eta that are lost
     * @param start       s, or 0
     * @param accumulated whether there is a start value
     */
    double ofWinograd(long roundings, double absoluteSum, double losses, double start, boolean accumulated) {
        double reference = gamma(roundings * WINOGRAD_TERMS, FP64.unit);
        double sum = (absoluteSum + Math.abs(start)) * (1 + 2 * reference);
        double gamma = gamma(roundings + (accumulated ? 1 : 0));
        if (!(sum * (1 + gamma) < largest) || !(losses * (1 + gamma) < largest)) {
            return Double.POSITIVE_INFINITY;
        }
        double lost = absoluteSum == 0 ? 0 : 2 * losses * smallest;
        return ((gamma + reference) * sum + lost) * EVALUATION;
    }

    /**
     * The bound for an element of a convolution by Fourier transforms of real signals, with passes as in
     * {@code io.github.jconv.cpu.simd.FourierTransforms}. The transforms of x and w are bounded in the Euclidean norm, as in Higham,
     * section 24.1; the last one, of the products, by the sum of their absolute values, because the largest error of an element is wanted.
     *
     * <p>A pass of radix r adds up r terms for each result, each times a number of absolute value 1, of which a term passes at most k
     * roundings (those of constants included, a fused operation counted as two): an error of {@code gamma_k} times the sum of the absolute
     * values, times sqrt(2) where both parts of a complex number are multiplied, which is {@code sqrt(r)} times as much relative to
     * norms. Additions alone are a chain of r = 2, each off by u in every norm. Then each result is multiplied by a factor, 3 sqrt(2) =
     * 4.25 in either sense. Divided by the bits log2(r) of a pass, in units of u:
     *
     * <pre>
     *   r                      k    in the norm                          in the sum of absolute values
     *   2                      1    (1 + 4.25) / 1 = 5.25                (1 + 4.25) / 1 = 5.25
     *   4                      2    (2 + 4.25) / 2 = 3.13                (2 + 4.25) / 2 = 3.13
     *   3                      4    (9.80 + 4.25) / 1.58 = 8.87          (5.66 + 4.25) / 1.58 = 6.26
     *   5                      6    (18.98 + 4.25) / 2.32 = 10.0         (8.49 + 4.25) / 2.32 = 5.49
     *   two signals of one          (1 + 4.25 + 1) / 1 = 6.25            the same
     * </pre>
     *
     * <p>So transforms of length N are off by {@code 10 log2(N) u} of their norm, which is {@code sqrt(N)} times that of the signal, and
     * in a product of two transforms, by the inequality of Cauchy and Schwarz, this is {@code 10 log2(N) u N |x| |w|} for each operand,
     * summed over frequencies. The sum over D channels is off by {@code sqrt(2) gamma_(2 D + 1)} of as much; the transform back by
     * {@code 6.3 log2(N) u}, and division by N with a rounded factor by 2 u. With V the sum over channels of {@code |x| |w|} and r
     * the sum of all, with a start value one more, {@code |got - (ref + s)| <= gamma_r * (V + |s|)}.
     *
     * <p>Underflow: each multiplication loses up to eta. Before the product that is less than {@code 4 log2(N) eta} in the norm
     * of a signal, which is multiplied by the norm of the other operand; the products themselves lose 8 D eta, the transform back
     * {@code 8 log2(N) eta} and the division eta; all taken twice for the roundings that follow.
     *
     * @param bits         log2(N) for the points of all axes
     * @param terms        D
     * @param norms        V
     * @param operandNorms the sum over channels of {@code |x| + |w|}
     * @param start        s, or 0
     * @param accumulated  whether there is a start value
     */
    double ofFourier(double bits, long terms, double norms, double operandNorms, double start, boolean accumulated) {
        long roundings = (long) Math.ceil(FOURIER_BIT * bits + Math.sqrt(2) * (2 * terms + 1) + 3) + (accumulated ? 1 : 0);
        double points = Math.pow(2, bits);
        double reference = 2 * gamma((long) Math.ceil(points * terms) + 1, FP64.unit);
        double sum = norms + Math.abs(start);
        double gamma = gamma(roundings);
        // On the way all is up to 8 times as large as the sums of the transforms, for each of which the points add up.
        if (!(8 * points * (sum + operandNorms) * (1 + gamma) < largest)) {
            return Double.POSITIVE_INFINITY;
        }
        double lost = norms == 0 ? 0 : 2 * smallest * (4 * bits * operandNorms + 8 * terms + 8 * bits + 1);
        return ((gamma + reference) * sum + lost) * EVALUATION;
    }

    private double bound(long terms, double absoluteSum, double reference) {
        double referenceGamma = gamma(terms, FP64.unit);
        double referenceUnderflow = this == FP64 ? terms * FP64.smallest : 0;
        double sum = absoluteSum * (1 + 2 * referenceGamma) + referenceUnderflow;
        double gamma = gamma(terms);
        if (!(sum * (1 + gamma) < largest)) {
            return Double.POSITIVE_INFINITY;
        }
        double summation = gamma * sum;
        double reference64 = referenceGamma * sum + referenceUnderflow;
        double output = unit * (Math.abs(reference) + reference64 + summation);
        double underflow = sum == 0 ? 0 : (terms + 1) * smallest;
        return (summation + output + underflow + reference64) * EVALUATION;
    }

    private static double gamma(long roundings, double unit) {
        double product = roundings * unit;
        return product > 0.5 ? Double.POSITIVE_INFINITY : product / (1 - product);
    }
}
