package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/** One line of an ONNX listing. */
final class OnnxCase {

    private static final double LARGEST_EXACT = 0x1p24;

    private OnnxCase() {
    }

    static RecordedCase read(String name, String op, OnnxAttributes attributes, OnnxTensors tensors) {
        return switch (op) {
            case "Conv", "ConvTranspose" -> layer(name, op, attributes, tensors);
            case "Col2Im" -> col2Im(name, attributes, tensors);
            default -> throw new IllegalArgumentException("op is '" + op + "'; allowed: Conv, ConvTranspose, Col2Im");
        };
    }

    private static RecordedCase layer(String name, String op, OnnxAttributes attributes, OnnxTensors tensors) {
        HostTensor x = tensors.tensor("x");
        HostTensor w = tensors.tensor("w");
        HostTensor b = tensors.has("b") ? tensors.tensor("b") : null;
        HostTensor y = tensors.tensor("y");
        Layer layer = op.equals("Conv") ? OnnxNode.conv(attributes, x.shape(), w.shape())
                : OnnxNode.convTranspose(attributes, x.shape(), w.shape());
        return recorded(layer.output(name + ", y", x, w, b, y, accuracy(layer.problem(), x, w, b, y)), name);
    }

    private static RecordedCase col2Im(String name, OnnxAttributes attributes, OnnxTensors tensors) {
        HostTensor columns = tensors.tensor("col");
        HostTensor y = tensors.tensor("y");
        if (columns.shape().rank() != 3 || y.shape().rank() < 3) {
            throw new IllegalArgumentException("columns have the shape " + columns.shape() + " and the image " + y.shape()
                    + "; expected: 3 sizes, and 3 to 5");
        }
        ConvProblem problem = OnnxNode.col2Im(attributes, y.shape().size(0), y.shape().size(1), tensors.integers("image_shape"),
                tensors.integers("block_shape"));
        require("col", columns.shape(), TensorShape.of(problem.batch(), problem.outputChannels(), problem.outputPositions()));
        HostTensor dy = HostTensor.of(problem.yShape(), columns.doubles());
        HostTensor taps = eachItsOwnTap(problem);
        return recorded(new Recording(name + ", y", problem, ConvOperation.BACKWARD_DATA, null, taps, dy, null, y,
                accuracy(problem, dy, taps, null, y)), name);
    }

    /** {@code [C * taps, 1, filter...]}: filter {@code c * taps + t} is 1 at tap t. */
    private static HostTensor eachItsOwnTap(ConvProblem problem) {
        HostTensor w = HostTensor.zeros(DataType.FLOAT64, problem.wShape());
        long taps = problem.filterTaps();
        for (long filter = 0; filter < problem.outputChannels(); filter++) {
            w.set(filter * taps + filter % taps, 1);
        }
        return w;
    }

    private static RecordedCase recorded(Recording recording, String name) {
        ConvProblem problem = recording.problem();
        if (recording.x() != null) {
            require("x", recording.x().shape(), problem.xShape());
        }
        require("w", recording.w().shape(), problem.wShape());
        if (recording.y() != null) {
            require("x", recording.y().shape(), problem.yShape());
        }
        TensorShape output = recording.operation().outputShape(problem);
        require("y", recording.expected().shape(), output);
        if (recording.bias() != null) {
            require("b", recording.bias().shape(), TensorShape.of(output.size(1)));
        }
        return new RecordedCase(name, problem, List.of(recording), List.of());
    }

    private static void require(String role, TensorShape shape, TensorShape expected) {
        if (!shape.equals(expected)) {
            throw new IllegalArgumentException("tensor '" + role + "' has the shape " + shape + "; the attributes and the other "
                    + "tensors need " + expected);
        }
    }

    /** Whole numbers so small that no sum can be rounded make a case exact; the others were computed in fp32. */
    private static Recording.Accuracy accuracy(ConvProblem problem, HostTensor input, HostTensor w, HostTensor bias, HostTensor y) {
        double terms = (double) w.length() / Math.min(problem.inputChannels(), problem.outputChannels());
        double largest = terms * largest(input) * largest(w) + (bias == null ? 0 : largest(bias));
        boolean whole = isWhole(input) && isWhole(w) && isWhole(y) && (bias == null || isWhole(bias));
        return new Recording.Accuracy(whole && largest <= LARGEST_EXACT, DataType.FLOAT32, Double.NaN);
    }

    private static double largest(HostTensor tensor) {
        double largest = 0;
        for (int i = 0; i < tensor.length(); i++) {
            largest = Math.max(largest, Math.abs(tensor.get(i)));
        }
        return largest;
    }

    private static boolean isWhole(HostTensor tensor) {
        for (int i = 0; i < tensor.length(); i++) {
            if (tensor.get(i) != Math.rint(tensor.get(i))) {
                return false;
            }
        }
        return true;
    }
}
