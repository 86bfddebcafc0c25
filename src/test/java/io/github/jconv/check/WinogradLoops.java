package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/** A Winograd convolution in plain fp32 loops. Its steps are methods, so that a wrong variant is one overridden method. */
class WinogradLoops implements ConvolutionUnderTest {

    private final String name;
    private final Accuracy accuracy;
    private final WinogradForm form;

    WinogradLoops(String name, Accuracy accuracy) {
        this.name = name;
        this.accuracy = accuracy;
        this.form = WinogradForm.of(accuracy);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return accuracy;
    }

    @Override
    public Support supports(ConvRequest request) {
        ConvProblem p = request.problem();
        return Support.when(request.dataType() == DataType.FLOAT32
                && (request.operation() != ConvOperation.BACKWARD_FILTER || accuracy == Accuracy.WINOGRAD_4X4)
                && p.axis3(0).equals(SpatialAxis.unit()) && isThree(p.axis3(1)) && isThree(p.axis3(2)), "3x3, stride 1, fp32");
    }

    private static boolean isThree(SpatialAxis axis) {
        return axis.filter() == 3 && axis.stride() == 1 && axis.dilation() == 1;
    }

    /** An element of A^T. */
    float output(int row, int point) {
        return form.output[row][point];
    }

    /** An element of G. */
    float filter(int point, int tap) {
        return (float) form.filter[point][tap] / form.divisor;
    }

    long imageOfTile(long image, int tileRow) {
        return image;
    }

    /** How many rows of tiles are computed. */
    int tileRows(int outHeight) {
        return (outHeight + form.m() - 1) / form.m();
    }

    /** Which tap of w takes the place of one in the correlation. */
    int tap(int tap, boolean forward) {
        return forward ? tap : 8 - tap;
    }

    float product(int point, float u, float v) {
        return u * v;
    }

