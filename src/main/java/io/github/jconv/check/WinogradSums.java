package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * What bounds the error of a Winograd convolution, for each of some output elements or for all: with the tile of inputs d and the
 * filter g of each input channel c
 *
 * <pre>
 *   S = |A^T| [ sum over c of (|G| |g| |G^T|) * (|B^T| |d| |B|) ] |A|          L = |A^T| [ sum over c of |B^T| |d| |B| ] |A|
 * </pre>
 *
 * <p>S is the sum of the absolute values of all that is added, what cancels included; L is what the losses of filters among the
 * subnormal numbers are multiplied by. Where a tile contains something that is not finite, so do S and L. Of filter gradients, see
 * {@link WinogradGradientSums}.
 */
final class WinogradSums implements WinogradBoundTerms {

    /** Tiles that the transforms of all filters are made for at a time. */
    private static final int TILES_AT_ONCE = 64;

    private final WinogradForm form;
    private final ConvProblem problem;
    private final boolean forward;
    private final HostTensor in;
    private final HostTensor w;
    private final int ins;
    private final int outs;
    private final int inHeight;
    private final int inWidth;
    private final int outHeight;
    private final int outWidth;
    private final int firstRow;
    private final int firstColumn;
    private final DilatedTiles rows;
    private final DilatedTiles columns;
    private final double lossesOfProducts;
    private final double[] sums;
    private final double[] inputs;

    private WinogradSums(WinogradForm form, Operands operands, int elements) {
        this.form = form;
        problem = operands.request().problem();
        forward = operands.request().operation() == ConvOperation.FORWARD;
        in = forward ? operands.x() : operands.y();
        w = operands.w();
        ins = (int) (forward ? problem.channelsPerGroup() : problem.filtersPerGroup());
        outs = (int) (forward ? problem.filtersPerGroup() : problem.channelsPerGroup());
        inHeight = (int) (forward ? problem.axis3(1).input() : problem.axis3(1).output());
        inWidth = (int) (forward ? problem.axis3(2).input() : problem.axis3(2).output());
        outHeight = (int) (forward ? problem.axis3(1).output() : problem.axis3(1).input());
        outWidth = (int) (forward ? problem.axis3(2).output() : problem.axis3(2).input());
        rows = new DilatedTiles((int) problem.axis3(1).dilation(), form.m());
        columns = new DilatedTiles((int) problem.axis3(2).dilation(), form.m());
        // dx[h] is the sum of dy[h + padBegin - dilation * r] * w[r], which begins at r = 2.
        firstRow = (int) (forward ? -problem.axis3(1).padBegin() : problem.axis3(1).padBegin() - 2 * rows.dilation());
        firstColumn = (int) (forward ? -problem.axis3(2).padBegin() : problem.axis3(2).padBegin() - 2 * columns.dilation());
        double[] ones = new double[form.points() * form.points()];
        Arrays.fill(ones, 1);
        double[] sumsOfOnes = form.ofProducts.of(ones);
        lossesOfProducts = ins * sumsOfOnes[sumsOfOnes.length - 1];
        sums = new double[elements];
        inputs = new double[elements];
    }

    /** @param indices row-major indices of the elements, or null for all */
    static WinogradBoundTerms of(Accuracy accuracy, Operands operands, long[] indices) {
        return operands.request().operation() == ConvOperation.BACKWARD_FILTER
                ? WinogradGradientSums.of(WinogradForm.of(accuracy), operands, indices) : ofMaps(accuracy, operands, indices);
    }

    private static WinogradSums ofMaps(Accuracy accuracy, Operands operands, long[] indices) {
        int elements = indices == null ? Math.toIntExact(operands.outputShape().elements()) : indices.length;
        WinogradSums all = new WinogradSums(WinogradForm.of(accuracy), operands, elements);
        if (indices == null) {
            int units = all.unitsOfImage() * (int) (all.problem.batch() * all.problem.groups());
            Parallel.run(units, (double) TILES_AT_ONCE * all.ins * all.outs * all.form.points() * all.form.points(), all::computeRows);
        } else {
            Parallel.run(elements, (double) all.ins * all.form.points() * all.form.points(), i -> all.computeElement(i, indices[i]));
        }
        return all;
    }

    @Override
    public double absoluteSum(int i) {
        return sums[i];
    }

    @Override
    public long roundings() {
        return form.roundings + 1L + ins;
    }

    @Override
    public double losses(int i) {
        return 2 * inputs[i] + lossesOfProducts;
    }

    private int tileRows() {
        return rows.count(outHeight);
    }

    private int tileColumns() {
        return columns.count(outWidth);
    }

