package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.evenBlock;
import static io.github.jconv.cpu.Cuts.oddWholes;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One matrix product of {@link ShiftedGemmAlgorithm} for each of several units (pairs of image and group), and its cut into tiles.
 *
 * @param units        how many equal products there are
 * @param rows         rows of the product: output channels of a group
 * @param ins          input channels of a group, the depth of the product divided by the taps
 * @param inBlock      input channels whose planes are laid out at a time
 * @param rowTile      rows of a tile of the inner loop
 * @param rowBlock     rows of a tile, but for the last
 * @param flatStride   elements from one row of sums to the next
 * @param planeShifts  where each row of the column matrix begins in the planes of a block of input channels
 * @param filterTaps   where each tap lies in a filter plane
 * @param filterShifts where each column of the left factor lies in w, from its first; null if they follow one another
 * @param formAt       where this product's filters begin in their packed form
 */
record ShiftedProduct(ShiftedPlanes planes, int units, int rows, int ins, int inBlock, int rowTile, int rowBlock, int flatStride,
                      int[] planeShifts, int[] filterTaps, int[] filterShifts, int formAt) {

    /** Depth of a product over one block of input channels: with 64 columns its operands stay in a first-level cache. */
    private static final int MAX_DEPTH = 320;

    /** Elements of the planes of a block of input channels: a quarter of a second-level cache of 1 MiB. */
    private static final int MAX_PLANES = 1 << 16;

    /** Elements of the sums of a tile. They are touched once for each block of input channels only. */
    private static final int MAX_SUMS = 1 << 18;

    /** The same, and outputs of a block, where few products make up a sum: a quarter of a second-level cache of 1 MiB. */
    private static final int MAX_BRIEF_SUMS = 1 << 16;
    private static final int MAX_BRIEF_OUTPUTS = 1 << 10;

    /** Laying out planes costs about as much as multiplying them by this many rows. */
    private static final int LAYOUT_IN_ROWS = 3;

    /** More blocks than necessary may share the work more evenly; beyond this many for each thread it no longer pays. */
    private static final int MORE_BLOCKS = 4;

    /**
     * The planes that products work on whose outputs make up the same rows, or null if those of a single output exceed the scratch memory.
     *
     * @param widths the walks along the width
     */
    static List<ShiftedPlanes> planes(AxisWalk depth, AxisWalk height, List<AxisWalk> widths, int[] inSizes, int ins) {
        long taps = widths.stream().mapToLong(width -> (long) depth.taps * height.taps * width.taps).max().orElseThrow();
        return taps > MAX_PLANES ? null : ShiftedPlanes.within(MAX_PLANES / inBlock(ins, (int) taps),
                isBrief(ins, (int) taps) ? MAX_BRIEF_OUTPUTS : Integer.MAX_VALUE, depth, height, widths, inSizes);
    }

    /** Whether sums are over one block of input channels. */
    private static boolean isBrief(int ins, int taps) {
        return inBlock(ins, taps) == ins;
    }

    /**
     * Products whose outputs make up the same rows, and which therefore are cut alike: they share the planes of a block of input channels.
     *
     * @param forward whether the filters are rows of the product, or columns
     * @param packed  whether the filters are read in their packed form, from {@code formAt} on
     */
    static List<ShiftedProduct> of(List<ShiftedPlanes> planes, ConvProblem p, boolean forward, boolean packed, int formAt, CpuRuntime runtime) {
        int units = (int) (p.batch() * p.groups());
        int rows = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        int rowTile = packed ? SimdProvider.TAP_ROWS : SimdProvider.TILE_ROWS;
        int lanes = runtime.simd().lanes();
        int flatStride = oddWholes(planes.stream().mapToInt(ShiftedPlanes::flatLength).max().orElseThrow(), lanes);
        int mostTaps = planes.stream().mapToInt(ShiftedPlanes::taps).max().orElseThrow();
        boolean brief = isBrief(ins, mostTaps);
        int maxRows = Math.max(1, (brief ? MAX_BRIEF_SUMS : MAX_SUMS) / (planes.size() * flatStride));
        int rowBlock = rowBlock(units * planes.get(0).blocks(), rows, rowTile, packed, maxRows, runtime.threads());
        List<ShiftedProduct> all = new ArrayList<>();
        int at = formAt;
        for (ShiftedPlanes each : planes) {
            ShiftedProduct product = of(each, p, forward, units, rows, ins, inBlock(ins, mostTaps), rowTile, rowBlock, flatStride, at);
            all.add(product);
            at += packed ? (int) p.groups() * product.groupFormLength() : 0;
        }
        return List.copyOf(all);
    }

    private static ShiftedProduct of(ShiftedPlanes planes, ConvProblem p, boolean forward, int units, int rows, int ins, int inBlock,
                                     int rowTile, int rowBlock, int flatStride, int formAt) {
        int[] filterTaps = IntStream.range(0, planes.taps())
                .map(tap -> planes.filterAt(tap, (int) p.axis3(1).filter(), (int) p.axis3(2).filter())).toArray();
        int[] planeShifts = new int[inBlock * planes.taps()];
        int[] filterShifts = forward ? null : new int[inBlock * planes.taps()];
        for (int i = 0; i < planeShifts.length; i++) {
            int in = i / planes.taps();
            int tap = i % planes.taps();
            planeShifts[i] = in * planes.planesLength() + planes.shifts()[tap];
            if (!forward) {
                filterShifts[i] = (int) (in * p.channelsPerGroup() * p.filterTaps() + filterTaps[tap]);
            }
        }
        return new ShiftedProduct(planes, units, rows, ins, inBlock, rowTile, rowBlock, flatStride, planeShifts, filterTaps, filterShifts,
                formAt);
    }

    private static int inBlock(int ins, int taps) {
        return evenBlock(ins, MAX_DEPTH / taps);
    }

    /** Rows of a tile that make the slowest thread finish first. */
    static int rowBlock(int others, int rows, int tile, boolean packed, int maxRows, int threads) {
        int fewest = Math.max(1, ceilDiv(rows, maxRows));
        int best = rows;
        double bestTime = Double.MAX_VALUE;
        for (int blocks = fewest; blocks <= fewest + threads * MORE_BLOCKS; blocks++) {
            int size = Math.max(tile, wholes(ceilDiv(rows, blocks), tile));
            // A last block of less than a tile of rows can only be multiplied if what it lacks was packed with it.
            boolean last = packed || rows % size == 0 || rows % size >= tile;
            long tiles = Math.max(1, (long) others * ceilDiv(rows, size));
            double time = (double) ceilDiv(tiles, threads) / Math.max(1, others) * (size + LAYOUT_IN_ROWS);
            if (last && time < bestTime) {
                bestTime = time;
                best = size;
            }
        }
        return best;
    }

    int rowBlocks() {
        return ceilDiv(rows, rowBlock);
    }

    int tilesOfUnit() {
        return planes.blocks() * rowBlocks();
    }

    int tiles() {
        return units * tilesOfUnit();
    }

    /** Rows of whole tiles of the inner loop. */
    int tileRows(int blockRows) {
        return wholes(blockRows, rowTile);
    }

    /** Columns of the left factor. */
    int depth() {
        return ins * planes.taps();
    }

    /** Elements of the packed filters of a group. */
    int groupFormLength() {
        return tileRows(rows) * depth();
    }

    int planesLength() {
        return inBlock * planes.planesLength();
    }

    int sumsLength() {
        return tileRows(rowBlock) * flatStride;
    }
}
