package io.github.jconv.cpu.simd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Short calls of each kernel of a family, on data of their own. */
final class KernelCalls {

    /** Large enough for loops to be unrolled, small enough for a call with vectors as objects to take a fraction of a millisecond. */
    private static final int DEPTH = 16;

    private final SimdProvider simd;
    private final int lanes;
    private final int b = DEPTH * SimdProvider.INTERLEAVED_ROWS;
    private final int c;
    private final float[] values;
    private final int[] shifts;

    KernelCalls(SimdProvider simd) {
        this.simd = simd;
        this.lanes = simd.lanes();
        int widest = Math.max(SimdProvider.TILE_VECTORS, simd.widestShiftedTile()) * lanes;
        this.c = b + DEPTH * widest;
        this.values = new float[c + SimdProvider.INTERLEAVED_ROWS * Math.max(SimdProvider.ROW_STEP, widest) + lanes * lanes
                + 64 * FourierTransforms.LANES];
        this.shifts = IntStream.range(0, Math.max(DEPTH, lanes)).toArray();
        Arrays.fill(values, 1e-3f);
    }

    /** The kernels that are used from the beginning. */
    List<Runnable> of(KernelFamily family) {
        return switch (family) {
            case GEMM_TILES -> List.of(() -> gemmTile(SimdProvider.TILE_VECTORS), () -> gemmTile(1));
            case SHIFTED_TILES -> Stream.concat(shiftedTiles(1, simd.shiftedTileVectors()).stream(), Stream.of(this::tapDots)).toList();
            case TAP_TILES -> tapTiles();
            case INTERLEAVED_TILES -> interleavedTiles();
            case PANEL_TILES -> panelTiles();
            case ROW_TILES -> rowTiles();
            case PACKED_TILES -> packedTiles();
            case TRANSPOSES -> List.of(() -> simd.transpose(values, 0, 1, lanes, lanes, values, c, lanes));
            case WINOGRAD -> winograd();
            case FOURIER -> fourier();
            case CORRELATION -> List.of(correlation(1), correlation(2));
            case PLANE_SUMS -> planeSums();
            case CHANNEL_LOOPS -> channelLoops();
            case DEPTHWISE_LOOPS -> depthwiseLoops();
            case GATHERED_ROWS -> gatheredRows();
            case ROWS -> rows();
        };
    }

    /** Tiles up to twice as wide, which are used once they are known to be fast; none if there are none. */
    List<Runnable> widerShiftedTiles() {
        return shiftedTiles(simd.shiftedTileVectors() + 1, simd.widestShiftedTile());
    }

    /** What is used until then, for each of the wider ones and in the same order. */
    List<Runnable> widestUsedShiftedTiles() {
        int used = simd.shiftedTileVectors();
        return IntStream.range(used, simd.widestShiftedTile()).boxed().flatMap(wider -> shiftedTiles(used, used).stream()).toList();
    }

    private void gemmTile(int vectors) {
        simd.gemmTile(vectors, DEPTH, values, 0, DEPTH, 1, values, b, values, c, vectors * lanes);
    }

    private void tapDots() {
        simd.tapDots(DEPTH, lanes / 2 + 1, values, 0, 2, 1, values, b, lanes, values, c, SimdProvider.PARTIAL_SUMS);
    }

    private List<Runnable> shiftedTiles(int first, int last) {
        List<Runnable> calls = new ArrayList<>();
        for (int vectors = last; vectors >= first; vectors--) {
            int columns = vectors * lanes;
            int width = vectors;
            calls.add(() -> simd.shiftedTile(width, DEPTH, values, 0, DEPTH, null, values, b, shifts, values, c, columns));
            calls.add(() -> simd.shiftedTile(width, DEPTH, values, 0, DEPTH, shifts, values, b, shifts, values, c, columns));
        }
        return calls;
    }

    private List<Runnable> gatheredRows() {
        List<Runnable> calls = new ArrayList<>();
        calls.add(() -> simd.gatherRows(values, 0, 1, shifts, 0, values, c, lanes, lanes, 2));
        for (int pieces = 1; pieces <= 4; pieces++) {
            int[] from = new int[pieces];
            calls.add(() -> simd.copyShifted(values, 0, shifts, 0, from, values, c, 1, from, lanes));
        }
        int[] piece = new int[2];
        calls.add(() -> simd.copyColumns(values, 0, 1, piece, piece, 0, 2, values, c, lanes, 2));
        for (int vectors = 1; vectors <= SimdProvider.TILE_VECTORS; vectors++) {
            int count = vectors;
            calls.add(() -> simd.copyKept(count, false, values, 0, 1, shifts, 0, 0, values, c, 1, lanes));
        }
        calls.add(() -> simd.copyKept(1, true, values, 0, 1, shifts, 0, 0, values, c, 1, lanes));
        return calls;
    }

