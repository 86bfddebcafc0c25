package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.sweep.SweepFile;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.MathMode;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepCommandTest {

    private static final String LINE = "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2";
    private static final String OTHER = "n1c2h5w4k3r3s2_ph1pw1";

    /** A host may be so busy that a second passes before the first check. */
    private static final int ATTEMPTS_ON_A_BUSY_HOST = 20;

    @TempDir
    private Path folder;

    private String[] sweep(String... more) {
        return Stream.concat(Stream.of("sweep", "--threads", "1", "--out", out().toString()),
                List.of(more).contains("--runs") ? Stream.of(more) : Stream.concat(Stream.of("--runs", "0"), Stream.of(more)))
                .toArray(String[]::new);
    }

    private Path out() {
        return folder.resolve("sweep.jsonl");
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(out());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void randomProblemsAreCheckedAndTimedAndWrittenDown() {
        CommandRun run = CommandRun.of(sweep("--random", "6", "--seed", "2", "--operation", "forward", "--runs", "1"));
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("of 6 problems in"), run.out());
        SweepFile file = SweepFile.read(out());
        assertEquals("2", file.header().arguments().values().get("--seed"));
        assertEquals(6, file.checks().keySet().stream().map(key -> key.problem()).filter(p -> file.checks().keySet().stream()
                .anyMatch(key -> key.problem().equals(p) && key.check().equals("overwrite"))).distinct().count());
        assertTrue(file.times().stream().anyMatch(time -> time.subject().equals("cpu:direct") && time.medianSeconds() > 0));
        assertTrue(file.times().stream().allMatch(time -> time.runs() >= 1));
    }

    /** So many small problems are checked several at a time. */
    @Test
    void manyProblemsAreWrittenDownInTheirOrderWhateverTheThreads() {
        List<List<CheckKey>> keys = new ArrayList<>();
        for (String threads : List.of("1", "3")) {
            Path file = folder.resolve(threads + ".jsonl");
            CommandRun run = CommandRun.of("sweep", "--random", "70", "--operation", "forward", "--algorithm", "direct,im2col-gemm",
                    "--backend", "cpu", "--tier", "exact", "--runs", "0", "--threads", threads, "--out", file.toString());
            assertEquals(0, run.exitCode(), run.err());
            assertTrue(run.out().contains("of 70 problems in"), run.out());
            keys.add(List.copyOf(SweepFile.read(file).checks().keySet()));
        }
        assertEquals(keys.get(0), keys.get(1));
    }

    @Test
    void whatIsThereIsNotDoneAgain() {
        assertEquals(0, CommandRun.of(sweep(LINE, "--problem", OTHER)).exitCode());
        List<String> whole = lines();
        CommandRun again = CommandRun.of(sweep("--problem", LINE, "--problem", OTHER));
        assertEquals(0, again.exitCode(), again.err());
        assertEquals(whole, lines());
        assertTrue(again.out().contains("which are not made again"), again.out());
    }

    /** However many bytes were written when the process was killed, the next run ends with the same checks, each once. */
    @Test
    void aFileThatWasCutOffIsCompleted() throws IOException {
        String[] arguments = sweep("--problem", OTHER, "--operation", "forward", "--algorithm", "direct,reference");
        CommandRun first = CommandRun.of(arguments);
        byte[] bytes = Files.readAllBytes(out());
        SweepFile whole = SweepFile.read(out());
        for (int end : new int[] {0, 10, bytes.length / 3, bytes.length / 2, bytes.length - 1, bytes.length}) {
            Files.write(out(), Arrays.copyOf(bytes, end), StandardOpenOption.TRUNCATE_EXISTING);
            CommandRun run = CommandRun.of(arguments);
            assertEquals(0, run.exitCode(), run.err());
            assertEquals(whole.checks().keySet(), SweepFile.read(out()).checks().keySet(), "cut off after " + end);
            assertEquals(lines().size(), lines().stream().map(line -> line.replaceAll("\"(seconds|medianSeconds|runs)\":[^,}]*", ""))
                    .distinct().count());
            assertEquals(total(first), total(run));
            assertEquals(end > bytes.length / 4 && end < bytes.length, run.out().contains("was cut off and is dropped"), run.out());
        }
    }

    private static String total(CommandRun run) {
        return run.out().lines().filter(line -> line.startsWith("All agree")).findFirst().orElseThrow().replaceAll(" in .*", "");
    }

    @Test
    void anotherSweepsFileIsRefusedAndLeftAlone() throws IOException {
        assertEquals(0, CommandRun.of(sweep("--problem", OTHER)).exitCode());
        List<String> whole = lines();
        for (String[] other : new String[][] {sweep("--problem", OTHER, "--seed", "2"), sweep("--problem", LINE),
            sweep("--problem", OTHER, "--type", "float64"), sweep("--problem", OTHER, "--algorithm", "direct")}) {
            CommandRun run = CommandRun.of(other);
            assertEquals(2, run.exitCode());
            assertTrue(run.err().contains("belongs to another sweep: ") && run.err().contains(" was "), run.err());
            assertEquals(1, run.err().lines().count());
        }
        assertEquals(whole, lines());
        for (String content : List.of("a diary", "a diary\n", "{}\n", "{\"kind\":\"check\"}\n")) {
            Files.writeString(out(), content);
            CommandRun run = CommandRun.of(sweep("--problem", OTHER));
            assertEquals(2, run.exitCode());
            assertTrue(run.err().contains("is not the file of a sweep") || run.err().contains("is no line of a sweep"), run.err());
            assertEquals(content, Files.readString(out()));
        }
    }

    /** What one build found wrong may be right in the next, so nothing of it is taken over. */
    @Test
    void anotherBuildsFileIsRefusedAndLeftAlone() throws IOException {
        String[] arguments = sweep("--problem", OTHER, "--algorithm", "direct", "--operation", "forward", "--tier", "exact");
        assertEquals(0, CommandRun.of(arguments).exitCode());
        String now = SweepFile.read(out()).header().build();
        String others = Files.readString(out()).replace(now, "0.0.9 (123456789abc)");
        Files.writeString(out(), others);
        CommandRun run = CommandRun.of(arguments);
        assertEquals(2, run.exitCode(), run.out());
        assertEquals("jconv sweep: " + out() + " belongs to another build: 0.0.9 (123456789abc), and this is " + now
                + "; give another file", run.err().strip());
        assertEquals(others, Files.readString(out()));
    }

    @Test
    void buildsAreToldApartByTheirContent() throws IOException {
        Path one = Files.createDirectories(folder.resolve("one"));
        Path other = Files.createDirectories(folder.resolve("other"));
        Files.writeString(one.resolve("A.class"), "a");
        Files.writeString(other.resolve("A.class"), "a");
        assertEquals(BuildIdentity.digest(one), BuildIdentity.digest(other));
        Files.writeString(other.resolve("A.class"), "b");
        assertNotEquals(BuildIdentity.digest(one), BuildIdentity.digest(other));
    }

    @Test
    void aTimeLimitEndsItAndTheNextRunGoesOn() throws IOException {
        Path json = folder.resolve("report.json");
        Path xml = folder.resolve("report.xml");
        CommandRun run = CommandRun.of(sweep("--random", "200", "--time-limit", "1s", "--report", json.toString(), "--report",
                xml.toString()));
        assertEquals(3, run.exitCode(), run.err());
        assertTrue(Files.readString(json).contains("\"complete\" : false"), "JSON says so");
        assertTrue(Files.readString(xml).contains("the run was broken off by its time limit"), "JUnit XML says so");
        assertTrue(run.out().contains("The time limit came before the end."), run.out());
        int before = lines().size();
        for (int i = 0; i < ATTEMPTS_ON_A_BUSY_HOST && lines().size() == before; i++) {
            CommandRun.of(sweep("--random", "200", "--time-limit", "1s"));
        }
        assertTrue(lines().size() > before, "went on after " + before + " lines");
    }

    @Test
    void whatIsWrongIsReducedAndSavedAsLinesAndAsATest() throws Exception {
        Path wrong = folder.resolve("wrong");
        CommandRun run = CommandRun.on(new WrongBackend(), sweep("--problem", LINE, "--algorithm", "direct,reference", "--failures",
                wrong.toString(), "--device", "cpu", "--math", "tf32"));
        assertEquals(1, run.exitCode(), run.err());
        String found = Files.readString(wrong.resolve("failures.txt"));
        assertTrue(found.contains("\nn1c1w2k1s1 --operation forward --type float32 --layout nchw --seed 1 --device cpu --math tf32\n"),
                found);
        assertTrue(found.contains("cpu:direct, cpu:reference wrong in the same way"), found);

        CommandRun replay = CommandRun.on(new WrongBackend(), "check", "--file", wrong.resolve("failures.txt").toString());
        assertEquals(1, replay.exitCode(), replay.err());
        assertTrue(replay.out().contains("WRONG forward n1c1w2k1s1"), replay.out());
        assertEquals(0, CommandRun.of("check", "--file", wrong.resolve("failures.txt").toString()).exitCode());
        try {
            runTests(wrong.resolve("SweepFailuresTest.java"));
            assertEquals("tf32", System.getProperty(MathMode.PROPERTY));
            assertEquals("cpu", System.getProperty(DeviceRequest.PROPERTY));
        } finally {
            System.clearProperty(MathMode.PROPERTY);
            System.clearProperty(DeviceRequest.PROPERTY);
        }
    }

    /** A line says which type and layout it is wrong in, so that the replay does not check others, which are right. */
    @Test
    void whatIsWrongInOneFormOnlyIsFoundAgain() throws IOException {
        WrongBackend wrongSometimes = new WrongBackend(request -> request.dataType() == DataType.BFLOAT16
                && request.layout() == Layout.NHWC);
        Path wrong = folder.resolve("wrong");
        String lines = wrong.resolve("failures.txt").toString();
        CommandRun run = CommandRun.on(wrongSometimes, sweep(OTHER, "--algorithm", "direct,im2col-gemm", "--type", "float32,bfloat16",
                "--layout", "nchw,nhwc", "--tier", "exact", "--seed", "3", "--failures", wrong.toString()));
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(Files.readString(Path.of(lines)).contains(" --operation forward --type bfloat16 --layout nhwc --seed 3\n"), run.out());

        CommandRun replay = CommandRun.on(wrongSometimes, "check", "--file", lines, "--algorithm", "direct", "--tier", "exact");
        assertEquals(1, replay.exitCode(), replay.out());
        assertTrue(replay.out().contains("WRONG forward ") && replay.out().contains("--type bfloat16 --layout nhwc"), replay.out());
        CommandRun otherwise = CommandRun.on(wrongSometimes, "check", "--file", lines, "--algorithm", "direct", "--type", "float32",
                "--tier", "exact");
        assertEquals(0, otherwise.exitCode(), otherwise.out());
        assertTrue(otherwise.out().contains("--type of the command goes before that of 1 line in files"), otherwise.out());
        assertEquals(1, CommandRun.on(wrongSometimes, "sweep", "--file", lines, "--algorithm", "direct", "--tier", "exact", "--runs", "0")
                .exitCode());
    }

    @Test
    void whatIsWrongWithConstantFiltersOnlyIsFoundAgainAndHasATest() throws Exception {
        WrongBackend wrongSometimes = new WrongBackend(request -> request.filters() == FilterUse.CONSTANT);
        Path wrong = folder.resolve("wrong");
        String wide = "n1c8h12w12k8r3s3_ph1pw1";
        CommandRun run = CommandRun.on(wrongSometimes, "sweep", wide, "--runs", "0", "--algorithm", "implicit-gemm", "--operation",
                "forward", "--tier", "exact", "--failures", wrong.toString());
        assertEquals(1, run.exitCode(), run.out() + run.err());
        assertTrue(Files.readString(wrong.resolve("SweepFailuresTest.java")).contains("\"implicit-gemm+constant\""), run.out());
        assertEquals(1, CommandRun.on(wrongSometimes, "check", "--tier", "exact", "--algorithm", "implicit-gemm",
                "--file", wrong.resolve("failures.txt").toString()).exitCode());
        runTests(wrong.resolve("SweepFailuresTest.java"));
    }

    @Test
    void filesOfAnEarlierRunGoWhenNothingIsWrongAnyMore() throws IOException {
        Path wrong = Files.createDirectory(folder.resolve("wrong"));
        String[] arguments = {"sweep", "--runs", "0", "--tier", "exact", OTHER, "--algorithm", "direct", "--failures", wrong.toString()};
        assertEquals(1, CommandRun.on(new WrongBackend(), arguments).exitCode());
        Path others = Files.writeString(wrong.resolve("notes.txt"), "mine");
        CommandRun run = CommandRun.of(arguments);
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("Nothing is wrong, so " + wrong.resolve("failures.txt") + " of an earlier run is removed"), run.out());
        try (Stream<Path> left = Files.list(wrong)) {
            assertEquals(List.of(others), left.toList());
        }
        Path own = Files.writeString(wrong.resolve("failures.txt"), "n1c1w2k1s1\n");
        assertEquals(0, CommandRun.of(arguments).exitCode());
        assertTrue(Files.exists(own), "is not the sweep's");
    }

    /** The algorithms of this host are right, so the test that was written for wrong ones passes. */
    private void runTests(Path source) throws Exception {
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-Xlint:all", "-Werror", "-cp",
                System.getProperty("java.class.path"), "-d", folder.toString(), source.toString()));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            Class<?> test = loader.loadClass("SweepFailuresTest");
            Constructor<?> constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            List<Method> tests = Stream.of(test.getDeclaredMethods()).filter(m -> m.isAnnotationPresent(Test.class)).toList();
            assertFalse(tests.isEmpty());
            for (Method method : tests) {
                method.setAccessible(true);
                method.invoke(constructor.newInstance());
            }
            Method check = Stream.of(test.getDeclaredMethods()).filter(m -> m.getName().equals("check")).findFirst().orElseThrow();
            check.setAccessible(true);
            InvocationTargetException e = assertThrows(InvocationTargetException.class, () -> check.invoke(null, "cpu", "none",
                    io.github.jconv.problem.ConvOperation.FORWARD, io.github.jconv.tensor.DataType.FLOAT32,
                    io.github.jconv.tensor.Layout.NCHW, LINE));
            assertTrue(e.getCause().getMessage().contains("none"), e.getCause().getMessage());
        }
    }

    @Test
    void aFolderForFailuresThatCannotBeIsRefusedBeforeTheChecks() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        CommandRun run = CommandRun.of(sweep("--problem", OTHER, "--failures", file.resolve("wrong").toString()));
        assertEquals(2, run.exitCode());
        assertTrue(run.err().startsWith("jconv sweep: --failures is " + file.resolve("wrong") + ", which is no folder that can be written to"),
                run.err());
        assertEquals("", run.out());
    }

    @Test
    void nothingToCheckAndWrongNumbersAreOneLine() {
        for (String[] wrong : new String[][] {{"sweep"}, {"sweep", "--random", "0"}, {"sweep", "--random", "5", "--time-limit", "soon"},
            {"sweep", "--random", "5", "--runs", "-1"}, {"sweep", "--random", "5", "--type", "int8"}}) {
            CommandRun run = CommandRun.of(wrong);
            assertEquals(2, run.exitCode());
            assertEquals(1, run.err().lines().count(), run.err());
        }
    }

    @Test
    void twoSweepsAreCompared() throws IOException {
        Path right = folder.resolve("right.jsonl");
        Path json = folder.resolve("diff.json");
        CommandRun.of("sweep", "--problem", LINE, "--threads", "1", "--runs", "0", "--algorithm", "direct,reference", "--out",
                right.toString());
        CommandRun.on(new WrongBackend(), sweep("--problem", LINE, "--algorithm", "reference", "--runs", "0"));
        CommandRun same = CommandRun.of("diff", right.toString(), right.toString());
        assertEquals(0, same.exitCode(), same.err());
        assertTrue(same.out().contains(", 0 with another verdict"), same.out());
        CommandRun run = CommandRun.of("diff", right.toString(), out().toString(), "--json", json.toString());
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("passed   -> failed") || run.out().contains("passed  -> failed"), run.out());
        assertTrue(run.out().contains("Only in " + right), run.out());
        assertTrue(run.out().contains("algorithms was "), run.out());
        assertFalse(run.out().contains("Only in " + out()), run.out());
        assertTrue(Files.readString(json).contains("\"outcome\" : \"FAILED\""), Files.readString(json));
    }

    @Test
    void filesWithNothingInCommonCannotBeCompared() {
        Path other = folder.resolve("other.jsonl");
        CommandRun.of("sweep", "--problem", OTHER, "--runs", "0", "--algorithm", "direct", "--out", other.toString());
        CommandRun.of(sweep("--problem", LINE, "--runs", "0", "--algorithm", "direct"));
        CommandRun run = CommandRun.of("diff", other.toString(), out().toString());
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("no check in common"), run.err());
        assertEquals(2, CommandRun.of("diff", other.toString(), folder.resolve("missing.jsonl").toString()).exitCode());
    }

    /** Two processes that write one file at the same time would mix their lines. */
    @Test
    void aFileThatAnotherSweepWritesIsRefusedAndLeftAlone() throws IOException {
        assertEquals(0, CommandRun.of(sweep("--problem", OTHER, "--algorithm", "direct")).exitCode());
        List<String> whole = lines();
        try (FileChannel other = FileChannel.open(out(), StandardOpenOption.WRITE)) {
            other.lock();
            CommandRun run = CommandRun.of(sweep("--problem", OTHER, "--algorithm", "direct"));
            assertEquals(2, run.exitCode(), run.out());
            assertEquals("jconv sweep: " + out() + " is being written by another sweep; wait for its end, or give another file",
                    run.err().strip());
        }
        assertEquals(whole, lines());
        assertEquals(0, CommandRun.of(sweep("--problem", OTHER, "--algorithm", "direct")).exitCode());
    }

    @Test
    void whatCannotBeReadOrWrittenIsNamed() throws IOException {
        CommandRun written = CommandRun.of("sweep", "--problem", OTHER, "--out", folder.toString());
        assertEquals(2, written.exitCode());
        assertTrue(written.err().contains(folder.toString()), written.err());
        CommandRun read = CommandRun.of("diff", folder.toString(), folder.toString());
        assertEquals(2, read.exitCode());
        assertTrue(read.err().contains(folder.toString()), read.err());
        Path full = Path.of("/dev/full");
        if (Files.exists(full)) {
            CommandRun run = CommandRun.of("sweep", "--problem", OTHER, "--out", full.toString());
            assertEquals(2, run.exitCode());
            assertTrue(run.err().contains("/dev/full cannot be written: "), run.err());
        }
    }

    @Test
    void aLineThatLacksSomethingIsRefused() throws IOException {
        assertEquals(0, CommandRun.of(sweep("--problem", OTHER, "--algorithm", "direct", "--runs", "1")).exitCode());
        List<String> whole = lines();
        String check = whole.get(1);
        String time = whole.stream().filter(line -> line.startsWith("{\"kind\":\"time\"")).findFirst().orElseThrow();
        List<String> lacking = Stream.concat(
                Stream.of("problem", "operation", "dataType", "check", "results").map(name -> check.replace("\"" + name + "\":", "\"x\":")),
                Stream.of("subject", "problem", "operation", "dataType").map(name -> time.replace("\"" + name + "\":", "\"x\":"))).toList();
        for (String line : lacking) {
            Files.write(out(), List.of(whole.get(0), check, line));
            CommandRun run = CommandRun.of("diff", out().toString(), out().toString());
            assertEquals(2, run.exitCode(), line);
            assertTrue(run.err().matches("jconv diff: .*, line 3 is no line of a sweep: '\\w+' is missing\\R"), run.err());
        }
    }
}
