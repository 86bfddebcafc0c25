package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.DataType;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bound holds for every order of summation, with and without fused multiply-add, down to the subnormal numbers. */
class ErrorBoundTest {

    private static final ErrorBound FP32 = ErrorBound.of(DataType.FLOAT32);
    private static final ErrorBound FP64 = ErrorBound.of(DataType.FLOAT64);

    /** Sums of products in one type, in an order that the random numbers choose. */
    private abstract static class Arithmetic {

        abstract double round(double exactInWiderType);

        abstract double multiply(double a, double b);

        abstract double add(double a, double b);

        abstract double fma(double a, double b, double c);

        /** Joins random pairs of partial sums, or multiplies into one of them, until one is left. */
        double sum(double[] x, double[] w, SplittableRandom random) {
            List<Double> partial = new ArrayList<>();
            for (int i = 0; i < x.length; i++) {
                if (!partial.isEmpty() && random.nextBoolean()) {
                    int into = random.nextInt(partial.size());
                    partial.set(into, fma(x[i], w[i], partial.get(into)));
                } else {
                    partial.add(multiply(x[i], w[i]));
                }
            }
            while (partial.size() > 1) {
                double one = partial.remove(random.nextInt(partial.size()));
                int other = random.nextInt(partial.size());
                partial.set(other, add(one, partial.get(other)));
            }
            return partial.get(0);
        }
    }

    private static final Arithmetic FLOAT = new Arithmetic() {
        @Override
        double round(double value) {
            return (float) value;
        }

        @Override
        double multiply(double a, double b) {
            return (float) a * (float) b;
        }

        @Override
        double add(double a, double b) {
            return (float) a + (float) b;
        }

        @Override
        double fma(double a, double b, double c) {
            return Math.fma((float) a, (float) b, (float) c);
        }
    };

    /** Operands lose their low 13 bits. */
    private static final Arithmetic CUT = tensorCores(value -> Float.intBitsToFloat(Float.floatToRawIntBits((float) value) & ~0x1fff));

    private static final Arithmetic HALF = tensorCores(DataType.FLOAT16::round);
    private static final Arithmetic BRAIN = tensorCores(DataType.BFLOAT16::round);

    /** Factors are changed before they are multiplied, and every addition cuts off what fp32 does not hold, as tensor cores may do. */
    private static Arithmetic tensorCores(DoubleUnaryOperator factor) {
        return new Arithmetic() {
            @Override
            double round(double value) {
                return (float) value;
            }

            @Override
            double multiply(double a, double b) {
                return factor.applyAsDouble(a) * factor.applyAsDouble(b);
            }

            @Override
            double add(double a, double b) {
                float nearest = (float) (a + b);
                return Math.abs((double) nearest) > Math.abs(a + b) ? Math.nextAfter(nearest, 0.0) : nearest;
            }

            @Override
            double fma(double a, double b, double c) {
                return add(multiply(a, b), c);
            }
        };
    }

    /** fp32 of three products in TF32: tensor cores add up those of eight terms, one after another and cutting off, fp32 the rest. */
    private static final Arithmetic THREE = new Arithmetic() {
        @Override
        double round(double value) {
            return FLOAT.round(value);
        }

        @Override
        double multiply(double a, double b) {
            return a * b;
        }

        @Override
        double add(double a, double b) {
            return FLOAT.add(a, b);
        }

        @Override
        double fma(double a, double b, double c) {
            return CUT.add(a * b, c);
        }

        @Override
        double sum(double[] x, double[] w, SplittableRandom random) {
            double sum = 0;
            for (int first = 0; first < x.length; first += 8) {
                int end = Math.min(x.length, first + 8);
                double part = 0;
                for (int i = first; i < end; i++) {
                    part = fma(low(x[i]), high(w[i]), part);
                }
                for (int i = first; i < end; i++) {
                    part = fma(high(x[i]), low(w[i]), part);
                }
                for (int i = first; i < end; i++) {
                    part = fma(high(x[i]), high(w[i]), part);
                }
                sum = add(sum, part);
            }
            return sum;
        }

        /** To 11 significant bits, ties away from zero. */
        private double high(double value) {
            return Float.intBitsToFloat(Float.floatToRawIntBits((float) value) + 0x1000 & ~0x1fff);
        }

        private double low(double value) {
            return high(value - high(value));
        }
    };

