package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * Cases that people stumbled over, with the numbers of the documents they come from: a chat about mlpack's transposed convolution
 * (M), Caffe's deconvolution layer (C), questions about PyTorch's sizes (P), the matrix form (S) and a lecture (L). The letters and numbers of the tests are the
 * rows of the requirements in the shared material beside the checkout, {@code design/mission.md}.
 */
class DocumentedCasesTest {

    private static final ConvEngine ENGINE = ConvEngine.builder().backend("cpu").threads(2).open();
    private static final Functional F = ENGINE.functional();
    private static final ConvOptions OPTIONS = ConvOptions.defaults();

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    // --- M: transposed convolution that was wrong and slow ------------------------------------------------------------------

    /**
     * M3: inserting zeros and then a valid convolution with explicit padding, as one algorithm, forward; with the strided valid
     * convolution backward. A whole training pass of a transposed layer gives the numbers of the definition.
     */
    @Test
    void m3ZeroInsertionServesAWholeTrainingPass() {
        TransposedConvolution layer = TransposedConvolution.conv2d().batch(2).input(6, 5, 4).filters(4, 5, 4).stride(2, 3)
                .padding(2, 1).outputPadding(1, 2).groups(2).build();
        HostTensor input = Tensors.integers(layer.inputShape(), 1);
        HostTensor weight = Tensors.integers(layer.weightShape(), 2);
        HostTensor gradient = Tensors.integers(layer.outputShape(), 3);
        try (ConvEngine zeros = ConvEngine.builder().backend("cpu").threads(2)
                     .algorithm(ConvOperation.BACKWARD_DATA, "zero-insert")
                     .algorithm(ConvOperation.FORWARD, "direct")
                     .algorithm(ConvOperation.BACKWARD_FILTER, "alternate-points").open();
             ConvEngine definition = ConvEngine.builder().backend("cpu").threads(2).algorithm("reference").open()) {
            Tensors.assertSameNumbers(definition.forward(layer, input, weight), zeros.forward(layer, input, weight), "output");
            Tensors.assertSameNumbers(definition.backwardData(layer, gradient, weight), zeros.backwardData(layer, gradient, weight),
                    "input gradient");
            Tensors.assertSameNumbers(definition.backwardFilter(layer, input, gradient),
                    zeros.backwardFilter(layer, input, gradient), "weight gradient");
        }
    }

