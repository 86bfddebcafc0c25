package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.partOf;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;

/**
 * What {@link TurnedPointwiseAlgorithm} needs to know about a problem.
 *
 * <p>Scratch memory: the turned tensor, panels of columns of all images, and for each thread the sums of a block and room to turn them.
 *
 * @param turnsX    whether x is turned around, so that filters are the rows of the products, or dy
 * @param rows      channels of a group of the tensor that is read as it lies
 * @param columns   those of the turned one
 * @param part      positions whose products are summed up in registers, but for the last
 * @param cut       the panels of columns of a group
 * @param rowBlock  rows that one thread takes at a time: whole tiles, as is the rest
 */
record TurnedPointwisePlan(SimdProvider simd, boolean turnsX, int images, int groups, int rows, int columns, int positions, int part,
                           WidePanels cut, int rowBlock) {

    /** Panels that are multiplied with the same rows, while these are in a cache. */
    static final int PANELS_OF_BLOCK = 4;

    /** Positions of a part, at most: a panel of them fits a first-level cache beside the rows of a tile. */
    private static final int MAX_PART = 128;

    /** Columns of the widest panel that there is. */
    private static final int MOST_COLUMNS = 64;

    /** Elements of the turned tensor, with columns to spare. */
    private static final double MAX_TURNED = 1 << 21;

    /** Elements in front of the panels: with them, and an array's header of 16 bytes, vectors do not lie across cache lines. */
    private static final int FRONT = 12;

    /** Rows that are made up of whole tiles of both heights. */
    private static final int ROWS = 12;

    /** Rows of a block, at most. */
    private static final int MAX_ROWS = 96;

    /** Tasks for each thread, if there are so many: more share the work more evenly. */
    private static final int TASKS_FOR_EACH_THREAD = 4;

    static Support supports(ConvProblem p) {
        return Support.when(p.isPointwise(), "it serves 1-tap filters without stride and padding only")
                .and(Support.when(fillsTiles(p.filtersPerGroup()) || fillsTiles(p.channelsPerGroup()),
                        "it serves groups with an even number of filters or of channels, from 4 on"))
                .and(Support.when((double) p.batch() * p.outputPositions() * p.groups() * wholePanels(columns(p)) <= MAX_TURNED,
                        "the turned tensor exceeds its scratch memory"));
    }

    static TurnedPointwisePlan of(ConvProblem p, CpuRuntime runtime) {
        SimdProvider simd = runtime.simd();
        boolean turnsX = turnsX(p);
        int rows = (int) (turnsX ? p.filtersPerGroup() : p.channelsPerGroup());
        int columns = (int) columns(p);
        int positions = (int) p.outputPositions();
        WidePanels cut = WidePanels.of(columns, simd);
        int parts = Math.max(1, ceilDiv(positions, MAX_PART));
        int others = Math.max(1, (int) p.groups() * ceilDiv(cut.count(), PANELS_OF_BLOCK));
        int wanted = runtime.threads() == 1 ? 1 : ceilDiv(TASKS_FOR_EACH_THREAD * runtime.threads(), others);
        return new TurnedPointwisePlan(simd, turnsX, (int) p.batch(), (int) p.groups(), rows, columns, positions,
                partOf(positions, parts), cut, rowBlock(rows, wanted));
    }

    /** Elements that are turned around: one tensor, and the sums unless they lie as those of dw. */
    static double turnedElements(ConvProblem p) {
        return turnedElements(p, turnsX(p));
    }

    int columnBlocks() {
        return ceilDiv(cut.count(), PANELS_OF_BLOCK);
    }

    int rowBlocks() {
        return ceilDiv(rows, rowBlock);
    }

    /** Where the turned columns of a panel of an image lie, those of each position side by side. */
    int turned(int group, int panel, int image) {
        return FRONT + (group * cut.count() + panel) * images * positions * cut.widest() + image * positions * cut.widthOf(panel);
    }

    /** The sums of a thread, and elements from one of their rows to the next. */
    int sums(int worker) {
        return turned(groups, 0, 0) + worker * (rowBlock * sumsRow() + PANELS_OF_BLOCK * cut.widest() * linesRow());
    }

    int sumsRow() {
        return Math.min(cut.count(), PANELS_OF_BLOCK) * cut.widest();
    }

    /** Sums that were turned back, before they are added to dw, and elements from one of their rows to the next. */
    int lines(int worker) {
        return sums(worker) + rowBlock * sumsRow();
    }

    int linesRow() {
        return wholes(rowBlock, simd.lanes());
    }

    int workspaceLength(int threads) {
        return sums(threads);
    }

    private static boolean turnsX(ConvProblem p) {
        return fillsTiles(p.filtersPerGroup())
                && (!fillsTiles(p.channelsPerGroup()) || turnedElements(p, true) <= turnedElements(p, false));
    }

    private static double turnedElements(ConvProblem p, boolean turnsX) {
        double positions = (double) p.batch() * p.outputPositions();
        return p.groups() * (turnsX ? positions * p.channelsPerGroup()
                : (positions + p.channelsPerGroup()) * p.filtersPerGroup());
    }

    private static long columns(ConvProblem p) {
        return turnsX(p) ? p.channelsPerGroup() : p.filtersPerGroup();
    }

    /** Columns and those to spare of the widest panels that there are. */
    private static long wholePanels(long columns) {
        return wholes(columns, MOST_COLUMNS);
    }

    private static boolean fillsTiles(long rows) {
        return rows >= SimdProvider.LOW_TILE_ROWS && rows % 2 == 0;
    }

    /** About as many blocks as wanted, of whole tiles; what is left for the last is made up of whole tiles, too. */
    private static int rowBlock(int rows, int wanted) {
        int block = Math.max(ROWS, Math.min(MAX_ROWS, wholes(ceilDiv(rows, wanted), ROWS)));
        while (block < rows && rows % block == 2) {
            block += ROWS;
        }
        return Math.min(block, rows);
    }
}
