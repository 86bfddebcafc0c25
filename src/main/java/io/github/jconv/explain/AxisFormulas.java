package io.github.jconv.explain;

import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedAxis;

/** The size formulas of one axis with its numbers filled in. */
final class AxisFormulas {

    static final String CONVOLUTION = "output = floor((input + padBegin + padEnd - dilation * (filter - 1) - 1) / stride) + 1";
    static final String TRANSPOSED =
            "output = (input - 1) * stride + dilation * (filter - 1) + 1 - padBegin - padEnd + outputPadding";

    private AxisFormulas() {
    }

    /** {@code floor((24 + 1 + 1 - 1 * (3 - 1) - 1) / 2) + 1 = floor(23 / 2) + 1 = 12}. */
    static String convolution(SpatialAxis axis) {
        long numerator = axis.input() + axis.padBegin() + axis.padEnd() - axis.extent();
        return "floor((" + axis.input() + plus(axis.padBegin()) + plus(axis.padEnd()) + " - " + axis.dilation() + " * ("
                + axis.filter() + " - 1) - 1) / " + axis.stride() + ") + 1 = floor(" + numerator + " / " + axis.stride() + ") + 1 = "
                + axis.output();
    }

    /** {@code (12 - 1) * 2 + 1 * (3 - 1) + 1 - 1 - 1 + 1 = 24}. */
    static String transposed(TransposedAxis axis) {
        return transposedWithoutOutputPadding(axis) + plus(axis.outputPadding()) + " = " + axis.output();
    }

    /** {@code (12 - 1) * 2 + 1 * (3 - 1) + 1 - 1 - 1}. */
    static String transposedWithoutOutputPadding(TransposedAxis axis) {
        return "(" + axis.input() + " - 1) * " + axis.stride() + " + " + axis.dilation() + " * (" + axis.filter() + " - 1) + 1"
                + minus(axis.padBegin()) + minus(axis.padEnd());
    }

    /** {@code (24 + 1 + 1 - 1 * (3 - 1) - 1) mod 2 = 1}. */
    static String unreached(SpatialAxis axis) {
        return "(" + axis.input() + plus(axis.padBegin()) + plus(axis.padEnd()) + " - " + axis.dilation() + " * (" + axis.filter()
                + " - 1) - 1) mod " + axis.stride() + " = " + axis.unreached();
    }

    /** {@code 23..24}: the inputs that differ only by what the floor drops. */
    static String inputsWithTheSameOutput(SpatialAxis axis) {
        long least = axis.input() - axis.unreached();
        return Math.max(1, least) + ".." + (least + axis.stride() - 1);
    }

    static String plus(long number) {
        return number < 0 ? " - " + -number : " + " + number;
    }

    static String minus(long number) {
        return number < 0 ? " + " + -number : " - " + number;
    }
}