    @Override
    public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        run(problem, true, x, w, y, mode);
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        run(problem, false, dy, w, dx, mode);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        int channels = (int) problem.channelsPerGroup();
        int filters = (int) problem.filtersPerGroup();
        for (int k = 0; k < problem.groups() * filters; k++) {
            for (int c = 0; c < channels; c++) {
                float[][] sums = sums(problem, x, dy, k, k / filters * channels + c);
                float[][] taps = both(3, form.points(), (tap, point) -> filter(point, tap), sums);
                for (int tap = 0; tap < 9; tap++) {
                    long at = ((long) k * channels + c) * 9 + tap;
                    dw.set(at, (mode == WriteMode.OVERWRITE ? 0 : dw.get(at)) + taps[tap / 3][tap % 3]);
                }
            }
        }
    }

    /** The products of a filter's gradients with an input channel, summed over all tiles. */
    private float[][] sums(ConvProblem p, HostTensor x, HostTensor dy, int filter, int channel) {
        int n = form.points();
        float[][] sums = new float[n][n];
        for (long image = 0; image < p.batch(); image++) {
            for (int row = 0; row < tileRows((int) p.axis3(1).output()); row++) {
                for (int column = 0; column * form.m() < p.axis3(2).output(); column++) {
                    float[][] d = inputs(p, true, x, imageOfTile(image, row) * p.inputChannels() + channel, row, column);
                    float[][] y = gradients(dy, image * p.groups() * p.filtersPerGroup() + filter, row, column);
                    float[][] v = both(n, n, (i, j) -> form.input[i][j], d);
                    float[][] u = both(n, form.m(), (i, j) -> output(j, i), y);
                    for (int e = 0; e < n * n; e++) {
                        sums[e / n][e % n] += product(e, u[e / n][e % n], v[e / n][e % n]);
                    }
                }
            }
        }
        return sums;
    }

    private float[][] gradients(HostTensor dy, long map, int row, int column) {
        int height = (int) dy.shape().size(dy.shape().rank() - 2);
        int width = (int) dy.shape().size(dy.shape().rank() - 1);
        float[][] y = new float[form.m()][form.m()];
        for (int i = 0; i < form.m() && row * form.m() + i < height; i++) {
            for (int j = 0; j < form.m() && column * form.m() + j < width; j++) {
                y[i][j] = (float) dy.get((map * height + row * form.m() + i) * width + column * form.m() + j);
            }
        }
        return y;
    }

    private void run(ConvProblem p, boolean forward, HostTensor in, HostTensor w, HostTensor out, WriteMode mode) {
        int outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        if (mode == WriteMode.OVERWRITE) {
            out.fill(0);
        }
        int height = (int) out.shape().size(out.shape().rank() - 2);
        int width = (int) out.shape().size(out.shape().rank() - 1);
        for (int channel = 0; channel < p.batch() * p.groups() * outs; channel++) {
            for (int row = 0; row < tileRows(height); row++) {
                for (int column = 0; column * form.m() < width; column++) {
                    float[][] y = tile(p, forward, in, w, outs, channel, row, column);
                    for (int i = 0; i < form.m() && row * form.m() + i < height; i++) {
                        for (int j = 0; j < form.m() && column * form.m() + j < width; j++) {
                            long at = ((long) channel * height + row * form.m() + i) * width + column * form.m() + j;
                            out.set(at, out.get(at) + y[i][j]);
                        }
                    }
                }
            }
        }
    }

    private float[][] tile(ConvProblem p, boolean forward, HostTensor in, HostTensor w, int outs, int channel, int row, int column) {
        int n = form.points();
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        long image = channel / outs / p.groups();
        long group = channel / outs % p.groups();
        float[][] products = new float[n][n];
        for (int c = 0; c < ins; c++) {
            float[][] g = new float[3][3];
            long filter = forward ? (group * outs + channel % outs) * ins + c : (group * ins + c) * outs + channel % outs;
            for (int tap = 0; tap < 9; tap++) {
                g[tap / 3][tap % 3] = (float) w.get(filter * 9 + tap(tap, forward));
            }
            float[][] u = both(n, 3, this::filter, g);
            float[][] d = inputs(p, forward, in, (imageOfTile(image, row) * p.groups() + group) * ins + c, row, column);
            float[][] v = both(n, n, (i, j) -> form.input[i][j], d);
            for (int e = 0; e < n * n; e++) {
                products[e / n][e % n] += product(e, u[e / n][e % n], v[e / n][e % n]);
            }
        }
        return both(form.m(), n, this::output, products);
    }

    private float[][] inputs(ConvProblem p, boolean forward, HostTensor in, long channel, int row, int column) {
        int n = form.points();
        int height = (int) in.shape().size(in.shape().rank() - 2);
        int width = (int) in.shape().size(in.shape().rank() - 1);
        int firstRow = (int) (forward ? -p.axis3(1).padBegin() : p.axis3(1).padBegin() - 2);
        int firstColumn = (int) (forward ? -p.axis3(2).padBegin() : p.axis3(2).padBegin() - 2);
        float[][] d = new float[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                int h = row * form.m() + firstRow + i;
                int x = column * form.m() + firstColumn + j;
                d[i][j] = h < 0 || h >= height || x < 0 || x >= width ? 0 : (float) in.get((channel * height + h) * width + x);
            }
        }
        return d;
    }

    private interface Matrix {
        float at(int row, int column);
    }

    /** {@code T m T^T}; a zero of T multiplies nothing. */
    private static float[][] both(int rows, int columns, Matrix transform, float[][] m) {
        float[][] half = new float[rows][columns];
        float[][] whole = new float[rows][rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < columns; k++) {
                    half[i][j] += transform.at(i, k) == 0 ? 0 : transform.at(i, k) * m[k][j];
                }
            }
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                for (int k = 0; k < columns; k++) {
                    whole[i][j] += transform.at(j, k) == 0 ? 0 : transform.at(j, k) * half[i][k];
                }
            }
        }
        return whole;
    }
}
