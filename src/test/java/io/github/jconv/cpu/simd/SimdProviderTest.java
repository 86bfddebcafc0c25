package io.github.jconv.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The choice of a provider, and the vector operations that are not part of the matrix product. */
class SimdProviderTest {

    static List<SimdProvider> providers() {
        return SimdProvider.all();
    }

    @Test
    void allWidthsAreThereWithTheVectorModule() {
        assertEquals(List.of("scalar", "128", "256", "512"), SimdProvider.all().stream().map(SimdProvider::name).toList());
        assertEquals("512-bit vectors", SimdProvider.named("512").description());
        assertEquals(8, SimdProvider.named("256").lanes());
    }

    @Test
    void anUnknownNameIsAnError() {
        var error = assertThrows(IllegalArgumentException.class, () -> SimdProvider.named("64"));
        assertEquals("SIMD provider is '64'; allowed: scalar, 128, 256, 512", error.getMessage());
    }

    @ParameterizedTest
    @MethodSource("providers")
    void vectorOperationsTouchWhatTheyShould(SimdProvider simd) {
        for (int length : lengths(simd)) {
            float[] x = random(length + 5, 1);
            float[] y = random(length + 9, 2);
            float[] multiplied = y.clone();
            float[] added = y.clone();
            for (int i = 0; i < length; i++) {
                multiplied[4 + i] = Math.fma(1.7f, x[3 + i], y[4 + i]);
                added[4 + i] = x[3 + i] + y[4 + i];
            }
            float[] actual = y.clone();
            simd.multiplyAdd(1.7f, x, 3, actual, 4, length);
            assertArrayEquals(multiplied, actual);
            actual = y.clone();
            simd.add(x, 3, actual, 4, length);
            assertArrayEquals(added, actual);
        }
    }

    /** Sources that end with their array, and runs so close that each covers what the one before has written too far. */
    @ParameterizedTest
    @MethodSource("providers")
    void runsAreCopiedInOrder(SimdProvider simd) {
        for (int length : lengths(simd)) {
            int runs = 3;
            float[] source = random(2 + 2 * (length + 1) + length, 3);
            float[] target = new float[1 + runs * length + simd.lanes()];
            simd.copyRuns(source, 2, length + 1, target, 1, length, length, runs);
            for (int run = 0; run < runs; run++) {
                for (int i = 0; i < length; i++) {
                    assertEquals(source[2 + run * (length + 1) + i], target[1 + run * length + i], "run " + run + " of " + length);
                }
            }
            assertEquals(0, target[0], "what lies in front");
        }
    }

