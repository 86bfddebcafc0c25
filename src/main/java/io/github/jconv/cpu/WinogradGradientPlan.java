package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.cpu.simd.WinogradTransforms;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;

/**
 * What {@link WinogradGradientAlgorithm} needs to know about a problem, and how its work is cut: the tiles of all images into blocks, one
 * after the other; channels and filters into chunks, each pair of which is one task of a block; and where sums would take too much memory,
 * chunks of filters into parts, each of which goes through all blocks. No cut changes a result.
 *
 * <p>Scratch memory, in floats: sums of products of all pairs of a part, unless there is one block of tiles; and for each thread the
 * transformed inputs of a block of tiles and the gradients of one chunk, what it transforms, and with one block of tiles the sums of a pair.
 */
final class WinogradGradientPlan {

    /** Outputs of a tile along an axis. */
    private static final int M = 4;
    /** Outputs of a tile. */
    static final int OUTPUTS = M * M;
    /** Points of a tile along an axis. */
    static final int POINTS = M + 2;
    /** Points of a tile. */
    static final int AREA = POINTS * POINTS;

    /** Channels whose taps are turned back at once; 144 taps are whole vectors. */
    static final int FILTER_CHANNELS = 16;
    /** Room for their taps, and for a vector behind. */
    static final int TAPS = 9 * FILTER_CHANNELS + 16;

    /** Channels of a chunk: with the widest panel of filters, the sums for all points fit a second-level cache. */
    private static final int MOST_CHANNELS = 64;

    /** Pairs of chunks for each thread that share the work evenly enough whatever their number. */
    private static final int FEW_PAIRS = 4;

    /** Tiles of a block: the depth of a product, whose panel fits a first-level cache. */
    private static final int MOST_TILES = 128;

    /** Floats of the sums of a part, at most, unless those of one chunk of filters are more: 20 MiB. */
    private static final long MOST_SUMS = 5 << 20;

    /** What keeps matrices from lying a power of two apart, where they would share few sets of a cache: a cache line. */
    private static final int APART = 16;

    final SimdProvider simd;
    final WinogradTransforms transforms;
    final WinogradTiles inputs;
    final WinogradTiles gradients;
    final WinogradTiles.Transform inputTransform;
    final WinogradTiles.Transform gradientTransform;
    final int groups;
    final int channels;
    final int filters;
    /** Tiles of all images. */
    final int count;
    /** Tiles of a block, but for the last. */
    final int tileBlock;
    /** Slots of the channels of a chunk. */
    final int channelSlots;
    final int inputPoint;
    final long workspaceLength;
    private final int gradientPoint;
    private final int sumsLength;
    private final long sumsLengthOfPart;
    /** Chunks of filters of a part, but for the last. */
    private final int partChunks;
    private final int workerLength;

    private WinogradGradientPlan(ConvProblem p, CpuRuntime runtime) {
        simd = runtime.simd();
        transforms = simd.winograd();
        groups = (int) p.groups();
        channels = (int) p.channelsPerGroup();
        filters = (int) p.filtersPerGroup();
        SpatialAxis height = p.axis3(1);
        SpatialAxis width = p.axis3(2);
        int rowDilation = (int) height.dilation();
        int columnDilation = (int) width.dilation();
        int tileRows = (int) WinogradPlan.tiles(height.output(), M, rowDilation);
        int tileColumns = (int) WinogradPlan.tiles(width.output(), M, columnDilation);
        count = (int) p.batch() * tileRows * tileColumns;
        int mostTiles = Math.min(MOST_TILES, WinogradPlan.mostTiles(runtime.threads(), AREA, channels));
        tileBlock = ceilDiv(Math.max(1, ceilDiv(count, Math.max(1, ceilDiv(count, mostTiles)))), columnDilation) * columnDilation;
        int panel = simd.widestShiftedTile() * simd.lanes();
        channelSlots = wholes(ceilDiv(channels, chunks(channels, ceilDiv(filters, panel), runtime.threads())), APART);
        inputs = new WinogradTiles(Of.X, groups, channels, channelSlots, (int) height.input(), (int) width.input(),
                (int) -height.padBegin(), (int) -width.padBegin(), POINTS, M, tileRows, tileColumns, rowDilation, columnDilation);
        gradients = new WinogradTiles(Of.Y, groups, filters, panel, (int) height.output(), (int) width.output(), 0, 0, M, M, tileRows,
                tileColumns, rowDilation, columnDilation);
        inputTransform = (runs, src, from, fromNext, step, dst, to, toNext, toStep, length) ->
                transforms.input(M, runs, src, from, fromNext, step, dst, to, toNext, toStep, length);
        gradientTransform = transforms::outputGradient;
        inputPoint = tileBlock * channelSlots + APART;
        gradientPoint = tileBlock * panel + APART;
        sumsLength = AREA * (channelSlots * panel + APART);
        long ofChunk = (long) inputs.chunks() * sumsLength;
        partChunks = blocks() == 1 ? gradients.chunks() : (int) Math.max(1, Math.min(gradients.chunks(), MOST_SUMS / ofChunk));
        sumsLengthOfPart = blocks() == 1 ? 0 : partChunks * ofChunk;
        long scratch = Math.max(Math.max(inputs.scratchLength(POINTS), gradients.scratchLength(POINTS)),
                (blocks() == 1 ? sumsLength : 0) + (3L * POINTS + 9L * FILTER_CHANNELS + TAPS) * panel);
        long worker = (long) AREA * ((long) inputs.chunks() * inputPoint + gradientPoint) + wholes(scratch, APART);
        workspaceLength = sumsLengthOfPart + runtime.threads() * worker;
        // Only used when the sum of all fits an array.
        workerLength = (int) worker;
    }

