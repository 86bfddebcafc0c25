package io.github.jconv.cpu;

import io.github.jconv.problem.ResidueClass;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One axis of a strided correlation, written as a walk over a residue class of the output positions:
 *
 * <pre>
 *   output position  outBegin + j * outStep                     for j in [0, count)
 *   filter position  filterBegin + i * filterStep               for tap i in [0, taps)
 *   meet at          inBegin + j * inStep + i * tapShift        if that lies inside the input
 * </pre>
 *
 * <p>Every operation of a convolution is such a walk on each axis; they differ in who plays which part, which the factories tell.
 * For each tap the range of j that stays inside is known beforehand, so that inner loops test no bounds.
 */
final class AxisWalk {

    final int count;
    final int outBegin;
    final int outStep;
    final int taps;
    final int filterBegin;
    final int filterStep;
    final int inBegin;
    final int inStep;
    final int tapShift;
    private final int[] first;
    private final int[] end;

    private AxisWalk(long count, long outBegin, long outStep, long taps, long filterBegin, long filterStep,
                     long inBegin, long inStep, long tapShift, long inSize) {
        this.count = (int) count;
        this.outBegin = (int) outBegin;
        this.outStep = (int) outStep;
        this.taps = (int) taps;
        this.filterBegin = (int) filterBegin;
        this.filterStep = (int) filterStep;
        this.inBegin = (int) inBegin;
        this.inStep = (int) inStep;
        this.tapShift = (int) tapShift;
        first = new int[this.taps];
        end = new int[this.taps];
        for (int i = 0; i < taps; i++) {
            long start = inBegin + i * tapShift;
            first[i] = (int) Math.min(count, Math.max(0, ceilDiv(-start, inStep)));
            end[i] = (int) Math.min(count, Math.max(first[i], ceilDiv(inSize - start, inStep)));
        }
    }

    /** The operation FORWARD: outputs over the input, taps a dilation apart, neighbours a stride apart. */
    static AxisWalk forward(SpatialAxis axis) {
        return new AxisWalk(axis.output(), 0, 1, axis.filter(), 0, 1, -axis.padBegin(), axis.stride(), axis.dilation(),
                axis.input());
    }

    /** The operation BACKWARD_DATA in gather form: inputs over the outputs, one walk per {@link ResidueClass}. */
    static List<AxisWalk> backwardData(SpatialAxis axis) {
        return ResidueClass.of(axis).stream()
                .map(residue -> new AxisWalk(residue.inputs(), residue.first(), axis.stride(), residue.taps(), residue.firstTap(),
                        axis.tapStep(), residue.shift(), 1, -axis.outputStep(), axis.output()))
                .toList();
    }

    /**
     * The operation BACKWARD_FILTER as a correlation of the input with dy as its filter: neighbouring taps of dw are a dilation
     * apart, the points of the input that meet neighbours of dy a stride apart.
     */
    static AxisWalk filterGradient(SpatialAxis axis) {
        return new AxisWalk(axis.filter(), 0, 1, axis.output(), 0, 1, -axis.padBegin(), axis.dilation(), axis.stride(),
                axis.input());
    }

    /** A stride-1 correlation that is valid everywhere: {@code count} outputs over {@code count + dilation * (taps - 1)} inputs. */
    static AxisWalk valid(long count, long taps, long dilation) {
        return new AxisWalk(count, 0, 1, taps, 0, 1, 0, 1, dilation, count + dilation * (taps - 1));
    }

    /**
     * The same walk cut where other taps are inside the input than before: of each piece those taps that are, or a single one where none is.
     *
     * @param inSize positions of the input
     */
    List<AxisWalk> pieces(int inSize) {
        List<AxisWalk> all = new ArrayList<>();
        int next;
        for (int j = 0; j < count; j = next) {
            int from = firstInside(j);
            int to = endInside(j);
            next = j + 1;
            while (next < count && firstInside(next) == from && endInside(next) == to) {
                next++;
            }
            int begin = to > from ? from : 0;
            all.add(new AxisWalk(next - j, out(j), outStep, Math.max(1, to - from), filter(begin), filterStep, in(j, begin), inStep, tapShift,
                    inSize));
        }
        return all;
    }

    private int firstInside(int j) {
        return IntStream.range(0, taps).filter(tap -> inside(j, tap)).findFirst().orElse(0);
    }

    private int endInside(int j) {
        return IntStream.range(0, taps).filter(tap -> inside(j, tap)).map(tap -> tap + 1).max().orElse(0);
    }

    /** The smallest j at which the tap is inside the input, or {@link #end(int)}. */
    int first(int tap) {
        return first[tap];
    }

    /** One more than the largest j at which the tap is inside the input. */
    int end(int tap) {
        return end[tap];
    }

    boolean inside(int j, int tap) {
        return first[tap] <= j && j < end[tap];
    }

    /** The input position where output number j and the tap meet. */
    int in(int j, int tap) {
        return inBegin + j * inStep + tap * tapShift;
    }

    int out(int j) {
        return outBegin + j * outStep;
    }

    int filter(int tap) {
        return filterBegin + tap * filterStep;
    }

    /** The smallest j whose output position is {@code position} or more; up to {@code count}. */
    int atOrAfter(int position) {
        return (int) Math.min(count, Math.max(0, ceilDiv((long) position - outBegin, outStep)));
    }

    private static long ceilDiv(long dividend, long divisor) {
        return -Math.floorDiv(-dividend, divisor);
    }
}
