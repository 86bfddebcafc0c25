package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Equations between convolutions that hold without any reference, through the front door with the algorithms that it chooses. On
 * integers every sum is exact, so the two sides are equal.
 */
class IdentitiesTest {

    private static final ConvEngine ENGINE = ConvEngine.builder().backend("cpu").threads(2).open();

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** {@code <forward(x, w), dy> = <x, backwardData(dy, w)> = <w, backwardFilter(x, dy)>}. */
    @Property(tries = 150)
    void theThreeOperationsAreAdjoint(@ForAll("problems") ConvProblem problem) {
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor dy = Tensors.integers(problem.yShape(), 3);
        double product = dot(ENGINE.forward(problem, x, w), dy);
        assertEquals(product, dot(x, ENGINE.backwardData(problem, dy, w)), () -> "data gradient of " + problem);
        assertEquals(product, dot(w, ENGINE.backwardFilter(problem, x, dy)), () -> "filter gradient of " + problem);
    }

    /** {@code forward(2x + z, w) = 2 forward(x, w) + forward(z, w)}. */
    @Property(tries = 60)
    void forwardIsLinear(@ForAll("problems") ConvProblem problem) {
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor z = Tensors.integers(problem.xShape(), 2);
        HostTensor w = Tensors.integers(problem.wShape(), 3);
        Tensors.assertSameNumbers(ENGINE.forward(problem, twicePlus(x, z), w),
                twicePlus(ENGINE.forward(problem, x, w), ENGINE.forward(problem, z, w)), problem.toString());
    }

    /** Each image by itself gives the same numbers; filter gradients of single images add up. */
    @Property(tries = 60)
    void imagesAreIndependent(@ForAll("problems") ConvProblem problem) {
        ConvProblem single = problem.withBatch(1);
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor dy = Tensors.integers(problem.yShape(), 3);
        HostTensor y = ENGINE.forward(problem, x, w);
        HostTensor dx = ENGINE.backwardData(problem, dy, w);
        HostTensor sum = HostTensor.zeros(problem.wShape());
        for (int n = 0; n < problem.batch(); n++) {
            HostTensor image = part(x, single.xShape(), n);
            HostTensor gradient = part(dy, single.yShape(), n);
            Tensors.assertSameNumbers(ENGINE.forward(single, image, w), part(y, single.yShape(), n), "y of image " + n);
            Tensors.assertSameNumbers(ENGINE.backwardData(single, gradient, w), part(dx, single.xShape(), n), "dx of image " + n);
            ENGINE.backwardFilter(single, image, gradient, sum, WriteMode.ACCUMULATE);
        }
        Tensors.assertSameNumbers(ENGINE.backwardFilter(problem, x, dy), sum, "dw of " + problem);
    }

    /** A group is a convolution of its own channels. */
    @Property(tries = 60)
    void groupsAreIndependent(@ForAll("problems") ConvProblem problem) {
        ConvProblem image = problem.withBatch(1);
        ConvProblem group = new ConvProblem(1, image.channelsPerGroup(), image.filtersPerGroup(), 1, image.axes());
        HostTensor x = Tensors.integers(image.xShape(), 1);
        HostTensor w = Tensors.integers(image.wShape(), 2);
        HostTensor y = ENGINE.forward(image, x, w);
        for (int g = 0; g < image.groups(); g++) {
            Tensors.assertSameNumbers(ENGINE.forward(group, part(x, group.xShape(), g), part(w, group.wShape(), g)),
                    part(y, group.yShape(), g), "group " + g + " of " + image);
        }
    }

    /** A filter with a single one at tap r returns the input shifted by r, strided and padded. */
    @Property(tries = 60)
    void aDeltaFilterShifts(@ForAll("problems") ConvProblem problem) {
        SpatialAxis axis = problem.axes().get(0);
        ConvProblem plain = new ConvProblem(1, 1, 1, 1, List.of(axis));
        HostTensor x = Tensors.integers(plain.xShape(), 1);
        for (int tap = 0; tap < axis.filter(); tap++) {
            HostTensor delta = HostTensor.zeros(plain.wShape());
            delta.set(tap, 1);
            HostTensor y = ENGINE.forward(plain, x, delta);
            for (int p = 0; p < axis.output(); p++) {
                long from = p * axis.stride() - axis.padBegin() + tap * axis.dilation();
                assertEquals(from >= 0 && from < axis.input() ? x.get(from) : 0, y.get(p), plain + ", tap " + tap);
            }
        }
    }

