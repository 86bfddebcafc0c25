package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.Arrays;

/**
 * How many products are summed into each output element: those whose input lies inside, not the padding. The count is a product of
 * one factor per spatial axis, which depends on the element's position on that axis alone, and the channels or images.
 */
final class ContributingTerms {

    private final int[][] perAxis = new int[3][];
    private final long perPosition;
    private final long elements;

    ContributingTerms(ConvRequest request) {
        ConvProblem problem = request.problem();
        ConvOperation operation = request.operation();
        elements = operation.outputShape(problem).elements();
        for (int i = 0; i < 3; i++) {
            perAxis[i] = counts(problem.axis3(i), operation);
        }
        perPosition = switch (operation) {
            case FORWARD -> problem.channelsPerGroup();
            case BACKWARD_DATA -> problem.filtersPerGroup();
            case BACKWARD_FILTER -> problem.batch();
        };
    }

    /** How many elements the output has. */
    long elements() {
        return elements;
    }

    /** The number of terms of the output element with that row-major index. */
    long at(long index) {
        long rest = index;
        long terms = perPosition;
        for (int i = 2; i >= 0; i--) {
            terms *= perAxis[i][(int) (rest % perAxis[i].length)];
            rest /= perAxis[i].length;
        }
        return terms;
    }

    /** The number of terms of the element that has most. */
    long most() {
        long terms = perPosition;
        for (int[] counts : perAxis) {
            terms *= Arrays.stream(counts).max().orElse(0);
        }
        return terms;
    }

    private static int[] counts(SpatialAxis axis, ConvOperation operation) {
        int[] counts = new int[(int) switch (operation) {
            case FORWARD -> axis.output();
            case BACKWARD_DATA -> axis.input();
            case BACKWARD_FILTER -> axis.filter();
        }];
        for (long p = 0; p < axis.output(); p++) {
            for (long r = 0; r < axis.filter(); r++) {
                long position = p * axis.stride() - axis.padBegin() + r * axis.dilation();
                if (position >= 0 && position < axis.input()) {
                    counts[(int) switch (operation) {
                        case FORWARD -> p;
                        case BACKWARD_DATA -> position;
                        case BACKWARD_FILTER -> r;
                    }]++;
                }
            }
        }
        return counts;
    }
}
