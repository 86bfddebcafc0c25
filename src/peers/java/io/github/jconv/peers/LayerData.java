package io.github.jconv.peers;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.SplittableRandom;

/**
 * A layer and the tensors that its three passes read: its input x, its weight w and the gradient dy of its output. The layer is a
 * convolution or a transposed one, and so are the words: the forward pass of a transposed layer is called FORWARD here.
 */
public record LayerData(ProblemEntry entry, HostTensor x, HostTensor w, HostTensor dy) {

    /** Values from [-1, 1). */
    public static LayerData random(ProblemEntry entry, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ConvProblem problem = entry.problem();
        boolean transposed = entry.isTransposed();
        return new LayerData(entry, random(transposed ? problem.yShape() : problem.xShape(), random),
                random(problem.wShape(), random), random(transposed ? problem.xShape() : problem.yShape(), random));
    }

    /** The same with the absolute values of everything. */
    public LayerData absolute() {
        return new LayerData(entry, absolute(x), absolute(w), absolute(dy));
    }

    /** The operation of {@link ProblemEntry#problem()} that computes a pass of the layer. */
    public ConvOperation operation(ConvOperation pass) {
        if (!entry.isTransposed()) {
            return pass;
        }
        return switch (pass) {
            case FORWARD -> ConvOperation.BACKWARD_DATA;
            case BACKWARD_DATA -> ConvOperation.FORWARD;
            case BACKWARD_FILTER -> ConvOperation.BACKWARD_FILTER;
        };
    }

    /** The shape of what a pass computes. */
    public TensorShape resultShape(ConvOperation pass) {
        return pass.outputOf(x, w, dy).shape();
    }

    private static HostTensor random(TensorShape shape, SplittableRandom random) {
        HostTensor tensor = HostTensor.zeros(shape);
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt() * 0x1p-31f;
        }
        return tensor;
    }

    private static HostTensor absolute(HostTensor of) {
        float[] values = of.floats().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]);
        }
        return HostTensor.of(of.shape(), values);
    }
}
