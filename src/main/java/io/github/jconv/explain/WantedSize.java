package io.github.jconv.explain;

import io.github.jconv.problem.TransposedAxis;

/** How a transposed convolution gives a wanted size on one axis, or why it cannot. */
final class WantedSize {

    private WantedSize() {
    }

    static String answer(TransposedAxis axis, long wanted) {
        long smallest = axis.smallestOutput();
        long largest = axis.largestOutput();
        if (wanted >= Math.max(1, smallest) && wanted <= largest) {
            return "wanted " + wanted + ": output padding " + wanted + " - " + smallest + " = " + (wanted - smallest);
        }
        return "wanted " + wanted + ": not possible; possible are " + Math.max(1, smallest) + ".." + largest + " (input " + axis.input()
                + ", filter " + axis.filter() + ", stride " + axis.stride() + ", padding " + axis.padBegin() + " and " + axis.padEnd()
                + ", dilation " + axis.dilation() + ")";
    }
}