    private int rowsAtOnce() {
        return Math.max(1, TILES_AT_ONCE / Math.max(1, tileColumns()));
    }

    private int unitsOfImage() {
        return (tileRows() + rowsAtOnce() - 1) / rowsAtOnce();
    }

    /** All elements of some rows of tiles of a group. */
    private void computeRows(int unit) {
        int firstTileRow = unit % unitsOfImage() * rowsAtOnce();
        int imageAndGroup = unit / unitsOfImage();
        double[][][] tiles = new double[Math.min(rowsAtOnce(), tileRows() - firstTileRow) * tileColumns()][ins][];
        double[][] sumsOfTiles = new double[tiles.length][];
        for (int t = 0; t < tiles.length; t++) {
            double[] sum = new double[form.points() * form.points()];
            for (int c = 0; c < ins; c++) {
                tiles[t][c] = tile(imageAndGroup, c, firstTileRow + t / tileColumns(), t % tileColumns());
                addTo(sum, tiles[t][c]);
            }
            sumsOfTiles[t] = form.ofProducts.of(sum);
        }
        for (int out = 0; out < outs; out++) {
            double[][] filters = filters(imageAndGroup, out);
            for (int t = 0; t < tiles.length; t++) {
                double[] products = new double[form.points() * form.points()];
                for (int c = 0; c < ins; c++) {
                    addProducts(products, filters[c], tiles[t][c]);
                }
                store(imageAndGroup * outs + out, firstTileRow + t / tileColumns(), t % tileColumns(), form.ofProducts.of(products),
                        sumsOfTiles[t]);
            }
        }
    }

    private void store(int channel, int tileRow, int tileColumn, double[] sumsOfTile, double[] inputsOfTile) {
        int m = form.m();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                int row = rows.output(tileRow, i);
                int column = columns.output(tileColumn, j);
                if (row < outHeight && column < outWidth) {
                    int at = (channel * outHeight + row) * outWidth + column;
                    sums[at] = sumsOfTile[i * m + j];
                    inputs[at] = inputsOfTile[i * m + j];
                }
            }
        }
    }

    private void computeElement(int i, long index) {
        int column = (int) (index % outWidth);
        int row = (int) (index / outWidth % outHeight);
        long channel = index / outWidth / outHeight;
        int imageAndGroup = (int) (channel / outs);
        double[][] filters = filters(imageAndGroup, (int) (channel % outs));
        double[] products = new double[form.points() * form.points()];
        double[] tiles = new double[form.points() * form.points()];
        for (int c = 0; c < ins; c++) {
            double[] tile = tile(imageAndGroup, c, rows.tile(row), columns.tile(column));
            addProducts(products, filters[c], tile);
            addTo(tiles, tile);
        }
        int inTile = rows.within(row) * form.m() + columns.within(column);
        sums[i] = form.ofProducts.of(products)[inTile];
        inputs[i] = form.ofProducts.of(tiles)[inTile];
    }

    /** {@code |B^T| |d| |B|}. */
    private double[] tile(int imageAndGroup, int c, int tileRow, int tileColumn) {
        int points = form.points();
        double[] d = new double[points * points];
        long channel = (long) imageAndGroup * ins + c;
        int firstH = firstRow + rows.output(tileRow, 0);
        int firstW = firstColumn + columns.output(tileColumn, 0);
        for (int i = 0; i < points; i++) {
            int h = firstH + i * rows.dilation();
            for (int j = 0; j < points; j++) {
                int column = firstW + j * columns.dilation();
                boolean inside = h >= 0 && h < inHeight && column >= 0 && column < inWidth;
                d[i * points + j] = inside ? Math.abs(in.get((channel * inHeight + h) * inWidth + column)) : 0;
            }
        }
        return form.ofInputs.of(d);
    }

    /** {@code |G| |g| |G^T|} for each input channel. */
    private double[][] filters(int imageAndGroup, int out) {
        long group = imageAndGroup % problem.groups();
        double[][] filters = new double[ins][];
        double[] g = new double[9];
        for (int c = 0; c < ins; c++) {
            long filter = forward ? (group * outs + out) * ins + c : (group * ins + c) * outs + out;
            for (int tap = 0; tap < 9; tap++) {
                g[tap] = Math.abs(w.get(filter * 9 + (forward ? tap : 8 - tap)));
            }
            filters[c] = form.ofFilter.of(g);
        }
        return filters;
    }

    private static void addProducts(double[] sums, double[] filter, double[] tile) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += filter[i] * tile[i];
        }
    }

    private static void addTo(double[] sums, double[] tile) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += tile[i];
        }
    }
}
