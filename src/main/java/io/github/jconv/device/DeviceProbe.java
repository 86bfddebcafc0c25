package io.github.jconv.device;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The part of the examination that needs the libraries; a class of its own, so that a host without them never loads JCuda. */
final class DeviceProbe {

    private DeviceProbe() {
    }

    /**
     * A device.
     *
     * @param text    a line about it
     * @param problem why it cannot be used; empty when it can
     */
    record Examined(String text, String problem) {
    }

    /**
     * The devices in CUDA's order.
     *
     * @param told gets each one's line as soon as it is known
     */
    static List<Examined> examine(LibrarySource source, boolean measure, Consumer<String> told) {
        List<Examined> examined = new ArrayList<>();
        for (DeviceInfo device : DeviceContext.devices(source)) {
            Examined one = examine(source, device, measure);
            told.accept(one.text());
            examined.add(one);
        }
        return examined;
    }

    private static Examined examine(LibrarySource source, DeviceInfo device, boolean measure) {
        try {
            return new Examined(device + "; " + capabilities(source, device, measure), "");
        } catch (DeviceException e) {
            return new Examined(device + "; cannot be used: " + e.getMessage(), e.getMessage());
        }
    }

    private static String capabilities(LibrarySource source, DeviceInfo device, boolean measure) {
        DeviceOptions options = DeviceOptions.defaults().withSource(source).withOrdinal(device.ordinal());
        try (DeviceContext context = DeviceContext.open(options)) {
            String versions = "cuBLAS " + version(context.cublas().version()) + cudnn(source);
            if (source == LibrarySource.EMULATED) {
                return versions + "; emulated, so its speed says nothing";
            }
            return versions + (measure ? measured(options) : "");
        }
    }

    /** A device without room for it can be used all the same. */
    private static String measured(DeviceOptions options) {
        try {
            return "; measured: " + DeviceCeilings.measure(options);
        } catch (DeviceException e) {
            if (!e.outOfMemory()) {
                throw e;
            }
            return "; not measured: " + e.getMessage();
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
