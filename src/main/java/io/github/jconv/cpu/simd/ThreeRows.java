package io.github.jconv.cpu.simd;

/**
 * How a channel's map is walked with a filter of 3x3 taps. Row {@code o} of sums meets three rows of the input, each at three places:
 *
 * <pre>
 *   in[m][s][i] = x[xOffset + m * xRow + s + i]  where this element is kept, otherwise 0      for m = o * step + r;  r, s = 0, 1, 2
 * </pre>
 *
 * What is not kept lies in the padding, or in another row, or in none. One vector may hold two rows of a small map, one behind the other.
 *
 * @param rows       rows of sums
 * @param step       1 or 2
 * @param columns    sums of a row
 * @param xRow       elements from a row of the input to the next, which the next tap meets
 * @param yRow       elements from a row of outputs to the next
 * @param apart      1 if each sum is an output, or 2 if every other one is, from the first on
 * @param keptRow    whole {@link #KEPT_AT_ONCE}, {@code columns} or more
 * @param kept       -1 for an element that its column keeps and 0 for another: {@code keptRow} for each place s
 * @param keptOfOuts the same at every {@code apart}-th place alone
 * @param rowsKept   -1 for an element that its row keeps and 0 for another: {@code keptRow} for the first row of the input, for those between,
 *                   for the last but one and the last
 * @param outs       -1 for a sum that is an output and 0 for another: {@code keptRow} for all rows but the last, and for that
 */
public record ThreeRows(int rows, int step, int columns, int xRow, int yRow, int apart, int keptRow, int[] kept, int[] keptOfOuts,
                        int[] rowsKept, int[] outs) {

    /** Places of a row that its taps meet, and taps of a column. */
    public static final int TAPS = 3;

    /** Elements that are read of {@link #kept} together, at most: two of the widest vectors. */
    public static final int KEPT_AT_ONCE = 2 * SimdProvider.PARTIAL_SUMS;

    /** Kinds of rows in {@link #rowsKept}. */
    public static final int KINDS = 4;

    /** What each column of each place keeps, at every {@code apart}-th place alone. */
    public static int[] ofOuts(int[] kept, int keptRow, int apart) {
        int[] all = new int[kept.length];
        for (int i = 0; i < kept.length; i++) {
            int place = i % keptRow * apart;
            all[i] = place < keptRow ? kept[i - i % keptRow + place] : 0;
        }
        return all;
    }

    // Where in rowsKept each kind begins.

    int first() {
        return 0;
    }

    int between() {
        return keptRow;
    }

    int lastButOne() {
        return 2 * keptRow;
    }

    int last() {
        return 3 * keptRow;
    }

    /** Where the kind of row {@code m} of the input begins. */
    int kindOf(int m) {
        int end = (rows - 1) * step + 2;
        return m == 0 ? first() : m == end ? last() : m == end - 1 ? lastButOne() : between();
    }
}