    private List<Runnable> tapTiles() {
        List<Runnable> calls = new ArrayList<>();
        for (int vectors = SimdProvider.TAP_VECTORS; vectors >= 1; vectors--) {
            int columns = vectors * lanes;
            int width = vectors;
            calls.add(() -> simd.tapTile(width, DEPTH, values, 0, values, b, shifts, values, 0, 0, values, c, columns));
        }
        return calls;
    }

    private List<Runnable> interleavedTiles() {
        List<Runnable> calls = new ArrayList<>();
        for (int rows = SimdProvider.INTERLEAVED_ROWS; rows >= SimdProvider.TILE_ROWS; rows -= SimdProvider.TILE_ROWS) {
            for (int vectors = SimdProvider.TILE_VECTORS; vectors >= 1; vectors--) {
                int height = rows;
                int width = vectors;
                calls.add(() -> simd.interleavedTile(height, width, DEPTH, values, 0, shifts, values, b, shifts, values, c, width * lanes));
            }
        }
        return calls;
    }

    private List<Runnable> panelTiles() {
        return ofHeights((rows, vectors) -> simd.panelTile(rows, vectors, DEPTH, values, 0, values, b, vectors * lanes, values, c,
                vectors * lanes, values, c, vectors * lanes));
    }

    private List<Runnable> rowTiles() {
        return ofHeights((rows, vectors) -> simd.rowTile(rows, vectors, DEPTH, values, 0, values, b, vectors * lanes, values, c,
                vectors * lanes, values, c, vectors * lanes));
    }

    /** A call of a tile of so many rows and vectors. */
    private interface TileCall {

        void run(int rows, int vectors);
    }

    private List<Runnable> ofHeights(TileCall tile) {
        List<Runnable> calls = new ArrayList<>();
        for (int rows = simd.panelTileRows(); rows >= SimdProvider.LOW_TILE_ROWS; rows -= 2) {
            for (int vectors = SimdProvider.TILE_VECTORS; vectors >= 1; vectors--) {
                int height = rows;
                int width = vectors;
                calls.add(() -> tile.run(height, width));
            }
        }
        return calls;
    }

    private List<Runnable> packedTiles() {
        List<Runnable> calls = new ArrayList<>();
        for (int vectors = simd.widestShiftedTile(); vectors >= 1; vectors /= 2) {
            for (int rows = SimdProvider.TILE_ROWS; rows >= SimdProvider.LOW_TILE_ROWS; rows -= 2) {
                int height = rows;
                int width = vectors;
                calls.add(() -> simd.packedTile(height, width, DEPTH, values, 0, 1, height, values, b, values, c, width * lanes));
                calls.add(() -> simd.packedTile(height, width, DEPTH, values, 0, DEPTH, 1, values, b, values, c, width * lanes));
            }
        }
        return calls;
    }

    /** Of all kinds of tiles and lengths in turn: what compiled code has not met it would give up later, and be compiled again. */
    private List<Runnable> winograd() {
        List<Runnable> calls = new ArrayList<>();
        WinogradTransforms winograd = simd.winograd();
        int step = 2 * lanes;
        int to = c;
        for (int vectors = 2; vectors >= 1; vectors--) {
            int length = vectors * lanes;
            for (int m = 4; m >= 2; m -= 2) {
                int outputs = m;
                calls.add(() -> winograd.input(outputs, 2, values, 0, lanes, step, values, to, lanes, step, length));
                calls.add(() -> winograd.output(outputs, 2, values, 0, lanes, step, values, to, lanes, step, length));
                calls.add(() -> winograd.filter(outputs, 2, values, 0, lanes, step, values, to, lanes, step, length));
            }
            calls.add(() -> winograd.outputGradient(2, values, 0, lanes, step, values, to, lanes, step, length));
            calls.add(() -> winograd.filterGradient(2, values, 0, lanes, step, values, to, lanes, step, length));
        }
        return calls;
    }

    /** Of the passes both kinds, those with factors and those without. */
    private List<Runnable> fourier() {
        FourierTransforms fourier = simd.fourier();
        int row = FourierTransforms.LANES;
        int im = 10 * row;
        int to = c;
        List<Runnable> calls = new ArrayList<>();
        for (int radix = 5; radix >= 2; radix--) {
            int length = radix;
            calls.add(() -> fourier.pass(length, 2, 1, values, 0, im, row, values, to, to + im, row, values, 0));
        }
        calls.add(() -> fourier.untangle(4, values, 0, im, row, values, to, to + im, row, values, 0));
        calls.add(() -> fourier.tangle(4, values, 0, im, row, values, to, to + im, row, values, 0));
        calls.add(() -> fourier.multiply(5, 2, row + 1, true, values, 0, im, 1, 1, values, 0, im, 2 * row, values, to, to + im, 2 * row,
                true, to + 20 * row));
        calls.add(() -> fourier.multiplyLanes(2, row + 1, true, values, 0, im, 2 * row, values, 0, im, 2 * row, values, to, to + im, true,
                to + 20 * row));
        return calls;
    }

