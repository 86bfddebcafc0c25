package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.cases.OnnxCases;
import io.github.jconv.check.cases.OracleCases;
import io.github.jconv.check.cases.RecordedSuite;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.Boasting;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.SharedMaterial;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The harness and the recorded cases over every algorithm of the CUDA backend: bit-exact on integers, within the bound on reals. */
class CudaCheckTest {

    private static CudaBackend backend;

    @BeforeAll
    static void open() {
        backend = new CudaBackend(EmulatedDevice.open());
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    /** Sizes around those of blocks, warps and tiles; every axis different. */
    @Test
    void everyAlgorithmAgreesWithTheDefinition() {
        List<ConvProblem> problems = Stream.of(
                "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2",
                "n1c5h31w33k9r3s5_ph1pw2",
                "n2c3h16w17k7r4s4_sh2sw2_ph1pw1",
                "n3c8h9w11k12r1s1",
                "n5c12h6w4k10r6s4_g2",
                "n2c9h13w15k9r3s3_sh2sw2_ph1pw1_g9",
                "n2c4h10w13k12r5s3_ph2pw1_g4",
                "n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1:0ph1pw0:1_dd1dh2dw1",
                "n1c2w257k3s11_sw3_pw5:4_dw2",
                "n2c4h12w17k6r1s2_sh2sw5_ph0pw1",
                "n2c3h11w9k2r3s2_sh2sw1_ph1:-4pw0:-3_dh1dw2",
                "n2c3h15w6k3r3s3_ph1pw1_g3",
                "n1c4h13w9k8r5s5_sh2sw2_ph2pw2_g4",
                "n1c4h10w11k4r5s5_sh2sw2_ph1:3pw2:-1_g4",
                "n2c3h9w8k3r7s7_ph3pw3_g3").map(ConvProblem::parse).toList();
        CrossCheck.ofBackends(backend).on("cuda", problems).full().assertAgrees();
    }

    /** An algorithm is not wrong because the context gives less scratch memory than it needs: it is passed over with this reason. */
    @Test
    void whatNeedsTooMuchWorkspaceIsPassedOver() {
        ConvProblem problem = ConvProblem.parse("n1c5h31w33k9r3s5_ph1pw2");
        try (CudaBackend narrow = new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withWorkspaceLimit(1000)))) {
            CheckReport report = CrossCheck.ofBackends(narrow).on(problem).operations(ConvOperation.FORWARD).run();
            assertTrue(report.agrees(), report::toString);
            assertTrue(report.checks() > 0);
            String reason = BackendSubject.named(narrow, "im2col-gemm").supports(ConvRequest.fp32(problem, ConvOperation.FORWARD)).reason();
            assertTrue(reason.endsWith(" bytes of workspace and the limit is 1000"), reason);
        }
    }

    @Test
    void tf32StaysWithinItsBound() {
        try (CudaBackend tf32 = new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withMathMode(MathMode.TF32)))) {
            CrossCheck.ofBackends(tf32).on("n3c8h9w11k12r1s1").on("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2").assertAgrees();
        }
    }

    /** Operands rounded to 16 bits, in one product and in several that add up. */
    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void narrowModesStayWithinTheirBounds(MathMode mode) {
        try (CudaBackend narrow = new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withMathMode(mode)))) {
            CheckReport report = CrossCheck.ofBackends(narrow).on("n3c8h9w11k12r1s1").on("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2")
                    .on("n5c12h6w4k10r6s4_g2").run();
            assertTrue(report.agrees(), () -> report.mismatches().get(0).toString());
            assertTrue(report.checks() > 50, () -> "" + report.checks());
        }
    }

    /** A mode that rounds more than it says would be seen. */
    @Test
    void theBoundsTellTheModesApart() {
        try (CudaBackend narrow = new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withMathMode(MathMode.BF16)))) {
            ConvolutionUnderTest honest = BackendSubject.named(narrow, "gemm-1x1");
            for (Accuracy less : new Accuracy[] {Accuracy.FP16_FACTORS, Accuracy.TF32_PRODUCTS, Accuracy.SUM_OF_PRODUCTS}) {
                assertFalse(CrossCheck.of(new Boasting(honest, less)).on("n3c8h9w11k12r1s1").shrink(false).run().agrees(), less::toString);
            }
            assertTrue(CrossCheck.of(new Boasting(honest, Accuracy.BF16_FACTORS)).on("n3c8h9w11k12r1s1").run().agrees());
        }
    }

    /**
     * Tails of tiles of both widths, groups, three dimensions, strides that leave inputs without taps; the algorithm takes part in all of them,
     * on integers bit for bit.
     */
    @Test
    void threeProductsInTf32StayWithinTheirBound() {
        try (CudaBackend tensor = new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withMathMode(MathMode.TF32X3)))) {
            ConvolutionUnderTest subject = BackendSubject.named(tensor, "tensor-gemm");
            CheckReport report = CrossCheck.of(subject).on("n3c9h8w9k70r3s2_ph1").on("n1c20h13w11k132r2s3_g2_sh2sw1_ph1pw1:2_dw2")
                    .on("n2c3d4h5w6k9t2r3s2_pd1:0ph1pw0:1_dd2").on("n2c130w40k9s1").on("n2c3h14w8k10r3s1_sh4sw3_ph2:1_dh2").run();
            assertTrue(report.agrees(), report::toString);
            assertTrue(report.checks() > 0);
            assertTrue(CrossCheck.ofBackends(tensor).on("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2").run().agrees());
        }
    }

    @Test
    void fp64IsServedByTheDirectAlgorithm() {
        CheckReport report = CrossCheck.ofBackends(backend).dataTypes(DataType.FLOAT64)
                .on("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2").on("n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1:0ph1pw0:1").run();
        assertTrue(report.agrees(), report::toString);
        assertTrue(report.checks() > 0);
    }

    @Test
    void theOracleAgreesWithEveryAlgorithm() {
        assertEquals(400, agreeing(OracleCases.read(SharedMaterial.path("oracle"))).problems());
    }

    @Test
    void theOnnxCasesAgreeWithEveryAlgorithm() {
        assertTrue(agreeing(OnnxCases.read(SharedMaterial.path("cases/onnx"))).checks() > 0);
    }

    private static CheckReport agreeing(RecordedSuite suite) {
        CheckReport report = CrossCheck.ofBackends(backend).on(suite).run();
        assertTrue(report.agrees(), () -> report.mismatches().get(0).toString());
        return report;
    }
}
