package io.github.jconv;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.PaddingRule;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/**
 * Convolutions as functions of tensors, for users who come from PyTorch: the problem is inferred from the shapes.
 *
 * <pre>{@code
 *   var y = engine.functional().conv2d(x, w, bias, ConvOptions.defaults().stride(2).padding(1));
 *   var z = engine.functional().convTranspose2d(y, w, null, ConvOptions.defaults().stride(2).padding(1).outputSize(24, 24));
 * }</pre>
 *
 * <p>Convolution: x {@code [N, C, input...]}, w {@code [K, C/groups, filter...]}, bias {@code [K]}, result
 * {@code [N, K, output...]}. Transposed: x {@code [N, C_in, input...]}, w {@code [C_in, C_out/groups, filter...]}, bias
 * {@code [C_out]}, result {@code [N, C_out, output...]}. A bias may be null. Whoever calls one shape many times saves making the
 * problem each time by building a {@link ConvProblem} and calling {@link ConvEngine#forward(ConvProblem, Tensor, Tensor, Tensor)}.
 */
public final class Functional {

    private final ConvEngine engine;

    Functional(ConvEngine engine) {
        this.engine = engine;
    }

    public <T extends Tensor> T conv1d(T x, T w, T bias, ConvOptions options) {
        return convolve(1, x, w, bias, options);
    }

    public <T extends Tensor> T conv2d(T x, T w, T bias, ConvOptions options) {
        return convolve(2, x, w, bias, options);
    }

    public <T extends Tensor> T conv3d(T x, T w, T bias, ConvOptions options) {
        return convolve(3, x, w, bias, options);
    }

    public <T extends Tensor> T convTranspose1d(T x, T w, T bias, ConvOptions options) {
        return convolveTransposed(1, x, w, bias, options);
    }

    public <T extends Tensor> T convTranspose2d(T x, T w, T bias, ConvOptions options) {
        return convolveTransposed(2, x, w, bias, options);
    }

    public <T extends Tensor> T convTranspose3d(T x, T w, T bias, ConvOptions options) {
        return convolveTransposed(3, x, w, bias, options);
    }

    private <T extends Tensor> T convolve(int dimensions, T x, T w, T bias, ConvOptions options) {
        return engine.forward(problem(dimensions, requireShape("x", x, dimensions), requireShape("w", w, dimensions), options),
                x, w, bias);
    }

    private <T extends Tensor> T convolveTransposed(int dimensions, T x, T w, T bias, ConvOptions options) {
        return engine.forward(layer(dimensions, requireShape("x", x, dimensions), requireShape("w", w, dimensions), options),
                x, w, bias);
    }

    /**
     * The convolution of tensors of these shapes.
     *
     * @throws InvalidProblemException when they do not fit each other, naming the numbers to change
     */
    static ConvProblem problem(int dimensions, TensorShape x, TensorShape w, ConvOptions options) {
        if (!options.outputPadding().isEmpty() || !options.outputSize().isEmpty()) {
            throw new InvalidProblemException("output padding and output size belong to a transposed convolution, not to a "
                    + "convolution; allowed here: neither");
        }
        requireGroups(options.groups(), w.size(0), w, "the output channels (filters)");
        if (x.size(1) != w.size(1) * options.groups()) {
            throw new InvalidProblemException("x " + x + " has " + x.size(1) + " channels (axis 1), but w " + w + " takes "
                    + w.size(1) + " per group (axis 1) * " + options.groups() + " groups = " + w.size(1) * options.groups()
                    + "; change axis 1 of x, axis 1 of w or the groups");
        }
        ConvProblem.Builder builder = switch (dimensions) {
            case 1 -> ConvProblem.conv1d();
            case 2 -> ConvProblem.conv2d();
            default -> ConvProblem.conv3d();
        };
        builder.batch(x.size(0)).input(x.size(1), spatial(x)).filters(w.size(0), spatial(w)).stride(longs(options.stride()))
                .dilation(longs(options.dilation())).groups(options.groups());
        if (options.paddingRule() != null) {
            builder.padding(options.paddingRule());
        } else {
            builder.padBegin(longs(options.padBegin())).padEnd(longs(options.padEnd()));
        }
        return builder.build();
    }

