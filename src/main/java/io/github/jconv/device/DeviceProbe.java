package io.github.jconv.device;

import java.util.ArrayList;
import java.util.List;

/** The part of the examination that needs the libraries; a class of its own, so that a host without them never loads JCuda. */
final class DeviceProbe {

    private DeviceProbe() {
    }

    /** One line for each device, in CUDA's order. */
    static List<String> describe(LibrarySource source, boolean measure) {
        List<String> lines = new ArrayList<>();
        for (DeviceInfo device : DeviceContext.devices(source)) {
            lines.add(device + "; " + capabilities(source, device, measure));
        }
        return lines;
    }

    private static String capabilities(LibrarySource source, DeviceInfo device, boolean measure) {
        DeviceOptions options = DeviceOptions.defaults().withSource(source).withOrdinal(device.ordinal());
        try (DeviceContext context = DeviceContext.open(options)) {
            String versions = "cuBLAS " + version(context.cublas().version()) + cudnn(source);
            if (source == LibrarySource.EMULATED) {
                return versions + "; emulated, so its speed says nothing";
            }
            return versions + (measure ? "; measured: " + DeviceCeilings.measure(options) : "");
        } catch (DeviceException e) {
            return "cannot be used: " + e.getMessage();
        }
    }

    /** Empty where cuDNN is not loaded: it is not needed. */
    private static String cudnn(LibrarySource source) {
        return NativeLibraries.report(source).complete() ? ", cuDNN " + CudnnVersion.tried() : "";
    }

    /** As {@code 12.6.3} for 120603. */
    private static String version(int number) {
        return number / 10000 + "." + number % 10000 / 100 + "." + number % 100;
    }
}
