package io.github.jconv;

import io.github.jconv.TensorRoles.Role;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.StringJoiner;

/**
 * The checks of a call's tensors, in front of every backend: place, shape, type, layout, memory. A call that passes them allocates nothing;
 * what a message needs is built only when it is thrown.
 */
final class TensorChecks {

    private final Backend backend;

    TensorChecks(Backend backend) {
        this.backend = backend;
    }

    /**
     * All tensors of one operation.
     *
     * @param x    x, or dx when the operation is BACKWARD_DATA
     * @param w    w, or dw when the operation is BACKWARD_FILTER
     * @param y    y, or dy unless the operation is FORWARD
     * @param bias added to the output, or null
     */
    void operation(ConvProblem problem, ConvOperation operation, TensorRoles roles, Tensor x, Tensor w, Tensor y, Tensor bias,
                   WriteMode mode) {
        Required.given(mode, "mode");
        x(problem, roles.x(), x);
        w(problem, roles.w(), w);
        y(problem, roles.y(), y);
        sameForm(problem, roles.x().name(), x, roles.w().name(), w);
        sameForm(problem, roles.x().name(), x, roles.y().name(), y);
        switch (operation) {
            case FORWARD -> apart(problem, roles.y().name(), y, roles.x().name(), x, roles.w().name(), w);
            case BACKWARD_DATA -> apart(problem, roles.x().name(), x, roles.y().name(), y, roles.w().name(), w);
            case BACKWARD_FILTER -> apart(problem, roles.w().name(), w, roles.x().name(), x, roles.y().name(), y);
        }
        if (bias != null) {
            boolean forward = operation == ConvOperation.FORWARD;
            perChannel(problem, "bias", bias, forward ? problem.outputChannels() : problem.inputChannels());
            sameType(problem, roles.x().name(), x, "bias", bias);
            apart(problem, forward ? roles.y().name() : roles.x().name(), forward ? y : x, "bias", bias);
        }
    }

    /** The two tensors of a convolution's bias gradient. */
    void backwardBias(ConvProblem problem, Tensor dy, Tensor dbias, WriteMode mode) {
        Role role = TensorRoles.BACKWARD_FILTER.y();
        y(problem, role, dy);
        biasGradient(problem, role.name(), dy, "dbias", dbias, problem.outputChannels(), mode);
    }

    /** The two tensors of a transposed convolution's bias gradient. */
    void layerBackwardBias(ConvProblem equivalent, Tensor outputGradient, Tensor biasGradient, WriteMode mode) {
        Role role = TensorRoles.LAYER_BACKWARD_FILTER.x();
        x(equivalent, role, outputGradient);
        biasGradient(equivalent, role.name(), outputGradient, "bias gradient", biasGradient, equivalent.inputChannels(), mode);
    }

    private void biasGradient(ConvProblem problem, String summedName, Tensor summed, String name, Tensor gradient, long channels,
                              WriteMode mode) {
        Required.given(mode, "mode");
        perChannel(problem, name, gradient, channels);
        sameType(problem, summedName, summed, name, gradient);
        apart(problem, name, gradient, summedName, summed);
    }

    /** The two tensors of a conversion. */
    void conversion(Tensor source, Tensor target) {
        for (Tensor tensor : new Tensor[] {Required.given(source, "source"), Required.given(target, "target")}) {
            Support support = backend.accepts(tensor);
            if (!support.yes()) {
                throw new IllegalArgumentException("a tensor to convert is " + support.reason() + " on the " + backend.name() + " backend");
            }
        }
        if (!source.shape().equals(target.shape()) || target.overlaps(source)) {
            throw new IllegalArgumentException("conversion from " + source + " to " + target
                    + "; allowed: two tensors of the same shape that do not overlap");
        }
    }

    /** The tensor is there, and where this backend can compute on it. */
    void place(ConvProblem problem, String name, Tensor tensor) {
        Required.given(problem, "problem");
        if (tensor == null) {
            throw new InvalidProblemException(name + " is null; allowed: a tensor (problem " + problem + ")");
        }
        Support support = backend.accepts(tensor);
        if (!support.yes()) {
            throw new InvalidProblemException(name + " is " + support.reason() + " on the " + backend.name() + " backend (problem "
                    + problem + ")");
        }
    }

