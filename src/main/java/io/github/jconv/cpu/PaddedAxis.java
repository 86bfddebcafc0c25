package io.github.jconv.cpu;

import io.github.jconv.problem.SpatialAxis;

/**
 * An axis of a padded input, which has exactly what the taps meet: output j and tap i, in the order of the input, meet at
 * {@code j * stride + i * gap}, and the input begins at {@code from - skipped}.
 *
 * @param length      elements of the padded axis
 * @param from        where the first element of the input that it has lies in it
 * @param skipped     elements of the input before that
 * @param inputs      elements of the input that it has
 * @param inputSize   elements of the input
 * @param firstFilter where the first tap lies along the filter
 * @param filterStep  from there to the next: 1, or -1
 */
record PaddedAxis(int outputs, int taps, int stride, int gap, int length, int from, int skipped, int inputs, int inputSize,
                  int firstFilter, int filterStep) {

    /** @param forward whether the input is x and the output y, or else at stride 1 the other way round */
    static PaddedAxis of(SpatialAxis axis, boolean forward) {
        AxisWalk walk = ShiftedPlanes.walks(axis, forward).get(0);
        int last = walk.taps - 1;
        boolean ascending = walk.tapShift >= 0;
        int begin = walk.inBegin + (ascending ? 0 : last * walk.tapShift);
        int size = (int) (forward ? axis.input() : axis.output());
        int length = (int) lengthOf(axis, forward);
        int skipped = Math.min(size, Math.max(0, begin));
        int end = (int) Math.max(skipped, Math.min(size, (long) begin + length));
        return new PaddedAxis(walk.count, walk.taps, walk.inStep, Math.abs(walk.tapShift), length, Math.max(0, -begin),
                skipped, end - skipped, size, walk.filter(ascending ? 0 : last), ascending ? 1 : -1);
    }

    static long lengthOf(SpatialAxis axis, boolean forward) {
        return forward ? (axis.output() - 1) * axis.stride() + axis.extent() : axis.input() - 1 + axis.extent();
    }

    /** Whether an output and a tap meet an element of the input and not padding. */
    boolean hasInput(int output, int tap) {
        int at = output * stride + tap * gap;
        return at >= from && at < from + inputs;
    }

    int filter(int tap) {
        return firstFilter + tap * filterStep;
    }
}
