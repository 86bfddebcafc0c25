package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * The maps of a tensor cut into square tiles, which may overlap and reach into the padding. With a dilation, the rows of a map that lie
 * so far apart make up a map of their own, and so do the columns: tile (i, j) has the rows and columns
 *
 * <pre>
 *   firstRow    + i mod rowDilation    + rowDilation    * (i / rowDilation    * step + a)      for a in [0, size)
 *   firstColumn + j mod columnDilation + columnDilation * (j / columnDilation * step + b)      for b in [0, size)
 * </pre>
 *
 * <p>They are numbered through all images,
 * {@code t = (image * tileRows + tileRow) * tileColumns + tileColumn}, and become tiles of vectors whose lanes are channels: maps are
 * turned around, a part of a row of tiles and a chunk of channels at a time.
 *
 * @param channels    channels of a group
 * @param chunk       channels that are turned around at once, but for the last: whole vectors
 * @param size        rows and columns of a tile
 * @param step        from one tile to the next of the same map
 * @param tileColumns a multiple of the dilation, as the ends of what {@link #transform} is asked for must be
 */
record WinogradTiles(Of tensor, int groups, int channels, int chunk, int height, int width, int firstRow, int firstColumn, int size,
                     int step, int tileRows, int tileColumns, int rowDilation, int columnDilation) {

    /** Tiles of a row that are turned around at once. */
    private static final int MOST_TILES = 16;

    /** What is written down of a tile, point after point. */
    @FunctionalInterface
    interface Transform {

        /** {@code runs} columns of tiles, {@code step} from one row to the next, to columns of points; see WinogradTransforms. */
        void apply(int runs, float[] src, int from, int fromNext, int step, float[] dst, int to, int toNext, int toStep, int length);
    }

    /** Tiles of a row that are turned around at once, but for the last. */
    int run() {
        int together = tileColumns / columnDilation;
        int most = Math.max(1, MOST_TILES / columnDilation);
        int runs = ceilDiv(together, most);
        return columnDilation * (runs == 0 ? 1 : ceilDiv(together, runs));
    }

    int chunks() {
        return ceilDiv(channels, chunk);
    }

    int channelsOf(int chunkNumber) {
        return Math.min(chunk, channels - chunkNumber * chunk);
    }

    /** Floats of scratch memory for {@link #transform}. */
    int scratchLength(int points) {
        return (size + points) * patchWidth(run()) * chunk;
    }

    private int patchWidth(int run) {
        return ((run / columnDilation - 1) * step + size) * columnDilation;
    }

    /**
     * Transforms a chunk of channels of tiles {@code [first, end)} on both axes: point (p, q) of tile t goes to
     * {@code to + (p * points + q) * toPoint + (t - first) * toTile}.
     *
     * @param at where {@link #scratchLength} floats are
     */
    void transform(CpuCall call, SimdProvider simd, Transform transform, int points, int group, int chunkNumber, int first, int end, int at,
                   float[] dst, int to, int toPoint, int toTile) {
        for (int t = first; t < end; ) {
            int column = t % tileColumns;
            int run = Math.min(Math.min(run(), tileColumns - column), end - t);
            turn(call, simd, group, chunkNumber, t / tileColumns, column, run, at);
            int patch = patchWidth(run) * chunk;
            int half = at + size * patch;
            int length = channelsOf(chunkNumber);
            transform.apply(patchWidth(run), call.workspace(), at, chunk, patch, call.workspace(), half, chunk, patch, length);
            for (int i = 0; i < run; i++) {
                transform.apply(points, call.workspace(), half + first(i, columnDilation) * chunk, patch, columnDilation * chunk, dst,
                        to + (t - first + i) * toTile, points * toPoint, toPoint, length);
            }
            t += run;
        }
    }

    /** The first row or column of a tile, from that of the first. */
    private int first(int tile, int dilation) {
        return tile / dilation * step * dilation + tile % dilation;
    }

    /** The rows that {@code run} neighbouring tiles cover, as positions of channels; zeros where there is padding. */
    private void turn(CpuCall call, SimdProvider simd, int group, int chunkNumber, int tileRowOfAll, int tileColumn, int run, int at) {
        HostTensor in = tensor.tensor(call);
        float[] memory = call.workspace();
        int image = tileRowOfAll / tileRows;
        int row = firstRow + first(tileRowOfAll % tileRows, rowDilation);
        int column = firstColumn + first(tileColumn, columnDilation);
        int patch = patchWidth(run);
        int channel = in.offset() + ((image * groups + group) * channels + chunkNumber * chunk) * height * width;
        int begin = Math.max(0, Math.min(patch, -column));
        int end = Math.max(begin, Math.min(patch, width - column));
        for (int i = 0; i < size; i++) {
            int to = at + i * patch * chunk;
            int h = row + i * rowDilation;
            if (h < 0 || h >= height) {
                Arrays.fill(memory, to, to + patch * chunk, 0);
            } else {
                Arrays.fill(memory, to, to + begin * chunk, 0);
                simd.transpose(in.floats(), channel + h * width + column + begin, height * width, channelsOf(chunkNumber),
                        end - begin, memory, to + begin * chunk, chunk);
                Arrays.fill(memory, to + end * chunk, to + patch * chunk, 0);
            }
        }
    }
}
