package io.github.jconv.peers;

import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.List;
import java.util.function.ToLongFunction;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch on the CPU through its C++ functions {@code at::convolution} and {@code at::convolution_backward}, which a Python program
 * reaches too. Its outputs are new tensors each time, as everywhere in PyTorch.
 */
public final class PyTorchContender implements Contender {

    /** Name and version for people. */
    public static final String VERSION = "PyTorch (org.bytedeco:pytorch " + torch.class.getPackage().getImplementationVersion() + ")";

    private final NoGradGuard noGradients = new NoGradGuard();

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public String version() {
        return VERSION;
    }

    @Override
    public Support supports(LayerData data, ConvOperation pass) {
        boolean symmetric = data.entry().problem().axes().stream().allMatch(axis -> axis.padBegin() == axis.padEnd());
        return symmetric ? Support.supported() : Support.no("its convolutions have no asymmetric padding");
    }

    @Override
    public Ready prepare(LayerData data, ConvOperation pass, int threads) {
        torch.set_num_threads(threads);
        return new TorchReady(data, pass);
    }

    @Override
    public void close() {
        noGradients.close();
    }

    private static final class TorchReady implements Ready {

        private final LayerData data;
        private final ConvOperation pass;
        private final Tensor x;
        private final Tensor w;
        private final Tensor dy;
        private final Sizes stride;
        private final Sizes padding;
        private final Sizes dilation;
        private final Sizes outputPadding;
        private final long groups;
        private final TensorOptional noBias = new TensorOptional();
        private final LongArrayRefOptional noBiasSizes = new LongArrayRefOptional();
        private final BoolPointer wanted = new BoolPointer(3);

        TorchReady(LayerData data, ConvOperation pass) {
            ConvProblem problem = data.entry().problem();
            this.data = data;
            this.pass = pass;
            this.x = TorchTensors.of(data.x());
            this.w = TorchTensors.of(data.w());
            this.dy = TorchTensors.of(data.dy());
            this.stride = Sizes.of(problem.axes(), SpatialAxis::stride);
            this.padding = Sizes.of(problem.axes(), SpatialAxis::padBegin);
            this.dilation = Sizes.of(problem.axes(), SpatialAxis::dilation);
            this.outputPadding = data.entry() instanceof ProblemEntry.Transposed transposed
                    ? Sizes.of(transposed.layer().axes(), TransposedAxis::outputPadding)
                    : Sizes.of(problem.axes(), axis -> 0);
            this.groups = problem.groups();
            wanted.put(0, pass == ConvOperation.BACKWARD_DATA);
            wanted.put(1, pass == ConvOperation.BACKWARD_FILTER);
            wanted.put(2, false);
        }

        @Override
        public void run() {
            if (pass == ConvOperation.FORWARD) {
                forward().close();
            } else {
                backward().close();
            }
        }

        @Override
        public HostTensor result() {
            if (pass == ConvOperation.FORWARD) {
                try (Tensor y = forward()) {
                    return TorchTensors.toHost(y, data.resultShape(pass));
                }
            }
            try (T_TensorTensorTensor_T gradients = backward();
                    Tensor gradient = pass == ConvOperation.BACKWARD_DATA ? gradients.get0() : gradients.get1()) {
                return TorchTensors.toHost(gradient, data.resultShape(pass));
            }
        }

        @Override
        public String algorithm() {
            return "";
        }

        @Override
        public void close() {
            List.of(x, w, dy, noBias, noBiasSizes, wanted).forEach(org.bytedeco.javacpp.Pointer::close);
            List.of(stride, padding, dilation, outputPadding).forEach(Sizes::close);
        }

        private Tensor forward() {
            return torch.convolution(x, w, noBias, stride.ref, padding.ref, dilation.ref, data.entry().isTransposed(),
                    outputPadding.ref, groups);
        }

        private T_TensorTensorTensor_T backward() {
            return torch.convolution_backward(dy, x, w, noBiasSizes, stride.ref, padding.ref, dilation.ref,
                    data.entry().isTransposed(), outputPadding.ref, groups, wanted);
        }
    }

    /** A list of numbers that stays where it is as long as it is referred to. */
    private static final class Sizes implements AutoCloseable {

        private final LongPointer numbers;
        private final LongArrayRef ref;

        private Sizes(long[] values) {
            numbers = new LongPointer(values);
            ref = new LongArrayRef(numbers, values.length);
        }

        static <A> Sizes of(List<A> axes, ToLongFunction<A> parameter) {
            return new Sizes(axes.stream().mapToLong(parameter).toArray());
        }

        @Override
        public void close() {
            ref.close();
            numbers.close();
        }
    }
}