    /** A dilated filter is the filter with zeros between its taps. */
    @Property(tries = 60)
    void dilationIsAFilterWithZeros(@ForAll("problems") ConvProblem problem) {
        List<SpatialAxis> dense = problem.axes().stream().map(axis -> new SpatialAxis(axis.input(), axis.extent(), axis.stride(),
                axis.padBegin(), axis.padEnd(), 1)).toList();
        ConvProblem plain = new ConvProblem(problem.batch(), problem.inputChannels(), problem.outputChannels(), problem.groups(), dense);
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor spread = spread(w, plain.wShape(), problem.axes().stream().map(SpatialAxis::dilation).toList());
        Tensors.assertSameNumbers(ENGINE.forward(plain, x, spread), ENGINE.forward(problem, x, w), problem.toString());
    }

    /** A problem with fewer axes is one with unit axes in front. */
    @Property(tries = 60)
    void aMissingAxisIsAUnitAxis(@ForAll("problems") ConvProblem problem) {
        Assume.that(problem.dimensions() < 3);
        List<SpatialAxis> axes = new ArrayList<>(problem.axes());
        axes.add(0, SpatialAxis.unit());
        ConvProblem higher = new ConvProblem(problem.batch(), problem.inputChannels(), problem.outputChannels(), problem.groups(), axes);
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor dy = Tensors.integers(problem.yShape(), 3);
        HostTensor x1 = part(x, higher.xShape(), 0);
        HostTensor w1 = part(w, higher.wShape(), 0);
        HostTensor dy1 = part(dy, higher.yShape(), 0);
        Tensors.assertSameNumbers(part(ENGINE.forward(problem, x, w), higher.yShape(), 0), ENGINE.forward(higher, x1, w1), "y");
        Tensors.assertSameNumbers(part(ENGINE.backwardData(problem, dy, w), higher.xShape(), 0),
                ENGINE.backwardData(higher, dy1, w1), "dx");
        Tensors.assertSameNumbers(part(ENGINE.backwardFilter(problem, x, dy), higher.wShape(), 0),
                ENGINE.backwardFilter(higher, x1, dy1), "dw");
    }

    /** A larger output padding crops less: the smaller output is the begin of the larger one. */
    @Property(tries = 60)
    void outputPaddingCropsLess(@ForAll("problems") ConvProblem any) {
        SpatialAxis axis = any.axes().get(0);
        Assume.that(axis.padEnd() >= 0);
        ConvProblem problem = new ConvProblem(any.batch(), any.inputChannels(), any.outputChannels(), any.groups(), List.of(axis));
        HostTensor input = Tensors.integers(problem.yShape(), 1);
        HostTensor weight = Tensors.integers(problem.wShape(), 2);
        HostTensor largest = null;
        for (long padding = Math.max(axis.stride(), axis.dilation()) - 1; padding >= 0; padding--) {
            var builder = TransposedConvolution.conv1d().batch(problem.batch()).input(problem.outputChannels(), axis.output())
                    .filters(problem.inputChannels(), axis.filter()).stride(axis.stride()).padBegin(axis.padBegin())
                    .padEnd(axis.padEnd()).dilation(axis.dilation()).groups(problem.groups()).outputPadding(padding);
            if (axis.input() - axis.unreached() + padding < 1) {
                return;
            }
            HostTensor output = ENGINE.forward(builder.build(), input, weight);
            largest = largest == null ? output : largest;
            assertBeginsWith(largest, output, problem + ", output padding " + padding);
        }
    }

    private static void assertBeginsWith(HostTensor longer, HostTensor shorter, String what) {
        long length = shorter.shape().size(2);
        for (int i = 0; i < shorter.length(); i++) {
            assertEquals(longer.get(i / length * longer.shape().size(2) + i % length), shorter.get(i), what);
        }
    }

    private static double dot(HostTensor a, HostTensor b) {
        double sum = 0;
        for (int i = 0; i < a.length(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    private static HostTensor twicePlus(HostTensor a, HostTensor b) {
        HostTensor sum = a.copy();
        for (int i = 0; i < sum.length(); i++) {
            sum.set(i, 2 * a.get(i) + b.get(i));
        }
        return sum;
    }

    /** Part number {@code index} of a tensor that is cut into parts of this shape. */
    private static HostTensor part(HostTensor whole, TensorShape shape, int index) {
        return HostTensor.wrap(shape, whole.floats(), whole.offset() + index * (int) shape.elements());
    }

    /** The filter with {@code dilation - 1} zeros between neighbouring taps of each axis. */
    private static HostTensor spread(HostTensor w, TensorShape shape, List<Long> dilations) {
        HostTensor spread = HostTensor.zeros(shape);
        for (int i = 0; i < w.length(); i++) {
            long rest = i;
            long at = 0;
            long stride = 1;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                long position = rest % w.shape().size(axis);
                rest /= w.shape().size(axis);
                at += position * (axis < 2 ? 1 : dilations.get(axis - 2)) * stride;
                stride *= shape.size(axis);
            }
            spread.set(at, w.get(i));
        }
        return spread;
    }
}
