package io.github.jconv.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tools;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The kernel laboratory's programs; they print one line per kernel, and end with an error if one is wrong. */
class KernelLaboratoryTest {

    /** A quiet machine needs less than one. */
    private static final int LIMIT_MINUTES = 5;

    private static final Path PTX = Path.of("src", "main", "resources", "io", "github", "jconv", "kernels");
    private static final Path BUILT = Path.of("native-test", "build-out");

    @Test
    void everyKernelAgreesWithItsLoop() throws IOException, InterruptedException {
        EmulatedDevice.build();
        String printed = Tools.run(LIMIT_MINUTES, List.of(BUILT.resolve("laboratory").toString()));
        Set<String> tested = printed.lines().map(line -> line.split(" ")[0]).filter(word -> word.startsWith("jconv_"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(shippedKernels(), tested);
    }

    /** The kernels in the PTX. */
    private static Set<String> shippedKernels() throws IOException {
        Set<String> kernels = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(PTX, "*.ptx")) {
            for (Path file : files) {
                Matcher entries = Pattern.compile("\\.entry (\\w+)").matcher(Files.readString(file));
                entries.results().forEach(entry -> kernels.add(entry.group(1)));
            }
        }
        return kernels;
    }

    @Test
    void everyBrokenKernelIsCaught() throws IOException, InterruptedException {
        EmulatedDevice.build();
        Tools.run(LIMIT_MINUTES, List.of(BUILT.resolve("mutants").toString()));
    }

    @Test
    void theShippedPtxAgreesInstructionByInstructionAndNoneIsLeftOut() throws IOException, InterruptedException {
        EmulatedDevice.build();
        Tools.run(LIMIT_MINUTES, List.of(Path.of("native-test", "check-ptx").toString()));
    }

    @Test
    void everyKernelAgreesThroughTheDriver() throws IOException, InterruptedException {
        EmulatedDevice.build();
        Tools.run(LIMIT_MINUTES, List.of("env", "LD_LIBRARY_PATH=" + BUILT, BUILT.resolve("laboratory-gpu").toString()));
    }
}
