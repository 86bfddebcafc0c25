package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

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
        Files.copy(PROJECT.resolve("native-test/gpu-bundle/run-on-gpu"), bundle.resolve("run-on-gpu"), StandardCopyOption.COPY_ATTRIBUTES);
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
        return new ProcessBuilder(bundle.resolve("run-on-gpu").toString(), out.toString(), "100").inheritIO()
                .redirectOutput(folder.resolve("output.txt").toFile()).start().waitFor();
    }

    /** Two tests read README.md where they run; a step that is stopped has told of what it did before. */
    @Test
    void theTestsFindWhatTheyReadAndTellOfEachAsItEnds() throws Exception {
        java("""
                case "$*" in *" doctor") echo "cuDNN: loaded 9.5.1" ;; esac
                case "$*" in *ConsoleLauncher*) ls -L README.md && ls -d target && echo "$*" ;; esac
                """);
        Path out = folder.resolve("results of it");
        assertEquals(0, run(out));
        List<String> tests = Files.readAllLines(out.resolve("tests.txt"));
        assertEquals(List.of("README.md", "target"), tests.subList(0, 2));
        assertTrue(tests.get(2).contains("--select-package io.github.jconv.cudnn") && tests.get(2).contains("--details=testfeed"),
                tests.toString());
        String summary = Files.readString(out.resolve("summary.txt"));
        for (String step : List.of("doctor", "tests", "check", "train", "check-tf32", "bench-bf16", "bench")) {
            assertTrue(summary.lines().anyMatch(line -> line.startsWith(step + " ") && line.contains(" ok, ")), summary);
        }
        assertFalse(Files.exists(out.resolve("target")), "the results hold results alone");
    }

    @Test
    void aDoctorThatEndsEarlyIsNoWordAboutCudnn() throws Exception {
        java("case \"$*\" in *\" doctor\") exit 137 ;; esac\n");
        Path early = folder.resolve("early");
        assertEquals(1, run(early));
        String summary = Files.readString(early.resolve("summary.txt"));
        assertTrue(summary.contains("left out: the doctor did not come to it, see doctor.txt"), summary);

        java("case \"$*\" in *\" doctor\") echo 'cuDNN: missing' ;; esac\n");
        Path without = folder.resolve("without");
        assertEquals(0, run(without));
        assertTrue(Files.readString(without.resolve("summary.txt")).contains("left out: there is no cuDNN that can be used, see doctor.txt"));
    }
}