    static WinogradGradientPlan of(ConvProblem problem, CpuRuntime runtime) {
        return new WinogradGradientPlan(problem, runtime);
    }

    /** Chunks of channels: as few as can be, or, where they make up few pairs, so many that threads have as many of them. */
    private static int chunks(int channels, int filterChunks, int threads) {
        int chunks = ceilDiv(channels, MOST_CHANNELS);
        while (chunks * filterChunks % threads != 0 && chunks * filterChunks < FEW_PAIRS * threads && chunks < ceilDiv(channels, APART)) {
            chunks++;
        }
        return chunks;
    }

    /** At least one: without tiles the gradient is 0. */
    int blocks() {
        return Math.max(1, ceilDiv(count, tileBlock));
    }

    int tilesOf(int block) {
        return Math.min(tileBlock, count - block * tileBlock);
    }

    /** Steps of a run: the groups one after the other, the parts of their filters, and for each all blocks of tiles. */
    int steps() {
        return groups * parts() * blocks();
    }

    int groupOf(int step) {
        return step / (parts() * blocks());
    }

    int blockOf(int step) {
        return step % blocks();
    }

    /** The first chunk of filters of a step. */
    int firstChunkOf(int step) {
        return step / blocks() % parts() * partChunks;
    }

    int chunksOf(int step) {
        return Math.min(partChunks, gradients.chunks() - firstChunkOf(step));
    }

    private int parts() {
        return ceilDiv(gradients.chunks(), partChunks);
    }

    /** Vectors of the panel of a chunk of filters: 1, 2 or 4. */
    int vectors(int filterChunk) {
        int vectors = simd.widestShiftedTile();
        while (vectors > 1 && vectors / 2 * simd.lanes() >= gradients.channelsOf(filterChunk)) {
            vectors /= 2;
        }
        return vectors;
    }

    /** Columns of that panel. */
    int slots(int filterChunk) {
        return vectors(filterChunk) * simd.lanes();
    }

    /** Transformed inputs that a thread has. */
    int inputsAt(int worker, int chunk) {
        return (int) sumsLengthOfPart + worker * workerLength + chunk * AREA * inputPoint;
    }

    /** Its transformed gradients. */
    int gradientsAt(int worker) {
        return inputsAt(worker, inputs.chunks());
    }

    int gradientPoint() {
        return gradientPoint;
    }

    /** Where it transforms, and then sums up or turns back. */
    int scratchAt(int worker) {
        return gradientsAt(worker) + AREA * gradientPoint;
    }

    int sumsAt(int pair, int worker) {
        return blocks() == 1 ? scratchAt(worker) : pair * sumsLength;
    }

    /** From one point of the sums of a pair to the next. */
    int sumsPoint(int filterChunk) {
        return channelSlots * slots(filterChunk) + APART;
    }

    /** Where a thread has room for what it turns back. */
    int turnedAt(int worker) {
        return scratchAt(worker) + (blocks() == 1 ? sumsLength : 0);
    }
}
