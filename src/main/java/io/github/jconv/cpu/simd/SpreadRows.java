package io.github.jconv.cpu.simd;

/**
 * How the data gradient of a channel's map is walked with a filter of 3x3 taps, a stride of 2 and one row and column of padding. Row {@code i}
 * of dy and the next one give two rows of dx:
 *
 * <pre>
 *   in[m][s][j] = dy[dyOffset + m * dyRow + s + j]  where this element is kept, otherwise 0      for m = i, i + 1;  s = 0, 1
 *
 *   dx[2i][2j]         = w11 * in[i][0][j]
 *   dx[2i][2j + 1]     = w10 * in[i][1][j] + w12 * in[i][0][j]
 *   dx[2i + 1][2j]     = w01 * in[i + 1][0][j] + w21 * in[i][0][j]
 *   dx[2i + 1][2j + 1] = w00 * in[i + 1][1][j] + w02 * in[i + 1][0][j] + w20 * in[i][1][j] + w22 * in[i][0][j]
 * </pre>
 *
 * @param rows    rows of dy
 * @param odd     whether there is no last row of dx behind the last but one
 * @param columns columns of dx
 * @param dyRow   elements from a row of dy to the next
 * @param kept    -1 for an element that is kept and 0 for another, {@code keptRow} for each of the two places
 */
public record SpreadRows(int rows, boolean odd, int columns, int dyRow, int[] kept, int keptRow) {
}
