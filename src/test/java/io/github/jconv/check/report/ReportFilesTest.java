package io.github.jconv.check.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Mutants;
import io.github.jconv.check.SubjectTimer;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

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

    /** Where memory holds nothing up: fp32 at half of its rate, bf16 at a quarter of what it could be, fp64 without a roof. */
    private static CheckReport timed() {
        ConvProblem problem = ConvProblem.parse(LINE);
        SubjectTimer timer = (subject, request) -> Optional.of(switch (request.dataType()) {
            case FLOAT32 -> new SubjectTimer.Timing(2 * problem.flops() / 5e11, 3, "fp32");
            case BFLOAT16 -> new SubjectTimer.Timing(4 * problem.flops() / 4e12, 3, "bf16");
            default -> new SubjectTimer.Timing(1, 3, "fp64");
        });
        return CrossCheck.of(Mutants.correct()).on("a suite", List.of(problem)).operations(ConvOperation.FORWARD).tiers(Tier.EXACT)
                .dataTypes(DataType.FLOAT32, DataType.BFLOAT16, DataType.FLOAT64)
                .timed(timer, List.of(new Ceilings(Mutants.correct().name(), Map.of("fp32", 5e11, "bf16", 4e12), 1e13))).run();
    }

    @Test
    void eachRequestIsUnderTheRoofOfItsOwnArithmetic() throws IOException {
        CheckReport report = timed();
        assertEquals(Set.of("fp32", "bf16", "fp64"),
                report.suites().get(0).times().stream().map(TimeRecord::operandType).collect(Collectors.toSet()));
        Path file = folder.resolve("timed.html");
        HtmlReport.write(report, file);
        String html = Files.readString(file);
        for (String part : List.of("500 GFLOP/s in fp32", "4000 GFLOP/s in bf16", "10000.0 GB/s copied", "<td class=\"number\">50.0 %</td>",
                "multiply-adds of fp32", "multiply-adds of bf16")) {
            assertTrue(html.contains(part), part);
        }
        assertFalse(html.contains("multiply-adds of fp64"), "a roof that was not measured");
    }

    @Test
    void jsonIsReadBackAsItWas() {
        for (CheckReport report : List.of(agreeing(), disagreeing(), timed())) {
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
        for (String outside : List.of("https://", "src=", "<link", "@import", "url(http")) {
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
        assertEquals(compared + 1, html.split("<svg", -1).length - 1, "and one of the agreement");
        assertTrue(html.contains("All agree"));
    }

    @Test
    void namesAreEscaped() throws IOException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(CrossCheck.of(Mutants.correct()).on("<b>&", List.of(ConvProblem.parse("n1c1w4k1s2"))).run(), file);
        assertTrue(Files.readString(file).contains("&lt;b&gt;&amp;"));
    }

    @Test
    void junitXmlIsValidAndCountsItsCases() throws Exception {
        Path file = folder.resolve("report.xml");
        for (CheckReport report : List.of(agreeing(), disagreeing(), strange())) {
            JUnitReport.write(report, file);
            SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI).newSchema(getClass().getResource("/junit-report.xsd"))
                    .newValidator().validate(new StreamSource(file.toFile()));
            Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
            Element suite = document.getDocumentElement();
            assertEquals(suite.getAttribute("tests"), "" + document.getElementsByTagName("testcase").getLength());
            assertEquals(suite.getAttribute("failures"), "" + document.getElementsByTagName("failure").getLength());
            assertEquals(suite.getAttribute("skipped"), "" + document.getElementsByTagName("skipped").getLength());
            assertEquals(report.mismatches().size(), document.getElementsByTagName("failure").getLength());
        }
    }

    @Test
    void junitXmlSaysWhatIsWrongAndHowToSeeItAgain() throws IOException {
        Path file = folder.resolve("report.xml");
        CheckReport report = disagreeing();
        JUnitReport.write(report, file);
        Mismatch mismatch = report.mismatches().get(0);
        for (String part : List.of(mismatch.verdict(), mismatch.finding(), mismatch.shrunk(), LINE)) {
            assertTrue(Files.readString(file).contains(part), part);
        }
    }

    /** A subject that throws whatever comes to its mind, or serves nothing. */
    private record Strange(String name, boolean idle) implements ConvolutionUnderTest {

        @Override
        public Support supports(ConvRequest request) {
            return idle ? Support.no("it is tired") : Support.supported();
        }

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            throw new IllegalStateException("]]> & <\0\033[31m \ud800 \n end");
        }

        @Override
        public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
            forward(problem, dx, w, dy, mode);
        }

        @Override
        public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
            forward(problem, x, dw, dy, mode);
        }
    }

    private static CheckReport strange() {
        return CrossCheck.of(new Strange("<a> & \"b\"", false), new Strange("idle", true))
                .on("a <suite>", List.of(ConvProblem.parse(LINE))).tiers(Tier.EXACT).run();
    }
}
