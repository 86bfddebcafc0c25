package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.JsonReport;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher script, in a copy of the project whose classes are those under test and whose Maven wrapper is a stand-in. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a script for bash")
class LauncherTest {

    private static final Path PROJECT = Path.of("").toAbsolutePath();

    @TempDir
    private Path folder;

    private Path home;

    @BeforeEach
    void copyProject() throws IOException {
        home = Files.createDirectories(folder.resolve("a project"));
        Files.copy(PROJECT.resolve("jconv"), home.resolve("jconv"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(home.resolve("src/main"));
        Files.writeString(home.resolve("pom.xml"), "");
        Files.createDirectories(home.resolve("target"));
        Files.createSymbolicLink(home.resolve("target/classes"), PROJECT.resolve("target/classes"));
        Files.createSymbolicLink(home.resolve("target/lib"), PROJECT.resolve("target/lib"));
        script("mvnw", "echo built \"$@\" > \"$(dirname \"$0\")/build.log\"");
        touch(home.resolve("target/jconv.built"), Instant.now().plusSeconds(60));
    }

    /** What lies outside is not for the clean-up of the folder. */
    @AfterEach
    void removeLinks() throws IOException {
        Files.deleteIfExists(home.resolve("target/classes"));
        Files.deleteIfExists(home.resolve("target/lib"));
    }

    @Test
    void runsFromAnyFolderThroughLinksAndPassesArgumentsAndExitCode() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("jc"), Path.of("a project/jconv"));
        Process process = start(link, "algorithms", "two words");
        assertEquals("", text(process.getInputStream().readAllBytes()));
        String err = text(process.getErrorStream().readAllBytes());
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.startsWith("jconv algorithms: ") && err.contains("'two words'"), err);
        assertEquals(2, process.waitFor());
        assertFalse(Files.exists(home.resolve("build.log")), "nothing was to be built");
    }

    /** By itself a JVM takes the serial collector on one processor. */
    @ParameterizedTest
    @CsvSource({"-XX:ActiveProcessorCount=1, Using G1", "-XX:ActiveProcessorCount=1 -XX:+UseSerialGC, Using Serial", "'', Using G1"})
    void takesACollectorThatPlacesArraysWellUnlessAskedForAnother(String options, String used) throws Exception {
        Process process = withOptions(options + " -Xlog:gc", "--version").start();
        String out = text(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), out);
        assertTrue(out.contains(used), out);
    }

    @Test
    void buildsWhenASourceIsNewerAndSaysSoInOneLine() throws Exception {
        Files.writeString(home.resolve("src/main/New.java"), "");
        touch(home.resolve("src/main/New.java"), Instant.now().plusSeconds(120));
        Files.delete(home.resolve("target/lib"));
        script("mvnw", "echo noise; ln -s '" + PROJECT.resolve("target/lib") + "' \"$(dirname \"$0\")/target/lib\"");
        Process process = start(home.resolve("jconv"), "--version");
        String err = text(process.getErrorStream().readAllBytes());
        assertEquals(0, process.waitFor(), err);
        assertTrue(err.matches("jconv: building.*\\R"), err);
        assertTrue(text(process.getInputStream().readAllBytes()).startsWith("jconv "));
    }

    @Test
    void aFailedBuildShowsItsErrors() throws Exception {
        Files.delete(home.resolve("target/jconv.built"));
        script("mvnw", "echo 'Broken.java:1 is broken'; exit 1");
        Process process = start(home.resolve("jconv"), "--version");
        String err = text(process.getErrorStream().readAllBytes());
        assertEquals(2, process.waitFor());
        assertTrue(err.contains("Broken.java:1 is broken") && err.contains("the build failed"), err);
        assertFalse(Files.exists(home.resolve("target/jconv.built")), "it must be tried again next time");
    }

    @Test
    void anOldJavaIsNamed() throws Exception {
        Path java = script("jdk11/bin/java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2; "
                + "case \"$*\" in *add-modules*) exit 1;; esac");
        ProcessBuilder builder = builder(home.resolve("jconv"), "--version");
        builder.environment().put("JAVA_HOME", java.getParent().getParent().toString());
        Process process = builder.start();
        String err = text(process.getErrorStream().readAllBytes());
        assertEquals(2, process.waitFor());
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.contains("Java 17 or newer is needed") && err.contains("version 11"), err);
    }

    @Test
    void aWrongJavaHomeIsNamed() throws Exception {
        ProcessBuilder builder = builder(home.resolve("jconv"), "--version");
        builder.environment().put("JAVA_HOME", folder.resolve("nowhere").toString());
        Process process = builder.start();
        String err = text(process.getErrorStream().readAllBytes());
        assertEquals(2, process.waitFor());
        assertTrue(err.startsWith("jconv: JAVA_HOME is " + folder.resolve("nowhere")), err);
    }

    @Test
    void anInterruptedCheckShowsWhatItHasAndExitsWith130() throws Exception {
        Path report = folder.resolve("report.json");
        ProcessBuilder builder = builder(home.resolve("jconv"), "check", "--suite", "vgg16", "--algorithm", "reference", "--full",
                "--report", report.toString());
        Process process = heeding(builder).start();
        try {
            var out = new BufferedReader(new InputStreamReader(process.getInputStream()));
            // The heading is printed when the checks begin.
            assertTrue(out.readLine().startsWith("suite "));
            assertEquals(0, exitCode(List.of("kill", "-INT", String.valueOf(process.pid()))));
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
            assertEquals(130, process.exitValue(), text(process.getErrorStream().readAllBytes()));
            assertEquals(CheckReport.Ending.CANCELLED, JsonReport.read(report).ending());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void anInterruptedTrainingSaysWhereItGoesOn() throws Exception {
        ProcessBuilder builder = builder(home.resolve("jconv"), "train", "autoencoder", "--epochs", "100000", "--out",
                folder.resolve("out").toString(), "--device", "cpu", "--threads", "1");
        Process process = heeding(builder).start();
        try {
            var out = new BufferedReader(new InputStreamReader(process.getInputStream()));
            // Parameters, settings, a heading, and a row for the first epoch; the second row is printed when the first checkpoint is there.
            for (int line = 0; line < 5; line++) {
                out.readLine();
            }
            assertEquals(0, exitCode(List.of("kill", "-INT", String.valueOf(process.pid()))));
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
            String err = text(process.getErrorStream().readAllBytes());
            assertEquals(130, process.exitValue(), err);
            assertTrue(Pattern.compile("^jconv train: interrupted; the same command with --resume goes on behind epoch \\d+$",
                    Pattern.MULTILINE).matcher(err).find(), err);
        } finally {
            process.destroyForcibly();
        }
    }

    /** On a device on which there is never any space left. */
    @ParameterizedTest
    @ValueSource(strings = {"suites", "--help", "--version"})
    void resultsThatCannotBeWrittenAreNotLostSilently(String argument) throws Exception {
        File full = new File("/dev/full");
        assumeTrue(full.exists());
        Process process = builder(home.resolve("jconv"), argument).redirectOutput(full).start();
        assertEquals("jconv: standard output cannot be written to the end: its disk is full, or its reader has ended\n",
                text(process.getErrorStream().readAllBytes()));
        assertEquals(2, process.waitFor());
    }

    @Test
    void theEmulatedDeviceIsTheProjectsFromAnyFolder() throws Exception {
        Process process = start(home.resolve("jconv"), "doctor", "--device", "emulated");
        String out = text(process.getInputStream().readAllBytes());
        assertTrue(out.contains("emulated device, " + home.toRealPath().resolve("native-test/build-out") + ": no libcuda.so.1"), out);
        process.waitFor();
    }

    /** A process that a shell has started in the background ignores the signal, and so do those that it starts. */
    private static ProcessBuilder heeding(ProcessBuilder builder) throws IOException, InterruptedException {
        List<String> heeding = List.of("env", "--default-signal=INT");
        if (exitCode(Stream.concat(heeding.stream(), Stream.of("true")).toList()) == 0) {
            builder.command(Stream.concat(heeding.stream(), builder.command().stream()).toList());
        }
        return builder;
    }

    private static int exitCode(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).start().waitFor();
    }

    private Process start(Path command, String... args) throws IOException {
        return builder(command, args).start();
    }

    private ProcessBuilder withOptions(String options, String... args) {
        ProcessBuilder builder = builder(home.resolve("jconv"), args);
        builder.environment().put("JCONV_JAVA_OPTS", options);
        return builder.redirectErrorStream(true);
    }

    private ProcessBuilder builder(Path command, String... args) {
        List<String> words = Stream.concat(Stream.of(command.toString()), Stream.of(args)).toList();
        ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("JCONV_JAVA_OPTS");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder;
    }

    private Path script(String path, String body) throws IOException {
        Path file = home.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/usr/bin/env bash\n" + body + "\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    private static void touch(Path file, Instant time) throws IOException {
        if (!Files.exists(file)) {
            Files.writeString(file, "");
        }
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
