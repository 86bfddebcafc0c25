package io.github.jconv.explain;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A convolution as a matrix product: the matrix C of a small problem, for one image.
 *
 * <pre>
 *   y  = C x        C has a row for each element of y and a column for each element of x
 *   dx = C^T dy     the gradient of the loss with respect to x, from the gradient with respect to y (dy, not y)
 * </pre>
 *
 * <p>The transposed convolution is the product with the transpose of C, which is where its name comes from; it is not the inverse.
 * Elements are counted row-major, channels outermost. An element of C is one weight or zero.
 */
public final class ConvolutionMatrix {

    /** The most rows, and columns, that a matrix may have: more cannot be read. */
    public static final int LARGEST = 64;

    private static final int ZERO = -1;

    private final ConvProblem problem;
    private final int rows;
    private final int columns;
    private final int[] weights;

    private ConvolutionMatrix(ConvProblem problem) {
        this.problem = problem;
        this.rows = (int) (problem.outputChannels() * problem.outputPositions());
        this.columns = (int) (problem.inputChannels() * problem.inputPositions());
        this.weights = new int[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                weights[row * columns + column] = findWeight(row, column);
            }
        }
    }

    /**
     * The matrix of one image of the problem, whatever its batch.
     *
     * @throws InvalidProblemException when it has more than {@link #LARGEST} rows or columns
     */
    public static ConvolutionMatrix of(ConvProblem problem) {
        ConvProblem image = problem.withBatch(1);
        long rows = image.yShape().elements();
        long columns = image.xShape().elements();
        if (rows > LARGEST || columns > LARGEST) {
            throw new InvalidProblemException("the matrix of " + image + " has " + rows + " rows (elements of y) and " + columns
                    + " columns (elements of x); allowed: up to " + LARGEST + " of each");
        }
        return new ConvolutionMatrix(image);
    }

    /** The problem, with a batch of one. */
    public ConvProblem problem() {
        return problem;
    }

    /** Elements of y. */
    public int rows() {
        return rows;
    }

    /** Elements of x. */
    public int columns() {
        return columns;
    }

    /** The row-major index in w of the weight at a place of C, or -1 for a zero. */
    public int weightAt(int row, int column) {
        return weights[row * columns + column];
    }

    /** {@code y = C x}. */
    public HostTensor multiply(HostTensor w, HostTensor x) {
        requireShape("w", w, problem.wShape());
        requireShape("x", x, problem.xShape());
        HostTensor y = HostTensor.zeros(x.dataType(), problem.yShape());
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int column = 0; column < columns; column++) {
                sum += value(w, row, column) * x.get(column);
            }
            y.set(row, sum);
        }
        return y;
    }

    /** {@code dx = C^T dy}. */
    public HostTensor multiplyTransposed(HostTensor w, HostTensor dy) {
        requireShape("w", w, problem.wShape());
        requireShape("dy", dy, problem.yShape());
        HostTensor dx = HostTensor.zeros(dy.dataType(), problem.xShape());
        for (int column = 0; column < columns; column++) {
            double sum = 0;
            for (int row = 0; row < rows; row++) {
                sum += value(w, row, column) * dy.get(row);
            }
            dx.set(column, sum);
        }
        return dx;
    }

    /** The matrix with the weights by name: {@code w21} is tap (2, 1); a dot is a zero. */
    public List<String> symbolic() {
        int channelIndices = problem.outputChannels() == 1 && problem.channelsPerGroup() == 1 ? 0 : 2;
        return print(weight -> "w" + indices(problem.wShape(), weight, channelIndices));
    }

    /** The matrix with the weights' values; a dot is a zero of the matrix, not of w. */
    public List<String> withValues(HostTensor w) {
        requireShape("w", w, problem.wShape());
        return print(weight -> number(w.get(weight)));
    }

    /** A number as short as it can be written. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? String.valueOf((long) value) : String.valueOf(value);
    }

    private List<String> print(IntFunction<String> entry) {
        List<List<String>> table = new ArrayList<>();
        List<String> heading = new ArrayList<>(List.of("", ""));
        for (int column = 0; column < columns; column++) {
            heading.add("x" + indices(problem.xShape(), column, problem.inputChannels() == 1 ? 0 : 1));
        }
        heading.add("");
        table.add(heading);
        for (int row = 0; row < rows; row++) {
            String y = "y" + indices(problem.yShape(), row, problem.outputChannels() == 1 ? 0 : 1);
            List<String> line = new ArrayList<>(List.of(y, "["));
            for (int column = 0; column < columns; column++) {
                int weight = weightAt(row, column);
                line.add(weight == ZERO ? "." : entry.apply(weight));
            }
            line.add("]");
            table.add(line);
        }
        return Words.columns("ll" + "r".repeat(columns) + "l", table);
    }

    /** The spatial indices of an element, behind the last {@code channelIndices} of its two indices of images and channels. */
    private static String indices(TensorShape shape, long flat, int channelIndices) {
        List<String> indices = new ArrayList<>();
        long rest = flat;
        boolean wide = false;
        for (int i = shape.rank() - 1; i >= 0; i--) {
            wide |= shape.size(i) > 10;
            indices.add(0, String.valueOf(rest % shape.size(i)));
            rest /= shape.size(i);
        }
        String separator = wide ? "," : "";
        String front = channelIndices == 0 ? "" : String.join(separator, indices.subList(2 - channelIndices, 2)) + ".";
        return front + String.join(separator, indices.subList(2, indices.size()));
    }

    private double value(HostTensor w, int row, int column) {
        int weight = weightAt(row, column);
        return weight == ZERO ? 0 : w.get(weight);
    }

    /** The weight that leads from an element of x to one of y, if one does: each axis has at most one tap for the two. */
    private int findWeight(int row, int column) {
        long k = row / problem.outputPositions();
        long c = column / problem.inputPositions();
        if (k / problem.filtersPerGroup() != c / problem.channelsPerGroup()) {
            return ZERO;
        }
        long tap = 0;
        long p = row % problem.outputPositions();
        long h = column % problem.inputPositions();
        long tapsInside = 1;
        for (int i = problem.dimensions() - 1; i >= 0; i--) {
            SpatialAxis axis = problem.axes().get(i);
            long distance = h % axis.input() + axis.padBegin() - p % axis.output() * axis.stride();
            if (distance < 0 || distance % axis.dilation() != 0 || distance / axis.dilation() >= axis.filter()) {
                return ZERO;
            }
            tap += distance / axis.dilation() * tapsInside;
            tapsInside *= axis.filter();
            h /= axis.input();
            p /= axis.output();
        }
        return (int) ((k * problem.channelsPerGroup() + c % problem.channelsPerGroup()) * problem.filterTaps() + tap);
    }

    private void requireShape(String name, HostTensor tensor, TensorShape shape) {
        if (!tensor.shape().equals(shape)) {
            throw new InvalidProblemException(name + " has shape " + tensor.shape() + "; the matrix of " + problem + " needs " + shape);
        }
    }
}
