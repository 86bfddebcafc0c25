package io.github.jconv.cpu.simd;

/**
 * A correlation of padded planes, row by row:
 *
 * <pre>
 *   y[r * yStep + i] = sum over triples, then over singles, in their order, of
 *
 *     a triple:  weights[weight + t * weightStep] * x[shift + (r + t) * xStep + columnStep * i]      for t = 0, 1, 2
 *     a single:  weights[weight] * x[shift + r * xStep + columnStep * i]
 * </pre>
 *
 * from 0 on, for r in [0, rows) and i in [0, outputs). The taps of a triple meet rows that neighbouring outputs meet too.
 *
 * @param rows       how many rows there are
 * @param outputs    outputs of a row
 * @param columnStep 1, or 2 for every other column
 * @param xStep      in x, from a row to the next, and from a tap of a triple to the next
 * @param yStep      in y, from a row to the next
 * @param weightStep from a tap of a triple to the next
 * @param triples    for each three taps two numbers, {@code weight} and {@code shift} of the first
 * @param singles    the same for each other tap
 */
public record RowCorrelation(int rows, int outputs, int columnStep, int xStep, int yStep, int weightStep, int[] triples, int[] singles) {

    /** Rows that are computed at a time, at most. */
    public static final int ROWS_AT_ONCE = 4;

    /** Elements of x along a row, from the first that an output begins at to the last. */
    public int columns() {
        return (outputs - 1) * columnStep + 1;
    }

    /** Rows that are computed, the arbitrary ones behind the last included. */
    public int computedRows() {
        return Math.max(rows, ROWS_AT_ONCE);
    }
}
