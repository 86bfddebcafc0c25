package io.github.jconv.cpu;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A correlation over {@link ShiftedPlanes}, with the place of each tap in the filter.
 *
 * @param shifts   the shift of each tap
 * @param filterAt where each tap lies in a filter plane; null when the taps are the whole plane in its order
 */
record ShiftedCorrelation(ShiftedPlanes planes, int[] shifts, int[] filterAt) {

    static ShiftedCorrelation of(ShiftedPlanes planes, ConvProblem p) {
        int[] filterAt = IntStream.range(0, planes.taps())
                .map(tap -> planes.filterAt(tap, (int) p.axis3(1).filter(), (int) p.axis3(2).filter())).toArray();
        if (planes.taps() < p.filterTaps()) {
            return new ShiftedCorrelation(planes, planes.shifts(), filterAt);
        }
        int[] shifts = IntStream.range(0, planes.taps()).boxed().sorted(Comparator.comparingInt(tap -> filterAt[tap]))
                .mapToInt(tap -> planes.shifts()[tap]).toArray();
        return new ShiftedCorrelation(planes, shifts, null);
    }

    /** Adds the correlation of the planes of one channel at {@code planesAt} to the flat sequence at {@code flat}. */
    void add(SimdProvider simd, float[] weights, int weightsAt, float[] scratch, int planesAt, int flat, int length) {
        simd.addShifted(weights, weightsAt, shifts, shifts.length, scratch, planesAt, scratch, flat, length);
    }

    /**
     * Collects the weights of the taps from the filter plane at {@code filter}, where they do not lie side by side already.
     *
     * @return whether they were collected to {@code to}
     */
    boolean collect(float[] w, int filter, float[] scratch, int to) {
        if (filterAt == null) {
            return false;
        }
        for (int tap = 0; tap < filterAt.length; tap++) {
            scratch[to + tap] = w[filter + filterAt[tap]];
        }
        return true;
    }
}