    /**
     * M4: with a stride, the filter gradient takes alternate points of the larger map inside the kernel. The points between them
     * are NaN here, and none gets into the result, as it would from a full convolution that is thrown away.
     */
    @Test
    void m4TheFilterGradientReadsAlternatePointsOnly() {
        ConvProblem problem = ConvProblem.conv2d().batch(2).input(2, 9, 10).filters(3, 2, 1).stride(4, 3).build();
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor dy = Tensors.integers(problem.yShape(), 2);
        HostTensor dw = ENGINE.backwardFilter(problem, x, dy);
        for (int i = 0; i < x.length(); i++) {
            boolean met = i / 10 % 9 % 4 < 2 && i % 10 % 3 == 0;
            if (!met) {
                x.set(i, Double.NaN);
            }
        }
        for (String algorithm : List.of("direct", "alternate-points")) {
            try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).algorithm(algorithm).open()) {
                Tensors.assertSameNumbers(dw, engine.backwardFilter(problem, x, dy), algorithm);
            }
        }
    }

    /** M5: 5x5, filter 4x4, padding 2 gives 6x6; the way back goes from 6x6 straight to 5x5. */
    @Test
    void m5TheWayBackHasTheSizeOfTheWayForth() {
        ConvProblem problem = ConvProblem.conv2d().input(1, 5, 5).filters(1, 4, 4).padding(2).build();
        assertEquals(TensorShape.of(1, 1, 6, 6), problem.yShape());
        SpatialAxis axis = problem.axes().get(0);
        assertEquals(8, axis.zeroInsertedOutput() + axis.transposedPadBegin() + axis.transposedPadEnd());
        HostTensor dy = Tensors.integers(problem.yShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        assertEquals(TensorShape.of(1, 1, 5, 5), ENGINE.backwardData(problem, dy, w).shape());
    }

    // --- C: Caffe's layer ----------------------------------------------------------------------------------------------------

    /**
     * C3: a 1x1 filter (stride 1, no padding) and a filter as large as its input need no column matrix: the tensors are matrices as
     * they lie. The numbers are those of the products with columns.
     */
    @Test
    void c3TheColumnMatrixIsSkippedWhereTheTensorIsOne() {
        for (String line : List.of("n2c12h5w7k10r1s1_g2", "n3c6h5w7k4r5s7_g2")) {
            ConvProblem problem = ConvProblem.parse(line);
            HostTensor x = Tensors.integers(problem.xShape(), 1);
            HostTensor w = Tensors.integers(problem.wShape(), 2);
            HostTensor dy = Tensors.integers(problem.yShape(), 3);
            try (ConvEngine columns = ConvEngine.builder().backend("cpu").threads(2).algorithm("im2col-gemm")
                    .algorithm(ConvOperation.BACKWARD_DATA, "gemm-col2im").open()) {
                for (ConvOperation operation : ConvOperation.values()) {
                    String algorithm = ENGINE.plan(problem, operation).algorithm().name();
                    assertTrue(List.of("packed-1x1", "gemm-1x1").contains(algorithm), () -> line + ": " + algorithm);
                }
                Tensors.assertSameNumbers(columns.forward(problem, x, w), ENGINE.forward(problem, x, w), line);
                Tensors.assertSameNumbers(columns.backwardData(problem, dy, w), ENGINE.backwardData(problem, dy, w), line);
                Tensors.assertSameNumbers(columns.backwardFilter(problem, x, dy), ENGINE.backwardFilter(problem, x, dy), line);
            }
        }
    }

    /** C3: where columns are made, it is a block at a time; the 116 MB of one image of a VGG layer never exist. */
    @Test
    void c3TheColumnMatrixOfAnImageNeverExists() {
        ConvProblem vgg = ConvProblem.parse("n64c64h224w224k64r3s3_ph1pw1");
        assertEquals(115_605_504, vgg.columnElementsPerImage() * 4);
        for (ConvOperation operation : ConvOperation.values()) {
            long bytes = ENGINE.plan(vgg, operation).workspaceBytes();
            assertTrue(bytes < 115_605_504 / 20, () -> operation + " takes " + bytes + " bytes");
        }
    }

    // --- P: questions about PyTorch's sizes -----------------------------------------------------------------------------------

    /** P1: {@code floor((x + 2p - d(k-1) - 1)/s + 1)} and {@code (x-1)s - 2p + d(k-1) + op + 1}, on each axis by itself. */
    @Test
    void p1SizesPerAxis() {
        HostTensor y = F.conv2d(zeros(1, 2, 20, 31), zeros(3, 2, 3, 4), null, OPTIONS.stride(2, 3).padding(1, 2).dilation(3, 2));
        assertEquals(TensorShape.of(1, 3, (20 + 2 - 6 - 1) / 2 + 1, (31 + 4 - 6 - 1) / 3 + 1), y.shape());
        HostTensor z = F.convTranspose2d(zeros(1, 3, 8, 10), zeros(3, 2, 3, 4), null,
                OPTIONS.stride(2, 3).padding(1, 2).dilation(3, 2).outputPadding(1, 2));
        assertEquals(TensorShape.of(1, 2, 7 * 2 - 2 + 6 + 1 + 1, 9 * 3 - 4 + 6 + 2 + 1), z.shape());
    }

    /** P2: Conv(128 to 256, k3, s2, p1) makes 12x12 of 24x24; its mate makes 23x23, and 24x24 when asked, with the same numbers. */
    @Test
    void p2Why23AndNot24() {
        HostTensor x = Tensors.integers(TensorShape.of(1, 128, 24, 24), 1);
        HostTensor w = Tensors.integers(TensorShape.of(256, 128, 3, 3), 2);
        HostTensor y = F.conv2d(x, w, null, OPTIONS.stride(2).padding(1));
        assertEquals(TensorShape.of(1, 256, 12, 12), y.shape());
        HostTensor small = Tensors.integers(y.shape(), 3);
        HostTensor odd = F.convTranspose2d(small, w, null, OPTIONS.stride(2).padding(1));
        HostTensor even = F.convTranspose2d(small, w, null, OPTIONS.stride(2).padding(1).outputSize(24, 24));
        assertEquals(TensorShape.of(1, 128, 23, 23), odd.shape());
        assertEquals(TensorShape.of(1, 128, 24, 24), even.shape());
        Tensors.assertSameNumbers(even, F.convTranspose2d(small, w, null, OPTIONS.stride(2).padding(1).outputPadding(1)), "24x24");
        for (int i = 0; i < odd.length(); i++) {
            assertEquals(even.get((i / (23 * 23) * 24L + i / 23 % 23) * 24 + i % 23), odd.get(i));
        }
    }

    /** P3: lengths 100 and 101 with k1 s2 both come back as asked, with zeros where nothing was. */
    @Test
    void p3BothLengthsComeBack() {
        HostTensor one = HostTensor.of(TensorShape.of(1, 1, 1), 1f);
        for (int length : new int[] {100, 101}) {
            HostTensor x = Tensors.integers(TensorShape.of(1, 1, length), length);
            HostTensor y = F.conv1d(x, one, null, OPTIONS.stride(2));
            assertEquals(TensorShape.of(1, 1, length == 100 ? 50 : 51), y.shape());
            HostTensor back = F.convTranspose1d(y, one, null, OPTIONS.stride(2).outputSize(length));
            for (int i = 0; i < length; i++) {
                assertEquals(i % 2 == 0 ? x.get(i) : 0, back.get(i), "position " + i + " of " + length);
            }
        }
    }

    /**
     * P4: 192 filters 5x5 over an image 3x32x32. The 4-d filter is [192, 3, 5, 5]: each of the 192 is a 3x5x5 block that covers all
     * three channels of a 5x5 window at once, 75 products to one number of its own output channel.
     */
    @Test
    void p4TheFourDimensionalFilterMeetsTheThreeDimensionalInput() {
        HostTensor x = Tensors.integers(TensorShape.of(1, 3, 32, 32), 1);
        HostTensor w = Tensors.integers(TensorShape.of(192, 3, 5, 5), 2);
        HostTensor y = F.conv2d(x, w, null, OPTIONS);
        assertEquals(TensorShape.of(1, 192, 28, 28), y.shape());
        int k = 100;
        int p = 7;
        int q = 21;
        double sum = 0;
        int products = 0;
        for (int c = 0; c < 3; c++) {
            for (int r = 0; r < 5; r++) {
                for (int s = 0; s < 5; s++) {
                    sum += x.get((c * 32L + p + r) * 32 + q + s) * w.get(((k * 3L + c) * 5 + r) * 5 + s);
                    products++;
                }
            }
        }
        assertEquals(75, products);
        assertEquals(sum, y.get((k * 28L + p) * 28 + q));
        assertEquals(TensorShape.of(1, 192, 32, 32), F.conv2d(x, w, null, OPTIONS.padding(2)).shape());
    }

    /** P5: a kernel (1, 6) with stride 6 turns [1, 197, 1, 768] into [1, 197, 1, 128]: every axis has its own numbers. */
    @Test
    void p5RectangularEverything() {
        HostTensor x = Tensors.integers(TensorShape.of(1, 197, 1, 768), 1);
        HostTensor w = Tensors.integers(TensorShape.of(197, 1, 1, 6), 2);
        HostTensor y = F.conv2d(x, w, null, OPTIONS.stride(1, 6).groups(197));
        assertEquals(TensorShape.of(1, 197, 1, 128), y.shape());
        assertEquals(TensorShape.of(1, 197, 1, 128), F.conv2d(x, zeros(197, 197, 1, 6), null, OPTIONS.stride(6)).shape());
        double sum = 0;
        for (int s = 0; s < 6; s++) {
            sum += x.get(50 * 768L + 100 * 6 + s) * w.get(50 * 6L + s);
        }
        assertEquals(sum, y.get(50 * 128L + 100));
    }

    // --- S and L: the matrix form and the lecture ---------------------------------------------------------------------------

    /** S1: with the matrix C of a convolution, y = C x and dx = C^T dy. The matrix is made column by column from unit vectors. */
    @Test
    void s1TheTransposedConvolutionIsTheTransposedMatrix() {
        ConvProblem problem = ConvProblem.parse("n1c2h4w5k3r3s2_sh2sw1_ph1:0pw0:1");
        HostTensor w = Tensors.integers(problem.wShape(), 1);
        int inputs = (int) problem.xShape().elements();
        int outputs = (int) problem.yShape().elements();
        double[][] matrix = new double[outputs][inputs];
        for (int i = 0; i < inputs; i++) {
            HostTensor unit = HostTensor.zeros(problem.xShape());
            unit.set(i, 1);
            HostTensor column = ENGINE.forward(problem, unit, w);
            for (int o = 0; o < outputs; o++) {
                matrix[o][i] = column.get(o);
            }
        }
        HostTensor x = Tensors.integers(problem.xShape(), 2);
        HostTensor dy = Tensors.integers(problem.yShape(), 3);
        double[] y = new double[outputs];
        double[] dx = new double[inputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                y[o] += matrix[o][i] * x.get(i);
                dx[i] += matrix[o][i] * dy.get(o);
            }
        }
        assertNumbers(y, ENGINE.forward(problem, x, w));
        assertNumbers(dx, ENGINE.forward(TransposedConvolution.inverseOf(problem), dy, w));
    }

    /**
     * S2 and L1: the transposed convolution as a direct one. z = s-1 zeros between the elements, padding p' = k-p-1 (with
     * dilation d(k-1)-p), the same dilation d' = d, stride 1, and the filter rotated by 180 degrees with its channel axes exchanged.
     */
    @Property(tries = 200)
    void s2l1TheTransposedConvolutionIsADirectOneOverInsertedZeros(@ForAll("problems") ConvProblem problem) {
        Assume.that(problem.axes().stream().allMatch(axis -> axis.transposedPadBegin() >= 0));
        List<SpatialAxis> axes = problem.axes().stream().map(axis -> new SpatialAxis(axis.zeroInsertedOutput(), axis.filter(), 1,
                axis.dilation() * (axis.filter() - 1) - axis.padBegin(), axis.transposedPadEnd(), axis.dilation())).toList();
        ConvProblem direct = new ConvProblem(problem.batch(), problem.outputChannels(), problem.inputChannels(), problem.groups(), axes);
        assertEquals(problem.xShape(), direct.yShape());
        HostTensor dy = Tensors.integers(problem.yShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        Tensors.assertSameNumbers(ENGINE.forward(TransposedConvolution.inverseOf(problem), dy, w),
                ENGINE.forward(direct, withZeros(dy, problem, direct.xShape()), rotated(w, problem, direct.wShape())),
                problem + " as " + direct);
    }

    /** S2: the rotation is what people forget; without it the numbers differ. */
    @Test
    void s2WithoutTheRotationItIsWrong() {
        ConvProblem problem = ConvProblem.conv1d().input(1, 4).filters(1, 3).stride(1).build();
        HostTensor dy = HostTensor.of(problem.yShape(), 1f, 0f);
        HostTensor w = HostTensor.of(problem.wShape(), 1f, 2f, 3f);
        ConvProblem direct = ConvProblem.conv1d().input(1, 2).filters(1, 3).padding(2).build();
        assertArrayEquals(new float[] {1, 2, 3, 0}, ENGINE.forward(TransposedConvolution.inverseOf(problem), dy, w).floats());
        assertArrayEquals(new float[] {1, 2, 3, 0}, ENGINE.forward(direct, dy, HostTensor.of(w.shape(), 3f, 2f, 1f)).floats());
        assertArrayEquals(new float[] {3, 2, 1, 0}, ENGINE.forward(direct, dy, w).floats(), "not rotated");
    }

    /**
     * L2: the lecture's sketch in two dimensions. With the column matrix X of an image, one row per channel and tap, Y = W X forward;
     * dW = dY X^T and dX = W^T dY backward, the columns of dX added back to where they came from.
     */
    @Test
    void l2ConvolutionIsAMatrixProductOfColumns() {
        ConvProblem problem = ConvProblem.parse("n1c3h6w7k4r2s3_sh2sw1_ph1pw2");
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor dy = Tensors.integers(problem.yShape(), 3);
        int rows = 3 * 2 * 3;
        int columns = (int) problem.outputPositions();
        int[][] from = columnIndices(problem, rows, columns);
        double[] y = new double[4 * columns];
        double[] dw = new double[4 * rows];
        double[] dx = new double[x.length()];
        for (int k = 0; k < 4; k++) {
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    int at = from[row][column];
                    double element = at < 0 ? 0 : x.get(at);
                    y[k * columns + column] += w.get(k * rows + row) * element;
                    dw[k * rows + row] += dy.get(k * columns + column) * element;
                    if (at >= 0) {
                        dx[at] += w.get(k * rows + row) * dy.get(k * columns + column);
                    }
                }
            }
        }
        assertNumbers(y, ENGINE.forward(problem, x, w));
        assertNumbers(dw, ENGINE.backwardFilter(problem, x, dy));
        assertNumbers(dx, ENGINE.backwardData(problem, dy, w));
    }

    /** Which element of x lies in a row (channel, r, s) and column (p, q) of the column matrix; -1 in the padding. */
    private static int[][] columnIndices(ConvProblem problem, int rows, int columns) {
        SpatialAxis height = problem.axes().get(0);
        SpatialAxis width = problem.axes().get(1);
        int[][] from = new int[rows][columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                long h = column / width.output() * height.stride() - height.padBegin() + row / width.filter() % height.filter();
                long v = column % width.output() * width.stride() - width.padBegin() + row % width.filter();
                boolean inside = h >= 0 && h < height.input() && v >= 0 && v < width.input();
                long channel = row / problem.filterTaps();
                from[row][column] = inside ? (int) ((channel * height.input() + h) * width.input() + v) : -1;
            }
        }
        return from;
    }

    private static HostTensor withZeros(HostTensor dy, ConvProblem problem, TensorShape shape) {
        HostTensor spread = HostTensor.zeros(shape);
        for (int i = 0; i < dy.length(); i++) {
            long rest = i;
            long at = 0;
            long step = 1;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                long stride = axis < 2 ? 1 : problem.axes().get(axis - 2).stride();
                at += rest % dy.shape().size(axis) * stride * step;
                rest /= dy.shape().size(axis);
                step *= shape.size(axis);
            }
            spread.set(at, dy.get(i));
        }
        return spread;
    }

    /** {@code rotated[g * C/G + c, k, tap] = w[g * K/G + k, c, last tap - tap]}. */
    private static HostTensor rotated(HostTensor w, ConvProblem problem, TensorShape shape) {
        HostTensor rotated = HostTensor.zeros(shape);
        long taps = problem.filterTaps();
        for (long filter = 0; filter < problem.outputChannels(); filter++) {
            long group = filter / problem.filtersPerGroup();
            for (long c = 0; c < problem.channelsPerGroup(); c++) {
                long channel = group * problem.channelsPerGroup() + c;
                for (long tap = 0; tap < taps; tap++) {
                    rotated.set((channel * problem.filtersPerGroup() + filter % problem.filtersPerGroup()) * taps + tap,
                            w.get((filter * problem.channelsPerGroup() + c) * taps + taps - 1 - tap));
                }
            }
        }
        return rotated;
    }

    private static HostTensor zeros(long... sizes) {
        return HostTensor.zeros(TensorShape.of(sizes));
    }

    private static void assertNumbers(double[] expected, HostTensor actual) {
        assertEquals(expected.length, actual.length());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual.get(i), "element " + i);
        }
    }
}