    private Runnable correlation(int columnStep) {
        int pitch = columnStep * lanes + 2;
        var correlation = new RowCorrelation(RowCorrelation.ROWS_AT_ONCE, lanes, columnStep, pitch, lanes, 1,
                new int[] {0, 0, 3, 1}, new int[] {6, 2});
        return () -> simd.correlate(correlation, values, 0, values, 0, values, b);
    }

    private List<Runnable> planeSums() {
        int taps = 9;
        return List.of(() -> simd.addShifted(values, 0, shifts, taps, values, 0, values, b, 8 * lanes),
                () -> simd.addShifted(values, 0, shifts, taps, values, 0, values, b, 4 * lanes),
                () -> simd.correlateRows(values, 0, shifts, taps, values, 0, 2 * lanes, values, b, 2 * lanes, 2 * lanes,
                        SimdProvider.CORRELATED_ROWS),
                () -> simd.correlateRows(values, 0, shifts, taps, values, 0, lanes, values, b, lanes, lanes, SimdProvider.CORRELATED_ROWS),
                () -> simd.dotShifted(values, 0, shifts, taps, values, b, 2 * SimdProvider.PARTIAL_SUMS, values, c));
    }

    /** Inputs that follow one another, and others; outputs enough for a tile, or not. */
    private List<Runnable> channelLoops() {
        ChannelLoops loops = simd.channelLoops();
        int[] taps = new int[2 * ChannelLoops.TAPS_AT_ONCE];
        int most = ChannelLoops.TAPS_AT_ONCE;
        int outputs = 7;
        int second = c + outputs * lanes;
        return List.of(() -> loops.correlate(taps, 0, most, values, 0, values, 0, lanes, values, c, lanes, outputs),
                () -> loops.correlate(taps, 0, most, values, 0, values, 0, 2 * lanes, values, c, lanes, outputs),
                () -> loops.correlate(taps, 0, most, values, 0, values, 0, lanes, values, c, lanes, 2),
                () -> loops.correlatePair(taps, 0, most, 0, most, 1, values, 0, values, 0, lanes, lanes, values, c, second, lanes, outputs),
                () -> loops.addProducts(taps, values, 0, lanes, values, 0, outputs, values, c),
                () -> loops.addProducts(taps, values, 0, 2 * lanes, values, 0, outputs, values, c));
    }

    /** Each way to walk a map: a row after the other, two rows at a time, every other column in one vector or two. */
    private List<Runnable> depthwiseLoops() {
        DepthwiseLoops loops = simd.depthwiseLoops();
        int row = Math.max(ThreeRows.KEPT_AT_ONCE, 2 * lanes);
        int[] kept = new int[ThreeRows.KINDS * row];
        int rows = 4;
        List<Runnable> calls = new ArrayList<>();
        for (ThreeRows walk : List.of(new ThreeRows(rows, 1, lanes, lanes, lanes, 1, row, kept, kept, kept, kept),
                new ThreeRows(rows, 2, lanes, lanes / 2, lanes, 1, row, kept, kept, kept, kept),
                new ThreeRows(rows, 2, lanes, lanes, lanes / 2, 2, row, kept, kept, kept, kept))) {
            calls.add(() -> loops.correlate(walk, false, 1, values, 0, values, 0, 0, values, c, 0));
            calls.add(() -> loops.addProducts(walk, values, 0, values, 0, values, c));
        }
        var pairs = new ThreeRows(rows, 2, 2 * lanes, lanes, lanes, 2, row, kept, kept, kept, kept);
        calls.add(() -> loops.correlate(pairs, false, 1, values, 0, values, 0, 0, values, c, 0));
        var spread = new SpreadRows(rows, false, lanes, lanes / 2, kept, row);
        calls.add(() -> loops.spread(spread, 1, values, 0, values, 0, 0, values, c, 0));
        return calls;
    }

    private List<Runnable> rows() {
        int[] inside = SimdProvider.inside(lanes);
        int two = 2 * lanes;
        return List.of(() -> simd.copyRows(values, 0, 1, 1, values, b, lanes, lanes + 1, 2),
                () -> simd.copyRows(values, 0, 1, 2, values, b, lanes, lanes + 1, 2),
                () -> simd.partRows(values, 0, 1, values, b, c, lanes, lanes + 1, lanes, 2),
                () -> simd.copyRuns(values, 0, 1, values, b, lanes, lanes + 1, 2),
                () -> simd.add(values, 0, values, b, two),
                () -> simd.placeRows(false, values, lanes, 1, 1, inside, values, b, lanes, lanes + 1, 2),
                () -> simd.placeRows(true, values, lanes, 1, 1, inside, values, b, lanes, lanes + 1, 2),
                () -> simd.mergeRows(values, 0, 1, 1, values, b, two, lanes + 1, 2));
    }
}