    private static final Arithmetic DOUBLE = new Arithmetic() {
        @Override
        double round(double value) {
            return value;
        }

        @Override
        double multiply(double a, double b) {
            return a * b;
        }

        @Override
        double add(double a, double b) {
            return a + b;
        }

        @Override
        double fma(double a, double b, double c) {
            return Math.fma(a, b, c);
        }
    };

    @Property(tries = 3000)
    void itHoldsInFp32(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int terms, @ForAll @IntRange(min = -78, max = 20) int scale) {
        assertTrue(worstRatio(FLOAT, FP32, seed, terms, scale, false) <= 1);
    }

    @Property(tries = 1000)
    void itHoldsInFp32WithAStartValue(@ForAll long seed, @ForAll @IntRange(min = 0, max = 60) int terms,
                                      @ForAll @IntRange(min = -78, max = 20) int scale) {
        assertTrue(worstRatio(FLOAT, FP32, seed, terms, scale, true) <= 1);
    }

    @Property(tries = 3000)
    void itHoldsInFp64ThoughTheReferenceRoundsToo(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int terms,
                                                  @ForAll @IntRange(min = -540, max = 20) int scale) {
        assertTrue(worstRatio(DOUBLE, FP64, seed, terms, scale, false) <= 1);
    }

    @Property(tries = 2000)
    void itHoldsInTf32(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int terms, @ForAll @IntRange(min = -40, max = 20) int scale,
                       @ForAll boolean withStart) {
        assertTrue(worstRatio(CUT, FP32, seed, terms, scale, withStart) <= 1);
    }

    /** Down to factors that are subnormal or nothing in fp16. */
    @Property(tries = 2000)
    void itHoldsWithFactorsOf16Bits(@ForAll boolean half, @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int terms,
                                    @ForAll @IntRange(min = -30, max = 4) int scale, @ForAll boolean withStart) {
        assertTrue(worstRatio(half ? HALF : BRAIN, FP32, seed, terms, scale, withStart) <= 1);
    }

    @Property(tries = 2000)
    void itHoldsInThreeProductsOfTf32(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int terms,
                                      @ForAll @IntRange(min = -40, max = 20) int scale, @ForAll boolean withStart) {
        assertTrue(worstRatio(THREE, FP32, seed, terms, scale, withStart) <= 1);
    }

    /** What README says of it. */
    @ParameterizedTest
    @ValueSource(longs = {100, 576, 4608, 100_000, 1 << 21})
    void threeProductsOfTf32AreBoundedAboutAsOneOfFp32(long terms) {
        double ofFp32 = FP32.of(terms, 1, 0.5);
        assertTrue(ofFp32 + FP32.ofThreeTf32(terms, 1) <= 1.6 * ofFp32, () -> FP32.ofThreeTf32(terms, 1) + " besides " + ofFp32);
    }

