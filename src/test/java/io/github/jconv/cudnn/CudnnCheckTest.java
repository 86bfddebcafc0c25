package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
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
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.SharedMaterial;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The harness and the recorded cases over every algorithm of cuDNN on the emulated device. */
class CudnnCheckTest {

    private static final ConvProblem SMALL = ConvProblem.parse("n2c3h9w11k5r3s3_ph1pw1");

    private static CudnnBackend backend;

    @BeforeAll
    static void open() {
        backend = EmulatedCudnn.open();
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    /** Every axis different; 1-d, 2-d and 3-d; what needs a copy of x and what does not; what only some algorithms serve. */
    @Test
    void everyAlgorithmAgreesWithTheDefinition() {
        List<ConvProblem> problems = Stream.of(
                "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2",
                "n2c3h9w11k5r3s3_ph1pw1",
                "n2c3h9w8k5r5s5_ph2pw2",
                "n3c8h9w11k12r1s1",
                "n2c9h8w7k9r3s3_sh2sw2_ph1:0pw1_g9",
                "n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1:0ph1pw0:1_dd1dh2dw1",
                "n2c3d4h6w7k5t3r3s3_pd1ph1pw1",
                "n1c2w57k3s11_sw3_pw5:4_dw2",
                "n2c3h11w9k2r3s2_sh2sw1_ph1:-4pw0:-3_dh1dw2").map(ConvProblem::parse).toList();
        CrossCheck.ofBackends(backend).on("cudnn", problems).full().assertAgrees();
    }

    /** Only on request, and then within the bound of TF32. */
    @Test
    void tf32StaysWithinItsBound() {
        try (CudnnBackend tf32 = EmulatedCudnn.open(DeviceOptions.defaults().withMathMode(MathMode.TF32))) {
            assertTrue(tf32.algorithms().stream().map(a -> a.accuracy(ConvRequest.fp32(SMALL, ConvOperation.FORWARD)))
                    .anyMatch(accuracy -> accuracy == Accuracy.TF32_PRODUCTS));
            CrossCheck.ofBackends(tf32).on(SMALL).on("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2").assertAgrees();
        }
    }

    @Test
    void fp64AgreesToo() {
        CheckReport report = CrossCheck.ofBackends(backend).dataTypes(DataType.FLOAT64)
                .on("n2c6h7w9k4r3s2_sh2sw1_ph1pw0_dh1dw2_g2").on("n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1ph1pw0").run();
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
