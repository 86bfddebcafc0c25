package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.DepthwiseLoops;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.cpu.simd.SpreadRows;
import io.github.jconv.cpu.simd.ThreeRows;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;

/**
 * What {@link Depthwise3x3Algorithm} needs to know about a request.
 *
 * @param rows        how the maps are walked; null for the data gradient of a stride of 2
 * @param spread      the same for that
 * @param in          the tensor that is read; for BACKWARD_FILTER x
 * @param inMap       elements of one of its maps
 * @param begin       where the first element that the loops read lies from the beginning of a map: 0, or before it
 * @param behind      elements that they read behind a map
 * @param out         the tensor that is written, or for BACKWARD_FILTER dy
 * @param outMap      elements of one of its maps
 * @param outBehind   elements that the loops write, or read, behind a map
 * @param channels    channels
 * @param images      images
 * @param units       maps, or for BACKWARD_FILTER channels
 * @param unitsOfTile units of a tile, but for the last
 */
record Depthwise3x3Plan(SimdProvider simd, ThreeRows rows, SpreadRows spread, boolean turned, Of in, int inMap, int begin, int behind, Of out,
                        int outMap, int outBehind, int channels, int images, int units, int unitsOfTile) {

    /** Elements of a map and what lies around it, at most: it is copied where an array ends. 1 MiB. */
    private static final long LIMIT = 1 << 18;

    /** Tiles for each thread: enough to share the work evenly. */
    private static final int TILES = 4;

    /** Channels whose sums are kept while all images are gone through: their maps lie side by side. */
    static final int CHANNELS_AT_ONCE = 8;

    private static final int PARTIAL_SUMS = CHANNELS_AT_ONCE * DepthwiseLoops.TAPS * SimdProvider.PARTIAL_SUMS;

    static Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        SpatialAxis height = p.axis3(1);
        SpatialAxis width = p.axis3(2);
        Support shape = Support.when(p.channelsPerGroup() == 1 && p.filtersPerGroup() == 1, "it serves one channel and one filter per group only")
                .and(Support.when(p.axis3(0).equals(SpatialAxis.unit()), "it serves two dimensions only"))
                .and(Support.when(height.filter() == 3 && width.filter() == 3 && height.dilation() == 1 && width.dilation() == 1,
                        "it serves filters of 3x3 taps without dilation only"))
                .and(Support.when(height.stride() == width.stride() && height.stride() <= 2, "it serves a stride of 1 or 2 along both axes only"));
        if (!shape.yes()) {
            return shape;
        }
        boolean toInput = request.operation() == ConvOperation.BACKWARD_DATA;
        Support padding = toInput && height.stride() == 2
                ? Support.when(spreads(height) && spreads(width), "for backward_data with a stride of 2 it serves a padding of 1 in front of maps, "
                        + "and one or no row and column that no window ends in")
                : Support.when(walks(height, toInput) && walks(width, toInput), "it serves one row and column of padding around maps at most");
        return padding.and(Support.when(Math.max(p.inputPositions(), p.outputPositions()) + 4 * (width.input() + width.output()) <= LIMIT,
                "a map exceeds its scratch memory of " + LIMIT + " elements"));
    }

    /** Whether there is at most one row or column before the first element that windows meet, and behind the last. */
    private static boolean walks(SpatialAxis axis, boolean toInput) {
        long before = toInput ? 2 - axis.padBegin() : axis.padBegin();
        long last = toInput ? axis.input() + 1 - before : (axis.output() - 1) * axis.stride() + 2 - before;
        return before >= 0 && before <= 1 && last <= (toInput ? axis.output() : axis.input());
    }

    private static boolean spreads(SpatialAxis axis) {
        return axis.padBegin() == 1 && (axis.input() + 1) / 2 == axis.output();
    }

    static Depthwise3x3Plan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean filter = request.operation() == ConvOperation.BACKWARD_FILTER;
        boolean toInput = request.operation() == ConvOperation.BACKWARD_DATA;
        int lanes = runtime.simd().lanes();
        int xMap = (int) p.inputPositions();
        int yMap = (int) p.outputPositions();
        int channels = (int) p.inputChannels();
        int units = (int) (filter ? channels : p.batch() * channels);
        int ofTile = Math.max(1, units / (TILES * runtime.threads()));
        if (toInput && p.axis3(1).stride() == 2) {
            SpreadRows spread = spread(p.axis3(1), p.axis3(2));
            int read = (spread.rows() - 1) * spread.dyRow() + 1 + wholes(spread.columns(), lanes) / 2 + lanes;
            return new Depthwise3x3Plan(runtime.simd(), null, spread, false, Of.Y, yMap, 0, read - yMap, Of.X, xMap,
                    wholes(spread.columns(), lanes) - spread.columns(), channels, (int) p.batch(), units, ofTile);
        }
        ThreeRows rows = rows(p.axis3(1), p.axis3(2), toInput);
        int begin = -(before(p.axis3(1), toInput) * rows.xRow() + before(p.axis3(2), toInput));
        int columns = wholes(rows.columns(), rows.apart() * lanes);
        int read = begin + ((rows.rows() - 1) * rows.step() + 2) * rows.xRow() + 2 + wholes(rows.columns(), 2 * lanes);
        int written = (rows.rows() - 1) * rows.yRow() + columns / rows.apart() + (filter ? lanes : 0);
        int inMap = toInput ? yMap : xMap;
        int outMap = toInput ? xMap : yMap;
        return new Depthwise3x3Plan(runtime.simd(), rows, null, toInput, toInput ? Of.Y : Of.X, inMap, begin, Math.max(0, read - inMap),
                toInput ? Of.X : Of.Y, outMap, Math.max(0, written - outMap), channels, (int) p.batch(), units, ofTile);
    }

    private static int before(SpatialAxis axis, boolean toInput) {
        return (int) (toInput ? 2 - axis.padBegin() : axis.padBegin());
    }

    private static SpreadRows spread(SpatialAxis height, SpatialAxis width) {
        int dyRow = (int) width.output();
        int keptRow = wholes((int) width.input(), ThreeRows.KEPT_AT_ONCE) + SimdProvider.PARTIAL_SUMS;
        int[] kept = new int[2 * keptRow];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = i / keptRow + i % keptRow < dyRow ? -1 : 0;
        }
        return new SpreadRows((int) height.output(), height.input() % 2 == 1, (int) width.input(), dyRow, kept, keptRow);
    }

    /** Rows of outputs, two at a time where both fit one vector, and lie in their map as their inputs do. */
    private static ThreeRows rows(SpatialAxis height, SpatialAxis width, boolean toInput) {
        int stride = (int) height.stride();
        int inRows = (int) (toInput ? height.output() : height.input());
        int inColumns = (int) (toInput ? width.output() : width.input());
        int outRows = (int) (toInput ? height.input() : height.output());
        int outColumns = (int) (toInput ? width.input() : width.output());
        int together = stride == 1 && inColumns == outColumns && outRows > 1 && 2 * outColumns <= SimdProvider.PARTIAL_SUMS ? 2 : 1;
        int sumRows = ceilDiv(outRows, together);
        int columns = together * ((outColumns - 1) * stride + 1);
        int keptRow = wholes(columns, ThreeRows.KEPT_AT_ONCE);
        int step = stride * together;
        int[] kept = new int[ThreeRows.TAPS * keptRow];
        int[] rowsKept = new int[ThreeRows.KINDS * keptRow];
        int[] outs = new int[2 * keptRow];
        int end = (sumRows - 1) * step + 2;
        int[] ofKinds = {0, Integer.MIN_VALUE, end - 1, end};
        for (int i = 0; i < keptRow; i++) {
            int row = together == 1 ? 0 : i / outColumns;
            boolean output = i < columns && i % (together == 1 ? stride : 1) == 0;
            outs[i] = output ? -1 : 0;
            outs[keptRow + i] = output && (sumRows - 1) * together + row < outRows ? -1 : 0;
            for (int s = 0; s < ThreeRows.TAPS; s++) {
                int column = (together == 1 ? i : i % outColumns) + s - before(width, toInput);
                kept[s * keptRow + i] = output && column >= 0 && column < inColumns ? -1 : 0;
            }
            for (int kind = 0; kind < ThreeRows.KINDS; kind++) {
                int in = ofKinds[kind] - before(height, toInput) + row;
                boolean atEnd = ofKinds[kind] > 0 && together > 1;
                boolean inside = ofKinds[kind] < 0 || in >= 0 && in < inRows && (!atEnd || outs[keptRow + i] != 0);
                rowsKept[kind * keptRow + i] = inside ? -1 : 0;
            }
        }
        return new ThreeRows(sumRows, step, columns, inColumns, together * outColumns, stride, keptRow, kept,
                ThreeRows.ofOuts(kept, keptRow, stride), rowsKept, outs);
    }

    int tiles() {
        return ceilDiv(units, unitsOfTile);
    }

    int endOf(int tile) {
        return Math.min(units, (tile + 1) * unitsOfTile);
    }

    // Scratch memory of a thread: copies of a map of each tensor with what is read or written around it, and partial sums.

    int inAt(int worker) {
        return worker * workerLength() - begin;
    }

    int outAt(int worker) {
        return inAt(worker) + inMap + behind;
    }

    int sumsAt(int worker) {
        return outAt(worker) + outMap + outBehind;
    }

    int workerLength() {
        return -begin + inMap + behind + outMap + outBehind + PARTIAL_SUMS;
    }
}
