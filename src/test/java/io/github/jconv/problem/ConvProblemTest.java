package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

/** The problem as a value: its validator, its shapes and its counts. */
class ConvProblemTest {

    private static final BigInteger LARGEST = BigInteger.valueOf(Long.MAX_VALUE);

    /** Any numbers at all, the nonsense included. */
    private record Numbers(long batch, long channels, long filters, long groups, List<long[]> axes) {

        ConvProblem problem() {
            return new ConvProblem(batch, channels, filters, groups,
                    axes.stream().map(a -> new SpatialAxis(a[0], a[1], a[2], a[3], a[4], a[5])).toList());
        }

        /** The rules, restated: everything in range, the groups divide, the filter fits, every count fits a long. */
        boolean isValid() {
            boolean inRange = within(0, batch) && within(1, channels, filters, groups);
            return inRange && channels % groups == 0 && filters % groups == 0 && axes.stream().allMatch(Numbers::isValidAxis)
                    && counts().stream().allMatch(count -> count.compareTo(LARGEST) <= 0);
        }

        private static boolean isValidAxis(long[] a) {
            BigInteger extent = big(a[1] - 1).multiply(big(a[5])).add(BigInteger.ONE);
            BigInteger padded = big(a[0]).add(big(a[3])).add(big(a[4]));
            return within(1, a[0], a[1], a[2], a[5]) && within(0, a[3]) && within(-SpatialAxis.MAX, a[4])
                    && extent.compareTo(padded) <= 0 && padded.compareTo(big(SpatialAxis.MAX)) <= 0;
        }

        private static boolean within(long min, long... values) {
            return LongStream.of(values).allMatch(value -> value >= min && value <= SpatialAxis.MAX);
        }

        /** Bytes in fp64 of x, y, w and the column matrix, and the operations. */
        private List<BigInteger> counts() {
            BigInteger in = BigInteger.ONE;
            BigInteger out = BigInteger.ONE;
            BigInteger taps = BigInteger.ONE;
            for (long[] a : axes) {
                in = in.multiply(big(a[0]));
                taps = taps.multiply(big(a[1]));
                out = out.multiply(big(a[0] + a[3] + a[4] - (a[1] - 1) * a[5] - 1).divide(big(a[2])).add(BigInteger.ONE));
            }
            BigInteger n = big(Math.max(1, batch));
            BigInteger w = big(filters).multiply(big(channels / groups)).multiply(taps);
            BigInteger eight = big(8);
            return List.of(eight.multiply(n).multiply(big(channels)).multiply(in), eight.multiply(n).multiply(big(filters)).multiply(out),
                    eight.multiply(w), eight.multiply(n).multiply(big(channels)).multiply(taps).multiply(out),
                    big(2).multiply(n).multiply(w).multiply(out));
        }

        private static BigInteger big(long value) {
            return BigInteger.valueOf(value);
        }
    }

