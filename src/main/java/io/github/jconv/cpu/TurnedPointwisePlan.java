package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.oddWholes;
import static io.github.jconv.cpu.Cuts.partOf;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;

/**
 * What {@link TurnedPointwiseAlgorithm} needs to know about a problem.
 *
 * <p>Scratch memory: the turned tensor, panels of columns of the images of a block, and for each thread the rows and the sums of a block and room to
 * turn these.
 *
 * @param block     images whose sums are added to dw at once, but for the last; 1 and up
 * @param turnsX    whether x is turned around, so that filters are the rows of the products, or dy
 * @param tiles     channels of a group of the tensor that keeps its rows
 * @param part      positions whose products are summed up in registers, but for the last
 * @param panels    channels of a group of the turned one
 * @param tileBlock tiles of rows that one thread takes at a time
 */
record TurnedPointwisePlan(SimdProvider simd, boolean turnsX, int batch, int block, int groups, RowTiles tiles, int positions,
                           int part, ColumnPanels panels, int tileBlock) {

    /** Columns that are multiplied with the same rows, while these are in a second-level cache. */
    private static final int COLUMNS_OF_BLOCK = 256;

    /** Columns of the widest panel that there is. */
    private static final int MOST_COLUMNS = 64;

    /** Elements of the turned tensor, with columns to spare, of the images of a block. */
    private static final double MAX_TURNED = 1 << 21;

    /** Rows of a block, at most. */
    private static final int MAX_ROWS = 96;

    /** Tasks for each thread, if there are so many: more share the work more evenly. */
    private static final int TASKS_FOR_EACH_THREAD = 4;

    static Support supports(ConvProblem p) {
        return Support.when(p.isPointwise(), "it serves 1-tap filters without stride and padding only")
                .and(Support.when(turnedLength(p) <= MAX_TURNED, "the turned tensor of an image exceeds its scratch memory"));
    }

    /** Whether the turned tensor of all images fits into scratch memory at once. */
    static boolean isOneBlock(ConvProblem p) {
        return p.batch() * turnedLength(p) <= MAX_TURNED;
    }

    /** Elements of the turned tensor of an image, with columns to spare. */
    private static double turnedLength(ConvProblem p) {
        return (double) p.outputPositions() * p.groups() * wholes(columns(p), MOST_COLUMNS);
    }

    static TurnedPointwisePlan of(ConvProblem p, CpuRuntime runtime) {
        SimdProvider simd = runtime.simd();
        boolean turnsX = turnsX(p);
        RowTiles tiles = RowTiles.of((int) (turnsX ? p.filtersPerGroup() : p.channelsPerGroup()), simd);
        ColumnPanels panels = ColumnPanels.of((int) columns(p), simd);
        int positions = (int) p.outputPositions();
        int others = Math.max(1, (int) p.groups() * ceilDiv(panels.panels(), panelsOfBlock(panels)));
        int wanted = runtime.threads() == 1 ? 1 : ceilDiv(TASKS_FOR_EACH_THREAD * runtime.threads(), others);
        int block = evenBlock((int) p.batch(), (int) Math.min(p.batch(), MAX_TURNED / Math.max(1, turnedLength(p))));
        return new TurnedPointwisePlan(simd, turnsX, (int) p.batch(), block, (int) p.groups(), tiles, positions,
                evenBlock(positions, SimdProvider.ROW_DEPTH), panels, Math.min(MAX_ROWS / simd.panelTileRows(), partOf(tiles.tiles(), wanted)));
    }

    private static int panelsOfBlock(ColumnPanels panels) {
        return Math.max(1, COLUMNS_OF_BLOCK / Math.max(1, panels.widest()));
    }

    /** Elements that are turned around: one tensor, and the sums unless they lie as those of dw. */
    static double turnedElements(ConvProblem p) {
        return turnedElements(p, turnsX(p));
    }

    /** Blocks of images, one at least: it clears what there are no images for. */
    int blocks() {
        return Math.max(1, ceilDiv(batch, block));
    }

    /** The images of a block. */
    int imagesOf(int number) {
        return Math.min(block, batch - number * block);
    }

    /** Rows of a group that there are. */
    int rows() {
        return tiles.rows();
    }

    /** Columns of a group that there are. */
    int columns() {
        return panels.columns();
    }

    int panelsOfBlock() {
        return panelsOfBlock(panels);
    }

    int columnBlocks() {
        return columns() == 0 ? 0 : ceilDiv(panels.panels(), panelsOfBlock());
    }

    int rowBlocks() {
        return ceilDiv(tiles.tiles(), tileBlock);
    }

    /** Where the turned columns of a panel of an image, counted from the first of its block, lie, those of each position side by side. */
    int turned(int group, int panel, int image) {
        return CacheLine.FIRST + ((group * panels.padded() + panels.first(panel)) * block + image * panels.width(panel)) * positions;
    }

    /** The rows of a thread, as {@link SimdProvider#rowTile} reads them; behind them its sums, and those that were turned back. */
    int rowsAt(int worker) {
        return turned(groups, 0, 0) + worker * CacheLine.whole(rowsLength() + sumsLength() + linesLength());
    }

    private int rowsOfBlock() {
        return tileBlock * tiles.highest();
    }

    private int rowsLength() {
        return rowsOfBlock() * SimdProvider.ROW_STEP;
    }

    int sumsAt(int worker) {
        return rowsAt(worker) + rowsLength();
    }

    /** Elements from one row of sums to the next. */
    int sumsRow() {
        return oddWholes(Math.min(panels.padded(), panelsOfBlock() * panels.widest()), simd.lanes());
    }

    private int sumsLength() {
        return rowsOfBlock() * sumsRow();
    }

    /** Sums that were turned back, before they are added to dw, and elements from one of their rows to the next. */
    int linesAt(int worker) {
        return sumsAt(worker) + sumsLength();
    }

    int linesRow() {
        return wholes(rowsOfBlock(), simd.lanes());
    }

    private int linesLength() {
        return sumsRow() * linesRow();
    }

    int workspaceLength(int threads) {
        return rowsAt(threads);
    }

    private static boolean turnsX(ConvProblem p) {
        return turnedElements(p, true) <= turnedElements(p, false);
    }

    private static double turnedElements(ConvProblem p, boolean turnsX) {
        double positions = (double) p.batch() * p.outputPositions();
        return p.groups() * (turnsX ? positions * p.channelsPerGroup()
                : (positions + p.channelsPerGroup()) * p.filtersPerGroup());
    }

    private static long columns(ConvProblem p) {
        return turnsX(p) ? p.channelsPerGroup() : p.filtersPerGroup();
    }
}
