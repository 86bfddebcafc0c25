package io.github.jconv.emulated;

import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernel laboratory's programs; they print one line per kernel, and end with an error if one is wrong. */
class KernelLaboratoryTest {

    private static final Path BUILT = Path.of("native-test", "build-out");

    @Test
    void everyKernelAgreesWithItsLoop() throws IOException, InterruptedException {
        EmulatedDevice.build();
        Tools.run(List.of(BUILT.resolve("laboratory").toString()));
    }

    @Test
    void everyBrokenKernelIsCaught() throws IOException, InterruptedException {
        EmulatedDevice.build();
        Tools.run(List.of(BUILT.resolve("mutants").toString()));
    }

    @Test
    void theShippedPtxAgreesThroughTheDriver() throws IOException, InterruptedException {
        EmulatedDevice.build();
        Tools.run(List.of("env", "LD_LIBRARY_PATH=" + BUILT, BUILT.resolve("laboratory-gpu").toString()));
    }
}
