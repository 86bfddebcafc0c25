package io.github.jconv.problem;

import java.util.ArrayList;
import java.util.List;

/**
 * One axis of a convolution as a matrix product ({@link GemmGeometry}), affine in the position i and the tap j:
 *
 * <pre>
 *   source  firstSource + i * sourceStride + j * sourceStep    a zero outside of 0 .. sources - 1
 *   tap     firstTap + j * tapStep                              of the filter's
 *   target  firstTarget + i * targetStride                      of all targets
 *
 *                          source                       tap                    target
 *   forward                i * stride - pad + j * dil   j                      i
 *   class of backward-data i + shift - j * outputStep   firstTap + j*tapStep   first + i * stride      see ResidueClass
 * </pre>
 *
 * @param positions how many targets are summed for
 * @param taps      how many meet each of them, 0 and up
 * @param sources   size of the source
 * @param filter    size of the filter
 * @param targets   size of the target
 */
public record GemmAxis(int positions, int taps, int sources, int firstSource, int sourceStride, int sourceStep, int filter, int firstTap,
                       int tapStep, int targets, int firstTarget, int targetStride) {

    /** From x to y. */
    static GemmAxis forward(SpatialAxis axis) {
        return new GemmAxis((int) axis.output(), (int) axis.filter(), (int) axis.input(), (int) -axis.padBegin(), (int) axis.stride(),
                (int) axis.dilation(), (int) axis.filter(), 0, 1, (int) axis.output(), 0, 1);
    }

    /** From y to x: one for every remainder of the inputs modulo the stride, those that no tap meets among them. */
    static List<GemmAxis> backwardData(SpatialAxis axis) {
        List<GemmAxis> classes = new ArrayList<>();
        for (ResidueClass residue : ResidueClass.of(axis)) {
            while (classes.size() < residue.first()) {
                classes.add(ofClass(axis, withoutTaps(axis, classes.size())));
            }
            classes.add(ofClass(axis, residue));
        }
        while (classes.size() < classCount(axis)) {
            classes.add(ofClass(axis, withoutTaps(axis, classes.size())));
        }
        return List.copyOf(classes);
    }

    /** How many classes {@link #backwardData} has. */
    static long classCount(SpatialAxis axis) {
        return Math.min(axis.stride(), axis.input());
    }

    private static ResidueClass withoutTaps(SpatialAxis axis, int first) {
        return new ResidueClass(first, (int) ((axis.input() - 1 - first) / axis.stride() + 1), 0, 0, 0);
    }

    private static GemmAxis ofClass(SpatialAxis axis, ResidueClass residue) {
        return new GemmAxis(residue.inputs(), residue.taps(), (int) axis.output(), residue.shift(), 1, (int) -axis.outputStep(),
                (int) axis.filter(), residue.firstTap(), (int) axis.tapStep(), (int) axis.input(), residue.first(), (int) axis.stride());
    }
}
