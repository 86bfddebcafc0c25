package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.report.Tier;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.testing.ChildJvm;
import io.github.jconv.testing.EmulatedDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where only cuDNN 9 is, JCudnn's natives for cuDNN 8 are relinked to it; its status codes have other numbers. */
class CudnnNineTest {

    private static final Path BUILT = Path.of("native-test", "build-out");

    /** Runs in a JVM of its own: libraries stay loaded. */
    static final class Probe {

        private Probe() {
        }

        public static void main(String[] arguments) {
            ConvProblem problem = ConvProblem.parse("n2c3h6w8k5r3s3_ph1:0pw1");
            try (ConvEngine engine = ConvEngine.builder().device(DeviceRequest.parse("emulated")).backend("cudnn").open()) {
                System.out.println(engine.backend().description().replaceFirst(" on .*", ""));
                CrossCheck.ofBackends(engine.backend()).on(problem).tiers(Tier.EXACT).assertAgrees();
                System.out.println(engine.backend().algorithms().stream().filter(a -> a.name().equals("DIRECT")).findFirst().orElseThrow()
                        .supports(ConvRequest.fp32(problem, ConvOperation.FORWARD)));
            }
        }
    }

    @Test
    void cudnnNineIsUsedThroughRelinkedNatives(@TempDir Path folder) throws IOException, InterruptedException {
        EmulatedDevice.build();
        for (String library : List.of("libcuda.so.1", "libcublas.so.12", "libcudnn.so.9")) {
            Files.copy(BUILT.resolve(library), folder.resolve(library));
        }
        List<String> said = ChildJvm.run(Probe.class, List.of("-Djconv.emulated.libraries=" + folder), List.of()).lines()
                .filter(line -> line.contains("CUDNN_") || line.startsWith("cuDNN")).toList();
        assertEquals(List.of("cuDNN 9.5.1", "no, because cuDNN says CUDNN_STATUS_NOT_SUPPORTED"), said);
    }
}
