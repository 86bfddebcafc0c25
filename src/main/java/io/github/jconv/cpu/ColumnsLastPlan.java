package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link ColumnsLastGemmAlgorithm} needs to know about a problem. Nothing that decides in which order products are added depends on
 * the provider or the threads.
 *
 * <p>Scratch memory: slabs of filters of the turned dy, panels of columns, for each thread a tile at an edge of dw, and the padded x of the
 * images of a block.
 *
 * @param planes      how x lies with its padding written out
 * @param padded      whether there is any; otherwise columns are taken from x where it lies
 * @param turned      whether the columns are x itself, turned around: filters of one tap at every position
 * @param filters     filters of a group
 * @param columns     columns of a group: a channel's taps, then those of the next channel
 * @param map         where the input of each column lies from that of the first tap of the first channel on, for whole panels
 * @param pieces      the same for the columns whose inputs lie side by side together, or null where they are too short for copying to pay
 * @param blocks      the outputs of all images, cut into depths of the products
 * @param depth       outputs of a block, at most
 * @param slab        filters of a slab, at most: several threads share evener ones
 * @param cut         the panels of columns of a group
 * @param panelsOfPart panels that one thread takes at a time
 */
record ColumnsLastPlan(SimdProvider simd, PaddedPlanes planes, boolean padded, boolean turned, int groups, int channels, int filters,
                       int columns, int[] map, Pieces pieces, Block[] blocks, int depth, int slab, WidePanels cut, int panelsOfPart) {

    /** Filters of a slab, at most: whole tiles, and whole vectors. */
    private static final int SLAB = 48;

    /** Outputs that are turned around in one go. */
    private static final int TURNED_OUTPUTS = 256;

    /** Outputs whose products are summed up in registers: with a panel of columns they fit a first-level cache beside a slab. */
    private static final int MAX_DEPTH = 128;

    /** Elements of the turned tensors of a block, where that is more than so many outputs: half of a second-level cache of 2 MiB. */
    private static final long MAX_TURNED = 1 << 18;

    /** Elements of the scratch memory of a block, at most. */
    private static final long MAX_SCRATCH = 1 << 22;

    /** Columns of the widest panel that there is. */
    private static final int MOST_COLUMNS = 64;

    /** Tasks for each thread, if there are so many: more share the work more evenly. */
    private static final int TASKS_FOR_EACH_THREAD = 4;

    /** Columns of a piece, on average, from which copying them together is faster than gathering each. */
    private static final double COPIED_COLUMNS = 4;

    /**
     * Columns whose inputs lie side by side, of all panels.
     *
     * @param panel for each panel its first piece; one more for the end
     * @param from  where the inputs of each piece lie
     * @param to    where its columns begin in the panel
     */
    record Pieces(int[] panel, int[] from, int[] to) {

        static Pieces of(int[] map, WidePanels cut) {
            int[] panel = new int[cut.count() + 1];
            int[] from = new int[cut.columns()];
            int[] to = new int[cut.columns()];
            int count = 0;
            for (int p = 0; p < cut.count(); p++) {
                int first = p * cut.widest();
                int length;
                for (int i = 0; i < cut.columnsOf(p); i += length) {
                    from[count] = map[first + i];
                    to[count++] = i;
                    length = 1;
                    while (length < cut.lanes() && i + length < cut.columnsOf(p) && map[first + i + length] == map[first + i] + length) {
                        length++;
                    }
                }
                panel[p + 1] = count;
            }
            return new Pieces(panel, Arrays.copyOf(from, count), Arrays.copyOf(to, count));
        }
    }

    /** Outputs {@code [first, first + outputs)} of each of several images; all of them unless it is one image. */
    record Block(int image, int images, int first, int outputs) {

        int depth() {
            return images * outputs;
        }

        /** Outputs whose products are summed up in registers, but for the last. */
        int part() {
            return ceilDiv(depth(), ceilDiv(depth(), MAX_DEPTH));
        }

        /** Pieces of the outputs of an image that are turned around in one go. */
        int chunks() {
            return ceilDiv(outputs, TURNED_OUTPUTS);
        }

        /** The first output of a piece, counted from the first of the block; that of the piece behind the last is their number. */
        int chunkAt(int chunk) {
            return Math.min(outputs, chunk * TURNED_OUTPUTS);
        }
    }

    static Support supports(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        long outputs = p.outputPositions();
        long depth = Math.min(outputsOfBlock(p), Math.max(1, p.batch() * outputs));
        long columns = p.channelsPerGroup() * p.filterTaps() + MOST_COLUMNS;
        double plane = !isPadded(p) ? 0 : MOST_COLUMNS + (double) PaddedAxis.lengthOf(p.axis3(0), true)
                * PaddedAxis.lengthOf(p.axis3(1), true) * PaddedAxis.lengthOf(p.axis3(2), true);
        double length = p.groups() * (double) depth * (columns + p.filtersPerGroup() + SLAB)
                + (double) imagesOfBlock(p) * p.inputChannels() * plane;
        return Support.when(length <= MAX_SCRATCH, "the columns of some outputs and the padded input exceed its scratch memory");
    }

    static ColumnsLastPlan of(ConvProblem p, CpuRuntime runtime) {
        PaddedPlanes planes = PaddedPlanes.of(p, true, runtime.simd().lanes());
        boolean padded = isPadded(p);
        Block[] blocks = cut(p);
        int depth = Arrays.stream(blocks).mapToInt(Block::depth).max().orElse(0);
        int columns = (int) (p.channelsPerGroup() * p.filterTaps());
        WidePanels cut = WidePanels.of(columns, runtime.simd());
        int[] map = map(p, planes, padded, cut.count() * cut.widest());
        Pieces pieces = Pieces.of(map, cut);
        int slab = runtime.threads() == 1 ? SLAB : wholes(evenBlock((int) p.filtersPerGroup(), SLAB), SimdProvider.PARTIAL_SUMS);
        int tasks = (int) p.groups() * ceilDiv((int) p.filtersPerGroup(), slab);
        int wanted = runtime.threads() == 1 ? 1
                : Math.max(runtime.threads(), ceilDiv(TASKS_FOR_EACH_THREAD * runtime.threads(), Math.max(1, tasks)));
        int panelsOfPart = ceilDiv(cut.count(), wanted);
        return new ColumnsLastPlan(runtime.simd(), planes, padded, p.isPointwise(), (int) p.groups(), (int) p.channelsPerGroup(),
                (int) p.filtersPerGroup(), columns, map, columns >= COPIED_COLUMNS * pieces.from.length ? pieces : null, blocks, depth, slab,
                cut, Math.max(1, panelsOfPart));
    }

    /** The share of all products that are part of dw: the others are with filters or columns that fill up tiles. */
    static double usefulShare(ConvProblem p, SimdProvider simd) {
        long columns = p.channelsPerGroup() * p.filterTaps();
        long rows = p.filtersPerGroup();
        return (double) rows * columns / (WinogradPlan.wholeTiles((int) rows))
                / wholes((int) columns, simd.lanes());
    }

    /** Slabs of filters of a group. */
    int slabs() {
        return ceilDiv(filters, slab);
    }

    /** Parts into which the panels of a group are cut for the threads. */
    int parts() {
        return ceilDiv(cut.count(), panelsOfPart);
    }

    /** Where a slab of filters lies, those of each output of a block side by side. */
    int turnedFilters(int group, int number) {
        return CacheLine.FIRST + (group * slabs() + number) * depth * slab;
    }

    /** Where a panel of columns lies, those of each output of a block side by side; vectors write behind the last columns that they copy. */
    int turnedColumns(int group, int panel) {
        return turnedFilters(groups, 0) + (group * cut.count() + panel) * (depth * cut.widest() + CacheLine.whole(cut.lanes()));
    }

    /** Where a thread has room for a tile. */
    int tileAt(int worker) {
        return turnedColumns(groups, 0) + worker * SimdProvider.TILE_ROWS * cut.widest();
    }

    /** Where the padded channels of an image of a block lie. */
    int paddedAt(int threads, int image) {
        return tileAt(threads) + image * groups * channels * channelSize();
    }

    int workspaceLength(int threads) {
        int images = Arrays.stream(blocks).mapToInt(Block::images).max().orElse(0);
        return paddedAt(threads, padded ? images : 0);
    }

    /** Elements of a channel where columns are taken from. */
    int channelSize() {
        return channelSize(planes, padded);
    }

    /** Behind a padded channel, vectors of its last row write. */
    private static int channelSize(PaddedPlanes planes, boolean padded) {
        return padded ? planes.length() + planes.lanes() : planes.inputs();
    }

    /** Where the input of an output's first tap lies in a channel. */
    int inputAt(int output) {
        int q = output % planes.width().outputs();
        int p = output / planes.width().outputs() % planes.height().outputs();
        int z = output / planes.width().outputs() / planes.height().outputs();
        return at(planes, padded, z * planes.depth().stride() + (padded ? 0 : planes.depth().skipped()),
                p * planes.height().stride() + (padded ? 0 : planes.height().skipped()),
                q * planes.width().stride() + (padded ? 0 : planes.width().skipped()));
    }

    private static int at(PaddedPlanes planes, boolean padded, int depth, int row, int column) {
        int rows = padded ? planes.height().length() : planes.height().inputSize();
        int columns = padded ? planes.width().length() : planes.width().inputSize();
        return (depth * rows + row) * columns + column;
    }

    private static int[] map(ConvProblem p, PaddedPlanes planes, boolean padded, int length) {
        int[] map = new int[length];
        int channelSize = channelSize(planes, padded);
        int at = 0;
        for (int channel = 0; channel < p.channelsPerGroup(); channel++) {
            for (int t = 0; t < planes.depth().taps(); t++) {
                for (int r = 0; r < planes.height().taps(); r++) {
                    for (int s = 0; s < planes.width().taps(); s++) {
                        map[at++] = channel * channelSize
                                + at(planes, padded, t * planes.depth().gap(), r * planes.height().gap(), s * planes.width().gap());
                    }
                }
            }
        }
        return map;
    }

    /** Whether outputs meet padding. */
    private static boolean isPadded(ConvProblem p) {
        return IntStream.range(0, 3).mapToObj(p::axis3).anyMatch(axis -> axis.padBegin() > 0
                || PaddedAxis.lengthOf(axis, true) - axis.padBegin() > axis.input());
    }

    /** Outputs of a block, at most: long pieces of rows of x and dy are read, and sums stay in a cache meanwhile. */
    private static long outputsOfBlock(ConvProblem p) {
        return Math.max(MAX_DEPTH, MAX_TURNED / Math.max(1, p.groups() * (p.channelsPerGroup() * p.filterTaps() + p.filtersPerGroup())));
    }

    private static long imagesOfBlock(ConvProblem p) {
        long most = Math.max(1, outputsOfBlock(p) / Math.max(1, p.outputPositions()));
        return ceilDiv(p.batch(), Math.max(1, ceilDiv(p.batch(), most)));
    }

    /** Some images, or depths of products of one. */
    private static Block[] cut(ConvProblem p) {
        List<Block> blocks = new ArrayList<>();
        int outputs = (int) p.outputPositions();
        int images = (int) Math.max(1, imagesOfBlock(p));
        int part = ceilDiv(outputs, Math.max(1, ceilDiv(outputs, MAX_DEPTH)));
        int size = part * (int) Math.max(1, outputsOfBlock(p) / Math.max(1, part));
        for (int n = 0; n < p.batch(); n += images) {
            for (int first = 0; first < outputs; first += size) {
                blocks.add(new Block(n, (int) Math.min(images, p.batch() - n), first, Math.min(size, outputs - first)));
            }
        }
        return blocks.toArray(Block[]::new);
    }
}
