package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.report.ErrorDistribution;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HarnessPartsTest {

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** On ones, the definition counts its terms. */
    @Property(tries = 200)
    void contributingTermsAreWhatTheDefinitionCounts(@ForAll("problems") ConvProblem problem) {
        for (ConvOperation operation : ConvOperation.values()) {
            ConvRequest request = ConvRequest.fp32(problem, operation);
            Operands ones = DataKind.INTEGERS.operands(request, 1).absolute();
            for (HostTensor tensor : Arrays.asList(ones.x(), ones.w(), ones.y())) {
                if (tensor != null) {
                    tensor.fill(1);
                }
            }
            ContributingTerms terms = new ContributingTerms(request);
            long most = 0;
            for (long i = 0; i < ones.outputShape().elements(); i++) {
                assertEquals(ones.definitionAt(i), terms.at(i), "element " + i + " of " + request);
                most = Math.max(most, terms.at(i));
            }
            if (problem.batch() > 0) {
                assertEquals(most, terms.most(), request.toString());
            }
        }
    }

    /** A filter with millions of taps, of which one meets each input: nothing is rounded, so no zeros need be strewn. */
    @Test
    void integersAreAsManyAsTheLongestSumAllowsNotTheFilter() {
        ConvRequest request = ConvRequest.fp32(ConvProblem.parse("n1c1w6000000k1s6000000"), ConvOperation.BACKWARD_DATA);
        assertEquals(1, new ContributingTerms(request).most());
        assertEquals(1, ExactRange.of(request).density());
    }

    @Test
    void theSampleHasAllCornersEveryEdgeAndTheWantedSize() {
        TensorShape shape = TensorShape.of(3, 40, 30, 50);
        long[] sample = SampleChooser.choose(shape, 500, 1);
        assertTrue(sample.length > 490 && sample.length <= 500, "size " + sample.length);
        assertArrayEquals(LongStream.of(sample).sorted().distinct().toArray(), sample);
        List<long[]> positions = LongStream.of(sample).mapToObj(i -> Positions.coordinates(shape, i)).toList();
        long corners = positions.stream().filter(p -> isCorner(shape, p)).count();
        assertEquals(16, corners);
        for (int axis = 0; axis < shape.rank(); axis++) {
            for (long end : new long[] {0, shape.size(axis) - 1}) {
                int a = axis;
                assertTrue(positions.stream().anyMatch(p -> p[a] == end && !isCorner(shape, p)), "axis " + axis + " at " + end);
            }
        }
        assertArrayEquals(sample, SampleChooser.choose(shape, 500, 1));
    }

    private static boolean isCorner(TensorShape shape, long[] position) {
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (position[axis] != 0 && position[axis] != shape.size(axis) - 1) {
                return false;
            }
        }
        return true;
    }

    @Test
    void aSmallOutputIsSampledWhole() {
        assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, SampleChooser.choose(TensorShape.of(1, 2, 3), 6, 1));
        assertEquals(0, SampleChooser.choose(TensorShape.of(0, 2, 3), 6, 1).length);
    }

    @Test
    void shrinkingEndsAtTheSmallestProblemThatFails() {
        ConvProblem layer = ConvProblem.parse("n8c64h56w56k128r3s3_sh2sw2_ph1pw1_dh2dw2_g4");
        ConvProblem smallest = Shrinker.shrink(layer, p -> p.axes().stream().anyMatch(a -> a.dilation() > 1 && a.filter() > 2),
                Shrinker.DEFAULT_ATTEMPTS);
        assertEquals("n1c1w3k1s3_pw1_dw2", smallest.toString());
    }

    @Test
    void shrinkingKeepsWhatNothingSmallerFailsLike() {
        ConvProblem problem = ConvProblem.parse("n1c3w9k2s4_sw3_pw0:-1");
        assertEquals(problem, Shrinker.shrink(problem, p -> false, Shrinker.DEFAULT_ATTEMPTS));
    }

    @Test
    void shrinkingAsksNoMoreThanItMay() {
        int[] asked = {0};
        Shrinker.shrink(ConvProblem.parse("n8c64h56w56k128r3s3"), p -> ++asked[0] > 0 && p.batch() < 0, 17);
        assertTrue(asked[0] <= 17);
    }

    @Property(tries = 200)
    void lopsidedRelativesHaveDifferentSizesOnEveryAxis(@ForAll("problems") ConvProblem problem) {
        for (ConvProblem variant : Lopsided.variants(problem)) {
            assertEquals(problem.dimensions(), variant.axes().stream().mapToLong(SpatialAxis::input).distinct().count(), variant::toString);
            assertEquals(problem.isDepthwise(), variant.isDepthwise());
        }
        ConvProblem most = Lopsided.variants(problem).get(0);
        assertEquals(problem.dimensions(), most.axes().stream().map(SpatialAxis::filter).distinct().count(), most::toString);
        assertEquals(problem.dimensions(), most.axes().stream().map(SpatialAxis::stride).distinct().count(), most::toString);
    }

    @Test
    void ratiosAreCountedInFactorsOfTwo() {
        RatioHistogram histogram = new RatioHistogram();
        for (double ratio : new double[] {0, 1, 0.75, 0.5, 0x1p-23, 0x1p-40, 1.0001, Double.POSITIVE_INFINITY, Double.NaN}) {
            histogram.add(ratio);
        }
        ErrorDistribution distribution = histogram.distribution();
        assertEquals(1, distribution.exact());
        assertEquals(2, distribution.counts().get(ErrorDistribution.FACTORS - 1), "1 and 0.75");
        assertEquals(1, distribution.counts().get(ErrorDistribution.FACTORS - 2), "0.5");
        assertEquals(2, distribution.counts().get(0), "2^-23 and below");
        assertEquals(3, distribution.outside());
        assertEquals(9, distribution.elements());
    }

    @Test
    void blocksAreGatheredAndScattered() {
        HostTensor filter = HostTensor.of(TensorShape.of(1, 1, 2, 2), 1f, 2f, 3f, 4f);
        HostTensor spread = Blocks.scatter(filter, new long[4], new long[] {1, 1, 2, 3}, TensorShape.of(1, 1, 3, 4));
        assertArrayEquals(new float[] {1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 4}, spread.floats());
        assertArrayEquals(filter.floats(),
                Blocks.gather(spread, new long[4], new long[] {1, 1, 2, 3}, filter.shape()).floats());
        assertArrayEquals(new float[] {3, 4}, Blocks.slice(filter, 2, 1, 2).floats());
    }

    @Test
    void guardsSeeDamageOnBothSides() {
        HostTensor values = HostTensor.of(TensorShape.of(3), 1f, 2f, 3f);
        GuardedTensor guarded = GuardedTensor.copyOf(values);
        guarded.requireUndamaged();
        guarded.tensor().floats()[guarded.tensor().offset() + 4] = Float.NaN;
        assertTrue(assertThrows(HygieneViolation.class, guarded::requireUndamaged).getMessage().contains("2 past"));
        GuardedTensor other = GuardedTensor.copyOf(values.to(DataType.FLOAT64));
        other.tensor().doubles()[other.tensor().offset() - 1] = 0;
        assertTrue(assertThrows(HygieneViolation.class, other::requireUndamaged).getMessage().contains("1 before"));
    }

    @ParameterizedTest
    @EnumSource
    void everyUnwrittenElementIsSeen(DataType type) {
        GuardedTensor output = GuardedTensor.poisoned(type, Layout.NHWC, TensorShape.of(1, 2, 3));
        output.tensor().fill(0);
        output.requireWritten();
        GuardedTensor partly = GuardedTensor.poisoned(type, Layout.NHWC, TensorShape.of(1, 2, 3));
        for (int i = 0; i < 5; i++) {
            partly.tensor().set(i, i);
        }
        assertTrue(assertThrows(HygieneViolation.class, partly::requireWritten).getMessage().contains("left 1 of 6"));
        assertTrue(Double.isNaN(partly.tensor().get(5)));
    }

    @ParameterizedTest
    @EnumSource
    void anOrdinaryNaNIsNotTakenForAnUnwrittenElement(DataType type) {
        GuardedTensor output = GuardedTensor.poisoned(type, Layout.NHWC, TensorShape.of(1, 2, 3));
        output.tensor().fill(Double.NaN);
        output.requireWritten();
    }
}
