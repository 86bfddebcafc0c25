package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.DenyLists;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.algorithm.deny.DenyList;
import io.github.jconv.check.DenyListTrial;
import io.github.jconv.check.DenyListTrial.Verdict;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.EmulatedDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a deny-list does to the choice, and what the harness makes of its entries. */
class CudnnDenyListTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c3h6w8k5r3s3_ph1pw1");

    @TempDir
    Path folder;

    @BeforeEach
    void begin() {
        EmulatedDevice.build();
        EmulatedCudnn.open().close();
        EmulatedDevice.command("cudnn-version 90800");
    }

    @AfterEach
    void end() {
        System.clearProperty(DenyLists.PROPERTY);
        EmulatedDevice.command("cudnn-version 0; cudnn-defect none");
    }

    private void deny(String... lines) throws IOException {
        System.setProperty(DenyLists.PROPERTY, Files.write(folder.resolve("list.txt"), List.of(lines)).toString());
    }

    private static ConvEngine.Builder builder() {
        return ConvEngine.builder().device(DeviceRequest.parse("emulated")).backend("cudnn");
    }

    private static ConvPlan plan(ConvEngine.Builder builder) {
        try (ConvEngine engine = builder.open()) {
            return engine.plan(PROBLEM, ConvOperation.FORWARD);
        }
    }

    @Test
    void whatIsDeniedIsPassedOverWithTheReason() throws IOException {
        assertEquals("WINOGRAD", plan(builder()).algorithm().name());
        deny("backend=cudnn versions=9.8 algorithm=WINOGRAD dims=2 | wrong corners | https://example.org/7");
        ConvPlan plan = plan(builder());
        assertEquals("WINOGRAD_NONFUSED", plan.algorithm().name());
        assertEquals(new ConvPlan.PassedOver("WINOGRAD", "the deny-list has it: wrong corners (https://example.org/7)"),
                plan.passedOver().get(0));
    }

    /** The entries that JConv brings: 3-d in 16 bits, and in TF32. */
    @ParameterizedTest
    @CsvSource({"BF16, 90800, issues/163539", "BF16, 91500,", "FP16, 91400, pull/163581", "FP16, 91500,", "TF32, 91002, pull/167024",
        "TF32, 91600,", "FP32, 91002,"})
    void theBundledEntriesHoldForTheirVersionsAndTypes(MathMode mode, int version, String report) {
        EmulatedDevice.command("cudnn-version " + version);
        ConvProblem volume = ConvProblem.parse("n2c3d5h6w7k5t3r3s3_pd1ph1pw1");
        try (ConvEngine engine = builder().mathMode(mode).open()) {
            if (report == null) {
                engine.plan(volume, ConvOperation.FORWARD);
            } else {
                var error = assertThrows(UnsupportedRequestException.class, () -> engine.plan(volume, ConvOperation.FORWARD));
                assertTrue(error.getMessage().contains(report), error::getMessage);
            }
        }
    }

    @Test
    void otherVersionsDevicesAndBackendsAreNotMeant() throws IOException {
        deny("backend=cudnn versions=9.9.. algorithm=WINOGRAD | wrong", "backend=cuda algorithm=direct | wrong",
                "backend=cudnn device=H100 algorithm=WINOGRAD | wrong");
        assertEquals("WINOGRAD", plan(builder()).algorithm().name());
        deny("backend=cudnn device=EMULATED algorithm=WINOGRAD | wrong");
        assertEquals("WINOGRAD_NONFUSED", plan(builder()).algorithm().name());
    }

    @Test
    void whatIsDeniedIsNotMeasuredEither() throws IOException {
        deny("backend=cudnn algorithm=WINOGRAD | wrong");
        ConvPlan plan = plan(builder().autotune(folder.resolve("choices.txt")));
        assertTrue(plan.passedOver().stream().filter(p -> p.algorithm().equals("WINOGRAD"))
                .allMatch(p -> p.because().startsWith("the deny-list")), plan.passedOver()::toString);
    }

    @Test
    void byNameItIsUsedAllTheSame() throws IOException {
        deny("backend=cudnn algorithm=WINOGRAD | wrong");
        assertEquals("WINOGRAD", plan(builder().algorithm("WINOGRAD")).algorithm().name());
    }

    @Test
    void whereEverythingIsDeniedTheErrorSaysWhy() throws IOException {
        deny("backend=cudnn | wrong as a whole");
        var error = assertThrows(UnsupportedRequestException.class, () -> plan(builder()));
        assertTrue(error.getMessage().contains("wrong as a whole"), error::getMessage);
    }

    /** Told before anything is opened. */
    @Test
    void aFileThatCannotBeReadIsAnError() throws IOException {
        Map<String, Long> alive = EmulatedDevice.alive();
        deny("backend=cudnn | fine", "oops");
        String message = assertThrows(IllegalArgumentException.class, () -> plan(builder())).getMessage();
        assertTrue(message.contains("list.txt, line 2: "), message);
        System.setProperty(DenyLists.PROPERTY, folder.resolve("nowhere.txt").toString());
        message = assertThrows(IllegalArgumentException.class, () -> plan(builder())).getMessage();
        assertTrue(message.contains("nowhere.txt"), message);
        assertEquals(alive, EmulatedDevice.alive());
    }

    /** A device that makes the mistake proves the entry, one that does not refutes it. */
    @Test
    void theHarnessProvesOrRefutesEntries() {
        DenyList list = DenyList.parse("test", List.of(
                "backend=cudnn versions=9.8 algorithm=IMPLICIT_GEMM groups>1 example=n2c6h7w9k4r3s2_ph1pw1_g2 | group offset",
                "backend=cudnn versions=9.8 algorithm=FFT example=n2c3h6w8k5r3s3_ph1pw1 | another one",
                "backend=cudnn versions=8.9 example=n2c3h6w8k5r3s3 | an old one",
                "backend=cudnn algorithm=DIRECT example=n2c3h6w8k5r3s3 | not there",
                "backend=cudnn type=bf16 example=n2c3h6w8k5r3s3 | of another type",
                "backend=cudnn algorithm=FFT | without an example"));
        try (CudnnBackend backend = EmulatedCudnn.open()) {
            EmulatedDevice.command("cudnn-defect group-offset IMPLICIT_GEMM");
            List<DenyListTrial.Finding> findings = DenyListTrial.of(list, List.of(backend));
            assertEquals(List.of(Verdict.PROVED, Verdict.REFUTED, Verdict.ELSEWHERE, Verdict.NOT_TESTED, Verdict.REFUTED,
                    Verdict.NOT_TESTED), findings.stream().map(DenyListTrial.Finding::verdict).toList());
            assertEquals("wrong: cudnn:IMPLICIT_GEMM forward", findings.get(0).because());
        }
    }
}
