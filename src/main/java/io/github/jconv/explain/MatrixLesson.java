package io.github.jconv.explain;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The matrix form of a small convolution shown with numbers, each result computed twice: as a matrix product, and by the
 * definition. The numbers are small integers, so that the two agree exactly or are wrong.
 */
public final class MatrixLesson {

    private final ConvolutionMatrix matrix;
    private final ConvProblem problem;
    private final HostTensor w;
    private final List<String> lines = new ArrayList<>();
    private boolean agrees = true;

    private MatrixLesson(ConvolutionMatrix matrix) {
        this.matrix = matrix;
        this.problem = matrix.problem();
        this.w = counted(problem.wShape(), 1, 9);
    }

    /**
     * The lesson on one image of the problem.
     *
     * @throws io.github.jconv.problem.InvalidProblemException when the matrix is larger than {@link ConvolutionMatrix#LARGEST}
     */
    public static MatrixLesson of(ConvProblem problem) {
        var lesson = new MatrixLesson(ConvolutionMatrix.of(problem));
        lesson.showMatrix();
        lesson.showForward();
        lesson.showGradient();
        lesson.showTransposedConvolution();
        return lesson;
    }

    /** Whether every product was what the definition gives. */
    public boolean agrees() {
        return agrees;
    }

    public String text() {
        return String.join("\n", lines) + "\n";
    }

    @Override
    public String toString() {
        return text();
    }

    private void showMatrix() {
        lines.add("The convolution " + problem + " as a matrix, one image");
        lines.add("  y = C x: " + matrix.rows() + " rows, one for each element of y; " + matrix.columns()
                + " columns, one for each element of x; a dot is a zero");
        lines.add("");
        lines.add("C with the weights by name (" + names() + ")");
        matrix.symbolic().forEach(line -> lines.add("  " + line));
        lines.add("");
        lines.add("C with numbers: w = " + values(w));
        matrix.withValues(w).forEach(line -> lines.add("  " + line));
    }

    private void showForward() {
        HostTensor x = counted(problem.xShape(), 1, 5);
        HostTensor y = HostTensor.zeros(problem.yShape());
        ReferenceConvolution.run(problem, ConvOperation.FORWARD, x, w, y, false);
        lines.add("");
        lines.add("y = C x");
        lines.add("  x       = " + values(x));
        show("C x", matrix.multiply(w, x), y, "the convolution by its definition");
    }

    private void showGradient() {
        HostTensor dy = counted(problem.yShape(), -2, 5);
        lines.add("");
        lines.add("dx = C^T dy: the gradient of the loss with respect to x, from dy, its gradient with respect to y (not from y)");
        lines.add("  dy      = " + values(dy));
        show("C^T dy", matrix.multiplyTransposed(w, dy), dataGradient(dy), "the data gradient by its definition");
    }

    private void showTransposedConvolution() {
        HostTensor z = counted(problem.yShape(), 1, 4);
        HostTensor product = matrix.multiplyTransposed(w, z);
        var ordinary = new OrdinaryForm(problem);
        HostTensor unrotated = ordinary.dataGradient(z, w, false);
        lines.add("");
        lines.add("The transposed convolution of a map z with y's shape is C^T z, and so has x's shape");
        lines.add("  z       = " + values(z));
        show("C^T z", product, dataGradient(z), "the transposed convolution by its definition");
        show("direct", ordinary.dataGradient(z, w, true), product,
                "C^T z: a convolution with stride 1 over z with inserted zeros, " + padding() + ", filter rotated by 180 degrees");
        lines.add("  forgot  = " + values(unrotated) + "   without the rotation, which people forget: "
                + differences(unrotated, product) + " of " + product.length() + " elements are wrong");
        HostTensor x = counted(problem.xShape(), 1, 5);
        HostTensor back = matrix.multiplyTransposed(w, matrix.multiply(w, x));
        lines.add("  It is the transpose, not the inverse: C^T C x = " + values(back) + " is not x in " + differences(back, x) + " of "
                + x.length() + " elements.");
    }

    private HostTensor dataGradient(HostTensor dy) {
        HostTensor dx = HostTensor.zeros(problem.xShape());
        ReferenceConvolution.run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, false);
        return dx;
    }

    private void show(String name, HostTensor result, HostTensor expected, String what) {
        boolean same = differences(result, expected) == 0;
        agrees &= same;
        lines.add("  " + (name + "        ").substring(0, Math.max(7, name.length())) + " = " + values(result) + "   "
                + (same ? "the same as " : "NOT THE SAME as ") + what);
    }

    private String padding() {
        return "padding k-p-1 = " + problem.axes().stream().map(MatrixLesson::padding).collect(Collectors.joining(" x "));
    }

    private static String padding(SpatialAxis axis) {
        return axis.transposedPadBegin() == axis.transposedPadEnd() ? String.valueOf(axis.transposedPadBegin())
                : axis.transposedPadBegin() + ":" + axis.transposedPadEnd();
    }

    private String names() {
        boolean channels = problem.outputChannels() > 1 || problem.channelsPerGroup() > 1;
        return (channels ? "filter, channel . " : "") + "tap, counted from 0";
    }

    private static long differences(HostTensor first, HostTensor second) {
        return IntStream.range(0, first.length()).filter(i -> first.get(i) != second.get(i)).count();
    }

    /** {@code first, first + 1, ...} and again from the beginning after {@code period} numbers. */
    private static HostTensor counted(TensorShape shape, int first, int period) {
        HostTensor tensor = HostTensor.zeros(shape);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, first + i % period);
        }
        return tensor;
    }

    private static String values(HostTensor tensor) {
        return IntStream.range(0, tensor.length()).mapToObj(i -> ConvolutionMatrix.number(tensor.get(i)))
                .collect(Collectors.joining(" ", "[", "]"));
    }
}
