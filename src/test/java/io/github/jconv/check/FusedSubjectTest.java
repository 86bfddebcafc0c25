package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.testing.EmulatedCudnn;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A forward with bias and ReLU is checked by what a forward and a bias are checked by. */
class FusedSubjectTest {

    private static final String GROUPED = "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2";

    /** Kept filters and changing ones, in all types and layouts. */
    @Test
    void theCpuIsRight() {
        try (Backend backend = new CpuBackend(1)) {
            CheckReport report = check(backend, "winograd-4x4", "direct", "im2col-gemm").dataTypes(DataType.FLOAT32, DataType.FLOAT16)
                    .layouts(Layout.NCHW, Layout.NHWC).on("n2c5h8w7k6r3s3_ph1pw1").on(GROUPED).run();
            assertTrue(report.agrees(), () -> report.mismatches().get(0).toString());
            assertTrue(report.checks() > 30, () -> "" + report.checks());
        }
    }

    @Test
    void theFusedCallOfCudnnIsRight() {
        try (Backend backend = EmulatedCudnn.open()) {
            CheckReport report = check(backend, "IMPLICIT_GEMM", "IMPLICIT_PRECOMP_GEMM").on("n2c5h8w7k6r3s3_ph1pw1").on(GROUPED).run();
            assertTrue(report.agrees(), () -> report.mismatches().get(0).toString());
            assertTrue(report.checks() > 5, () -> "" + report.checks());
        }
    }

    private static CrossCheck check(Backend backend, String... algorithms) {
        return CrossCheck.of(BackendSubject.allNamed(backend, List.of(algorithms)).stream().map(FusedSubject::new).toList())
                .tiers(Tier.EXACT, Tier.REAL);
    }

    /** What is forgotten, or done to the wrong values, in place of one of the three steps. */
    @ParameterizedTest
    @ValueSource(strings = {"no ReLU", "no bias", "ReLU before the bias", "no convolution"})
    void whatIsWrongIsFound(String mistake) {
        try (Backend right = new CpuBackend(1)) {
            Backend wrong = (Backend) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Backend.class},
                    (proxy, method, arguments) -> {
                        try {
                            if (!method.getName().equals("runWithBiasAndRelu")) {
                                return method.invoke(right, arguments);
                            }
                            method.invoke(right, arguments);
                            spoil(mistake, right, arguments);
                            return null;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            CheckReport report = check(wrong, "direct").on(GROUPED).shrink(false).run();
            assertFalse(report.agrees(), mistake);
            assertEquals(Tier.EXACT, report.mismatches().get(0).tier());
        }
    }

    private static void spoil(String mistake, Backend backend, Object[] arguments) {
        var plan = (ConvPlan) arguments[0];
        Tensor x = (Tensor) arguments[1];
        Tensor w = (Tensor) arguments[2];
        HostTensor y = (HostTensor) arguments[3];
        HostTensor bias = (HostTensor) arguments[4];
        switch (mistake) {
            case "no ReLU" -> backend.runWithBias(plan, x, w, y, bias);
            case "no bias" -> {
                backend.run(plan, x, w, y, false);
                rectify(y);
            }
            case "ReLU before the bias" -> {
                backend.run(plan, x, w, y, false);
                rectify(y);
                HostTensor added = Biases.broadcast(bias, y.layout(), y.shape());
                for (int i = 0; i < y.length(); i++) {
                    y.set(i, y.get(i) + added.get(i));
                }
            }
            default -> y.fill(0);
        }
    }

    private static void rectify(HostTensor y) {
        for (int i = 0; i < y.length(); i++) {
            y.set(i, Math.max(0, y.get(i)));
        }
    }

    @Test
    void gradientsAreNotItsMatter() {
        try (Backend backend = new CpuBackend(1)) {
            var subject = new FusedSubject(BackendSubject.named(backend, "direct"));
            assertEquals("cpu:direct+relu", subject.name());
            ConvProblem problem = ConvProblem.parse(GROUPED);
            HostTensor x = HostTensor.zeros(problem.xShape());
            HostTensor w = HostTensor.zeros(problem.wShape());
            HostTensor y = HostTensor.zeros(problem.yShape());
            var error = assertThrows(IllegalArgumentException.class,
                    () -> subject.run(problem, ConvOperation.BACKWARD_DATA, x, w, y, WriteMode.OVERWRITE));
            assertEquals("operation is BACKWARD_DATA; allowed: FORWARD", error.getMessage());
        }
    }
}
