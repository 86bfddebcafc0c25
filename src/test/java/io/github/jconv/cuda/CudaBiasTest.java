package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tensors;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Bias and ReLU behind convolutions and transposed convolutions, by every algorithm; some end with them in their own pass. */
class CudaBiasTest {

    /** Groups, strides above the filter, so that some inputs meet no tap, strips, three dimensions. */
    private static final List<ConvProblem> PROBLEMS = List.of(ConvProblem.parse("n2c6h9w11k4r2s1_sh3sw2_g2"),
            ConvProblem.parse("n2c4h15w9k4r3s3_ph1pw1_g4"), ConvProblem.parse("n1c3d4h5w6k5t2r3s2_sd2sh1sw3_pd1ph1pw0"));

    private static final Set<String> IN_ONE_PASS = Set.of("depthwise-strips", "implicit-gemm", "tensor-gemm");

    @Test
    void biasAndReluEndEveryAlgorithm() {
        Set<String> tested = new TreeSet<>();
        // The mode in which all algorithms serve. Small integers are exact in it.
        DeviceOptions options = DeviceOptions.defaults().withMathMode(MathMode.TF32X3);
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open(options))) {
            for (ConvProblem problem : PROBLEMS) {
                for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                    for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16)) {
                        ConvRequest request = new ConvRequest(problem, operation, type);
                        for (CudaAlgorithm algorithm : backend.algorithms()) {
                            if (algorithm.supports(request).yes()) {
                                check(backend, algorithm, request);
                                tested.add(algorithm.name());
                            }
                        }
                    }
                }
            }
        }
        tested.retainAll(IN_ONE_PASS);
        assertEquals(new TreeSet<>(IN_ONE_PASS), tested);
    }

    private static void check(CudaBackend backend, CudaAlgorithm algorithm, ConvRequest request) {
        String what = algorithm.name() + " " + request;
        ConvOperation operation = request.operation();
        ConvProblem problem = request.problem();
        ConvPlan plan = AlgorithmChooser.fixed(algorithm.name()).choose(request, "cuda", backend.algorithms(), Long.MAX_VALUE);
        HostTensor x = Tensors.integers(request.dataType(), problem.xShape(), 1);
        HostTensor w = Tensors.integers(request.dataType(), problem.wShape(), 2);
        HostTensor y = Tensors.integers(request.dataType(), problem.yShape(), 3);
        HostTensor output = operation.outputOf(x, w, y);
        HostTensor bias = Tensors.integers(request.dataType(), TensorShape.of(output.shape().size(1)), 4);
        HostTensor expected = HostTensor.zeros(request.dataType(), output.shape());
        HostTensor rectified = HostTensor.zeros(request.dataType(), output.shape());
        for (int i = 0; i < output.length(); i++) {
            double sum = ReferenceConvolution.elementAt(problem, operation, x, w, y, i)
                    + bias.get((int) (i / output.shape().positions() % bias.length()));
            expected.set(i, sum);
            rectified.set(i, Math.max(0, sum));
        }
        output.fill(Double.NaN);
        backend.runWithBias(plan, x, w, y, bias);
        Tensors.assertSameNumbers(expected, output, what + ", bias");
        output.fill(Double.NaN);
        long before = launches();
        backend.runWithBiasAndRelu(plan, x, w, y, bias);
        long layer = launches() - before;
        Tensors.assertSameNumbers(rectified, output, what + ", bias and ReLU");
        backend.run(plan, x, w, y, false);
        if (algorithm.addsBias(request)) {
            assertEquals(launches() - before - layer, layer, what + " launches");
        }
    }

    private static long launches() {
        return EmulatedDevice.isReal() ? 0 : EmulatedDevice.calls("cuLaunchKernel");
    }
}
