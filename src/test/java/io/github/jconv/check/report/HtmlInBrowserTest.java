package io.github.jconv.check.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Mutants;
import io.github.jconv.check.SubjectTimer;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.testing.Tools;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report in a real browser: everything is drawn, nothing is cut off or asks for a network, whatever the width and the colours. */
class HtmlInBrowserTest {

    private static final int PHONE = 360;
    private static final int DESKTOP = 1200;

    /** Looks at the report from a page around it and leaves what it sees in the page. */
    private static final String MEASURING_PAGE = """
            <!DOCTYPE html><body><iframe id="f" src="report.html" style="width:%dpx;height:800px;border:0"></iframe>
            <pre id="seen"></pre><script>
            f.onload = () => {
              const d = f.contentDocument, root = d.documentElement;
              const svgs = [...d.querySelectorAll('svg')];
              const box = e => e.getBoundingClientRect();
              const cut = svgs.flatMap(s => [...s.querySelectorAll('text')].filter(t => box(t).width > 0 && (box(t).left < box(s).left - 1
                || box(t).right > box(s).right + 1 || box(t).top < box(s).top - 1 || box(t).bottom > box(s).bottom + 1))
                .map(t => t.textContent));
              const ids = [...d.querySelectorAll('[id]')].map(e => e.id);
              seen.textContent = JSON.stringify({
                scrollWidth: root.scrollWidth, svgs: svgs.length, smallest: Math.min(...svgs.map(s => box(s).width)),
                widest: Math.max(...svgs.map(s => box(s).width)), cut, repeated: ids.length - new Set(ids).size,
                texts: svgs.map(s => [...s.querySelectorAll('text')].filter(t => box(t).width > 0).length),
                loaded: f.contentWindow.performance.getEntriesByType('resource').length,
                page: f.contentWindow.getComputedStyle(d.body).backgroundColor,
                bar: f.contentWindow.getComputedStyle(svgs[0].querySelector('[style*="--bar"]')).fill,
                headline: d.querySelector('h1').textContent });
            };
            </script></body>
            """;

    @TempDir
    private static Path folder;

    private static CheckReport report;

    @BeforeAll
    static void writeReport() {
        Tools.requireBrowser();
        try (CpuBackend backend = new CpuBackend(1)) {
            List<ConvolutionUnderTest> subjects = new ArrayList<>(BackendSubject.allOf(backend));
            subjects.add(Mutants.named("off by one part in 2^12"));
            SubjectTimer timer = (subject, request) -> Optional.of(new SubjectTimer.Timing(1e-5 * subject.name().length(), 3, "fp32"));
            report = CrossCheck.of(subjects).on("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2").on("n1c4h6w5k6r1s1")
                    .tiers(Tier.EXACT, Tier.REAL).timed(timer, List.of(new Ceilings("cpu", Map.of("fp32", 5e11), 2e10))).run();
        }
        HtmlReport.write(report, folder.resolve("report.html"));
    }

    private static JsonNode seen(int width, String... options) throws Exception {
        Path page = Files.writeString(folder.resolve("measure.html"), MEASURING_PAGE.formatted(width));
        List<String> command = new ArrayList<>(browser(options));
        command.addAll(List.of("--allow-file-access-from-files", "--virtual-time-budget=5000", "--dump-dom", page.toUri().toString()));
        Matcher matcher = Pattern.compile("<pre id=\"seen\">(.+?)</pre>", Pattern.DOTALL).matcher(Tools.run(command));
        assertTrue(matcher.find(), "the page was not measured");
        return new ObjectMapper().readTree(matcher.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    }

    private static List<String> browser(String... options) {
        List<String> command = new ArrayList<>(List.of(Tools.requireBrowser(), "--headless", "--no-sandbox", "--disable-gpu",
                "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + folder.resolve("profile")));
        command.addAll(List.of(options));
        return command;
    }

    @Test
    void everythingIsDrawnAndNothingCutOffOnAPhoneAndOnADesktop() throws Exception {
        for (int width : new int[] {PHONE, DESKTOP}) {
            JsonNode seen = seen(width);
            assertEquals(width, seen.get("scrollWidth").asInt(), "the page is as wide as the screen");
            assertTrue(seen.get("widest").asDouble() <= width, seen.toString());
            assertTrue(seen.get("smallest").asDouble() > PHONE / 2.0, seen.toString());
            assertEquals("[]", seen.get("cut").toString());
            assertEquals(0, seen.get("repeated").asInt(), "names of parts of the plots");
            assertEquals("1 mismatch", seen.get("headline").asText().replaceAll("\\d+ mismatches", "1 mismatch"));
            seen.get("texts").forEach(texts -> assertTrue(texts.asInt() >= 5, seen.toString()));
            assertEquals(0, seen.get("loaded").asInt(), "files loaded");
        }
    }

    @Test
    void everyKindOfPlotIsThere() throws Exception {
        long distributions = report.suites().get(0).subjects().stream().filter(s -> s.distribution().elements() > 0).count();
        long timed = report.suites().get(0).times().stream().map(t -> t.subject().split(":")[0]).distinct().count();
        assertTrue(distributions > 3 && timed == 1, distributions + " distributions, " + timed + " rooflines");
        assertEquals(distributions + timed + 1, seen(DESKTOP).get("svgs").asLong());
    }

    @Test
    void plotsFollowLightAndDark() throws Exception {
        JsonNode light = seen(DESKTOP);
        JsonNode dark = seen(DESKTOP, "--blink-settings=preferredColorScheme=0", "--force-dark-mode");
        assertEquals("rgb(255, 255, 255)", light.get("page").asText());
        assertNotEquals(light.get("page").asText(), dark.get("page").asText());
        assertNotEquals(light.get("bar").asText(), dark.get("bar").asText());
    }

    @Test
    void itPrints() throws Exception {
        Path pdf = folder.resolve("report.pdf");
        List<String> command = new ArrayList<>(browser());
        command.addAll(List.of("--print-to-pdf=" + pdf, folder.resolve("report.html").toUri().toString()));
        Tools.run(command);
        String content = new String(Files.readAllBytes(pdf), StandardCharsets.ISO_8859_1);
        int pages = content.split("/Type\\s*/Page\\b", -1).length - 1;
        assertTrue(content.startsWith("%PDF-") && pages >= 2 && pages <= 20, pages + " pages");
    }
}
