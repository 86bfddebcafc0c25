package io.github.jconv.explain;

import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * One axis of a picture: a filter that slides over positions. Position 0 holds the first value; values are {@code valueStep} apart,
 * with inserted zeros between them; before and behind is padding. Tap j of output o lies at
 * {@code start + o * step + j * dilation}.
 *
 * @param values    how many values there are
 * @param valueStep distance of two values: 1, or the stride where zeros are inserted
 * @param start     where the first output begins; below zero is padding, above zero crops
 * @param last      the last position there is, a value or padding
 * @param step      distance of two outputs
 * @param filter    taps
 * @param dilation  distance of two taps
 * @param outputs   how many outputs there are
 * @param rotated   whether tap j carries the weight {@code filter - 1 - j}
 * @param chosen    the output that is highlighted
 */
record SlidingAxis(long values, long valueStep, long start, long last, long step, long filter, long dilation, long outputs,
                   boolean rotated, long chosen) {

    enum Kind { VALUE, INSERTED_ZERO, PADDING }

    /** What is shown of a row of positions: some of them, and gaps. */
    static final long GAP = Long.MIN_VALUE;

    /** The convolution as it is defined. */
    static SlidingAxis plain(SpatialAxis axis, long chosen) {
        return new SlidingAxis(axis.input(), 1, -axis.padBegin(), axis.input() - 1 + Math.max(0, axis.padEnd()), axis.stride(),
                axis.filter(), axis.dilation(), axis.output(), false, chosen);
    }

    /** Its backward-data as an ordinary convolution over inserted zeros. */
    static SlidingAxis zeroInserted(SpatialAxis axis, long chosen) {
        return new SlidingAxis(axis.output(), axis.stride(), -axis.transposedPadBegin(),
                axis.zeroInsertedOutput() - 1 + Math.max(0, axis.transposedPadEnd()), 1, axis.filter(), axis.dilation(), axis.input(),
                true, chosen);
    }

    long first() {
        return Math.min(0, start);
    }

    Kind kind(long position) {
        if (position < 0 || position > (values - 1) * valueStep) {
            return Kind.PADDING;
        }
        return position % valueStep == 0 ? Kind.VALUE : Kind.INSERTED_ZERO;
    }

    /** The value at a position that holds one. */
    long valueAt(long position) {
        return position / valueStep;
    }

    /** The weight that the chosen output has at a position, or -1. */
    long weightAt(long position) {
        long distance = position - start - chosen * step;
        if (distance < 0 || distance % dilation != 0 || distance / dilation >= filter) {
            return -1;
        }
        return rotated ? filter - 1 - distance / dilation : distance / dilation;
    }

    /** Whether any output reads a position. */
    boolean isRead(long position) {
        for (long tap = 0; tap < filter; tap++) {
            long distance = position - start - tap * dilation;
            if (distance >= 0 && distance % step == 0 && distance / step < outputs) {
                return true;
            }
        }
        return false;
    }

    /** The positions to draw: all, or where there are more than {@code most} the ends, the footprint and gaps. */
    List<Long> shownPositions(String what, int most) {
        long footprint = start + chosen * step;
        return shown(what, first(), last, footprint, footprint + (filter - 1) * dilation, most);
    }

    /** The outputs to draw, likewise. */
    List<Long> shownOutputs(String what, int most) {
        return shown(what, 0, outputs - 1, chosen - 1, chosen + 1, most);
    }

    private static List<Long> shown(String what, long first, long last, long from, long to, int most) {
        var positions = new TreeSet<Long>();
        boolean all = last - first < most;
        if (to - from >= most) {
            throw new InvalidProblemException("the filter spans " + (to - from + 1) + " positions on " + what
                    + "; allowed in a picture: up to " + most);
        }
        addRange(positions, first, all ? last : first + 1);
        addRange(positions, last - 1, last);
        addRange(positions, from - 1, to + 1);
        List<Long> shown = new ArrayList<>();
        for (long position : positions.subSet(first, true, last, true)) {
            long before = shown.isEmpty() ? position - 1 : shown.get(shown.size() - 1);
            if (position - before == 2) {
                shown.add(position - 1);
            } else if (position - before > 2) {
                shown.add(GAP);
            }
            shown.add(position);
        }
        return shown;
    }

    private static void addRange(TreeSet<Long> positions, long from, long to) {
        for (long position = from; position <= to; position++) {
            positions.add(position);
        }
    }
}