    @Provide
    Arbitrary<Numbers> numbers() {
        Arbitrary<Long> small = Arbitraries.longs().between(1, 6);
        Arbitrary<Long> large = Arbitraries.longs().between(1, SpatialAxis.MAX);
        Arbitrary<Long> odd = Arbitraries.of(0L, -1L, SpatialAxis.MAX, SpatialAxis.MAX + 1, Long.MAX_VALUE, Long.MIN_VALUE, -3L);
        Arbitrary<Long> any = Arbitraries.frequencyOf(Tuple.of(30, small), Tuple.of(2, large),
                Tuple.of(1, odd));
        Arbitrary<Long> groups = Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just(1L)), Tuple.of(1, any));
        Arbitrary<Long> padding = Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just(0L)), Tuple.of(2, any),
                Tuple.of(1, Arbitraries.longs().between(-4, 0)));
        Arbitrary<long[]> axis = Combinators.combine(any.map(i -> i + (i > 0 && i < 7 ? 9 : 0)), any, any, padding, padding, any)
                .as((i, k, s, begin, end, d) -> new long[] {i, k, s, begin, end, d});
        return Combinators.combine(any, any, any, groups, axis.list().ofMinSize(1).ofMaxSize(3)).as(Numbers::new);
    }

    /** Exactly the valid numbers make a problem; all others are refused with a message that names a parameter and a range. */
    @Property(tries = 5000, edgeCases = EdgeCasesMode.NONE)
    void invalidNumbersNeverGetThrough(@ForAll("numbers") Numbers numbers) {
        if (numbers.isValid()) {
            ConvProblem problem = numbers.problem();
            List<BigInteger> counts = numbers.counts();
            if (problem.batch() > 0) {
                assertEquals(counts.get(0).longValueExact(), problem.xBytes(DataType.FLOAT64));
                assertEquals(counts.get(1).longValueExact(), problem.yBytes(DataType.FLOAT64));
                assertEquals(counts.get(2).longValueExact(), problem.wBytes(DataType.FLOAT64));
                assertEquals(counts.get(3).longValueExact(), problem.batch() * problem.columnBytesPerImage(DataType.FLOAT64));
                assertEquals(counts.get(4).longValueExact(), problem.flops());
            }
            assertEquals(problem, ConvProblem.parse(problem.toString()));
        } else {
            String message = assertThrows(InvalidProblemException.class, numbers::problem).getMessage();
            assertTrue(message.contains("allowed: "), message);
        }
    }

    @Test
    void bothValidAndInvalidNumbersComeUp() {
        List<Numbers> sample = numbers().sampleStream().limit(2000).toList();
        long valid = sample.stream().filter(Numbers::isValid).count();
        assertTrue(valid > 300 && valid < 1700, () -> valid + " valid of 2000");
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    @Property(tries = 300)
    void shapesFollowTheDocumentation(@ForAll("problems") ConvProblem problem) {
        List<Long> x = new ArrayList<>(List.of(problem.batch(), problem.inputChannels()));
        List<Long> w = new ArrayList<>(List.of(problem.outputChannels(), problem.inputChannels() / problem.groups()));
        List<Long> y = new ArrayList<>(List.of(problem.batch(), problem.outputChannels()));
        for (SpatialAxis axis : problem.axes()) {
            x.add(axis.input());
            w.add(axis.filter());
            y.add(axis.output());
        }
        assertEquals(TensorShape.of(x.stream().mapToLong(s -> s).toArray()), problem.xShape());
        assertEquals(TensorShape.of(w.stream().mapToLong(s -> s).toArray()), problem.wShape());
        assertEquals(TensorShape.of(y.stream().mapToLong(s -> s).toArray()), problem.yShape());
        assertTrue(problem.isXShape(problem.xShape()) && problem.isWShape(problem.wShape()) && problem.isYShape(problem.yShape()));
        assertFalse(problem.isXShape(problem.biasShape()));
    }

    /** 128 filters of 3x3 in 192 channels, and a bias each. */
    @Test
    void parametersOfTheLecture() {
        ConvProblem layer = ConvProblem.conv2d().input(192, 28, 28).filters(128, 3).padding(1).build();
        assertEquals(192 * 128 * 3 * 3 + 128, layer.parameters(true));
        assertEquals(221_312, layer.parameters(true));
        assertEquals(221_184, layer.parameters(false));
    }

    @Test
    void costsOfOneLayerByHand() {
        ConvProblem layer = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1pw0_g2");
        assertEquals(TensorShape.of(2, 4, 4, 8), layer.yShape());
        assertEquals(2 * 4 * 3 * 6 * 32, layer.macs());
        assertEquals(2 * layer.macs(), layer.flops());
        assertEquals(4 * 2 * 6 * 63, layer.xBytes(DataType.FLOAT32));
        assertEquals(4 * 4 * 3 * 6, layer.wBytes(DataType.FLOAT32));
        assertEquals(8 * 2 * 4 * 32, layer.yBytes(DataType.FLOAT64));
        assertEquals(6 * 6 * 32, layer.columnElementsPerImage());
        assertEquals(4 * 6 * 6 * 32, layer.columnBytesPerImage(DataType.FLOAT32));
        assertEquals(3 * 6, ConvOperation.FORWARD.accumulationLength(layer));
        assertEquals(2 * 6, ConvOperation.BACKWARD_DATA.accumulationLength(layer));
        assertEquals(2 * 32, ConvOperation.BACKWARD_FILTER.accumulationLength(layer));
    }

    /** 3x32x32 and 192 filters of 5x5: each filter is 3x5x5, meets all three channels at once, and gives one map. */
    @Test
    void howThe4dFilterMeetsThe3dInput() {
        ConvProblem layer = ConvProblem.conv2d().input(3, 32, 32).filters(192, 5).build();
        assertEquals(TensorShape.of(192, 3, 5, 5), layer.wShape());
        assertEquals(TensorShape.of(1, 192, 28, 28), layer.yShape());
        assertEquals(3 * 5 * 5, ConvOperation.FORWARD.accumulationLength(layer));
        ConvProblem padded = ConvProblem.conv2d().input(3, 32, 32).filters(192, 5).padding(2).build();
        assertEquals(TensorShape.of(1, 192, 32, 32), padded.yShape());
    }

    /** A (1, 6) filter with stride 6 turns [1, 197, 1, 768] into [1, 197, 1, 128]: 197 channels, one row. */
    @Test
    void rectangularEverything() {
        ConvProblem layer = ConvProblem.conv2d().input(197, 1, 768).filters(197, 1, 6).stride(1, 6).build();
        assertEquals(TensorShape.of(1, 197, 1, 768), layer.xShape());
        assertEquals(TensorShape.of(1, 197, 1, 128), layer.yShape());
    }

    @Test
    void aMissingAxisIsTheUnitAxis() {
        ConvProblem line = ConvProblem.parse("n1c2w5k3s2");
        assertEquals(SpatialAxis.unit(), line.axis3(0));
        assertEquals(SpatialAxis.unit(), line.axis3(1));
        assertEquals(line.axes().get(0), line.axis3(2));
    }

    @Test
    void dimensionsOutsideOneToThreeAreRefused() {
        for (int dims : new int[] {0, 4}) {
            List<SpatialAxis> axes = Collections.nCopies(dims, SpatialAxis.unit());
            assertEquals("spatial dimensions are " + dims + "; allowed: 1..3",
                    assertThrows(InvalidProblemException.class, () -> new ConvProblem(1, 1, 1, 1, axes)).getMessage());
        }
    }

    @Test
    void theBuilderSaysWhatIsMissingAndWhichAxisIsWrong() {
        assertEquals("input is not set; give the channels and 2 spatial sizes",
                assertThrows(InvalidProblemException.class, () -> ConvProblem.conv2d().build()).getMessage());
        assertEquals("filters is not set; give the number of filters and 1 filter sizes",
                assertThrows(InvalidProblemException.class, () -> ConvProblem.conv1d().input(1, 2).build()).getMessage());
        assertEquals("stride has 3 values [1, 2, 3]; allowed: 1 or 2, one per spatial axis",
                assertThrows(InvalidProblemException.class, () -> ConvProblem.conv2d().stride(1, 2, 3)).getMessage());
        assertEquals("axis w: dilation is 0; allowed: 1..2147483647", assertThrows(InvalidProblemException.class,
                () -> ConvProblem.conv2d().input(1, 4, 4).filters(1, 2).dilation(1, 0).build()).getMessage());
    }

    @Test
    void commonDivisorsAreListedShort() {
        assertEquals("1, 5", Counts.commonDivisors(10, 5));
        assertEquals("1", Counts.commonDivisors(7, 9));
        assertEquals("1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, ..., 192", Counts.commonDivisors(192, 384));
        assertTrue(Counts.commonDivisors(SpatialAxis.MAX, SpatialAxis.MAX).endsWith("..., 2147483647"));
    }
}
