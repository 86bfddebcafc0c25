package io.github.jconv.check.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Mutants;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {

    private static final String LINE = "n2c4h5w6k6r3s2_sh2sw1_g2";

    @TempDir
    private Path folder;

    private static CheckReport agreeing() {
        try (CpuBackend backend = new CpuBackend(1)) {
            return CrossCheck.ofBackends(backend).on("a suite", List.of(ConvProblem.parse(LINE))).run();
        }
    }

    private static CheckReport disagreeing() {
        return CrossCheck.of(Mutants.correct(), Mutants.named("off by one part in 2^12")).on(LINE).tiers(Tier.EXACT).run();
    }

    @Test
    void jsonIsReadBackAsItWas() {
        for (CheckReport report : List.of(agreeing(), disagreeing())) {
            Path file = folder.resolve("report.json");
            JsonReport.write(report, file);
            assertEquals(report, JsonReport.read(file));
        }
    }

    @Test
    void aFileThatIsNoReportIsRefusedByName() throws IOException {
        Path file = folder.resolve("other.json");
        for (String content : List.of("", "{", "[]", "{\"format\": \"other\"}", "{\"format\": \"" + JsonReport.FORMAT + "\"} {}",
                "{\"format\": \"" + JsonReport.FORMAT + "\", \"report\": {\"seed\": \"x\"}}")) {
            Files.writeString(file, content);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> JsonReport.read(file), content);
            assertTrue(e.getMessage().contains("other.json"), e.getMessage());
        }
    }

    @Test
    void theHtmlFileTellsEverythingAndNeedsNothingElse() throws IOException {
        Path file = folder.resolve("report.html");
        CheckReport report = disagreeing();
        HtmlReport.write(report, file);
        String html = Files.readString(file);
        Mismatch mismatch = report.mismatches().get(0);
        for (String part : List.of("off by one part in 2^12", LINE, mismatch.shrunk(), "name=\"viewport\"")) {
            assertTrue(html.contains(part), part);
        }
        for (String outside : List.of("http://", "https://", "src=", "<link", "@import")) {
            assertFalse(html.contains(outside), outside);
        }
        assertFalse(html.contains("{{"), "a part of the template is left");
    }

    @Test
    void everySubjectThatWasComparedWithinABoundHasAChart() throws IOException {
        Path file = folder.resolve("report.html");
        CheckReport report = agreeing();
        HtmlReport.write(report, file);
        String html = Files.readString(file);
        long compared = report.suites().get(0).subjects().stream().filter(s -> s.distribution().elements() > 0).count();
        assertEquals(compared, html.split("<svg", -1).length - 1);
        assertTrue(html.contains("All agree"));
    }

    @Test
    void namesAreEscaped() throws IOException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(CrossCheck.of(Mutants.correct()).on("<b>&", List.of(ConvProblem.parse("n1c1w4k1s2"))).run(), file);
        assertTrue(Files.readString(file).contains("&lt;b&gt;&amp;"));
    }
}