    /** Every element, every other and every third; with gaps of zeros between the rows, and sources that end with their array. */
    @ParameterizedTest
    @MethodSource("providers")
    void rowsAreCopiedInOrderAndGapsStayZero(SimdProvider simd) {
        for (int step = 1; step <= 3; step++) {
            for (int length : lengths(simd)) {
                for (int gap : new int[] {0, 2, simd.lanes() + 1}) {
                    int rows = 3;
                    float[] source = random(2 + 2 * (length * step + 1) + Math.max(0, (length - 1) * step + 1), 13);
                    float[] target = new float[1 + rows * (length + gap) + 1];
                    float[] expected = target.clone();
                    for (int row = 0; row < rows; row++) {
                        for (int i = 0; i < length; i++) {
                            expected[1 + row * (length + gap) + i] = source[2 + row * (length * step + 1) + i * step];
                        }
                    }
                    simd.copyRows(source, 2, length * step + 1, step, target, 1, length + gap, length, rows);
                    assertArrayEquals(expected, target, length + " elements, step " + step + ", gap " + gap);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void rowsAreParted(SimdProvider simd) {
        for (int evens : lengths(simd)) {
            for (int odds = Math.max(0, evens - 1); odds <= evens; odds++) {
                for (int slack : new int[] {0, 3 * simd.lanes()}) {
                    int rows = 3;
                    int gap = 2;
                    int half = rows * (evens + gap) + simd.lanes();
                    float[] source = random(2 + 2 * (2 * evens + 1) + evens + odds + slack, 15);
                    float[] target = new float[1 + 2 * half];
                    float[] expected = target.clone();
                    for (int row = 0; row < rows; row++) {
                        for (int i = 0; i < evens + odds; i++) {
                            expected[1 + i % 2 * half + row * (evens + gap) + i / 2] = source[2 + row * (2 * evens + 1) + i];
                        }
                    }
                    simd.partRows(source, 2, 2 * evens + 1, target, 1, 1 + half, evens + gap, evens, odds, rows);
                    assertArrayEquals(expected, target, evens + " and " + odds + " elements, " + slack + " behind");
                }
            }
        }
    }

    /** Rows of y follow one another without a gap; behind the last one a vector may write. */
    @ParameterizedTest
    @MethodSource("providers")
    void correlatedRowsAreChainsOverTheTaps(SimdProvider simd) {
        int[] shifts = {3, 0, 7, 7, 2};
        for (int length : lengths(simd)) {
            for (int rows = SimdProvider.CORRELATED_ROWS; length > 0 && rows <= 2 * SimdProvider.CORRELATED_ROWS; rows++) {
                int pitch = length + 2;
                float[] x = random(1 + 7 + rows * pitch + 2 * simd.lanes(), 16);
                float[] weights = random(1 + shifts.length, 17);
                float[] y = random(2 + rows * length + 2 * simd.lanes(), 18);
                float front = y[1];
                simd.correlateRows(weights, 1, shifts, shifts.length, x, 1, pitch, y, 2, length, length, rows);
                assertEquals(front, y[1], "what lies in front");
                for (int i = 0; i < rows * length; i++) {
                    float expected = 0;
                    for (int t = 0; t < shifts.length; t++) {
                        expected = Math.fma(weights[1 + t], x[1 + shifts[t] + i / length * pitch + i % length], expected);
                    }
                    assertEquals(expected, y[2 + i], "element " + i + " of " + rows + " rows of " + length);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void correlatedRowsOfTriplesAndSingles(SimdProvider simd) {
        int[] triples = {2, 1, 11, 4};
        int[] singles = {5, 3, 0, 0, 12, 9};
        for (int columnStep = 1; columnStep <= 2; columnStep++) {
            for (int outputs : lengths(simd)) {
                for (int rows = 1; outputs > 0 && rows <= 2 * RowCorrelation.ROWS_AT_ONCE + 1; rows++) {
                    int pitch = (outputs - 1) * columnStep + 5;
                    var c = new RowCorrelation(rows, outputs, columnStep, pitch, outputs, -1, triples, singles);
                    float[] x = random(1 + 9 + (c.computedRows() + 2) * pitch + 2 * simd.lanes(), 16);
                    float[] weights = random(1 + 13, 17);
                    float[] y = random(2 + c.computedRows() * outputs + simd.lanes(), 18);
                    float front = y[1];
                    simd.correlate(c, weights, 1, x, 1, y, 2);
                    assertEquals(front, y[1], "what lies in front");
                    for (int i = 0; i < rows * outputs; i++) {
                        int at = 1 + i / outputs * pitch + i % outputs * columnStep;
                        assertEquals(sum(c, weights, x, at), y[2 + i], "element " + i + " of " + c);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void channelsSideBySideAreChainsOverTheTaps(SimdProvider simd) {
        int lanes = simd.lanes();
        int[] taps = {0, 7, 2 * lanes, 0, lanes, 3 * lanes, lanes, 5, 0, 2 * lanes};
        for (int count = 1; count <= 15; count++) {
            for (int first = 0; first <= 1; first++) {
                int end = first + (count + 3 * first) % 5;
                int xStep = 2 * lanes;
                int yStep = 3 * lanes;
                float[] x = random(1 + count * xStep + 4 * lanes, 16);
                float[] weights = random(2 + 3 * lanes, 17);
                float[] y = random(3 + count * yStep, 18);
                float[] expected = y.clone();
                for (int i = 0; i < count * lanes; i++) {
                    float sum = 0;
                    for (int t = first; t < end; t++) {
                        sum = Math.fma(weights[2 + taps[2 * t] + i % lanes], x[1 + taps[2 * t + 1] + i / lanes * xStep + i % lanes], sum);
                    }
                    expected[3 + i / lanes * yStep + i % lanes] = sum;
                }
                simd.channelLoops().correlate(taps, first, end, weights, 2, x, 1, xStep, y, 3, yStep, count);
                assertArrayEquals(expected, y, count + " outputs, taps " + first + " to " + end);
            }
        }
    }

    /** Three rows of two taps; some in front and behind belong to one row of outputs alone. */
    @ParameterizedTest
    @MethodSource("providers")
    void aPairOfRowsIsTheSameAsOneAfterTheOther(SimdProvider simd) {
        int lanes = simd.lanes();
        int pitch = 40 * lanes;
        int[] taps = new int[12];
        for (int i = 0; i < 6; i++) {
            taps[2 * i] = (5 - i) * lanes;
            taps[2 * i + 1] = i / 2 * pitch + i % 2 * lanes;
        }
        float[] x = random(1 + 5 * pitch, 16);
        float[] weights = random(2 + 6 * lanes, 17);
        int[][] ranges = {{0, 6, 0, 6}, {2, 6, 0, 6}, {0, 6, 0, 4}, {2, 6, 0, 4}, {0, 2, 0, 6}, {2, 2, 0, 0}, {0, 4, 2, 6}};
        for (int count = 1; count <= 15; count++) {
            for (int[] range : ranges) {
                int xStep = count % 2 == 0 ? 2 * lanes : lanes;
                float[] y = random(3 + 32 * count * lanes, 18);
                float[] expected = y.clone();
                int second = 3 + 16 * count * lanes;
                simd.channelLoops().correlate(taps, range[0], range[1], weights, 2, x, 1, xStep, expected, 3, 2 * lanes, count);
                simd.channelLoops().correlate(taps, range[2], range[3], weights, 2, x, 1 + pitch, xStep, expected, second, 2 * lanes,
                        count);
                simd.channelLoops().correlatePair(taps, range[0], range[1], range[2], range[3], 2, weights, 2, x, 1, 1 + pitch, xStep,
                        y, 3, second, 2 * lanes, count);
                assertArrayEquals(expected, y, count + " outputs, taps " + Arrays.toString(range));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void productsOfChannelsSideBySideAreChainsOverTheRow(SimdProvider simd) {
        int lanes = simd.lanes();
        int[] shifts = {0, 7, 2 * lanes, lanes, 5, 1, 1, 3 * lanes, 0, 2};
        for (int count = 0; count <= 9; count++) {
            float[] x = random(1 + count * 2 * lanes + 4 * lanes, 16);
            float[] y = random(2 + count * lanes, 17);
            float[] sums = random(3 + shifts.length * lanes, 18);
            float[] expected = sums.clone();
            for (int i = 0; i < shifts.length * lanes; i++) {
                for (int j = 0; j < count; j++) {
                    expected[3 + i] = Math.fma(x[1 + shifts[i / lanes] + j * 2 * lanes + i % lanes], y[2 + j * lanes + i % lanes],
                            expected[3 + i]);
                }
            }
            simd.channelLoops().addProducts(shifts, x, 1, 2 * lanes, y, 2, count, sums, 3);
            assertArrayEquals(expected, sums, count + " positions");
        }
    }

    private static float sum(RowCorrelation c, float[] weights, float[] x, int at) {
        float sum = 0;
        for (int i = 0; i < c.triples().length; i += 2) {
            for (int t = 0; t < 3; t++) {
                sum = Math.fma(weights[1 + c.triples()[i] + t * c.weightStep()], x[at + c.triples()[i + 1] + t * c.xStep()], sum);
            }
        }
        for (int i = 0; i < c.singles().length; i += 2) {
            sum = Math.fma(weights[1 + c.singles()[i]], x[at + c.singles()[i + 1]], sum);
        }
        return sum;
    }

    @Test
    void partialSumsAreAddedUpAsATree() {
        float[] sums = random(1 + SimdProvider.PARTIAL_SUMS, 14);
        float[] tree = sums.clone();
        for (int apart = SimdProvider.PARTIAL_SUMS / 2; apart > 0; apart /= 2) {
            for (int i = 0; i < apart; i++) {
                tree[1 + i] += tree[1 + i + apart];
            }
        }
        assertEquals(tree[1], SimdProvider.sum(sums, 1));
    }

    @ParameterizedTest
    @MethodSource("providers")
    void shiftedSumsAreChainsOverTheShifts(SimdProvider simd) {
        int[] shifts = {3, 0, 7, 7, 2, 9};
        for (int length : lengths(simd)) {
            for (int taps : new int[] {1, 4, 5, 6}) {
                float[] x = random(1 + 9 + length + SimdProvider.SHIFT_SLACK, 4);
                float[] y = random(2 + length + SimdProvider.SHIFT_SLACK, 5);
                float[] weights = random(1 + taps, 6);
                float[] actual = y.clone();
                simd.addShifted(weights, 1, shifts, taps, x, 1, actual, 2, length);
                for (int i = 0; i < length; i++) {
                    float expected = y[2 + i];
                    for (int t = 0; t < taps; t++) {
                        expected = Math.fma(weights[1 + t], x[1 + shifts[t] + i], expected);
                    }
                    assertEquals(expected, actual[2 + i], "element " + i + " of " + length + ", " + taps + " taps");
                }
                assertEquals(y[1], actual[1], "what lies in front");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void aShiftedTileIsAChainOverItsDepth(SimdProvider simd) {
        int depth = 7;
        int[] bShifts = {5, 0, 3, 3, 11, 1, 2};
        for (int[] aShifts : new int[][] {null, {4, 0, 9, 2, 2, 7, 1}}) {
            for (int vectors = simd.widestShiftedTile(); vectors >= 1; vectors--) {
                int columns = vectors * simd.lanes();
                int aRow = 12;
                int cRow = columns + 3;
                float[] a = random(1 + SimdProvider.TILE_ROWS * aRow, 10);
                float[] b = random(2 + 11 + columns, 11);
                float[] c = random(4 + SimdProvider.TILE_ROWS * cRow, 12);
                float[] expected = c.clone();
                for (int i = 0; i < SimdProvider.TILE_ROWS; i++) {
                    for (int j = 0; j < columns; j++) {
                        for (int k = 0; k < depth; k++) {
                            float left = a[1 + i * aRow + (aShifts == null ? k : aShifts[k])];
                            expected[4 + i * cRow + j] = Math.fma(left, b[2 + bShifts[k] + j], expected[4 + i * cRow + j]);
                        }
                    }
                }
                simd.shiftedTile(vectors, depth, a, 1, aRow, aShifts, b, 2, bShifts, c, 4, cRow);
                assertArrayEquals(expected, c, vectors + " vectors");
            }
        }
    }

    /** The last piece of the last row ends with the array, or as far before its end as vectors read; what is behind a piece is no number. */
    @ParameterizedTest
    @MethodSource("providers")
    void tapDotsAreChainsOverPieces(SimdProvider simd) {
        int rows = SimdProvider.TILE_ROWS;
        int lanes = SimdProvider.PARTIAL_SUMS;
        for (int length : new int[] {1, lanes / 2 + 1, lanes}) {
            for (int pieces : new int[] {0, 1, 5}) {
                for (int behind : new int[] {0, 1, lanes}) {
                    int aStep = length + 1;
                    int aRow = 5 * aStep + 2;
                    float[] a = new float[3 + (rows - 1) * aRow + 4 * aStep + length + behind];
                    Arrays.fill(a, Float.NaN);
                    float[] b = random(1 + 5 * (lanes + 2), 13);
                    float[] sums = random(2 + rows * (lanes + 1), 14);
                    float[] expected = sums.clone();
                    float[] left = random(rows * 5 * length, 15);
                    for (int i = 0; i < rows; i++) {
                        for (int k = 0; k < 5; k++) {
                            for (int l = 0; l < lanes; l++) {
                                if (l < length) {
                                    a[3 + i * aRow + k * aStep + l] = left[(i * 5 + k) * length + l];
                                } else {
                                    b[1 + k * (lanes + 2) + l] = 0;
                                }
                            }
                            for (int l = 0; l < length && k < pieces; l++) {
                                int sum = 2 + i * (lanes + 1) + l;
                                expected[sum] = Math.fma(a[3 + i * aRow + k * aStep + l], b[1 + k * (lanes + 2) + l], expected[sum]);
                            }
                        }
                    }
                    simd.tapDots(pieces, length, a, 3, aRow, aStep, b, 1, lanes + 2, sums, 2, lanes + 1);
                    assertArrayEquals(expected, sums, length + " of " + lanes + ", " + pieces + " pieces, " + behind + " behind");
                }
            }
        }
    }

    /** From a row of zeros, from rows elsewhere and from c itself on. */
    @ParameterizedTest
    @MethodSource("providers")
    void panelAndRowTilesAreChainsOverTheirDepth(SimdProvider simd) {
        for (int rows = SimdProvider.LOW_TILE_ROWS; rows <= simd.panelTileRows(); rows += 2) {
            for (int vectors = 1; vectors <= SimdProvider.TILE_VECTORS; vectors++) {
                for (int depth : new int[] {0, 1, 4, 7, SimdProvider.ROW_DEPTH}) {
                    for (int from = 0; from < 3; from++) {
                        checkTile(simd, false, rows, vectors, depth, from);
                        checkTile(simd, true, rows, vectors, depth, from);
                    }
                }
            }
        }
    }

    private static void checkTile(SimdProvider simd, boolean rowsApart, int rows, int vectors, int depth, int from) {
        int aRow = rowsApart ? SimdProvider.ROW_STEP : 1;
        int aDepth = rowsApart ? 1 : rows;
        int columns = vectors * simd.lanes();
        int bRow = columns + 3;
        int cRow = columns + 1;
        float[] a = random(2 + (rows - 1) * aRow + Math.max(0, depth - 1) * aDepth + 1, 21);
        float[] b = random(1 + depth * bRow + columns, 22);
        float[] c = random(4 + rows * cRow, 23);
        float[] start = from == 0 ? new float[5 + columns] : random(5 + rows * (columns + 2), 24);
        int startRow = from == 0 ? 0 : columns + 2;
        float[] expected = c.clone();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                float sum = from == 2 ? c[4 + i * cRow + j] : start[5 + i * startRow + j];
                for (int k = 0; k < depth; k++) {
                    sum = Math.fma(a[2 + i * aRow + k * aDepth], b[1 + k * bRow + j], sum);
                }
                expected[4 + i * cRow + j] = sum;
            }
        }
        float[] begin = from == 2 ? c : start;
        int beginAt = from == 2 ? 4 : 5;
        int beginRow = from == 2 ? cRow : startRow;
        if (rowsApart) {
            simd.rowTile(rows, vectors, depth, a, 2, b, 1, bRow, begin, beginAt, beginRow, c, 4, cRow);
        } else {
            simd.panelTile(rows, vectors, depth, a, 2, b, 1, bRow, begin, beginAt, beginRow, c, 4, cRow);
        }
        assertArrayEquals(expected, c, rows + (rowsApart ? " rows apart of " : " rows of ") + vectors + " vectors, depth " + depth);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void aTapTileAddsChainsToWhatItBeginsWith(SimdProvider simd) {
        int depth = 7;
        int[] shifts = {5, 0, 3, 3, 11, 1, 2};
        for (int vectors = 1; vectors <= SimdProvider.TAP_VECTORS; vectors++) {
            int columns = vectors * simd.lanes();
            int cRow = columns + 3;
            float[] a = random(1 + depth * SimdProvider.TAP_ROWS, 10);
            float[] b = random(2 + 11 + columns, 11);
            float[] before = random(4 + SimdProvider.TAP_ROWS * cRow, 12);
            float[] line = random(columns, 13);
            float[] added = before.clone();
            float[] begun = before.clone();
            for (int i = 0; i < SimdProvider.TAP_ROWS; i++) {
                for (int j = 0; j < columns; j++) {
                    float sum = before[4 + i * cRow + j];
                    float sumFromRow = line[j];
                    for (int k = 0; k < depth; k++) {
                        sum = Math.fma(a[1 + k * SimdProvider.TAP_ROWS + i], b[2 + shifts[k] + j], sum);
                        sumFromRow = Math.fma(a[1 + k * SimdProvider.TAP_ROWS + i], b[2 + shifts[k] + j], sumFromRow);
                    }
                    added[4 + i * cRow + j] = sum;
                    begun[4 + i * cRow + j] = sumFromRow;
                }
            }
            float[] c = before.clone();
            simd.tapTile(vectors, depth, a, 1, b, 2, shifts, c, 4, cRow, c, 4, cRow);
            assertArrayEquals(added, c, vectors + " vectors, added to c");
            c = before.clone();
            simd.tapTile(vectors, depth, a, 1, b, 2, shifts, line, 0, 0, c, 4, cRow);
            assertArrayEquals(begun, c, vectors + " vectors, from a row");
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void anInterleavedTileAddsChainsOverItsDepth(SimdProvider simd) {
        int depth = 7;
        int[] aShifts = {14, 0, 29, 2, 2, 7, 41};
        int[] bShifts = {5, 0, 3, 3, 11, 1, 2};
        for (int rows : new int[] {SimdProvider.TILE_ROWS, SimdProvider.INTERLEAVED_ROWS}) {
            for (int vectors = 1; vectors <= SimdProvider.TILE_VECTORS; vectors++) {
                int columns = vectors * simd.lanes();
                int cRow = columns + 3;
                float[] a = random(1 + 41 + rows, 10);
                float[] b = random(2 + 11 + columns, 11);
                float[] c = random(4 + rows * cRow, 12);
                float[] expected = c.clone();
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < columns; j++) {
                        float sum = 0;
                        for (int k = 0; k < depth; k++) {
                            sum = Math.fma(a[1 + aShifts[k] + i], b[2 + bShifts[k] + j], sum);
                        }
                        expected[4 + i * cRow + j] += sum;
                    }
                }
                simd.interleavedTile(rows, vectors, depth, a, 1, aShifts, b, 2, bShifts, c, 4, cRow);
                assertArrayEquals(expected, c, rows + " rows, " + vectors + " vectors");
            }
        }
    }

    /** Rows that end with their arrays, that overlap in the source, and that have gaps between them in the destination. */
    @ParameterizedTest
    @MethodSource("providers")
    void rowsAreGatheredByAMap(SimdProvider simd) {
        for (int vectors = 1; vectors <= 4; vectors++) {
            int length = vectors * simd.lanes();
            int[] map = new int[3 + length];
            for (int i = 0; i < length; i++) {
                map[3 + i] = i * 37 % 101;
            }
            for (int rows : new int[] {0, 1, 5}) {
                for (int srcStep : new int[] {1, 7}) {
                    for (int gap : new int[] {0, 2}) {
                        int dstStep = length + gap;
                        float[] src = random(2 + 100 + 4 * srcStep + 1, 15);
                        float[] dst = random(5 + 5 * dstStep, 16);
                        float[] expected = dst.clone();
                        for (int row = 0; row < rows; row++) {
                            for (int i = 0; i < length; i++) {
                                expected[5 + row * dstStep + i] = src[2 + row * srcStep + i * 37 % 101];
                            }
                        }
                        simd.gatherRows(src, 2, srcStep, map, 3, dst, 5, dstStep, length, rows);
                        assertArrayEquals(expected, dst, rows + " rows of " + length);
                    }
                }
            }
        }
    }

    /** Pieces of one to five vectors that overlap each other, and rows that overlap the next one. */
    @ParameterizedTest
    @MethodSource("providers")
    void shiftedPiecesAreGathered(SimdProvider simd) {
        int[] shifts = {99, 4, 0, 9, 2, 17};
        for (int pieces = 1; pieces <= 5; pieces++) {
            for (int length : new int[] {1, simd.lanes() / 2 + 1, simd.lanes()}) {
                for (int rows : new int[] {0, 1, 4, 5}) {
                    int[] from = new int[pieces];
                    int[] to = new int[pieces];
                    for (int piece = 0; piece < pieces; piece++) {
                        from[piece] = 31 * piece % 7;
                        to[piece] = piece * length;
                    }
                    int step = pieces * length;
                    float[] src = random(3 + 17 + 7 + simd.lanes(), 17);
                    float[] dst = random(5 + rows * step + simd.lanes(), 18);
                    float[] expected = dst.clone();
                    for (int row = 0; row < rows; row++) {
                        for (int i = 0; i < step; i++) {
                            expected[5 + row * step + i] = src[3 + shifts[1 + row] + from[i / length] + i % length];
                        }
                    }
                    simd.copyShifted(src, 3, shifts, 1, from, dst, 5, step, to, rows);
                    int end = 5 + rows * step;
                    assertArrayEquals(Arrays.copyOf(expected, end), Arrays.copyOf(dst, end), rows + " rows of " + pieces + " of " + length);
                }
            }
        }
    }

    /** Pieces of any lengths, with rows that lie before the end of the array, at it, or so near that not all of a vector is there. */
    @ParameterizedTest
    @MethodSource("providers")
    void columnsAreCopiedInPieces(SimdProvider simd) {
        int lanes = simd.lanes();
        int[] lengths = {1, lanes, Math.min(3, lanes), lanes - 1, 1, Math.min(5, lanes)};
        int[] from = {0, 2, 31, 7, 40, 44 + lanes};
        int[] to = new int[lengths.length];
        for (int p = 1; p < to.length; p++) {
            to[p] = to[p - 1] + lengths[p - 1];
        }
        for (int first = 0; first < lengths.length; first += 2) {
            int width = to[lengths.length - 1] + lengths[lengths.length - 1];
            for (int rows : new int[] {0, 1, 4, 9}) {
                for (int srcStep : new int[] {1, 3, 50 + lanes}) {
                    for (int behind : new int[] {0, 1, lanes}) {
                        int reach = 3 + Math.max(0, rows - 1) * srcStep + from[from.length - 1] + lengths[lengths.length - 1];
                        float[] src = random(reach + behind, 41);
                        float[] dst = random(5 + rows * width + lanes, 42);
                        float[] expected = dst.clone();
                        for (int row = 0; row < rows; row++) {
                            for (int p = first; p < lengths.length; p++) {
                                for (int i = 0; i < lengths[p]; i++) {
                                    expected[5 + row * width + to[p] + i] = src[3 + row * srcStep + from[p] + i];
                                }
                            }
                        }
                        simd.copyColumns(src, 3, srcStep, from, to, first, lengths.length, dst, 5, width, rows);
                        for (int row = 0; row < rows; row++) {
                            int begin = 5 + row * width + to[first];
                            int end = 5 + (row + 1) * width;
                            assertArrayEquals(Arrays.copyOfRange(expected, begin, end), Arrays.copyOfRange(dst, begin, end),
                                    "row " + row + " of " + rows + " from piece " + first);
                        }
                    }
                }
            }
        }
    }

    /** Vectors inside of the array, and such whose lanes that are not kept lie before its beginning or behind its end, hold no NaN of it. */
    @ParameterizedTest
    @MethodSource("providers")
    void lanesAreKeptOrBlank(SimdProvider simd) {
        int lanes = simd.lanes();
        for (int vectors = 1; vectors <= 2; vectors++) {
            for (boolean merge : new boolean[] {false, true}) {
                for (int rows : new int[] {0, 1, 4}) {
                    for (int srcOffset : new int[] {-lanes / 2, 0, 3, lanes / 2}) {
                        checkKept(simd, vectors, merge, rows, srcOffset);
                    }
                }
            }
        }
    }

    private static void checkKept(SimdProvider simd, int vectors, boolean merge, int rows, int srcOffset) {
        int length = vectors * simd.lanes();
        int srcStep = 5;
        int dstStep = length + 2;
        float[] src = random(length + 3 * srcStep, 19);
        int[] kept = new int[3 + length];
        for (int i = 0; i < length; i++) {
            int last = srcOffset + (Math.max(1, rows) - 1) * srcStep + i;
            boolean inside = srcOffset + i >= 0 && last < src.length;
            kept[3 + i] = inside && i % 3 != 1 ? -1 : 0;
            if (i % 3 == 1 && inside) {
                src[srcOffset + i] = Float.NaN;
            }
        }
        float[] dst = random(7 + rows * dstStep, 20);
        float[] expected = dst.clone();
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < length; i++) {
                int at = 7 + row * dstStep + i;
                if (kept[3 + i] != 0) {
                    dst[at] = 0;
                    expected[at] = src[srcOffset + row * srcStep + i];
                } else if (!merge) {
                    expected[at] = 0;
                }
            }
        }
        simd.copyKept(vectors, merge, src, srcOffset, srcStep, kept, 3, 3 + simd.lanes(), dst, 7, dstStep, rows);
        assertArrayEquals(expected, dst, rows + " rows of " + vectors + " vectors at " + srcOffset + (merge ? ", merged" : ""));
    }

    /** Matrices that end with their array and that do not, without gaps between the columns that are written, and with gaps for a whole vector. */
    @ParameterizedTest
    @MethodSource("providers")
    void matricesAreTransposed(SimdProvider simd) {
        for (int rows : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 33}) {
            for (int columns : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 14, 15, 16, 17, 33}) {
                for (int gap : new int[] {0, 64}) {
                    checkTranspose(simd, rows, columns, gap, 0);
                    checkTranspose(simd, rows, columns, gap, 14);
                    checkTranspose(simd, rows, columns, gap, 15);
                }
            }
        }
    }

    private static void checkTranspose(SimdProvider simd, int rows, int columns, int gap, int behind) {
        int srcStep = columns + 2;
        int dstStep = rows + gap;
        float[] src = random(3 + (rows - 1) * srcStep + columns + behind, 13);
        float[] dst = random(5 + columns * dstStep + 1, 14);
        float[] before = dst.clone();
        simd.transpose(src, 3, srcStep, rows, columns, dst, 5, dstStep);
        for (int at = 0; at < dst.length; at++) {
            int i = Math.floorMod(at - 5, dstStep);
            boolean inside = at >= 5 && at < 5 + columns * dstStep;
            if (inside && i < rows) {
                assertEquals(src[3 + i * srcStep + (at - 5) / dstStep], dst[at], rows + "x" + columns);
            } else if (!inside || i >= Math.max(rows, simd.lanes())) {
                assertEquals(before[at], dst[at], rows + "x" + columns + " touches what is no gap");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void aPackedTileIsAChainOverItsDepth(SimdProvider simd) {
        int depth = 7;
        for (int rows = SimdProvider.LOW_TILE_ROWS; rows <= SimdProvider.TILE_ROWS; rows += 2) {
            for (int vectors = simd.widestShiftedTile(); vectors >= 1; vectors /= 2) {
                for (int aDepth : new int[] {1, 9}) {
                    for (boolean fromZero : new boolean[] {false, true}) {
                        int aRow = aDepth == 1 ? 11 : 1;
                        int columns = vectors * simd.lanes();
                        int cRow = columns + 3;
                        float[] a = random(1 + rows * aRow + depth * aDepth, 20);
                        float[] b = random(2 + depth * columns, 21);
                        float[] c = random(4 + rows * cRow, 22);
                        float[] expected = c.clone();
                        for (int i = 0; i < rows; i++) {
                            for (int j = 0; j < columns; j++) {
                                float sum = fromZero ? 0 : c[4 + i * cRow + j];
                                for (int k = 0; k < depth; k++) {
                                    sum = Math.fma(a[1 + i * aRow + k * aDepth], b[2 + k * columns + j], sum);
                                }
                                expected[4 + i * cRow + j] = sum;
                            }
                        }
                        if (fromZero) {
                            simd.packedTile(rows, vectors, depth, a, 1, aRow, aDepth, b, 2, new float[1 + columns], 1, 0, c, 4, cRow);
                        } else {
                            simd.packedTile(rows, vectors, depth, a, 1, aRow, aDepth, b, 2, c, 4, cRow);
                        }
                        assertArrayEquals(expected, c, rows + " rows, " + vectors + " vectors, " + aDepth + ", " + fromZero);
                    }
                }
            }
        }
    }

    /** Rows that lie before, across the edges of and behind what they are placed on; what surrounds them is NaN. */
    @ParameterizedTest
    @MethodSource("providers")
    void rowsArePlacedAmongZeros(SimdProvider simd) {
        int lanes = simd.lanes();
        int rows = 3;
        for (int length : lengths(simd)) {
            int xStep = length + 1;
            float[] x = random(lanes + rows * xStep + lanes, 19);
            Arrays.fill(x, 0, lanes, Float.NaN);
            for (int row = 0; row < rows; row++) {
                x[lanes + row * xStep + length] = Float.NaN;
            }
            for (int first : new int[] {-2 * lanes, -length, -1, 0, 1, length - 1, length + lanes}) {
                for (int columns : new int[] {1, lanes - 1, lanes + 1, length + 2}) {
                    for (boolean add : new boolean[] {false, true}) {
                        int yStep = columns + lanes;
                        float[] y = random(2 + rows * yStep, 20);
                        float[] expected = y.clone();
                        for (int i = 0; i < rows * columns; i++) {
                            int j = first + i % columns;
                            int at = 2 + i / columns * yStep + i % columns;
                            expected[at] = (add ? y[at] : 0) + (j >= 0 && j < length ? x[lanes + i / columns * xStep + j] : 0);
                        }
                        simd.placeRows(add, x, lanes, xStep, first, SimdProvider.inside(length), y, 2, yStep, columns, rows);
                        for (int i = 0; i < rows * columns; i++) {
                            int at = 2 + i / columns * yStep + i % columns;
                            assertEquals(expected[at], y[at], i % columns + " of " + columns + ", length " + length + ", first " + first);
                        }
                        assertEquals(expected[1], y[1], "what lies in front");
                    }
                }
            }
        }
    }

    /** Nothing is written beside the rows, and sources may end with their array. */
    @ParameterizedTest
    @MethodSource("providers")
    void rowsAreMerged(SimdProvider simd) {
        int rows = 3;
        for (int length : lengths(simd)) {
            for (int slack : new int[] {0, simd.lanes()}) {
                int pitch = (length + 1) / 2 + 1;
                float[] x = random(1 + 2 * rows * pitch + slack, 21);
                float[] y = random(3 + rows * (length + 2), 22);
                float[] expected = y.clone();
                for (int row = 0; row < rows; row++) {
                    for (int i = 0; i < length; i++) {
                        expected[3 + row * (length + 2) + i] = x[1 + i % 2 * rows * pitch + row * pitch + i / 2];
                    }
                }
                simd.mergeRows(x, 1, 1 + rows * pitch, pitch, y, 3, length + 2, length, rows);
                assertArrayEquals(expected, y, length + " elements, " + slack + " behind");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void shiftedProductsAreSummedByTheirPlaceModuloThePartialSums(SimdProvider simd) {
        int[] shifts = {3, 0, 7, 7, 2, 9};
        int length = 5 * SimdProvider.PARTIAL_SUMS;
        for (int taps : new int[] {1, 4, 6}) {
            float[] x = random(1 + 9 + length, 7);
            float[] y = random(2 + length, 8);
            float[] sums = random(3 + taps * SimdProvider.PARTIAL_SUMS, 9);
            float[] expected = sums.clone();
            for (int t = 0; t < taps; t++) {
                for (int i = 0; i < length; i++) {
                    int at = 3 + t * SimdProvider.PARTIAL_SUMS + i % SimdProvider.PARTIAL_SUMS;
                    expected[at] = Math.fma(x[1 + shifts[t] + i], y[2 + i], expected[at]);
                }
            }
            simd.dotShifted(x, 1, shifts, taps, y, 2, length, sums, 3);
            assertArrayEquals(expected, sums);
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void burstsCountTheirMultiplyAdds(SimdProvider simd) {
        float[] values = new float[2 * simd.lanes()];
        assertEquals(3 * simd.burst(10, values), simd.burst(30, values));
        assertTrue(FmaPeak.gflops(simd, 0.001) > 0);
    }

    @Test
    void thePropertyForcesAProviderAndABadOneIsOneClearError() throws Exception {
        assertEquals("scalar code", chosenIn("-Djconv.simd=scalar", "--add-modules", "jdk.incubator.vector"));
        assertEquals("128-bit vectors", chosenIn("-Djconv.simd=128", "--add-modules", "jdk.incubator.vector"));
        assertEquals("property jconv.simd: SIMD provider is 'fast'; allowed: scalar, 128, 256, 512", chosenIn("-Djconv.simd=fast"));
        assertEquals("property jconv.simd: SIMD provider is '512', but this JVM was started without"
                + " --add-modules jdk.incubator.vector; allowed: scalar", chosenIn("-Djconv.simd=512"));
        assertEquals("scalar code", chosenIn());
    }

    @Test
    void theLogSaysHowToComputeFaster() throws Exception {
        String[] vectors = {"--add-modules", "jdk.incubator.vector"};
        assertEquals("", outputOf(HowToGetMore.class, vectors[0], vectors[1], "-XX:+UseG1GC"));
        for (String collector : List.of("Serial", "Parallel")) {
            assertEquals("; faster with -XX:+UseG1GC, as this JVM's garbage collector places arrays across cache lines",
                    outputOf(HowToGetMore.class, vectors[0], vectors[1], "-XX:+Use" + collector + "GC"));
        }
        assertEquals("; for vectors, which are several times faster, start java with --add-modules jdk.incubator.vector",
                outputOf(HowToGetMore.class, "-XX:+UseSerialGC"));
    }

    /** What a fresh JVM with these options chooses, or the message of its error. */
    private static String chosenIn(String... options) throws IOException, InterruptedException {
        return outputOf(ChosenProvider.class, options);
    }

    private static String outputOf(Class<?> program, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    /** The program of the fresh JVM. */
    static final class ChosenProvider {

        private ChosenProvider() {
        }

        public static void main(String[] arguments) {
            try {
                System.out.println(SimdProvider.chosen().description());
            } catch (IllegalArgumentException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /** The same for how it would compute faster. */
    static final class HowToGetMore {

        private HowToGetMore() {
        }

        public static void main(String[] arguments) {
            System.out.println(SimdChoice.howToGetMore());
        }
    }

    private static int[] lengths(SimdProvider simd) {
        int lanes = simd.lanes();
        return new int[] {0, 1, lanes - 1, lanes, lanes + 1, 3 * lanes + 2};
    }

    private static float[] random(int length, long seed) {
        var random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
