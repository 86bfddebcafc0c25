package io.github.jconv.cpu.simd;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the inner loops of a provider in the background until the JIT compiler has finished with them, and checks that it has.
 * Before that every vector is an object, a hundred times slower; in a large convolution the compiler would notice late, because
 * it counts calls and each of them takes milliseconds. Short calls bring it there in a fraction of a second.
 */
final class WarmUp implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SimdProvider.class);
    private static final int DEPTH = 64;
    private static final int CALLS = 50;
    private static final int TRANSFORMS = 5;
    private static final int FOURIER_LOOPS = 8;
    private static final int CHANNEL_LOOPS = 6;
    private static final double PATIENCE_SECONDS = 20;
    private static final double PATIENCE_FOR_WIDEST_SECONDS = 5;

    /** A tile of this depth takes some 200 ns in machine code and 40 us and more with vectors as objects. */
    private static final double COMPILED_NANOSECONDS = 6000;

    /** What a vector of a wider tile may take longer than one of a narrow tile by chance: sums on the heap take more. */
    private static final double BY_CHANCE = 1.1;

    private final SimdProvider simd;
    private final float[] values;
    private final int[] shifts;
    private final int[] inside;
    private final float[] rows;
    private final int[] channelTaps = new int[2 * ChannelLoops.TAPS_AT_ONCE];
    private final float[] signals = new float[64 * FourierTransforms.LANES];

    private WarmUp(SimdProvider simd) {
        this.simd = simd;
        int widest = Math.max(SimdProvider.TILE_VECTORS, simd.widestShiftedTile());
        this.values = new float[SimdProvider.TILE_ROWS * DEPTH + (DEPTH + SimdProvider.INTERLEAVED_ROWS) * widest * simd.lanes()];
        this.inside = SimdProvider.inside(simd.lanes());
        this.shifts = IntStream.range(0, DEPTH).toArray();
        Arrays.fill(values, 1e-3f);
        this.rows = new float[16 * simd.lanes()];
    }

    static void inBackground(SimdProvider simd) {
        Thread thread = new Thread(new WarmUp(simd), "jconv-warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        long end = System.nanoTime() + (long) (PATIENCE_SECONDS * 1e9);
        double fastest;
        do {
            fastest = Math.max(nanosecondsOfTile(1), nanosecondsOfTile(SimdProvider.TILE_VECTORS));
            for (int vectors = simd.shiftedTileVectors(); vectors >= 1; vectors /= 2) {
                fastest = Math.max(fastest, nanosecondsOfShiftedTiles(vectors));
            }
            for (int rows = SimdProvider.TILE_ROWS; rows <= SimdProvider.INTERLEAVED_ROWS; rows += SimdProvider.TILE_ROWS) {
                for (int vectors = 1; vectors <= SimdProvider.TILE_VECTORS; vectors++) {
                    fastest = Math.max(fastest, nanosecondsOfInterleavedTile(rows, vectors));
                }
            }
            for (int vectors = 1; vectors <= SimdProvider.TAP_VECTORS; vectors++) {
                fastest = Math.max(fastest, nanosecondsOfTapTile(vectors));
            }
            fastest = Math.max(fastest, nanosecondsOfTranspose());
            for (int vectors = simd.panelTileVectors(); vectors >= 1; vectors--) {
                fastest = Math.max(fastest, nanosecondsOfPanelTiles(vectors));
            }
            for (int vectors = simd.widestShiftedTile(); vectors >= 1; vectors /= 2) {
                fastest = Math.max(fastest, nanosecondsOfPackedTiles(vectors));
            }
            for (int transform = 0; transform < TRANSFORMS; transform++) {
                fastest = Math.max(fastest, Math.max(nanosecondsOfTransform(transform, 2), nanosecondsOfTransform(transform, 4)));
            }
            for (int loop = 0; loop < CHANNEL_LOOPS; loop++) {
                fastest = Math.max(fastest, nanosecondsOfChannels(loop));
            }
            for (int loop = 0; loop < FOURIER_LOOPS; loop++) {
                fastest = Math.max(fastest, nanosecondsOfFourier(loop));
            }
            for (int i = 0; i < CALLS; i++) {
                simd.placeRows(false, values, simd.lanes(), 1, 1, inside, values, 3 * simd.lanes(), simd.lanes(), simd.lanes() + 1, 2);
                simd.placeRows(true, values, simd.lanes(), 1, 1, inside, values, 3 * simd.lanes(), simd.lanes(), simd.lanes() + 1, 2);
                simd.mergeRows(values, 0, 1, 1, values, 3 * simd.lanes(), 2 * simd.lanes(), simd.lanes() + 1, 2);
                simd.copyRows(values, 0, 1, 1, values, 2 * simd.lanes(), simd.lanes(), simd.lanes() + 1, 2);
                simd.copyRows(values, 0, 1, 2, values, 2 * simd.lanes(), simd.lanes(), simd.lanes() + 1, 2);
                simd.copyRuns(values, 0, 1, values, 2 * simd.lanes(), simd.lanes(), simd.lanes() + 1, 2);
                simd.copyRuns(values, 0, 1, values, 3 * simd.lanes(), 2 * simd.lanes(), 2 * simd.lanes(), 2);
                simd.copyRuns(values, 0, 1, values, 2 * simd.lanes(), 4, 4, 2);
                simd.gatherRows(values, 0, 1, shifts, 0, values, 2 * simd.lanes(), simd.lanes(), simd.lanes(), 2);
                simd.add(values, 0, values, 2 * simd.lanes(), 2 * simd.lanes());
                correlate(1);
                correlate(2);
                simd.multiplyAdd(1e-3f, values, 0, values, 2 * simd.lanes(), 2 * simd.lanes());
            }
        } while (fastest > COMPILED_NANOSECONDS && System.nanoTime() < end);
        if (fastest > COMPILED_NANOSECONDS) {
            LOG.warn("JConv's {} are slow in this JVM: the JIT compiler has left them aside for {} seconds; the property {}=scalar"
                    + " or the JVM option -XX:-TieredCompilation may help", simd.description(), (int) PATIENCE_SECONDS,
                    SimdChoice.PROPERTY);
        } else if (simd.widestShiftedTile() > simd.shiftedTileVectors()) {
            if (proved(this::widePanelTilesAreFast)) {
                simd.widenPanelTile();
            }
            if (proved(this::theWidestShiftedTileIsFast)) {
                simd.widenShiftedTile();
            }
        }
    }

    private void correlate(int columnStep) {
        int pitch = columnStep * simd.lanes() + 2;
        var correlation = new RowCorrelation(RowCorrelation.ROWS_AT_ONCE, simd.lanes(), columnStep, pitch, simd.lanes(), 1,
                new int[] {0, 0, 3, 1}, new int[] {6, 2});
        simd.correlate(correlation, values, 0, values, 0, rows, 0);
    }

    /** Whether what wider tiles need holds before patience ends. */
    private boolean proved(BooleanSupplier fast) {
        long end = System.nanoTime() + (long) (PATIENCE_FOR_WIDEST_SECONDS * 1e9);
        boolean proved;
        do {
            proved = fast.getAsBoolean();
        } while (!proved && System.nanoTime() < end);
        if (!proved) {
            LOG.debug("JConv does without its widest tiles: the JIT compiler has not made them fast");
        }
        return proved;
    }

    /** The widest tile is used once a vector of it takes no longer than a vector of the narrower one. */
    private boolean theWidestShiftedTileIsFast() {
        int narrow = simd.shiftedTileVectors();
        int widest = simd.widestShiftedTile();
        return nanosecondsOfShiftedTiles(widest) / widest <= BY_CHANCE * nanosecondsOfShiftedTiles(narrow) / narrow;
    }

    /** The same for all tiles that are wider than the narrower one. */
    private boolean widePanelTilesAreFast() {
        int narrow = simd.panelTileVectors();
        double ofNarrow = nanosecondsOfPanelTiles(narrow) / narrow;
        for (int vectors = narrow + 1; vectors <= simd.widestShiftedTile(); vectors++) {
            if (nanosecondsOfPanelTiles(vectors) / vectors > BY_CHANCE * ofNarrow) {
                return false;
            }
        }
        return true;
    }

    private double nanosecondsOfPackedTiles(int vectors) {
        double slowest = 0;
        for (int rows = SimdProvider.LOW_TILE_ROWS; rows <= SimdProvider.TILE_ROWS; rows += 2) {
            slowest = Math.max(slowest, nanosecondsOfPackedTile(rows, vectors, DEPTH, 1));
            slowest = Math.max(slowest, nanosecondsOfPackedTile(rows, vectors, 1, rows));
        }
        return slowest;
    }

    private double nanosecondsOfPackedTile(int height, int vectors, int aRow, int aDepth) {
        int columns = vectors * simd.lanes();
        int c = DEPTH * (SimdProvider.TILE_ROWS + columns);
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.packedTile(height, vectors, DEPTH, values, 0, aRow, aDepth, values, DEPTH * SimdProvider.TILE_ROWS, values, c, columns);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    private double nanosecondsOfShiftedTiles(int vectors) {
        return Math.max(nanosecondsOfShiftedTile(vectors, null), nanosecondsOfShiftedTile(vectors, shifts));
    }

    /** The shortest of some calls: other load on the machine makes some slow, boxed vectors all. */
    private double nanosecondsOfTile(int vectors) {
        int columns = vectors * simd.lanes();
        int c = DEPTH * (SimdProvider.TILE_ROWS + columns);
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.gemmTile(vectors, DEPTH, values, 0, DEPTH, 1, values, DEPTH * SimdProvider.TILE_ROWS, values, c, columns);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    private double nanosecondsOfInterleavedTile(int rows, int vectors) {
        int columns = vectors * simd.lanes();
        int c = 2 * SimdProvider.INTERLEAVED_ROWS + DEPTH + columns;
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.interleavedTile(rows, vectors, DEPTH, values, 0, shifts, values, SimdProvider.INTERLEAVED_ROWS + DEPTH, shifts, values, c,
                    columns);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    private double nanosecondsOfTapTile(int vectors) {
        int columns = vectors * simd.lanes();
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.tapTile(vectors, DEPTH / 2, values, 0, values, DEPTH, shifts, values, 0, 0, values, 4 * DEPTH, columns);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    private double nanosecondsOfTranspose() {
        int lanes = simd.lanes();
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.transpose(rows, 0, 1, lanes, lanes, values, 0, lanes);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    /** The slower of the tiles of that many vectors. */
    private double nanosecondsOfPanelTiles(int vectors) {
        return Math.max(nanosecondsOfPanelTile(SimdProvider.TILE_ROWS, vectors),
                nanosecondsOfPanelTile(SimdProvider.TILE_ROWS - 1, vectors));
    }

    private double nanosecondsOfPanelTile(int tileRows, int vectors) {
        int columns = vectors * simd.lanes();
        int c = DEPTH * (SimdProvider.TILE_ROWS + columns);
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.panelTile(tileRows, vectors, DEPTH, values, 0, values, DEPTH * SimdProvider.TILE_ROWS, columns, values, c, columns,
                    values, c, columns);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    private double nanosecondsOfTransform(int transform, int m) {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            transform(transform, m);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    private double nanosecondsOfChannels(int loop) {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            channels(loop);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    /** Inputs that follow one another, and others; outputs enough for a tile, or not. */
    private void channels(int loop) {
        ChannelLoops loops = simd.channelLoops();
        int row = simd.lanes();
        switch (loop) {
            case 0 -> loops.correlate(channelTaps, 0, 5, values, 0, values, 0, row, rows, 0, row, 7);
            case 1 -> loops.correlate(channelTaps, 0, 5, values, 0, values, 0, 2 * row, rows, 0, row, 7);
            case 2 -> loops.correlate(channelTaps, 0, 5, values, 0, values, 0, row, rows, 0, row, 2);
            case 3 -> loops.correlatePair(channelTaps, 0, 5, 0, 5, 1, values, 0, values, 0, row, row, rows, 0, 8 * row, row, 7);
            case 4 -> loops.addProducts(channelTaps, values, 0, row, values, 0, 7, rows, 0);
            default -> loops.addProducts(channelTaps, values, 0, 2 * row, values, 0, 7, rows, 0);
        }
    }

    private double nanosecondsOfFourier(int loop) {
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            fourier(loop);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }

    /** Of the passes both kinds, those with factors and those without. */
    private void fourier(int loop) {
        FourierTransforms fourier = simd.fourier();
        int row = FourierTransforms.LANES;
        int to = 32 * row;
        int im = 10 * row;
        switch (loop) {
            case 0, 1, 2, 3 -> fourier.pass(loop + 2, 2, 1, signals, 0, im, row, signals, to, to + im, row, signals, 0);
            case 4 -> fourier.untangle(4, signals, 0, im, row, signals, to, to + im, row, signals, 0);
            case 5 -> fourier.tangle(4, signals, 0, im, row, signals, to, to + im, row, signals, 0);
            case 6 -> fourier.multiply(5, 2, row + 1, true, signals, 0, im, 1, 1, signals, 0, im, 2 * row, signals, to, to + im, 2 * row,
                    true, to + 20 * row);
            default -> fourier.multiplyLanes(2, row + 1, true, signals, 0, im, 2 * row, signals, 0, im, 2 * row, signals, to, to + im, true,
                    to + 20 * row);
        }
    }

    private void transform(int transform, int m) {
        WinogradTransforms winograd = simd.winograd();
        int row = simd.lanes();
        int to = 8 * row;
        switch (transform) {
            case 0 -> winograd.input(m, 1, rows, 0, 0, row, rows, to, 0, row, row);
            case 1 -> winograd.filter(m, 1, rows, 0, 0, row, rows, to, 0, row, row);
            case 2 -> winograd.output(m, 1, rows, 0, 0, row, rows, to, 0, row, row);
            case 3 -> winograd.outputGradient(1, rows, 0, 0, row, rows, to, 0, row, row);
            default -> winograd.filterGradient(1, rows, 0, 0, row, rows, to, 0, row, row);
        }
    }

    private double nanosecondsOfShiftedTile(int vectors, int[] filterShifts) {
        int columns = vectors * simd.lanes();
        int c = DEPTH * (SimdProvider.TILE_ROWS + columns);
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            long begin = System.nanoTime();
            simd.shiftedTile(vectors, DEPTH, values, 0, DEPTH, filterShifts, values, DEPTH * SimdProvider.TILE_ROWS, shifts, values, c,
                    columns);
            shortest = Math.min(shortest, System.nanoTime() - begin);
        }
        return shortest;
    }
}
