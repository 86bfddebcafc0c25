package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user types and gets back: exit codes, help, and one clear line for every mistake. */
class CommandLineTest {

    @Test
    void versionNamesTheBuildAndTheJava() {
        CommandRun run = CommandRun.of("--version");
        assertEquals(0, run.exitCode());
        assertTrue(run.out().matches("jconv \\d+\\.\\d+\\.\\d+\\S*\\RJava \\d+.*\\R"), run.out());
    }

    static Stream<List<String>> allCommands() {
        List<List<String>> commands = new ArrayList<>();
        commands.add(List.of());
        String commandList = CommandRun.of("--help").out();
        commandList.substring(commandList.indexOf("Commands:")).lines().skip(1).takeWhile(line -> !line.isBlank())
                .filter(line -> line.matches("  \\S.*")).forEach(line -> commands.add(List.of(line.strip().split(" ")[0])));
        return commands.stream();
    }

    @ParameterizedTest
    @MethodSource("allCommands")
    void everyCommandHasHelp(List<String> command) {
        String[] args = Stream.concat(command.stream(), Stream.of("--help")).toArray(String[]::new);
        CommandRun run = CommandRun.of(args);
        assertEquals(0, run.exitCode());
        String usage = "Usage: " + String.join(" ", Stream.concat(Stream.of("jconv"), command.stream()).toList());
        assertTrue(run.out().lines().anyMatch(line -> line.startsWith(usage)), run.out());
        assertEquals("", run.err());
        run.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    /** What would say nothing there is no option, nor is it in the help. */
    @ParameterizedTest
    @ValueSource(strings = {"diff", "suites"})
    void whatComputesNothingHasNoOptionsOfComputing(String command) {
        String help = CommandRun.of(command, "--help").out();
        assertTrue(!help.contains("--device") && !help.contains("--math"), help);
        CommandRun run = CommandRun.of(command, "a", "b", "--device=cpu");
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("--device=cpu"), run.err());
    }

    /** A terminal may be narrower than help texts can be, and one may be wider than they should be. */
    @ParameterizedTest
    @ValueSource(ints = {1, 40, 54, 55, 56, 80, 100, 101, 9_999})
    void helpIsWrittenForEveryTerminal(int columns) {
        CommandRun run = CommandRun.onTerminal(columns, "check", "--help");
        assertEquals(0, run.exitCode(), run.err());
        run.out().lines().forEach(line -> assertTrue(line.length() <= Math.max(55, Math.min(columns, 100)), line));
    }

    /** The list shows the first paragraph of each description, as far as two lines hold it: it must be whole. */
    @Test
    void theListOfCommandsHasWholeSentences() {
        String help = CommandRun.of("--help").out();
        String list = help.substring(help.indexOf("Commands:")).lines().skip(1).takeWhile(line -> !line.isBlank())
                .collect(Collectors.joining("\n"));
        for (String entry : list.split("\n(?=  \\S)")) {
            assertTrue(entry.endsWith("."), entry);
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("a command is missing"),
                mistake("did you mean algorithms?", "algorithm"),
                mistake("did you mean", "algorithms", "--thread", "2"),
                mistake("LINE", "algorithms"),
                mistake("--threads is 0; allowed: 1..1024", "algorithms", "--threads", "0", "n1c1w4k1s2"),
                mistake("nowhere.txt does not exist", "check", "--file", "nowhere.txt"),
                mistake("'googlenett'", "check", "--suite", "googlenett"),
                mistake("'up'", "check", "--problem", "n1c1w4k1s2", "--operation", "up"),
                mistake("'tpu'", "check", "--problem", "n1c1w4k1s2", "--backend", "tpu"),
                mistake("'magic'", "check", "--problem", "n1c1w4k1s2", "--algorithm", "magic"),
                mistake("algorithm 'cpu:ALGO_1' is known to no backend that is checked; allowed: cpu:winograd-4x4, ", "check", "--problem",
                        "n1c1w4k1s2", "--backend", "cpu", "--algorithm", "direct,cpu:ALGO_1"),
                mistake("'99999999999' is no whole number from -2147483648 to 2147483647", "sweep", "--random", "99999999999"),
                mistake("'1e3' is no whole number from -9223372036854775808 to 9223372036854775807", "sweep", "--seed", "1e3"),
                mistake("--out is src, which is no file that can be written to", "sweep", "--random", "1", "--out", "src"),
                mistake("--out is nowhere/a.jsonl, which is no file", "sweep", "--random", "1", "--out", "nowhere/a.jsonl"),
                mistake("no such file", "check", "--oracle", "src"),
                mistake("no such folder", "check", "--onnx", "nowhere"),
                mistake("allowed: a name that ends in .json, .html or .xml", "check", "--report", "report.pdf"),
                mistake("is no folder", "check", "--report", "nowhere/report.json"),
                mistake("'lots'", "check", "--problem", "n1c1w4k1s2", "--max-macs", "lots"),
                mistake("'0' is no number above 0", "check", "--problem", "n1c1w4k1s2", "--max-macs", "0"),
                mistake("--batch is -1", "check", "--problem", "n1c1w4k1s2", "--batch", "-1"),
                mistake("nothing to measure", "bench"),
                mistake("--fresh-jvms is 0; allowed: 1..1000", "bench", "--problem", "n1c1w4k1s2", "--fresh-jvms", "0"),
                mistake("--seconds is -1", "bench", "--problem", "n1c1w4k1s2", "--seconds", "-1"),
                mistake("nowhere", "bench", "--problem", "n1c1w4k1s2", "--csv", "nowhere/at/all.csv"),
                mistake("serve", "bench", "--problem", "n1c1w4k1s2", "--algorithm", "zero-insert", "--operation", "forward"),
                mistake("'googlenett'", "suites", "googlenett"),
                mistake("'two'", "algorithms", "--threads", "two", "n1c1w4k1s2"),
                mistake("missing", "algorithms", "n1w4k1s2"),
                mistake("unknown", "algorithms", "n1c1w4k1s2x9"),
                mistake("n1c1w4k1s2;rm", "algorithms", "n1c1w4k1s2;rm"),
                mistake("input is 0; allowed: 1..", "algorithms", "n1c1w0k1s2"),
                mistake("stride is -1; allowed: 1..", "algorithms", "n1c1w4k1s2_sw-1"),
                mistake("groups is 2, which does not divide the 3 input channels", "algorithms", "n1c3w4k2s2_g2"),
                mistake("99999999999999999999", "algorithms", "n1c99999999999999999999w4k1s2"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeGivesOneClearLineAndExitCode2(String saying, String[] args) {
        CommandRun run = CommandRun.of(args);
        assertEquals(2, run.exitCode());
        assertEquals("", run.out());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().startsWith("jconv"), run.err());
        assertTrue(run.err().contains(saying), run.err());
        assertFalse(run.err().contains("Exception"), run.err());
    }

    @Test
    void debugShowsWhereAMistakeWasFound() {
        CommandRun run = CommandRun.of("algorithms", "--debug", "n1w4k1s2");
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("\tat io.github.jconv.problem"), run.err());
    }

    private static Arguments mistake(String saying, String... args) {
        return Arguments.of(saying, args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--suite", "--operation", "--algorithm", "--backend", "--type", "--layout", "--tier"})
    void commasAloneAreNoList(String option) {
        CommandRun run = CommandRun.of("check", "--problem", "n1c2h5w6k3r1s1", option, ",");
        assertEquals(2, run.exitCode(), run.out());
        assertEquals("", run.out());
        assertTrue(run.err().startsWith("jconv check: " + option + " is , without a value; allowed: NAME,..."), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }
}
