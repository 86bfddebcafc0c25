package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The relationships of Dumoulin and Visin, A guide to convolution arithmetic for deep learning (arXiv 1603.07285), each by its
 * number and in its own letters: i, k, s, p, o for a convolution, a prime for its transposed convolution, a for
 * {@code (i + 2p - k) mod s}, d for the dilation. The guide treats one axis with the same padding at both ends.
 */
class GuideRelationshipsTest {

    private static SpatialAxis axis(long i, long k, long s, long p, long d) {
        Assume.that(i + 2 * p >= d * (k - 1) + 1);
        return new SpatialAxis(i, k, s, p, p, d);
    }

    /** How many places there are for the window, found by trying: the definition that every formula must agree with. */
    private static long places(long i, long k, long s, long p, long d) {
        long count = 0;
        for (long start = -p; start + d * (k - 1) <= i - 1 + p; start += s) {
            count++;
        }
        return count;
    }

    /** The transposed convolution of a convolution whose outputs reach the end of its input, or with a given output padding. */
    private static TransposedAxis transposed(long inputPrime, long k, long s, long p, long a) {
        Assume.that(s * (inputPrime - 1) + a + k - 2 * p >= 1);
        return new TransposedAxis(inputPrime, k, s, p, p, 1, a);
    }

    /** For any i and k, s = 1, p = 0: {@code o = (i - k) + 1}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship1NoPaddingUnitStrides(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k) {
        long o = axis(i, k, 1, 0, 1).output();
        assertEquals((i - k) + 1, o);
        assertEquals(places(i, k, 1, 0, 1), o);
    }

    /** For any i, k and p, s = 1: {@code o = (i - k) + 2p + 1}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship2PaddingUnitStrides(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k,
                                         @ForAll @IntRange(min = 0, max = 15) int p) {
        long o = axis(i, k, 1, p, 1).output();
        assertEquals((i - k) + 2 * p + 1, o);
        assertEquals(places(i, k, 1, p, 1), o);
    }

    /** Half padding: for any i and odd k = 2n + 1, s = 1, p = floor(k / 2) = n: {@code o = i}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship3HalfPadding(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 0, max = 8) int n) {
        int k = 2 * n + 1;
        assertEquals(i, axis(i, k, 1, k / 2, 1).output());
    }

    /** Full padding: for any i and k, p = k - 1, s = 1: {@code o = i + (k - 1)}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship4FullPadding(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k) {
        assertEquals(i + (k - 1), axis(i, k, 1, k - 1, 1).output());
    }

    /** For any i, k and s, p = 0: {@code o = floor((i - k) / s) + 1}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship5NoPaddingStrides(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k,
                                       @ForAll @IntRange(min = 1, max = 7) int s) {
        long o = axis(i, k, s, 0, 1).output();
        assertEquals(Math.floorDiv(i - k, s) + 1, o);
        assertEquals(places(i, k, s, 0, 1), o);
    }

    /** For any i, k, p and s: {@code o = floor((i + 2p - k) / s) + 1}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship6PaddingStrides(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k,
                                     @ForAll @IntRange(min = 0, max = 15) int p, @ForAll @IntRange(min = 1, max = 7) int s) {
        long o = axis(i, k, s, p, 1).output();
        assertEquals(Math.floorDiv(i + 2 * p - k, s) + 1, o);
        assertEquals(places(i, k, s, p, 1), o);
    }

    /** Pooling: for any i, k and s, {@code o = floor((i - k) / s) + 1}; its windows are those of a convolution without padding. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship7Pooling(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k,
                              @ForAll @IntRange(min = 1, max = 15) int s) {
        long o = axis(i, k, s, 0, 1).output();
        assertEquals((i - k) / s + 1, o);
        assertEquals(places(i, k, s, 0, 1), o);
    }

    /** s = 1, p = 0: the transposed has k' = k, s' = 1, p' = k - 1 and {@code o' = i' + (k - 1)}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship8NoPaddingUnitStridesTransposed(@ForAll @IntRange(min = 1, max = 40) int i,
                                                     @ForAll @IntRange(min = 1, max = 12) int k) {
        SpatialAxis convolution = axis(i, k, 1, 0, 1);
        long inputPrime = convolution.output();
        assertDirectForm(convolution, k - 1, 0, inputPrime);
        assertEquals(inputPrime + (k - 1), transposed(inputPrime, k, 1, 0, 0).output());
    }

    /** s = 1: the transposed has p' = k - p - 1 and {@code o' = i' + (k - 1) - 2p}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship9PaddingUnitStridesTransposed(@ForAll @IntRange(min = 1, max = 40) int i,
                                                   @ForAll @IntRange(min = 1, max = 12) int k,
                                                   @ForAll @IntRange(min = 0, max = 15) int p) {
        SpatialAxis convolution = axis(i, k, 1, p, 1);
        long inputPrime = convolution.output();
        assertDirectForm(convolution, k - p - 1, 0, inputPrime);
        assertEquals(inputPrime + (k - 1) - 2 * p, transposed(inputPrime, k, 1, p, 0).output());
    }

    /** Half padding transposed: k = 2n + 1, s = 1, p = n: p' = p and {@code o' = i'}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship10HalfPaddingTransposed(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 0, max = 8) int n) {
        SpatialAxis convolution = axis(i, 2 * n + 1, 1, n, 1);
        assertDirectForm(convolution, n, 0, convolution.output());
        assertEquals(convolution.output(), transposed(convolution.output(), 2 * n + 1, 1, n, 0).output());
    }

    /** Full padding transposed: s = 1, p = k - 1: p' = 0 and {@code o' = i' - (k - 1)}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship11FullPaddingTransposed(@ForAll @IntRange(min = 1, max = 40) int i, @ForAll @IntRange(min = 1, max = 12) int k) {
        SpatialAxis convolution = axis(i, k, 1, k - 1, 1);
        assertDirectForm(convolution, 0, 0, convolution.output());
        assertEquals(convolution.output() - (k - 1), transposed(convolution.output(), k, 1, k - 1, 0).output());
    }

    /** p = 0, i - k a multiple of s: s - 1 zeros between the inputs, p' = k - 1 and {@code o' = s (i' - 1) + k}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship12NoPaddingStridesTransposed(@ForAll @IntRange(min = 1, max = 15) int inputPrime,
                                                  @ForAll @IntRange(min = 1, max = 12) int k,
                                                  @ForAll @IntRange(min = 1, max = 7) int s) {
        long i = (long) s * (inputPrime - 1) + k;
        SpatialAxis convolution = axis(i, k, s, 0, 1);
        assertEquals(inputPrime, convolution.output());
        assertDirectForm(convolution, k - 1, 0, inputPrime);
        assertEquals(i, transposed(inputPrime, k, s, 0, 0).output());
    }

    /** i + 2p - k a multiple of s: p' = k - p - 1 and {@code o' = s (i' - 1) + k - 2p}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship13PaddingStridesTransposed(@ForAll @IntRange(min = 1, max = 15) int inputPrime,
                                                @ForAll @IntRange(min = 1, max = 12) int k,
                                                @ForAll @IntRange(min = 0, max = 15) int p,
                                                @ForAll @IntRange(min = 1, max = 7) int s) {
        long i = (long) s * (inputPrime - 1) + k - 2L * p;
        Assume.that(i >= 1);
        SpatialAxis convolution = axis(i, k, s, p, 1);
        assertEquals(inputPrime, convolution.output());
        assertDirectForm(convolution, k - p - 1, 0, inputPrime);
        assertEquals(i, transposed(inputPrime, k, s, p, 0).output());
    }

    /** Any: a zeros at the bottom and right, p' = k - p - 1 and {@code o' = s (i' - 1) + a + k - 2p}; o' is i again. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship14PaddingStridesTransposedOdd(@ForAll @IntRange(min = 1, max = 40) int i,
                                                   @ForAll @IntRange(min = 1, max = 12) int k,
                                                   @ForAll @IntRange(min = 0, max = 15) int p,
                                                   @ForAll @IntRange(min = 1, max = 7) int s) {
        SpatialAxis convolution = axis(i, k, s, p, 1);
        long a = (i + 2 * p - k) % s;
        assertEquals(a, convolution.unreached());
        assertDirectForm(convolution, k - p - 1, a, convolution.output());
        long outputPrime = transposed(convolution.output(), k, s, p, a).output();
        assertEquals(s * (convolution.output() - 1) + a + k - 2 * p, outputPrime);
        assertEquals(i, outputPrime);
    }

    /** Dilation d: {@code o = floor((i + 2p - k - (k - 1)(d - 1)) / s) + 1}. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void relationship15Dilation(@ForAll @IntRange(min = 1, max = 60) int i, @ForAll @IntRange(min = 1, max = 9) int k,
                                @ForAll @IntRange(min = 0, max = 15) int p, @ForAll @IntRange(min = 1, max = 7) int s,
                                @ForAll @IntRange(min = 1, max = 5) int d) {
        long o = axis(i, k, s, p, d).output();
        assertEquals(Math.floorDiv(i + 2 * p - k - (k - 1) * (d - 1), s) + 1, o);
        assertEquals(places(i, k, s, p, d), o);
    }

    /**
     * The transposed convolution as a direct one: the input i' stretched by s - 1 zeros between its units, padding p' at both ends,
     * a more at the end, stride 1. Its output is the convolution's input.
     */
    private static void assertDirectForm(SpatialAxis convolution, long pPrime, long a, long inputPrime) {
        assertEquals(convolution.stride() - 1, convolution.insertedZeros());
        long stretched = inputPrime + (inputPrime - 1) * (convolution.stride() - 1);
        assertEquals(stretched, convolution.zeroInsertedOutput());
        assertEquals(pPrime, convolution.transposedPadBegin());
        assertEquals(pPrime + a, convolution.transposedPadEnd());
        assertEquals(convolution.input(), (stretched - convolution.filter()) + 2 * pPrime + a + 1);
    }
}
