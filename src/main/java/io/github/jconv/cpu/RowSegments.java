package io.github.jconv.cpu;

import java.util.Arrays;

/**
 * A row of an {@link AxisWalk} cut into runs in which no bounds need testing: taps are taken four at a time over the range where all
 * four are inside the input, so that an element which is written is loaded and stored once for four products, and at the borders
 * each tap runs over its own range. The table is made once; a row only goes through it.
 */
final class RowSegments {

    /** Taps of a segment, at most. */
    private static final int TAPS_AT_ONCE = 4;

    /** Numbers of a segment in the table, at these places. */
    static final int TAPS = 0;
    static final int COUNT = 1;
    static final int IN = 2;
    static final int FILTER = 3;
    static final int OUT = 4;
    static final int FIELDS = 5;

    /** For each segment: taps, positions, and where its first position lies in the rows of input, filter and output. */
    final int[] table;
    final int inStep;
    final int tapShift;
    final int filterStep;
    final int outStep;

    RowSegments(AxisWalk walk) {
        inStep = walk.inStep;
        tapShift = walk.tapShift;
        filterStep = walk.filterStep;
        outStep = walk.outStep;
        var segments = new Table();
        for (int tap = 0; tap < walk.taps; tap += TAPS_AT_ONCE) {
            int last = Math.min(tap + TAPS_AT_ONCE, walk.taps) - 1;
            // Ranges move monotonically from tap to tap, so the outer two bound the ones between.
            int from = Math.max(walk.first(tap), walk.first(last));
            int to = Math.min(walk.end(tap), walk.end(last));
            if (from < to) {
                segments.add(walk, last - tap + 1, tap, from, to);
            } else {
                from = Integer.MAX_VALUE;
                to = Integer.MAX_VALUE;
            }
            for (int i = tap; i <= last; i++) {
                segments.add(walk, 1, i, walk.first(i), Math.min(from, walk.end(i)));
                segments.add(walk, 1, i, Math.max(to, walk.first(i)), walk.end(i));
            }
        }
        table = segments.numbers();
    }

    /** Whether the first tap meets all elements of rows of this length, each where it stands, and no other tap any. */
    boolean isFirstTapOf(int length) {
        return inStep == 1 && outStep == 1 && table.length == FIELDS && table[TAPS] == 1 && table[COUNT] == length && table[IN] == 0
                && table[FILTER] == 0;
    }

    private static final class Table {

        private int[] numbers = new int[8 * FIELDS];
        private int length;

        void add(AxisWalk walk, int taps, int firstTap, int from, int to) {
            if (from >= to) {
                return;
            }
            if (length == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * length);
            }
            numbers[length + TAPS] = taps;
            numbers[length + COUNT] = to - from;
            numbers[length + IN] = walk.in(from, firstTap);
            numbers[length + FILTER] = walk.filter(firstTap);
            numbers[length + OUT] = walk.out(from);
            length += FIELDS;
        }

        int[] numbers() {
            return Arrays.copyOf(numbers, length);
        }
    }
}
