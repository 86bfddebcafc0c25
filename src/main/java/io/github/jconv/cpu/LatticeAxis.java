package io.github.jconv.cpu;

import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * One axis of a convolution with stride 1 whose taps lie {@code step} apart. Only positions that leave the same remainder modulo the step
 * meet one another: with each remainder the axis is a small dense one, whose neighbours are a step apart. Neighbouring remainders for which
 * as many inputs and outputs are there make a {@link Run}: a tap leads from each whole piece of its outputs to a whole piece of its inputs,
 * or to padding.
 *
 * @param walk outputs and taps of the axis
 * @param step from one tap to the next; for a single tap more than there are positions
 * @param runs all runs that have outputs
 */
record LatticeAxis(AxisWalk walk, long step, List<Run> runs) {

    /**
     * Remainders {@code [first, first + length)}. Its inputs are the pieces that begin at {@code first + i * step}, i in [0, ins); its
     * outputs those that meet tap 0 at {@code first + (begin + i) * step}, i in [0, outs), be that inside or not.
     */
    record Run(long first, int length, int ins, long begin, int outs) {
    }

    static LatticeAxis of(SpatialAxis axis, boolean forward) {
        AxisWalk walk = ShiftedPlanes.walks(axis, forward).get(0);
        long inputs = forward ? axis.input() : axis.output();
        long end = (long) walk.inBegin + walk.count;
        long step = walk.taps > 1 ? axis.dilation() : inputs + walk.count + Math.abs((long) walk.inBegin);
        long[] cuts = LongStream.concat(LongStream.of(0, inputs, walk.inBegin, end).map(at -> Math.floorMod(at, step)), LongStream.of(step))
                .sorted().distinct().toArray();
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i + 1 < cuts.length; i++) {
            long begin = -Math.floorDiv(cuts[i] - walk.inBegin, step);
            long outs = Math.floorDiv(end - cuts[i + 1], step) - begin + 1;
            if (outs > 0) {
                long ins = Math.floorDiv(inputs - cuts[i + 1], step) + 1;
                runs.add(new Run(cuts[i], (int) (cuts[i + 1] - cuts[i]), (int) Math.max(0, ins), begin, (int) outs));
            }
        }
        return new LatticeAxis(walk, step, List.copyOf(runs));
    }

    /** Which piece of the inputs of a run piece {@code out} of its outputs meets by a tap: none, but padding, if there is no such number. */
    long in(Run run, int out, int tap) {
        return run.begin + out + (long) tap * Integer.signum(walk.tapShift);
    }

    boolean inside(Run run, int out, int tap) {
        long in = in(run, out, tap);
        return in >= 0 && in < run.ins;
    }

    /** The positions of piece {@code in} of the inputs of a run. */
    IntStream inputs(Run run, int in) {
        return positions(run.first + in * step, run.length);
    }

    /** The positions of piece {@code out} of the outputs of a run. */
    IntStream outputs(Run run, int out) {
        return positions(run.first + (run.begin + out) * step - walk.inBegin, run.length);
    }

    private static IntStream positions(long first, int length) {
        return IntStream.range((int) first, (int) first + length);
    }
}
