package io.github.jconv.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The functions of single elements: how exact they are, and that every width computes the same bits and nothing beside its range. */
class ElementwiseLoopsTest {

    private static final double U = 0x1p-24;
    private static final float[] EDGES = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
        -Float.MIN_VALUE, Float.MIN_NORMAL, -Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 1f, -1f, 20f, -20f, 87.3f, -87.3f,
        87.34f, -87.34f, 103.9f, -103.9f, 103.97f, 104f, -104f, 104.1f, 1e5f, -1e5f};

    /** A loop on the arrays x, y and z, which writes into the last one that it takes. */
    @FunctionalInterface
    private interface Loop {
        void run(ElementwiseLoops loops, float[] x, int xAt, float[] y, int yAt, float[] z, int zAt, int length);
    }

    private static Map<String, Loop> loops() {
        Map<String, Loop> all = new LinkedHashMap<>();
        all.put("max", (on, x, a, y, b, z, c, n) -> on.max(x, a, y, b, z, c, n));
        all.put("relu", (on, x, a, y, b, z, c, n) -> on.relu(x, a, z, c, n));
        all.put("reluBackward", (on, x, a, y, b, z, c, n) -> on.reluBackward(x, a, y, b, z, c, n));
        all.put("leakyRelu", (on, x, a, y, b, z, c, n) -> on.leakyRelu(0.3f, x, a, z, c, n));
        all.put("leakyReluBackward", (on, x, a, y, b, z, c, n) -> on.leakyReluBackward(0.3f, x, a, y, b, z, c, n));
        all.put("expOfMinusAbsolute", (on, x, a, y, b, z, c, n) -> on.expOfMinusAbsolute(x, a, z, c, n));
        all.put("sigmoid", (on, x, a, y, b, z, c, n) -> on.sigmoid(x, a, y, b, z, c, n));
        all.put("sigmoidBackward", (on, x, a, y, b, z, c, n) -> on.sigmoidBackward(x, a, y, b, z, c, n));
        all.put("tanh", (on, x, a, y, b, z, c, n) -> on.tanh(x, a, z, c, n));
        all.put("tanhBackward", (on, x, a, y, b, z, c, n) -> on.tanhBackward(x, a, y, b, z, c, n));
        all.put("sigmoidCrossEntropy", (on, x, a, y, b, z, c, n) -> on.sigmoidCrossEntropy(x, a, y, b, z, c, z, c, n));
        all.put("scaledDifference", (on, x, a, y, b, z, c, n) -> on.scaledDifference(0.7f, x, a, y, b, z, c, n));
        all.put("normalise", (on, x, a, y, b, z, c, n) -> on.normalise(0.4f, 1e-9f, 1.7f, -0.2f, x, a, z, c, n));
        all.put("normaliseBackward", (on, x, a, y, b, z, c, n) -> on.normaliseBackward(0.4f, 1e-9f, 0.6f, -0.1f, 1.7f, x, a, y, b, z, c, n));
        all.put("scale", (on, x, a, y, b, z, c, n) -> on.scale(0.7f, z, c, n));
        all.put("addScaled", (on, x, a, y, b, z, c, n) -> on.addScaled(0.7f, x, a, z, c, n));
        return all;
    }

    static List<SimdProvider> providers() {
        return SimdProvider.all();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void everyWidthComputesTheSameBitsAndWritesNothingElse(SimdProvider simd) {
        for (int length : new int[] {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200}) {
            float[] x = values(length + 3, 1);
            float[] y = values(length + 5, 2);
            loops().forEach((name, loop) -> {
                float[] z = values(length + 9, 3);
                float[] expected = z.clone();
                loop.run(SimdProvider.named("scalar").elementwise(), x, 3, y, 5, expected, 4, length);
                loop.run(simd.elementwise(), x, 3, y, 5, z, 4, length);
                assertSameBits(expected, z, name + " of " + length);
            });
        }
    }

    /** They change several arrays each: the weight, and one or two moments. */
    @ParameterizedTest
    @MethodSource("providers")
    void stepsOfOptimisersAreTheSameInEveryWidthAndWriteNothingElse(SimdProvider simd) {
        AdamRule rule = new AdamRule();
        rule.set(0.01, 0.9, 0.999, 0.02, 1e-8, 0.003, 0.02);
        for (int length : new int[] {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65}) {
            float[][] expected = {values(length + 3, 1), values(length + 5, 2), values(length + 9, 3), values(length + 4, 4)};
            float[][] actual = {expected[0].clone(), expected[1].clone(), expected[2].clone(), expected[3].clone()};
            scalar().sgdStep(0.1f, 0.9f, 0.01f, expected[0], 2, expected[1], 5, expected[2], 4, length);
            simd.elementwise().sgdStep(0.1f, 0.9f, 0.01f, actual[0], 2, actual[1], 5, actual[2], 4, length);
            scalar().nesterovStep(0.1f, 0.9f, 0.01f, expected[0], 2, expected[1], 5, expected[2], 4, length);
            simd.elementwise().nesterovStep(0.1f, 0.9f, 0.01f, actual[0], 2, actual[1], 5, actual[2], 4, length);
            scalar().adamStep(rule, expected[0], 2, expected[1], 5, expected[2], 4, expected[3], 1, length);
            simd.elementwise().adamStep(rule, actual[0], 2, actual[1], 5, actual[2], 4, actual[3], 1, length);
            for (int i = 0; i < expected.length; i++) {
                assertSameBits(expected[i], actual[i], "array " + i + " of steps of " + length);
            }
        }
    }

    /** The output in the place of the first argument, and of the second. */
    @ParameterizedTest
    @MethodSource("providers")
    void anOutputMayBeAnInput(SimdProvider simd) {
        int length = 37;
        loops().forEach((name, loop) -> {
            float[] z = values(length, 3);
            float[] expected = z.clone();
            loop.run(simd.elementwise(), z.clone(), 0, z.clone(), 0, expected, 0, length);
            float[] inPlace = z.clone();
            loop.run(simd.elementwise(), inPlace, 0, z.clone(), 0, inPlace, 0, length);
            assertSameBits(expected, inPlace, name + " in the place of its first argument");
            inPlace = z.clone();
            loop.run(simd.elementwise(), z.clone(), 0, inPlace, 0, inPlace, 0, length);
            assertSameBits(expected, inPlace, name + " in the place of its second argument");
        });
    }

    /** Rows that follow one another at once and rows with gaps, up to the ends of arrays and inside; many values are equal, some are none. */
    @ParameterizedTest
    @MethodSource("providers")
    void theLargestOfFourAndItsGradientAreTheSameInEveryWidth(SimdProvider simd) {
        for (int windows : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 33}) {
            for (int gap = 0; gap <= 1; gap++) {
                for (int rows = 0; rows <= 5; rows++) {
                    for (int behind : new int[] {0, 40}) {
                        compareLargestOfFour(simd.elementwise(), windows, 2 * windows + gap, (2 + gap) * (2 * windows + gap), rows, behind);
                    }
                }
            }
        }
    }

    /** The largest values but for what may stand behind them, and gradients with everything beside them. */
    private static void compareLargestOfFour(ElementwiseLoops loops, int windows, int below, int step, int rows, int behind) {
        String what = rows + " rows of " + windows + " windows, " + step + " apart";
        float[] few = {0f, -0f, 1f, 2f, -1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        SplittableRandom random = new SplittableRandom(windows);
        float[] x = new float[1 + rows * step + behind];
        for (int i = 0; i < x.length; i++) {
            x[i] = few[random.nextInt(few.length)];
        }
        int count = rows * windows;
        float[] expected = values(2 + count + behind, 1);
        float[] actual = expected.clone();
        scalar().maxOfFour(x, 1, below, step, expected, 2, windows, rows);
        loops.maxOfFour(x, 1, below, step, actual, 2, windows, rows);
        assertSameBits(Arrays.copyOf(expected, 2 + count), Arrays.copyOf(actual, 2 + count), "largest of four, " + what);
        int written = Math.min(2 + count + SimdProvider.PARTIAL_SUMS, actual.length);
        assertSameBits(Arrays.copyOfRange(expected, written, actual.length), Arrays.copyOfRange(actual, written, actual.length),
                "behind the largest of four, " + what);
        float[] dy = values(2 + count + behind, 2);
        expected = values(3 + rows * step + behind, 3);
        actual = expected.clone();
        scalar().maxOfFourBackward(x, 1, below, step, dy, 2, expected, 3, windows, rows);
        loops.maxOfFourBackward(x, 1, below, step, dy, 2, actual, 3, windows, rows);
        assertSameBits(expected, actual, "gradient of the largest of four, " + what);
    }

    @Test
    void theExponentialIsWithinItsBound() {
        assertRelative(2, 0x1p-149, x -> StrictMath.exp(-Math.abs(x)), ElementwiseLoopsTest::exp);
    }

    @Test
    void theSigmoidIsWithinItsBound() {
        assertRelative(5, 0x1p-149, x -> x < 0 ? StrictMath.exp(x) / (1 + StrictMath.exp(x)) : 1 / (1 + StrictMath.exp(-x)), x -> {
            float[] y = new float[x.length];
            scalar().sigmoid(x, 0, exp(x), 0, y, 0, x.length);
            return y;
        });
    }

    @Test
    void theHyperbolicTangentIsWithinItsBound() {
        assertRelative(5, 0x1p-149, StrictMath::tanh, x -> {
            float[] y = new float[x.length];
            scalar().tanh(x, 0, y, 0, x.length);
            return y;
        });
    }

    /** With a target of 0 and a logit below 0 the logarithm is all there is of the cross entropy. */
    @Test
    void theLogarithmIsWithinItsBound() {
        assertRelative(7, 0x1p-148, x -> StrictMath.log1p(StrictMath.exp(-Math.abs(x))), x -> {
            float[] negative = x.clone();
            for (int i = 0; i < x.length; i++) {
                // Infinity times a target of 0 would be no number.
                negative[i] = Math.max(-Math.abs(x[i]), -Float.MAX_VALUE);
            }
            float[] losses = new float[x.length];
            scalar().sigmoidCrossEntropy(negative, 0, new float[x.length], 0, exp(x), 0, losses, 0, x.length);
            return losses;
        });
    }

    @Test
    void theCrossEntropyIsWithinItsBound() {
        SplittableRandom random = new SplittableRandom(5);
        int count = 100_000;
        float[] x = new float[count];
        float[] t = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) (random.nextDouble(-1, 1) * Math.pow(10, random.nextDouble(-4, 2)));
            t[i] = i % 3 == 0 ? i % 2 : (float) random.nextDouble();
        }
        float[] losses = new float[count];
        scalar().sigmoidCrossEntropy(x, 0, t, 0, exp(x), 0, losses, 0, count);
        for (int i = 0; i < count; i++) {
            double difference = Math.max(x[i], 0d) - (double) x[i] * t[i];
            double log = StrictMath.log1p(StrictMath.exp(-Math.abs((double) x[i])));
            double bound = U * Math.abs(difference) + 7 * U * log + U * (difference + log) * (1 + 8 * U) + 0x1p-148;
            double error = Math.abs(losses[i] - (difference + log));
            String what = "logit " + x[i] + ", target " + t[i] + ": " + losses[i] + ", off by " + error + ", bound " + bound;
            assertTrue(error <= bound, () -> what);
        }
    }

    @Test
    void valuesThatAreNoNumbersAndLimitsComeOutAsInTheDefinition() {
        float[] x = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f};
        float[] y = new float[x.length];
        scalar().sigmoid(x, 0, exp(x), 0, y, 0, x.length);
        assertArrayEquals(new float[] {Float.NaN, 1, 0, 0.5f, 0.5f}, y);
        scalar().tanh(x, 0, y, 0, x.length);
        assertSameBits(new float[] {Float.NaN, 1, -1, 0f, -0f}, y, "tanh");
        scalar().relu(x, 0, y, 0, x.length);
        assertSameBits(new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0f, 0f, 0f}, y, "relu");
        float[] dx = new float[x.length];
        scalar().reluBackward(y, 0, new float[] {1, 2, 3, 4, 5}, 0, dx, 0, x.length);
        assertArrayEquals(new float[] {0, 2, 0, 0, 0}, dx);
    }

    @FunctionalInterface
    private interface OfAll {
        float[] of(float[] x);
    }

    /** On numbers of every size and both signs, on those around the limits one by one, and closely where the functions bend. */
    private static void assertRelative(int units, double absolute, DoubleUnaryOperator exact, OfAll function) {
        float[] x = sample();
        float[] y = function.of(x);
        double worst = 0;
        for (int i = 0; i < x.length; i++) {
            double want = exact.applyAsDouble(x[i]);
            double error = Math.abs(y[i] - want);
            double bound = units * U * Math.abs(want) + absolute;
            String what = "at " + x[i] + ": " + y[i] + ", exact " + want + ", off by " + error + ", bound " + bound;
            assertTrue(error <= bound || Double.isNaN(want) && Float.isNaN(y[i]), () -> what);
            worst = Math.abs(want) < Float.MIN_NORMAL || Double.isNaN(want) ? worst : Math.max(worst, error / bound);
        }
        double share = worst;
        assertTrue(share > 0.3, () -> "a bound of " + units + " u says too little: the largest error is " + share + " of it");
    }

    private static float[] sample() {
        SplittableRandom random = new SplittableRandom(9);
        int perKind = 150_000;
        float[] x = new float[3 * perKind + EDGES.length];
        for (int i = 0; i < perKind; i++) {
            x[i] = Float.intBitsToFloat((int) random.nextLong(0x7f800000L) | (i % 2) << 31);
            x[perKind + i] = -1.5f + 3f * i / perKind;
            x[2 * perKind + i] = -105 + 210f * i / perKind;
        }
        System.arraycopy(EDGES, 0, x, 3 * perKind, EDGES.length);
        return x;
    }

    private static ElementwiseLoops scalar() {
        return SimdProvider.named("scalar").elementwise();
    }

    private static float[] exp(float[] x) {
        float[] e = new float[x.length];
        scalar().expOfMinusAbsolute(x, 0, e, 0, x.length);
        return e;
    }

    /** Numbers of many sizes, and edge cases among them. */
    private static float[] values(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i % 5 == 4 ? EDGES[random.nextInt(EDGES.length)]
                    : (float) (random.nextDouble(-1, 1) * Math.pow(2, random.nextInt(-8, 8)));
        }
        return values;
    }

    /** The bits, but for which NaN it is. */
    private static void assertSameBits(float[] expected, float[] actual, String what) {
        int different = IntStream.range(0, expected.length)
                .filter(i -> Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])).findFirst().orElse(-1);
        assertEquals(-1, different, () -> what + ", element " + different + ": " + actual[different] + " instead of " + expected[different]);
    }
}
