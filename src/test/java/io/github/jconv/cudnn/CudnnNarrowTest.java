package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Boasting;
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** cuDNN on 16-bit copies with the channels last: on request, named in the plan, and within the bound of the type. */
class CudnnNarrowTest {

    /** Its results are integers below 2^8 when the operands are 0 and 1: both types hold them. */
    private static final ConvProblem SMALL = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw1_dh1dw2_g2");

    private static ConvEngine open(MathMode mode) {
        return ConvEngine.builder().device(EmulatedDevice.request()).backend("cudnn").mathMode(mode).open();
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void everyAlgorithmStaysWithinTheBoundOfTheType(MathMode mode) {
        try (CudnnBackend backend = EmulatedCudnn.open(DeviceOptions.defaults().withMathMode(mode))) {
            CheckReport report = CrossCheck.ofBackends(backend).on(SMALL)
                    .on("n1c2w57k3s11_sw3_pw5:4_dw2").on("n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1:0ph1pw0:1_dd1dh2dw1").on("n2c3h9w11k5r3s3_ph1pw1")
                    .run();
            assertTrue(report.agrees(), report::toString);
            assertTrue(report.checks() > 20, report::toString);
        }
    }

    /** A mode that rounds more than it says would be seen. */
    @Test
    void theBoundsTellTheTypesApart() {
        try (CudnnBackend backend = EmulatedCudnn.open(DeviceOptions.defaults().withMathMode(MathMode.BF16))) {
            CudnnAlgorithm honest = backend.algorithms().stream().filter(a -> a.name().equals("ALGO_1")).findFirst().orElseThrow();
            assertFalse(CrossCheck.of(new Boasting(new BackendSubject(backend, honest), Accuracy.FP16_PRODUCTS)).on(SMALL).shrink(false).run().agrees());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void smallIntegersAreExactAndAddedToWhatIsThere(MathMode mode) {
        HostTensor x = bits(SMALL.xShape(), 1);
        HostTensor w = bits(SMALL.wShape(), 2);
        HostTensor dy = bits(SMALL.yShape(), 3);
        try (ConvEngine engine = open(mode)) {
            for (WriteMode write : WriteMode.values()) {
                boolean add = write == WriteMode.ACCUMULATE;
                HostTensor dx = Tensors.integers(SMALL.xShape(), 4);
                HostTensor expectedDx = dx.copy();
                ReferenceConvolution.run(SMALL, ConvOperation.BACKWARD_DATA, expectedDx, w, dy, add);
                engine.backwardData(SMALL, dy, w, dx, write);
                Tensors.assertSameNumbers(expectedDx, dx, mode + " dx " + write);
                HostTensor dw = Tensors.integers(SMALL.wShape(), 5);
                HostTensor expectedDw = dw.copy();
                ReferenceConvolution.run(SMALL, ConvOperation.BACKWARD_FILTER, x, expectedDw, dy, add);
                engine.backwardFilter(SMALL, x, dy, dw, write);
                Tensors.assertSameNumbers(expectedDw, dw, mode + " dw " + write);
            }
            HostTensor y = HostTensor.zeros(SMALL.yShape());
            ReferenceConvolution.run(SMALL, ConvOperation.FORWARD, x, w, y, false);
            Tensors.assertSameNumbers(y, engine.forward(SMALL, x, w), mode + " y");
            HostTensor bias = HostTensor.zeros(SMALL.biasShape());
            bias.fill(-2);
            for (int i = 0; i < y.length(); i++) {
                y.set(i, Math.max(0, y.get(i) - 2));
            }
            Tensors.assertSameNumbers(y, engine.forwardRelu(SMALL, x, w, bias), mode + " y with bias and ReLU");
        }
    }

    private static HostTensor bits(TensorShape shape, int seed) {
        HostTensor tensor = Tensors.integers(shape, seed);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, tensor.get(i) > 0 ? 1 : 0);
        }
        return tensor;
    }

    @Test
    void thePlanNamesTheArithmeticAndTheCopies() {
        try (ConvEngine engine = open(MathMode.BF16)) {
            ConvPlan plan = engine.plan(SMALL, ConvOperation.FORWARD);
            assertEquals(Accuracy.BF16_PRODUCTS, plan.accuracy());
            assertTrue(plan.toString().contains("in BF16_PRODUCTS through a padded copy of x, [2, 6, 8, 9] and "
                    + "copies of x, w and y in bf16 with the channels last"), plan::toString);
            assertTrue(engine.backend().description().contains("BF16"), engine.backend()::description);
        }
    }

    @Test
    void fp64IsNotTouchedByTheMode() {
        ConvProblem problem = ConvProblem.parse("n2c3h6w7k4r3s2_ph1pw1");
        try (ConvEngine engine = open(MathMode.FP16)) {
            HostTensor x = Tensors.reals(DataType.FLOAT64, problem.xShape(), 1);
            HostTensor w = Tensors.reals(DataType.FLOAT64, problem.wShape(), 2);
            HostTensor y = HostTensor.zeros(DataType.FLOAT64, problem.yShape());
            ReferenceConvolution.run(problem, ConvOperation.FORWARD, x, w, y, false);
            HostTensor got = engine.forward(problem, x, w);
            for (int i = 0; i < y.length(); i++) {
                assertEquals(y.get(i), got.get(i), 1e-12);
            }
        }
    }
}
