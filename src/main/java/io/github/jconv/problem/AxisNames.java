package io.github.jconv.problem;

/**
 * The letters of the axes. A convolution with one spatial axis has w, with two h and w, with three d, h and w; the same
 * positions are called t, r, s in the filter and z, p, q in the output.
 */
public final class AxisNames {

    private static final String INPUT = "dhw";
    private static final String FILTER = "trs";
    private static final String OUTPUT = "zpq";

    private AxisNames() {
    }

    /** d, h or w: the input letter of axis {@code index} out of {@code dimensions}. */
    public static char input(int index, int dimensions) {
        return INPUT.charAt(3 - dimensions + index);
    }

    /** t, r or s. */
    public static char filter(int index, int dimensions) {
        return FILTER.charAt(3 - dimensions + index);
    }

    /** z, p or q. */
    public static char output(int index, int dimensions) {
        return OUTPUT.charAt(3 - dimensions + index);
    }
}