    /**
     * The transposed convolution of tensors of these shapes. With a SAME padding rule, the output is as large as wanted, or as the
     * input times the stride, and the padding follows from that; see {@link PaddingRule#transposedPadding}.
     *
     * @throws InvalidProblemException when they do not fit each other, naming the numbers to change
     */
    static TransposedConvolution layer(int dimensions, TensorShape x, TensorShape w, ConvOptions options) {
        requireGroups(options.groups(), w.size(0), w, "the input channels of a transposed convolution");
        if (x.size(1) != w.size(0)) {
            throw new InvalidProblemException("x " + x + " has " + x.size(1) + " channels (axis 1), but w " + w + " takes "
                    + w.size(0) + " (axis 0: a transposed convolution's filter is [C_in, C_out/groups, ...]); change axis 1 of x or "
                    + "axis 0 of w");
        }
        TransposedConvolution.Builder builder = switch (dimensions) {
            case 1 -> TransposedConvolution.conv1d();
            case 2 -> TransposedConvolution.conv2d();
            default -> TransposedConvolution.conv3d();
        };
        builder.batch(x.size(0)).input(x.size(1), spatial(x)).filters(w.size(1) * options.groups(), spatial(w))
                .stride(longs(options.stride())).dilation(longs(options.dilation())).groups(options.groups());
        if (!options.outputPadding().isEmpty()) {
            builder.outputPadding(longs(options.outputPadding()));
        }
        if (options.paddingRule() != null && options.paddingRule() != PaddingRule.VALID) {
            padByRule(builder, dimensions, x, w, options);
        } else {
            builder.padBegin(longs(options.padBegin())).padEnd(longs(options.padEnd()));
            if (!options.outputSize().isEmpty()) {
                builder.outputSize(longs(options.outputSize()));
            }
        }
        return builder.build();
    }

    private static void padByRule(TransposedConvolution.Builder builder, int dimensions, TensorShape x, TensorShape w,
                                  ConvOptions options) {
        long[] begin = new long[dimensions];
        long[] end = new long[dimensions];
        for (int axis = 0; axis < dimensions; axis++) {
            long input = x.size(2 + axis);
            long stride = onAxis("stride", options.stride(), axis, dimensions, 1);
            PaddingRule.Padding padding = options.paddingRule().transposedPadding(input, w.size(2 + axis), stride,
                    onAxis("dilation", options.dilation(), axis, dimensions, 1),
                    onAxis("output padding", options.outputPadding(), axis, dimensions, 0),
                    onAxis("output size", options.outputSize(), axis, dimensions, input * stride));
            begin[axis] = padding.begin();
            end[axis] = padding.end();
        }
        builder.padBegin(begin).padEnd(end);
    }

    private static long onAxis(String parameter, List<Long> values, int axis, int dimensions, long otherwise) {
        if (values.size() > 1 && values.size() != dimensions) {
            throw new InvalidProblemException(parameter + " has " + values.size() + " values " + values + "; allowed: 1 or "
                    + dimensions + ", one per spatial axis");
        }
        return values.isEmpty() ? otherwise : values.get(values.size() == 1 ? 0 : axis);
    }

    private static TensorShape requireShape(String name, Tensor tensor, int dimensions) {
        if (tensor == null) {
            throw new InvalidProblemException(name + " is null; allowed: a tensor with " + (2 + dimensions) + " axes");
        }
        if (tensor.shape().rank() != 2 + dimensions) {
            throw new InvalidProblemException(name + " " + tensor.shape() + " has " + tensor.shape().rank() + " axes; allowed: "
                    + (2 + dimensions) + ", two for " + (name.equals("x") ? "batch and channels" : "the channels") + " and "
                    + dimensions + " spatial");
        }
        return tensor.shape();
    }

    private static void requireGroups(long groups, long channels, TensorShape w, String what) {
        if (groups < 1 || channels % groups != 0) {
            throw new InvalidProblemException("groups is " + groups + "; allowed: a divisor of " + channels + ", " + what
                    + " (axis 0 of w " + w + ")");
        }
    }

    private static long[] spatial(TensorShape shape) {
        long[] sizes = new long[shape.rank() - 2];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = shape.size(2 + i);
        }
        return sizes;
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
