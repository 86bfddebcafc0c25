package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.JsonReport;
import io.github.jconv.testing.SharedMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {

    private static final String LINE = "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2";

    @TempDir
    private Path folder;

    @Test
    void strictAccuracySkipsWinograd(@TempDir Path reports) throws IOException {
        for (boolean strict : new boolean[] {false, true}) {
            Path report = reports.resolve(strict + ".json");
            List<String> arguments = new ArrayList<>(List.of("check", "--report", report.toString(), "--problem", "n1c8h9w10k6r3s3_ph1pw1",
                    "--algorithm", "winograd-4x4,shifted-gemm", "--backend", "cpu", "--operation", "forward"));
            if (strict) {
                arguments.add("--strict");
            }
            CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
            assertEquals(0, run.exitCode(), run.err());
            assertEquals(strict, Files.readString(report).contains("strict accuracy forbids its arithmetic, WINOGRAD_4X4"));
        }
    }

    /** As reports have it, and as it is. */
    @Test
    void anAlgorithmMayHaveItsBackendInFront() {
        CommandRun run = CommandRun.of("check", LINE, "--threads", "1", "--algorithm", "cpu:direct,reference", "--operation", "forward");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("cpu:direct") && run.out().contains("cpu:reference"), run.out());
        assertFalse(run.out().contains("cpu:im2col-gemm"), run.out());
    }

    @Test
    void agreementIsExitCode0() {
        CommandRun run = CommandRun.of("check", LINE, "--threads", "1");
        assertEquals(0, run.exitCode(), run.err());
        assertEquals("", run.err());
        assertTrue(run.out().contains("\nAll agree: "), run.out());
        assertTrue(run.out().contains("cpu:reference"), run.out());
    }

    @Test
    void mismatchIsExitCode1WithTheElementAndTheCommandThatShowsItAgain() {
        CommandRun run = CommandRun.on(new WrongBackend(), "check", "--problem", LINE, "--algorithm", "reference");
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("WRONG forward " + LINE), run.out());
        assertTrue(run.out().contains("[1, 3, 2, 6]"), run.out());
        assertTrue(run.out().contains("jconv check --problem '" + LINE + "' --operation forward --algorithm reference"), run.out());
    }

    /** The identity between forward and backward_data convicts both, whichever was asked for. */
    @Test
    void onlyWhatIsAskedForIsChecked() {
        CommandRun right = CommandRun.on(new WrongBackend(), "check", "--problem", LINE, "--operation", "backward_data");
        assertEquals(0, right.exitCode(), right.out());
        CommandRun wrong = CommandRun.on(new WrongBackend(), "check", "--problem", LINE, "--operation", "forward");
        assertEquals(1, wrong.exitCode(), wrong.out());
        assertTrue(wrong.out().contains("WRONG forward"), wrong.out());
        assertFalse(wrong.out().contains("WRONG backward"), wrong.out());
    }

    @Test
    void shrinkFindsASmallerProblem() {
        CommandRun run = CommandRun.on(new WrongBackend(), "check", "--problem", LINE, "--algorithm", "reference",
                "--operation", "forward", "--shrink");
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("the smallest problem that still fails: n1c1w2k1s1"), run.out());
    }

    @Test
    void aFileMayMixNotationsAndDescribeTransposedConvolutions() throws IOException {
        Path file = Files.writeString(folder.resolve("mixed.txt"), """
                # a comment
                n1c2h5w4k3r3s2_ph1pw1
                g1mb1ic3ih4iw5oc2oh7ow9kh3kw3sh2sw2ph1pw1n"up"
                """);
        CommandRun run = CommandRun.of("check", "--file", file.toString(), "--deconv", "--batch", "2");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("of 2 problems"), run.out());
    }

    @Test
    void whatIsTooLargeIsReducedAndTheOutputSaysSo() {
        CommandRun run = CommandRun.of("check", "--problem", "n64c31h9w8k33r3s3_ph1pw1", "--problem", "n1c2h5w4k2r2s3",
                "--max-macs", "25k", "--operation", "forward");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().startsWith("1 problem"), run.out());
        assertTrue(run.out().contains("geometry whole: at most 25.0 k multiply-adds"), run.out());
        assertTrue(run.out().contains("of 2 problems in"), run.out());
    }

    @Test
    void recordedCasesAreCheckedInsteadOfTheBundledSuites() {
        Path shared = SharedMaterial.path("cases/onnx");
        CommandRun run = CommandRun.of("check", "--onnx", shared.toString());
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("\nonnx "), run.out());
        assertFalse(run.out().contains("googlenet"), run.out());
    }

    @Test
    void reportsTellWhatTheTerminalTells() throws IOException {
        Path json = folder.resolve("report.json");
        Path html = folder.resolve("report.html");
        Path xml = folder.resolve("report.xml");
        CommandRun run = CommandRun.on(new WrongBackend(), "check", "--problem", "n9c2h5w4k3r3s2", "--max-macs", "1k", "--report",
                json.toString(), "--report", html.toString(), "--report", xml.toString());
        assertEquals(1, run.exitCode(), run.err());
        CheckReport report = JsonReport.read(json);
        assertFalse(report.agrees());
        assertTrue(run.out().contains(report.mismatches().get(0).finding()));
        assertTrue(report.notes().get(0).contains("1 problem of problems in a smaller batch"), report.notes().toString());
        assertTrue(Files.readString(xml).contains("failures=\"" + report.mismatches().size() + "\""), Files.readString(xml));
        String page = Files.readString(html);
        assertTrue(page.contains(report.mismatches().get(0).problem()) && page.contains(report.notes().get(0)), page);
    }

    @Test
    void whereNothingWasCheckedNothingAgrees() throws IOException {
        Path html = folder.resolve("report.html");
        for (String command : List.of("check", "sweep")) {
            CommandRun run = CommandRun.of(command, "--problem", LINE, "--backend", "cpu", "--algorithm", "gemm-1x1", "--report",
                    html.toString());
            assertEquals(2, run.exitCode(), run.out());
            assertTrue(run.err().startsWith("jconv " + command + ": nothing was checked: cpu:gemm-1x1: it serves "), run.err());
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.out().contains("Nothing was checked: 0 checks of 1 problem in"), run.out());
            assertTrue(Files.readString(html).contains("<h1 class=\"bad\">Nothing was checked</h1>"));
        }
    }

    @Test
    void problemsThatNoAlgorithmServesAreCounted() {
        CommandRun run = CommandRun.of("check", "--problem", LINE, "--problem", "n1c2h5w6k3r1s1", "--backend", "cpu", "--algorithm",
                "gemm-1x1");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("\n1 problem could not be checked by any of the algorithms; --report FILE.html says why.\n"),
                run.out());
        assertFalse(CommandRun.of("check", "--problem", LINE, "--algorithm", "direct").out().contains("could not be checked"));
    }

    @Test
    void aReportThatIsAFolderIsRefusedBeforeTheChecks() throws IOException {
        Path report = Files.createDirectory(folder.resolve("report.json"));
        CommandRun run = CommandRun.of("check", "--problem", LINE, "--report", report.toString());
        assertEquals(2, run.exitCode());
        assertEquals("", run.out());
        assertTrue(run.err().contains("--report is " + report + ", which is a folder"), run.err());
    }

    @Test
    void theRootFolderIsNoFileOfProblems() {
        Path root = folder.getRoot();
        CommandRun run = CommandRun.of("check", "--file", root.toString());
        assertEquals(2, run.exitCode());
        assertEquals("jconv check: file " + root + " is a directory; expected a text file with one problem per line", run.err().strip());
    }

    @Test
    void optionsBehindAProblemThatCannotBeAreNamedWithTheirLine() throws IOException {
        for (String[] mistake : new String[][] {
            {"--type int8", ":2: Invalid value for option '--type' (NAME,...): 'int8' is no type of tensors; allowed: "},
            {"--bogus", ":2: Unknown option: '--bogus'; allowed behind a problem: --operation, --type, --layout, --seed, --device, --math"},
            {"--layout ,", ":2: --layout is , without a value; allowed: NAME,...; allowed behind"},
            {"--seed 2", ":2: --seed is 2, but 1 in "}}) {
            Path file = Files.writeString(folder.resolve("problems.txt"), LINE + " --seed 1\n" + LINE + " " + mistake[0] + "\n");
            CommandRun run = CommandRun.of("check", "--file", file.toString());
            assertEquals(2, run.exitCode(), run.out());
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.err().startsWith("jconv check: " + file + mistake[1]), run.err());
        }
    }

    /** Where lines are wrong on a device in another arithmetic, they are checked there and in that. */
    @Test
    void linesSayWhereAndHowToCompute() throws IOException {
        Path file = Files.writeString(folder.resolve("problems.txt"), "n1c2h5w6k3r3s1 --operation forward --device cpu --math tf32\n");
        String[] command = {"check", "--file", file.toString(), "--algorithm", "direct", "--tier", "exact"};
        String[] seen = new String[2];
        BackendsOption.Source source = new BackendsOption.Source() {
            @Override
            public List<Backend> openAll(int threads) {
                seen[0] = System.getProperty("jconv.device");
                seen[1] = System.getProperty("jconv.math");
                return BackendsOption.Source.HOST.openAll(threads);
            }

            @Override
            public Backend open(String name, int threads) {
                throw new UnsupportedOperationException("a check without --autotune opens all at once");
            }
        };
        assertEquals(0, CommandRun.on(source, command).exitCode());
        assertEquals(List.of("cpu", "tf32"), List.of(seen));
        CommandRun run = CommandRun.on(source, Stream.concat(Stream.of(command), Stream.of("--math", "fp32")).toArray(String[]::new));
        assertEquals(0, run.exitCode(), run.err());
        assertEquals(List.of("cpu", "fp32"), List.of(seen));
        assertTrue(run.out().contains("--math of the command goes before that of 1 line in files"), run.out());
        assertNull(System.getProperty("jconv.math"));
    }
}
