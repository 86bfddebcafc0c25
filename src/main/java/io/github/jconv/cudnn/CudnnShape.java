package io.github.jconv.cudnn;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * A problem in cuDNN's terms: two or three spatial axes, one padding for both ends of an axis, sizes as 32-bit integers. A problem
 * of one dimension becomes one of two with height 1. Where the paddings of an axis differ, x is a copy that has the difference
 * written out. Immutable; equal for equal problems and forms.
 */
final class CudnnShape {

    private static final int LEAST_AXES = 2;
    private static final long ALIGNMENT = 256;

    /** An axis and how cuDNN is told of it. */
    private record Axis(SpatialAxis given, SymmetricAxis symmetric) {
    }

    private final ConvProblem problem;
    private final Storage storage;
    private final DataType given;
    private final Layout layout;
    private final List<Axis> axes;
    private final long[] x;
    private final long[] w;
    private final long[] y;
    private final int hash;

    CudnnShape(ConvRequest request, MathMode mode) {
        problem = request.problem();
        storage = Storage.of(request.dataType(), mode);
        given = request.dataType();
        layout = request.layout();
        List<SpatialAxis> all = new ArrayList<>(problem.axes());
        while (all.size() < LEAST_AXES) {
            all.add(0, SpatialAxis.unit());
        }
        axes = all.stream().map(axis -> new Axis(axis, SymmetricAxis.of(axis))).toList();
        x = sizes(problem.batch(), problem.inputChannels(), axis -> axis.symmetric.size(axis.given));
        w = sizes(problem.outputChannels(), problem.channelsPerGroup(), axis -> axis.given.filter());
        y = sizes(problem.batch(), problem.outputChannels(), axis -> axis.given.output());
        hash = Objects.hash(problem, storage, given, layout);
    }

    /** Whether cuDNN can be told of it. */
    Support describable() {
        long largest = Math.max(elements(x), Math.max(elements(w), elements(y)));
        return Support.when(largest <= Integer.MAX_VALUE,
                        "its largest tensor has " + largest + " elements, and cuDNN's descriptors count to " + Integer.MAX_VALUE)
                .and(Support.when(!isCopied() || given == DataType.FLOAT32 && layout == Layout.NCHW,
                        "its paddings differ, and the copy of x that has them written out is made in fp32 with the channels first only"))
                .and(Support.when(!isNarrowed() || layout == Layout.NCHW, "copies in 16 bits are made of tensors with the channels first only"));
    }

    /** Whether fp32 tensors are copied into 16 bits. */
    boolean isNarrowed() {
        return storage.isNarrow() && given == DataType.FLOAT32;
    }

    /** The layout in which cuDNN is given tensors: that of the call, or channels last for copies in 16 bits. */
    Layout layout() {
        return isNarrowed() ? Layout.NHWC : layout;
    }

    Storage storage() {
        return storage;
    }

    boolean isEmpty() {
        return problem.batch() == 0;
    }

    /** Axes of x and of y. */
    int rank() {
        return y.length;
    }

    int groups() {
        return (int) problem.groups();
    }

    /** The sizes of x, or of its copy. */
    int[] x() {
        return ints(x);
    }

    int[] w() {
        return ints(w);
    }

    int[] y() {
        return ints(y);
    }

    int[] padding() {
        return perAxis(axis -> axis.symmetric.padding());
    }

    int[] strides() {
        return perAxis(axis -> axis.given.stride());
    }

    int[] dilations() {
        return perAxis(axis -> axis.given.dilation());
    }

    // --- the copy of x ------------------------------------------------------------------------------------------------------------

    boolean isCopied() {
        return axes.stream().anyMatch(axis -> axis.symmetric.needsCopy());
    }

    /** Bytes of the copy in fp32; 0 without one. */
    long copyBytes() {
        return isCopied() ? aligned(elements(x) * Float.BYTES) : 0;
    }

    /** Images times channels. */
    long planes() {
        return x[0] * x[1];
    }

    /** Bytes of x as cuDNN is given it, or of its gradient. */
    long xBytes() {
        return aligned(elements(x) * storage.bytes());
    }

    long wBytes() {
        return aligned(elements(w) * storage.bytes());
    }

    long yBytes() {
        return aligned(elements(y) * storage.bytes());
    }

    /** So that what stands behind it is aligned. */
    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** A plane and its copy as the input and the output of a convolution with one tap. */
    ConvGeometry copyGeometry() {
        List<SpatialAxis> taps = axes.stream().map(axis -> new SpatialAxis(axis.given.input(), 1, 1, axis.symmetric.before(),
                axis.symmetric.after(), 1)).toList();
        return ConvGeometry.of(new ConvProblem(1, 1, 1, 1, taps));
    }

    /** What is done besides, for the plan. */
    List<String> conversions(boolean keptFilters) {
        List<String> conversions = new ArrayList<>();
        if (isCopied()) {
            conversions.add("a padded copy of x, " + Arrays.toString(x));
        }
        if (isNarrowed()) {
            conversions.add("copies of " + (keptFilters ? "x and y" : "x, w and y") + " in " + storage.text() + " with the channels last");
        }
        return conversions;
    }

    // --- sizes ----------------------------------------------------------------------------------------------------------------------

    private long[] sizes(long first, long second, ToLongFunction<Axis> size) {
        return LongStream.concat(LongStream.of(first, second), axes.stream().mapToLong(size)).toArray();
    }

    private int[] perAxis(ToLongFunction<Axis> size) {
        return ints(axes.stream().mapToLong(size).toArray());
    }

    private static int[] ints(long[] values) {
        return LongStream.of(values).mapToInt(Math::toIntExact).toArray();
    }

    /** Saturates. */
    private static long elements(long[] sizes) {
        return LongStream.of(sizes).reduce(1, (a, b) -> Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CudnnShape shape && storage == shape.storage && given == shape.given && layout == shape.layout
                && problem.equals(shape.problem);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
