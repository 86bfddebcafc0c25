package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.LibraryReport;
import io.github.jconv.device.LibrarySource;
import io.github.jconv.device.NativeLibraries;
import io.github.jconv.device.NativeLibrary;
import io.github.jconv.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {

    private static final String DONE = "the missing driver is explained";
    private static final String DRIVER = "this host has a CUDA driver";

    @Test
    void everyHostIsExplained() {
        CommandRun run = CommandRun.of("--device", "auto", "doctor", "--quick");
        assertEquals(0, run.exitCode(), run.out());
        for (NativeLibrary library : NativeLibrary.values()) {
            assertTrue(run.out().contains(library.title() + ": "), run.out());
        }
        assertTrue(run.out().contains("verdict: JConv computes on "), run.out());
        assertEquals("", run.err());
    }

    /** In a JVM of its own: other tests may have loaded a driver in this one. */
    @Test
    void aMissingDriverIsOneLineWithWhatMendsIt() throws IOException, InterruptedException {
        List<String> printed = ChildJvm.run(DoctorCommandTest.class, List.of(), List.of()).lines().toList();
        assumeTrue(!printed.contains(DRIVER), DRIVER);
        assertTrue(printed.contains(DONE), printed::toString);
    }

    /** Asks for a driver that is not there. */
    public static void main(String[] none) {
        LibraryReport report = NativeLibraries.report(LibrarySource.INSTALLED);
        if (report.entry(NativeLibrary.CUDA_DRIVER).orElseThrow().status() != LibraryReport.Status.MISSING) {
            System.out.println(DRIVER);
            return;
        }
        CommandRun doctor = CommandRun.of("doctor", "--device", "gpu");
        assertEquals(JConv.BAD_INPUT, doctor.exitCode());
        assertTrue(doctor.out().contains("verdict: JConv cannot compute where it was asked to (gpu): CUDA driver: libcuda.so.1 not found;"
                + " install the NVIDIA driver"), doctor.out());
        CommandRun algorithms = CommandRun.of("algorithms", "n1c2w5k3s2", "--backend", "cuda");
        assertEquals(JConv.BAD_INPUT, algorithms.exitCode());
        assertTrue(algorithms.err().startsWith("jconv algorithms: CUDA driver: libcuda.so.1 not found; install the NVIDIA driver"),
                algorithms.err());
        assertEquals(1, algorithms.err().lines().count(), algorithms.err());
        System.out.println(DONE);
    }

    @Test
    void aPlaceThatThereIsNotIsRefused() {
        CommandRun run = CommandRun.of("--device", "tpu", "doctor");
        assertEquals(JConv.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("device is 'tpu'; allowed: auto, cpu, gpu, emulated, or the number of a device"), run.err());
    }

    @Test
    void theOptionHoldsForTheCommandOnly() {
        String before = System.getProperty(DeviceRequest.PROPERTY);
        CommandRun.of("--device", "cpu", "doctor", "--quick");
        assertEquals(before, System.getProperty(DeviceRequest.PROPERTY));
    }
}
