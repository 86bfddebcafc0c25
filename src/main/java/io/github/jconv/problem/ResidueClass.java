package io.github.jconv.problem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The inputs of one axis that leave the same remainder modulo the stride, and the taps that meet them. Backward-data splits into
 * one dense convolution with stride 1 per class, in which nothing is multiplied by an inserted zero:
 *
 * <pre>
 *   input  h = first + i * stride            i = 0 .. inputs - 1
 *   tap    r = firstTap + j * tapStep        j = 0 .. taps - 1
 *   they meet at output  p = i + shift - j * outputStep    if 0 &lt;= p &lt; output
 * </pre>
 *
 * @param first    the class's first input, below the stride
 * @param inputs   how many inputs it has, 1 and up
 * @param firstTap its first tap, below {@link SpatialAxis#tapStep()}
 * @param taps     how many taps it has, 1 and up
 * @param shift    the output, possibly outside the range, at which the first input and the first tap meet
 */
public record ResidueClass(int first, int inputs, int firstTap, int taps, int shift) {

    /**
     * The classes of an axis by their first input. Inputs whose class has no tap, as most have when the stride is larger than the
     * filter, belong to none of these: their gradient is zero.
     */
    public static List<ResidueClass> of(SpatialAxis axis) {
        List<ResidueClass> classes = new ArrayList<>();
        long step = axis.tapStep();
        for (long tap = 0; tap < Math.min(step, axis.filter()); tap++) {
            long offset = tap * axis.dilation() - axis.padBegin();
            long first = Math.floorMod(offset, axis.stride());
            if (first < axis.input()) {
                classes.add(new ResidueClass((int) first, (int) ((axis.input() - 1 - first) / axis.stride() + 1),
                        (int) tap, (int) ((axis.filter() - 1 - tap) / step + 1), (int) ((first - offset) / axis.stride())));
            }
        }
        classes.sort(Comparator.comparingInt(ResidueClass::first));
        return List.copyOf(classes);
    }
}