    private void x(ConvProblem problem, Role role, Tensor tensor) {
        place(problem, role.name(), tensor);
        if (!problem.isXShape(tensor.shape())) {
            throw wrongShape(problem, role, tensor, problem.xShape());
        }
    }

    private void w(ConvProblem problem, Role role, Tensor tensor) {
        place(problem, role.name(), tensor);
        if (!problem.isWShape(tensor.shape())) {
            throw wrongShape(problem, role, tensor, problem.wShape());
        }
    }

    private void y(ConvProblem problem, Role role, Tensor tensor) {
        place(problem, role.name(), tensor);
        if (!problem.isYShape(tensor.shape())) {
            throw wrongShape(problem, role, tensor, problem.yShape());
        }
    }

    private void perChannel(ConvProblem problem, String name, Tensor tensor, long channels) {
        place(problem, name, tensor);
        if (tensor.shape().rank() != 1 || tensor.shape().size(0) != channels) {
            throw new InvalidProblemException(name + " has shape " + tensor.shape() + "; the problem " + problem + " needs ["
                    + channels + "], one number for each output channel");
        }
    }

    private static void sameType(ConvProblem problem, String firstName, Tensor first, String secondName, Tensor second) {
        if (first.dataType() != second.dataType()) {
            throw new InvalidProblemException(firstName + " is " + first.dataType() + " and " + secondName + " is "
                    + second.dataType() + "; allowed: one type for all tensors of a call, FLOAT32, FLOAT64, FLOAT16 or BFLOAT16 (problem "
                    + problem + ")");
        }
    }

    private static void sameForm(ConvProblem problem, String firstName, Tensor first, String secondName, Tensor second) {
        sameType(problem, firstName, first, secondName, second);
        if (first.layout() != second.layout()) {
            throw new InvalidProblemException(firstName + " is " + first.layout() + " and " + secondName + " is " + second.layout()
                    + "; allowed: one layout for all tensors of a call, NCHW or NHWC (channels last), the filter's too; convert() changes it"
                    + " (problem " + problem + ")");
        }
    }

    private static void apart(ConvProblem problem, String outputName, Tensor output, String firstName, Tensor first,
                              String secondName, Tensor second) {
        apart(problem, outputName, output, firstName, first);
        apart(problem, outputName, output, secondName, second);
    }

    private static void apart(ConvProblem problem, String outputName, Tensor output, String inputName, Tensor input) {
        if (output.overlaps(input)) {
            throw new InvalidProblemException("the output " + outputName + " and " + inputName
                    + " overlap in memory; allowed: an output with memory of its own (problem " + problem + ")");
        }
    }

    /** Both shapes, the problem, and each axis that is wrong: what it counts, what it is and what it must be. */
    private static InvalidProblemException wrongShape(ConvProblem problem, Role role, Tensor tensor, TensorShape expected) {
        TensorShape shape = tensor.shape();
        var differences = new StringJoiner("; ", ": ", "");
        if (shape.rank() != expected.rank()) {
            differences.add("it has " + shape.rank() + " axes and must have " + expected.rank());
        } else {
            for (int axis = 0; axis < shape.rank(); axis++) {
                if (shape.size(axis) != expected.size(axis)) {
                    differences.add("axis " + axis + ", " + meaning(role, axis) + ", is " + shape.size(axis) + " and must be "
                            + expected.size(axis) + (isPerGroup(role, axis, problem) ? " with " + problem.groups() + " groups" : ""));
                }
            }
        }
        return new InvalidProblemException(role.name() + " has shape " + shape + "; the problem " + problem + " needs " + expected
                + differences);
    }

    private static String meaning(Role role, int axis) {
        return switch (axis) {
            case 0 -> role.axis0();
            case 1 -> role.axis1();
            default -> "a spatial size";
        };
    }

    private static boolean isPerGroup(Role role, int axis, ConvProblem problem) {
        return axis == 1 && problem.groups() > 1 && role.axis1().endsWith("per group");
    }
}