    /** What the products are off by is a derived limit and is nearly reached: by factors whose remainders are as large as they can be. */
    @Test
    void theProductsOfTheThreeComeNearToTheirShare() {
        double worst = 0;
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 100_000; i++) {
            double x = FLOAT.round(1 + random.nextDouble() * 0x1p-9);
            double w = FLOAT.round(1 + random.nextDouble() * 0x1p-9);
            double h = Float.intBitsToFloat(Float.floatToRawIntBits((float) x) + 0x1000 & ~0x1fff);
            double g = Float.intBitsToFloat(Float.floatToRawIntBits((float) w) + 0x1000 & ~0x1fff);
            double l = Float.intBitsToFloat(Float.floatToRawIntBits((float) (x - h)) + 0x1000 & ~0x1fff);
            double k = Float.intBitsToFloat(Float.floatToRawIntBits((float) (w - g)) + 0x1000 & ~0x1fff);
            worst = Math.max(worst, Math.abs(x * w - (h * g + h * k + l * g)) / (x * w));
        }
        assertTrue(worst <= 0x1p-21 + 0x1p-33, "worst " + worst);
        assertTrue(worst > 0.8 * 0x1p-21, "worst " + worst);
    }

    /** The bounds of rounded factors are no wide nets: a single product uses a good part of them. */
    @Test
    void theBoundsOfRoundedFactorsAreNotVacuous() {
        for (Arithmetic arithmetic : new Arithmetic[] {CUT, HALF, BRAIN}) {
            double worst = 0;
            for (int seed = 0; seed < 500; seed++) {
                worst = Math.max(worst, worstRatio(arithmetic, FP32, seed, 1, 0, false));
            }
            assertTrue(worst > 0.5, "worst " + worst);
        }
    }

    /** Numbers of scale 2^scale, of nearly one size or of very different sizes, with cancellation; the reference in fp64. */
    private static double worstRatio(Arithmetic arithmetic, ErrorBound bound, long seed, int terms, int scale, boolean withStart) {
        SplittableRandom random = new SplittableRandom(seed);
        int spread = random.nextInt(1, 12);
        double[] x = numbers(arithmetic, random, terms, scale, spread);
        double[] w = numbers(arithmetic, random, terms, scale, spread);
        double start = withStart ? numbers(arithmetic, random, 1, 2 * scale, spread)[0] : 0;
        double reference = 0;
        double absolute = 0;
        for (int i = 0; i < terms; i++) {
            reference += x[i] * w[i];
            absolute += Math.abs(x[i]) * Math.abs(w[i]);
        }
        double got = terms == 0 ? start : arithmetic.sum(x, w, random);
        if (withStart && terms > 0) {
            got = arithmetic.add(got, start);
        }
        double limit = (withStart ? bound.withStart(terms, absolute, start, reference + start) : bound.of(terms, absolute, reference))
                + more(arithmetic, bound, terms, absolute, Math.abs(start));
        double error = Math.abs(got - (reference + start));
        return error == 0 ? 0 : error / limit;
    }

    /** What the changed factors allow. */
    private static double more(Arithmetic arithmetic, ErrorBound bound, int terms, double absolute, double start) {
        return arithmetic == CUT ? bound.ofTf32(terms, absolute, start)
                : arithmetic == THREE ? bound.ofThreeTf32(terms, absolute)
                : arithmetic == HALF ? bound.ofNarrowFactors(NarrowType.FP16, terms, absolute, start)
                : arithmetic == BRAIN ? bound.ofNarrowFactors(NarrowType.BF16, terms, absolute, start) : 0;
    }

    private static double[] numbers(Arithmetic arithmetic, SplittableRandom random, int count, int scale, int spread) {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = arithmetic.round(Math.scalb(random.nextDouble(-1, 1), scale - random.nextInt(spread)));
        }
        return numbers;
    }

    @Test
    void theReferenceItselfLiesWithinItsShareOfTheFp64Bound() {
        SplittableRandom random = new SplittableRandom(5);
        for (int terms = 1; terms < 300; terms++) {
            double[] x = numbers(DOUBLE, random, terms, 0, 1);
            double[] w = numbers(DOUBLE, random, terms, 0, 1);
            BigDecimal exact = BigDecimal.ZERO;
            double reference = 0;
            double absolute = 0;
            for (int i = 0; i < terms; i++) {
                exact = exact.add(new BigDecimal(x[i]).multiply(new BigDecimal(w[i])));
                reference += x[i] * w[i];
                absolute += Math.abs(x[i] * w[i]);
            }
            double error = exact.subtract(new BigDecimal(reference)).abs().round(MathContext.DECIMAL64).doubleValue();
            assertTrue(error <= FP64.gamma(terms) * absolute * (1 + 0x1p-40), "terms " + terms);
        }
    }

    @Test
    void gammaIsTheFormulaOfItsDocumentation() {
        double u = 0x1p-24;
        assertEquals(1000 * u / (1 - 1000 * u), FP32.gamma(1000));
        assertEquals(0, FP32.gamma(0));
        assertTrue(FP32.covers(1 << 23));
        assertFalse(FP32.covers((1 << 23) + 1));
        assertEquals(Double.POSITIVE_INFINITY, FP32.gamma((1 << 23) + 1));
    }

    /** A bound that nothing comes near to would catch nothing: one rounded product alone uses a good part of it. */
    @Test
    void itIsNotVacuous() {
        double worst = 0;
        for (int seed = 0; seed < 2000; seed++) {
            worst = Math.max(worst, worstRatio(FLOAT, FP32, seed, 1, 0, false));
        }
        assertTrue(worst > 0.4, "worst " + worst);
    }

    @Test
    void anErrorOfOnePartIn2To12OfAShortSumIsOutside() {
        double reference = 1;
        assertTrue(0x1p-12 > FP32.of(100, 10, reference));
    }

    @Test
    void nothingIsAllowedWhereNoProductContributes() {
        assertEquals(0, FP32.of(0, 0, 0));
        assertEquals(0, FP32.of(5, 0, 0));
        assertEquals(0, FP64.of(0, 0, 0));
    }

    @Test
    void aSumThatMayOverflowOnTheWayIsNotJudged() {
        assertEquals(Double.POSITIVE_INFINITY, FP32.of(4, 2.0 * Float.MAX_VALUE, 0));
        assertTrue(Double.isFinite(FP32.of(4, 0.5 * Float.MAX_VALUE, 0)));
    }

    /** Operands of 16 bits, sums in fp32 in any order, results rounded once: within the bound, down to subnormal results. */
    @Property(tries = 400)
    void resultsStoredInSixteenBitsStayWithinTheirBound(@ForAll @IntRange(min = 1, max = 300) int terms, @ForAll long seed,
                                                        @ForAll @IntRange(min = -12, max = 4) int exponent, @ForAll boolean half) {
        DataType type = half ? DataType.FLOAT16 : DataType.BFLOAT16;
        SplittableRandom random = new SplittableRandom(seed);
        double[] x = new double[terms];
        double[] w = new double[terms];
        double sum = 0;
        double absolute = 0;
        for (int i = 0; i < terms; i++) {
            x[i] = type.round(Math.scalb(random.nextDouble(-1, 1), exponent));
            w[i] = type.round(random.nextDouble(-1, 1));
            sum += x[i] * w[i];
            absolute += Math.abs(x[i] * w[i]);
        }
        double got = type.round(FLOAT.sum(x, w, random));
        double bound = ErrorBound.of(type).of(terms, absolute, sum);
        assertTrue(Math.abs(got - sum) <= bound, () -> got + " is further than " + bound + " off");
    }

    /** One rounding of the type, and little more: the bound of a single product is at most a few per cent wider than what can happen. */
    @Test
    void theBoundOfSixteenBitsIsThatOfOneRounding() {
        assertEquals(0x1p-11, ErrorBound.of(DataType.FLOAT16).of(1, 1, 1), 0x1p-11 * 0.01);
        assertEquals(0x1p-8, ErrorBound.of(DataType.BFLOAT16).of(1, 1, 1), 0x1p-8 * 0.01);
        assertEquals(0x1p-25, ErrorBound.of(DataType.FLOAT16).of(1, 0x1p-20, 0x1p-20), 0x1p-25 * 0.1);
        assertTrue(ErrorBound.of(DataType.FLOAT16).of(10, 8, 1) > FP32.of(10, 8, 1));
    }

    @Test
    void nothingIsSaidWhereTheResultMayBeTooLargeForTheType() {
        assertTrue(Double.isFinite(ErrorBound.of(DataType.FLOAT16).of(1, 65000, 65000)));
        assertEquals(Double.POSITIVE_INFINITY, ErrorBound.of(DataType.FLOAT16).of(1, 65504, 65504));
        assertEquals(Double.POSITIVE_INFINITY, ErrorBound.of(DataType.FLOAT16).of(1, 1e6, -1e6));
        assertTrue(Double.isFinite(ErrorBound.of(DataType.BFLOAT16).of(1, 1e6, -1e6)));
    }

    /** From a sum of absolute values as it was stored, S is never taken for too small. */
    @Property(tries = 200)
    void absoluteSumsAreLimitedThroughTheRoundingOfTheType(@ForAll @IntRange(min = 1, max = 2000) int thousandths, @ForAll boolean half) {
        DataType type = half ? DataType.FLOAT16 : DataType.BFLOAT16;
        double sum = thousandths * 0.001;
        assertTrue(ErrorBound.of(type).absoluteSumAtMost(3, type.round((float) sum)) >= sum);
    }
}
