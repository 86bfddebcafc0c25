package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.check.cases.OnnxCases;
import io.github.jconv.check.cases.OracleCases;
import io.github.jconv.check.cases.RecordedSuite;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.SubjectReport;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.SharedMaterial;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What PyTorch and the makers of the ONNX tests computed, through the front door and through every algorithm. */
class RecordedCasesTest {

    @Test
    void theOracleAgreesInFp32WithEveryAlgorithmAndTheEngine() {
        CheckReport report = check(OracleCases.read(SharedMaterial.path("oracle")), DataType.FLOAT32);
        SubjectReport engine = report.suites().get(0).subjects().get(0);
        assertEquals(400, report.problems());
        assertTrue(engine.checks() >= 3 * 400, () -> "every case: " + engine);
        assertEquals(0, engine.skipped());
    }

    @Test
    void theOracleAgreesInFp64() {
        check(OracleCases.read(SharedMaterial.path("oracle")), DataType.FLOAT64);
    }

    @Test
    void theOnnxCasesAgreeWithEveryAlgorithmAndTheEngine() {
        CheckReport report = check(OnnxCases.read(SharedMaterial.path("cases/onnx")), DataType.FLOAT32);
        SubjectReport engine = report.suites().get(0).subjects().get(0);
        assertEquals(report.problems(), engine.checks());
        assertEquals(0, engine.skipped());
    }

    private static CheckReport check(RecordedSuite suite, DataType type) {
        try (ConvEngine engine = ConvEngine.builder().threads(2).open(); CpuBackend backend = new CpuBackend(2)) {
            List<ConvolutionUnderTest> subjects = new ArrayList<>(BackendSubject.allOf(backend));
            subjects.add(0, new EngineSubject("engine", engine));
            CheckReport report = CrossCheck.of(subjects).on(suite).dataTypes(type).run();
            assertTrue(report.agrees(), () -> Mismatches.describe(report.mismatches()));
            report.suites().get(0).subjects().forEach(System.out::println);
            return report;
        }
    }
}
