package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.LibrarySource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The emulated device for tests: built when first asked for, so that a test needs g++ and nothing else. Tests of a class that uses it
 * are skipped where there is no g++. Its commands and its report are described in {@code native-test/README.md}.
 *
 * <p>With the property {@code jconv.test.device=gpu} the tests run on this host's GPU instead; those that steer the emulated device or
 * read its report are skipped then.
 */
public final class EmulatedDevice {

    /** A build from nothing on a busy host of two cores. */
    private static final int BUILD_MINUTES = 15;

    /** Names a folder of libraries that were built before. */
    private static final String LIBRARIES = "jconv.emulated.libraries";

    private static final int REPORT = -1;
    private static final String COMMAND_PREFIX = "emulated:";

    private static final boolean REAL = "gpu".equals(System.getProperty("jconv.test.device"));

    private static boolean built;

    /** Holds a real device's primary context from test to test: to make it anew takes longer than most tests. */
    private static DeviceContext kept;

    private EmulatedDevice() {
    }

    /** A context on the emulated device; the caller closes it. */
    public static DeviceContext open() {
        return open(DeviceOptions.defaults());
    }

    /** The same with other options. */
    public static DeviceContext open(DeviceOptions options) {
        if (REAL) {
            keep();
            return DeviceContext.open(options.withSource(LibrarySource.INSTALLED));
        }
        build();
        return DeviceContext.open(options.withSource(LibrarySource.EMULATED));
    }

    /** What an engine asks for to compute on this device. */
    public static DeviceRequest request() {
        if (REAL) {
            keep();
        } else {
            build();
        }
        return DeviceRequest.parse(REAL ? "gpu" : "emulated");
    }

    private static synchronized void keep() {
        if (kept == null) {
            kept = DeviceContext.open();
        }
    }

    /** Whether the tests run on this host's GPU. */
    public static boolean isReal() {
        return REAL;
    }

    /** Makes the libraries of the emulated device up to date unless others are named, or skips the test. */
    public static synchronized void build() {
        requireEmulation();
        if (System.getProperty(LIBRARIES) != null) {
            return;
        }
        Tools.requireCompiler();
        if (!built) {
            try {
                Tools.run(BUILD_MINUTES, List.of(Path.of("native-test", "build").toString()));
            } catch (IOException | InterruptedException e) {
                fail(e);
            }
            built = true;
        }
    }

    /** Changes how the device behaves, as {@code schedule random 7} or {@code fail cuMemAlloc 1 2}; a context must have been opened. */
    public static void command(String command) {
        requireEmulation();
        assertEquals(CUresult.CUDA_SUCCESS, JCudaDriver.cuModuleLoad(new CUmodule(), COMMAND_PREFIX + command), command);
    }

    /** How often a function of the driver or of cuBLAS was called since {@code command("forget calls")}. */
    public static long calls(String function) {
        return report("call " + function);
    }

    /** A line of the report: its number, 0 if there is no such line. */
    public static long report(String key) {
        return lines().filter(line -> line.startsWith(key + " "))
                .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1))).findFirst().orElse(0);
    }

    /** Every function that was called since {@code command("forget calls")}, kernels not counted, with how often. */
    public static Map<String, Long> calledFunctions() {
        Map<String, Long> calls = new LinkedHashMap<>();
        lines().map(line -> line.split(" ")).filter(words -> words.length == 3 && words[0].equals("call"))
                .forEach(words -> calls.put(words[1], Long.parseLong(words[2])));
        return calls;
    }

    /** What is alive on the device: kind and number, without what there is none of. */
    public static Map<String, Long> alive() {
        Map<String, Long> alive = new LinkedHashMap<>();
        lines().map(line -> line.split(" ")).filter(words -> words.length == 2 && !words[1].equals("0"))
                .forEach(words -> alive.put(words[0], Long.parseLong(words[1])));
        return alive;
    }

    private static Stream<String> lines() {
        requireEmulation();
        String[] text = new String[1];
        JCudaDriver.cuGetErrorString(REPORT, text);
        return text[0].lines();
    }

    private static void requireEmulation() {
        assumeFalse(REAL, "needs the emulated device, and the tests run on a real one");
    }
}
