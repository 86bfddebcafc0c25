package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The PTX in the jar belongs to the kernel sources beside it. */
@EnabledOnOs(OS.LINUX)
class ShippedKernelsTest {

    @Test
    void everyPtxFileCarriesTheDigestOfItsSources() throws IOException, InterruptedException {
        Process check = new ProcessBuilder(Path.of("kernels", "build-ptx").toString(), "--digests")
                .redirectErrorStream(true).start();
        String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, check.waitFor(), output);
    }
}
