package io.github.jconv.check;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import java.util.stream.IntStream;

/**
 * The same as {@link WinogradSums} for filter gradients, {@code dw = G^T [ sum over tiles (B^T d B) * (A dy A^T) ] G}: with the tile of
 * inputs d and the tile of gradients dy, 0 outside,
 *
 * <pre>
 *   S = |G^T| [ sum over t of (|B^T| |d| |B|) * (|A| |dy| |A^T|) ] |G|
 * </pre>
 */
final class WinogradGradientSums implements WinogradBoundTerms {

    /** Input channels that the transforms of all gradients are made for at a time, and their tiles, at most. */
    private static final int CHANNELS_AT_ONCE = 16;
    private static final long TILES_AT_ONCE = 1 << 16;

    private final WinogradForm form;
    private final ConvProblem problem;
    private final HostTensor x;
    private final HostTensor dy;
    private final int channels;
    private final int filters;
    private final DilatedTiles rows;
    private final DilatedTiles columns;
    private final int tileRows;
    private final int tileColumns;
    private final double[] sums;

    private WinogradGradientSums(WinogradForm form, Operands operands, int elements) {
        this.form = form;
        problem = operands.request().problem();
        x = operands.x();
        dy = operands.y();
        channels = (int) problem.channelsPerGroup();
        filters = (int) problem.filtersPerGroup();
        rows = new DilatedTiles((int) problem.axis3(1).dilation(), form.m());
        columns = new DilatedTiles((int) problem.axis3(2).dilation(), form.m());
        tileRows = rows.count((int) problem.axis3(1).output());
        tileColumns = columns.count((int) problem.axis3(2).output());
        sums = new double[elements];
    }

    /** @param indices row-major indices of the elements, or null for all */
    static WinogradGradientSums of(WinogradForm form, Operands operands, long[] indices) {
        int elements = indices == null ? Math.toIntExact(operands.outputShape().elements()) : indices.length;
        WinogradGradientSums all = new WinogradGradientSums(form, operands, elements);
        double products = (double) all.tiles() * form.points() * form.points();
        if (indices == null) {
            int blocks = (all.channels + all.channelsAtOnce() - 1) / all.channelsAtOnce();
            Parallel.run((int) problem(operands).groups() * blocks, all.channelsAtOnce() * all.filters * products,
                    unit -> all.computeChannels(unit / blocks, unit % blocks * all.channelsAtOnce()));
        } else {
            int[] begins = all.filterBegins(indices);
            Parallel.run(begins.length - 1, (double) elements / Math.max(1, begins.length - 1) * products,
                    i -> all.computeElements(indices, begins[i], begins[i + 1]));
        }
        return all;
    }

    /** Where in ascending indices those of another filter begin; one more for the end. */
    private int[] filterBegins(long[] indices) {
        long perFilter = channels * 9L;
        return IntStream.rangeClosed(0, indices.length)
                .filter(i -> i == 0 || i == indices.length || indices[i] / perFilter != indices[i - 1] / perFilter).toArray();
    }

    /** Elements of one filter: {@code begin} to {@code end - 1} of the indices, in which those of a pair of channels stand together. */
    private void computeElements(long[] indices, int begin, int end) {
        double[][] gradients = null;
        double[] taps = null;
        for (int i = begin; i < end; i++) {
            long pair = indices[i] / 9;
            int filter = (int) (pair / channels);
            gradients = gradients == null ? gradients(filter) : gradients;
            if (i == begin || indices[i - 1] / 9 != pair) {
                taps = taps(inputs(filter / filters, (int) (pair % channels)), gradients);
            }
            sums[i] = taps[(int) (indices[i] % 9)];
        }
    }

    private static ConvProblem problem(Operands operands) {
        return operands.request().problem();
    }

    @Override
    public double absoluteSum(int i) {
        return sums[i];
    }

    @Override
    public long roundings() {
        return form.roundings + 1L + tiles();
    }

    /**
     * A product or an addition to the sum loses at most eta, multiplied by at most {@code (5/3)^2 < 3} in G^T M G; a row of G^T
     * adds at most 2 eta of its own, on the first axis multiplied by 5/3 by the second: {@code 3 t + 2 * 5/3 + 2 < 3 t + 6}.
     */
    @Override
    public double losses(int i) {
        return 3.0 * tiles() + 6;
    }

    private long tiles() {
        return problem.batch() * tileRows * tileColumns;
    }

    private int channelsAtOnce() {
        return (int) Math.max(1, Math.min(CHANNELS_AT_ONCE, TILES_AT_ONCE / Math.max(1, tiles())));
    }

    /** All elements of some input channels of a group. */
    private void computeChannels(int group, int first) {
        double[][][] inputs = new double[Math.min(channelsAtOnce(), channels - first)][][];
        for (int c = 0; c < inputs.length; c++) {
            inputs[c] = inputs(group, first + c);
        }
        for (int filter = group * filters; filter < (group + 1) * filters; filter++) {
            double[][] gradients = gradients(filter);
            for (int c = 0; c < inputs.length; c++) {
                System.arraycopy(taps(inputs[c], gradients), 0, sums, (filter * channels + first + c) * 9, 9);
            }
        }
    }

    /** {@code |B^T| |d| |B|} of all tiles. */
    private double[][] inputs(int group, int channel) {
        return tiles(x, (int) problem.groups() * channels, group * channels + channel, (int) problem.axis3(1).input(),
                (int) problem.axis3(2).input(), (int) -problem.axis3(1).padBegin(), (int) -problem.axis3(2).padBegin(), form.ofInputs);
    }

    /** {@code |A| |dy| |A^T|} of all tiles. */
    private double[][] gradients(int filter) {
        return tiles(dy, (int) problem.groups() * filters, filter, (int) problem.axis3(1).output(), (int) problem.axis3(2).output(), 0, 0,
                form.ofGradients);
    }

    private double[][] tiles(HostTensor tensor, int channelsOfAll, int channel, int height, int width, int firstRow, int firstColumn,
                             AbsoluteTransform transform) {
        int size = transform.size();
        double[][] tiles = new double[(int) tiles()][];
        double[] tile = new double[size * size];
        for (int t = 0; t < tiles.length; t++) {
            int image = t / tileColumns / tileRows;
            int firstH = firstRow + rows.output(t / tileColumns % tileRows, 0);
            int firstW = firstColumn + columns.output(t % tileColumns, 0);
            for (int i = 0; i < size; i++) {
                int row = firstH + i * rows.dilation();
                for (int j = 0; j < size; j++) {
                    int column = firstW + j * columns.dilation();
                    boolean inside = row >= 0 && row < height && column >= 0 && column < width;
                    long at = (((long) image * channelsOfAll + channel) * height + row) * width + column;
                    tile[i * size + j] = inside ? Math.abs(tensor.get(at)) : 0;
                }
            }
            tiles[t] = transform.of(tile);
        }
        return tiles;
    }

    /** The nine sums of a pair of channels. */
    private double[] taps(double[][] inputs, double[][] gradients) {
        double[] products = new double[form.points() * form.points()];
        for (int t = 0; t < inputs.length; t++) {
            for (int e = 0; e < products.length; e++) {
                products[e] += inputs[t][e] * gradients[t][e];
            }
        }
        return form.ofFilterProducts.of(products);
    }
}
