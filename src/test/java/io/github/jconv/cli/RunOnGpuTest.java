package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemFile;
import io.github.jconv.problem.SpatialAxis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script of the bundle for GPU hosts, with a stand-in for its Java. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "GPU hosts run Linux")
class RunOnGpuTest {

    private static final Path PROJECT = Path.of("").toAbsolutePath();

    @TempDir
    private Path folder;

    private Path bundle;

    @BeforeEach
    void makeBundle() throws IOException {
        bundle = Files.createDirectories(folder.resolve("a bundle"));
        for (String file : List.of("run-on-gpu", "shapes.txt")) {
            Files.copy(PROJECT.resolve("native-test/gpu-bundle").resolve(file), bundle.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.copy(PROJECT.resolve("README.md"), bundle.resolve("README.md"));
        Files.createDirectories(bundle.resolve("runtime/bin"));
        Files.createDirectories(bundle.resolve("lib"));
    }

    private void java(String script) throws IOException {
        Path java = bundle.resolve("runtime/bin/java");
        Files.writeString(java, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private int run(Path out) throws IOException, InterruptedException {
        return run(out, 100);
    }

    private int run(Path out, int seconds) throws IOException, InterruptedException {
        return run(out, seconds, Map.of());
    }

    private int run(Path out, int seconds, Map<String, String> settings) throws IOException, InterruptedException {
        return start(settings, out.toString(), "" + seconds).waitFor();
    }

    private Process start(Map<String, String> settings, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(bundle.resolve("run-on-gpu").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile());
        List.of("JCONV_DEVICE", "JCONV_JAVA_OPTS", "JCONV_STEPS", "JCONV_TESTS").forEach(builder.environment()::remove);
        builder.environment().putAll(settings);
        return builder.start();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output.txt"));
    }

    private void assertRefused(String reason, Map<String, String> settings, String... arguments) throws Exception {
        assertEquals(2, start(settings, arguments).waitFor(), reason);
        assertTrue(output().contains("run-on-gpu: " + reason) && output().contains("usage: run-on-gpu OUT_DIR [SECONDS]"), output());
    }

    private static void assertStep(String summary, String step, String result) {
        assertTrue(summary.lines().anyMatch(line -> line.startsWith(step + " ") && line.contains(" " + result)), step + ": " + summary);
    }

    /** Two tests read README.md where they run; a step that is stopped has told of what it did before. */
    @Test
    void theTestsFindWhatTheyReadAndTellOfEachAsItEnds() throws Exception {
        java("""
                case "$*" in *" doctor --device gpu") echo "cuDNN: loaded 9.5.1" ;; esac
                case "$*" in *ConsoleLauncher*) ls -L README.md && ls -d target && echo "$*" ;; esac
                """);
        Path out = folder.resolve("results of it");
        assertEquals(0, run(out), output());
        for (String name : List.of("tests", "tests-cudnn")) {
            List<String> tests = Files.readAllLines(out.resolve(name + ".txt"));
            assertEquals(List.of("README.md", "target"), tests.subList(0, 2));
            assertTrue(tests.get(2).contains(name.equals("tests") ? "--select-package io.github.jconv.cuda" : "--select-package io.github.jconv.cudnn")
                    && tests.get(2).contains("--details=testfeed"), tests.toString());
        }
        String summary = Files.readString(out.resolve("summary.txt"));
        for (String step : List.of("doctor", "tests", "tests-cudnn", "check", "sweep-1", "train-lenet", "times-fp32", "bench", "times-tf32",
                "times-tf32x3", "times-bf16", "times-fused")) {
            assertStep(summary, step, "ok, ");
        }
        assertFalse(Files.exists(out.resolve("target")), "the results hold results alone");
    }

    /** All commands are of the command line, with options that it has: the rehearsal does not reach every one. */
    @Test
    void everyCommandIsUnderstood() throws Exception {
        java("""
                case "$*" in *" doctor --device gpu") echo "cuDNN: loaded 9.5.1" ;; *.JConv*) echo "$*" | sed 's/.*[.]JConv //' ;; esac
                """);
        Path out = folder.resolve("commands");
        assertEquals(0, run(out), output());
        List<String> commands = new ArrayList<>();
        for (String step : List.of("check", "sweep-1", "train-lenet", "train-autoencoder", "times-fp32", "bench", "times-tf32",
                "times-tf32x3", "times-bf16", "times-fused")) {
            commands.add(Files.readString(out.resolve(step + ".txt")).strip().replace(bundle.toString(), "BUNDLE"));
        }
        for (String command : commands) {
            List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
            arguments.replaceAll(argument -> argument.replace("BUNDLE", bundle.toString()));
            // Help is for those whose arguments are understood.
            CommandRun run = CommandRun.of(Stream.concat(arguments.stream(), Stream.of("--help")).toArray(String[]::new));
            assertEquals(0, run.exitCode(), command + ": " + run.err());
        }
        assertFalse(ProblemFile.read(bundle.resolve("shapes.txt"), false).isEmpty());
    }

    /** The times that cuDNN and our kernels take are wanted of each class, and of no shape twice. */
    @Test
    void everyClassOfLayerHasAShape() {
        List<ConvProblem> shapes = ProblemFile.read(bundle.resolve("shapes.txt"), false).stream().map(ProblemEntry::problem).toList();
        assertEquals(shapes.size(), shapes.stream().distinct().count());
        Map<String, Predicate<ConvProblem>> classes = Map.ofEntries(
                Map.entry("depthwise, stride 1", shape -> shape.isDepthwise() && first(shape).stride() == 1),
                Map.entry("depthwise, stride 2", shape -> shape.isDepthwise() && first(shape).stride() == 2),
                Map.entry("1x1, stride 2", shape -> shape.filterTaps() == 1 && first(shape).stride() == 2),
                Map.entry("transposed, filters no larger than a stride of 3 and more", shape -> first(shape).filter() > 1
                        && first(shape).filter() <= first(shape).stride() && first(shape).stride() >= 3),
                Map.entry("one dimension, strided", shape -> shape.dimensions() == 1 && first(shape).stride() > 1),
                Map.entry("a large stride", shape -> shape.dimensions() == 2 && first(shape).stride() >= 8),
                Map.entry("dense 3x3", shape -> shape.groups() == 1 && isSquare(shape, 3) && isWide(shape)),
                Map.entry("dense 5x5", shape -> shape.groups() == 1 && isSquare(shape, 5)),
                Map.entry("dense 1x1", shape -> shape.groups() == 1 && isSquare(shape, 1) && isWide(shape)),
                Map.entry("4 channels a group", shape -> shape.groups() > 1 && shape.channelsPerGroup() == 4),
                Map.entry("32 channels a group", shape -> shape.groups() > 1 && shape.channelsPerGroup() == 32),
                Map.entry("one image, small maps", shape -> shape.batch() == 1 && shape.inputPositions() <= 14 * 14 && isSquare(shape, 3)));
        classes.forEach((name, isOfIt) -> assertTrue(shapes.stream().anyMatch(isOfIt), name));
    }

    private static SpatialAxis first(ConvProblem shape) {
        return shape.axes().get(0);
    }

    private static boolean isSquare(ConvProblem shape, long side) {
        return shape.dimensions() == 2 && shape.axes().stream().allMatch(axis -> axis.filter() == side);
    }

    /** Enough for tensor cores. */
    private static boolean isWide(ConvProblem shape) {
        return shape.inputChannels() >= 128 && shape.outputChannels() >= 128 && shape.batch() >= 32;
    }

    @Test
    void aHostWithoutAGpuIsToldSoAtOnce() throws Exception {
        java("case \"$*\" in *\" doctor --device gpu\") echo 'verdict: there is none'; exit 2 ;; *) ;; esac\n");
        Path out = folder.resolve("none");
        assertEquals(1, run(out));
        String summary = Files.readString(out.resolve("summary.txt"));
        assertStep(summary, "doctor", "failed with exit code 2");
        assertFalse(summary.contains("tests"), summary);
        assertTrue(output().contains("verdict: there is none"));
    }

    /** What is stopped is not wrong; what the operating system kills is. */
    @Test
    void shortTimeIsNoFailure() throws Exception {
        java("case \"$*\" in *\" doctor \"*) echo 'cuDNN: missing' ;; *\" check \"*) sleep 60 ;; esac\n");
        Path out = folder.resolve("short");
        Map<String, String> few = Map.of("JCONV_STEPS", "check|bench");
        assertEquals(3, run(out, 12, few));
        assertStep(Files.readString(out.resolve("summary.txt")), "check", "stopped after ");
        assertStep(Files.readString(out.resolve("summary.txt")), "bench", "ok, ");

        java("""
                case "$*" in *" doctor "*) echo 'cuDNN: missing' ;; *" check "*) exit 1 ;; *" bench "*) kill -KILL $$ ;; esac
                """);
        Path wrong = folder.resolve("wrong");
        assertEquals(1, run(wrong, 100, few));
        assertStep(Files.readString(wrong.resolve("summary.txt")), "check", "failed with exit code 1,");
        assertStep(Files.readString(wrong.resolve("summary.txt")), "bench",
                "failed with exit code 137 (killed; maybe for want of memory)");
    }

    /** Beside the script and in its main part. */
    @ParameterizedTest
    @ValueSource(strings = {"check", "times-fp32"})
    void anInterruptionEndsTheProgramsAndPacksTheResults(String step) throws Exception {
        java("case \"$*\" in *\" doctor \"*) echo 'cuDNN: missing' ;; *[/\\ ]" + step + "[.\\ ]*) echo $$ >pid; mv pid started;"
                + " exec sleep 600 ;; esac\n");
        Path out = folder.resolve("interrupted");
        Process script = start(Map.of("JCONV_STEPS", "check|times-fp32|bench"), out.toString());
        Path started = folder.resolve("started");
        while (!Files.exists(started) && script.isAlive()) {
            Thread.onSpinWait();
        }
        script.destroy();
        assertEquals(3, script.waitFor(), output());
        String summary = Files.readString(out.resolve("summary.txt"));
        assertStep(summary, step, "interrupted after ");
        assertEquals(1, summary.lines().filter(line -> line.contains("interrupted after ")).count(), summary);
        assertTrue(summary.lines().reduce((first, last) -> last).orElseThrow().endsWith(" s, interrupted, exit code 3"), summary);
        assertTrue(Files.exists(folder.resolve("interrupted.tar.gz")));
        long program = Long.parseLong(Files.readString(started).strip());
        assertFalse(ProcessHandle.of(program).map(ProcessHandle::isAlive).orElse(false), "the step's program is still there");
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingIsDone() throws Exception {
        java("touch ran\n");
        String out = folder.resolve("out").toString();
        assertRefused("there is no option '-x'", Map.of(), "-x");
        assertRefused("0 arguments; allowed: 1 or 2", Map.of());
        assertRefused("SECONDS is '10000000'; allowed: 1..999999", Map.of(), out, "10000000");
        assertRefused("SECONDS is '08'; allowed: 1..999999", Map.of(), out, "08");
        assertRefused("JCONV_STEPS is 'bnech', which is the name of no step; the steps: nvidia-smi doctor tests",
                Map.of("JCONV_STEPS", "bnech"), out);
        assertFalse(Files.exists(Path.of(out)));
        assertRefused(bundle + " is not empty; name another folder", Map.of(), bundle.toString());
        Files.createFile(folder.resolve("out.tar.gz"));
        assertRefused(out + ".tar.gz exists; name another folder", Map.of(), out);
        assertEquals(0, start(Map.of(), "--help").waitFor());
        assertTrue(output().startsWith("Tests and measures JConv") && output().contains("JCONV_STEPS is a regular expression"), output());
        assertFalse(Files.exists(folder.resolve("ran")));
    }

    @Test
    void anArchiveThatCannotBeWrittenIsAFailure() throws Exception {
        java("case \"$*\" in *\" doctor \"*) echo 'cuDNN: missing'; mkdir out.tar.gz ;; esac\n");
        assertEquals(1, run(folder.resolve("out"), 100, Map.of("JCONV_STEPS", "bench")));
        assertTrue(output().contains("out.tar.gz cannot be written; the results are in " + folder.resolve("out")), output());
    }

    /** As the loader says of a C library that is too old; cd tells where it went where CDPATH is set. */
    @Test
    void aJavaThatDoesNotRunIsTheLastWord() throws Exception {
        java("echo 'java: libc.so.6: version GLIBC_9 not found' >&2; exit 1\n");
        assertEquals(1, start(Map.of("CDPATH", "."), "old").waitFor());
        assertEquals("java does not run on this host: java: libc.so.6: version GLIBC_9 not found",
                Files.readString(folder.resolve("old/summary.txt")).lines().findFirst().orElseThrow().replaceAll(" +", " "));
        assertTrue(Files.exists(folder.resolve("old.tar.gz")));
    }

    /** Its report would be lost with the folder that the tests run in; and what runs side by side shares the memory. */
    @Test
    void jvmsLeaveTheirReportsAndRoomForEachOther() throws Exception {
        java("echo 'cuDNN: missing'; for argument; do echo \"$argument\"; done\n");
        Path out = folder.resolve("an out");
        assertEquals(0, run(out, 100, Map.of("JCONV_STEPS", "tests|check|bench")));
        for (String step : List.of("tests", "check", "bench")) {
            List<String> arguments = Files.readAllLines(out.resolve(step + ".txt"));
            assertTrue(arguments.contains("-XX:ErrorFile=" + out + "/hs_err_%p.log"), arguments::toString);
            assertEquals(!step.equals("bench"),
                    arguments.stream().anyMatch(argument -> argument.matches("-XX:MaxRAMPercentage=(6|7|8|10|12|15)")), arguments::toString);
        }
    }

    @Test
    void someStepsAndSomeTests() throws Exception {
        java("echo 'cuDNN: loaded' \"$@\"\n");
        Path out = folder.resolve("some");
        assertEquals(0, run(out, 100, Map.of("JCONV_STEPS", "tests|times-.*", "JCONV_TESTS", "--select-class a.FewTest", "JCONV_DEVICE", "emulated")));
        String summary = Files.readString(out.resolve("summary.txt"));
        assertEquals(List.of("doctor", "tests", "times-fp32", "times-tf32", "times-tf32x3", "times-bf16", "times-fused", "in"),
                summary.lines().map(line -> line.split(" ")[0]).toList());
        String tests = Files.readString(out.resolve("tests.txt"));
        assertTrue(tests.contains(" -Djconv.test.device=emulated ") && tests.contains(" --select-class a.FewTest ")
                && !tests.contains("--select-package"), tests);
    }

    /** One file to carry home. */
    @Test
    void theResultsAreInOneFile() throws Exception {
        java("echo 'cuDNN: missing'\n");
        Path out = folder.resolve("packed");
        assertEquals(0, run(out, 100, Map.of("JCONV_STEPS", "bench")));
        Process tar = new ProcessBuilder("tar", "-tzf", folder.resolve("packed.tar.gz").toString()).start();
        List<String> packed = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertTrue(packed.containsAll(List.of("packed/summary.txt", "packed/doctor.txt", "packed/bench.txt")), packed.toString());
    }

    @Test
    void aDoctorThatEndsEarlyIsNoWordAboutCudnn() throws Exception {
        java("case \"$*\" in *\" doctor \"*) exit 137 ;; esac\n");
        Path early = folder.resolve("early");
        Map<String, String> few = Map.of("JCONV_STEPS", "bench");
        assertEquals(1, run(early, 100, few));
        String summary = Files.readString(early.resolve("summary.txt"));
        assertTrue(summary.contains("left out: the doctor did not come to it, see doctor.txt"), summary);

        java("case \"$*\" in *\" doctor \"*) echo 'cuDNN: loaded'; echo 'device 0: cuDNN 9.5.1, which cannot be used: X' ;; esac\n");
        Path unusable = folder.resolve("unusable");
        assertEquals(1, run(unusable, 100, few));
        assertTrue(Files.readString(unusable.resolve("summary.txt")).contains("left out: it cannot be used on this device"));

        java("case \"$*\" in *\" doctor \"*) echo 'cuDNN: missing' ;; esac\n");
        Path without = folder.resolve("without");
        assertEquals(0, run(without, 100, few));
        assertTrue(Files.readString(without.resolve("summary.txt")).contains("left out: there is no cuDNN that can be used, see doctor.txt"));
    }
}
