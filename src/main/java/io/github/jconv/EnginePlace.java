package io.github.jconv;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.device.DeviceChoice;
import io.github.jconv.device.DeviceException;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.LibraryReport;
import io.github.jconv.device.NativeLibraries;
import io.github.jconv.device.NativeLibraryException;

/**
 * Where an engine computes: its backend and why that one.
 *
 * @param backend open
 * @param choice  the reason
 */
record EnginePlace(Backend backend, DeviceChoice choice) {

    /**
     * Opens the backend that was asked for by name, or the one that the request leads to.
     *
     * @param name    null for the request to decide
     * @param options apart from the device, which the request says
     */
    static EnginePlace open(String name, DeviceRequest request, int threads, DeviceOptions options) {
        if (name != null) {
            return opened(Backends.open(name, threads, options), "it was asked for by name", options);
        }
        String onDevice = DeviceBackends.NAMES.get(0);
        return switch (request.policy()) {
            case CPU -> onCpu(threads, "that was asked for", null);
            case REQUIRE_GPU -> opened(Backends.open(onDevice, threads, options), "a device was required", options);
            case PREFER_GPU -> preferred(onDevice, threads, options);
        };
    }

    private static EnginePlace preferred(String onDevice, int threads, DeviceOptions options) {
        try {
            return opened(Backends.open(onDevice, threads, options), "this host has a device that can be used", options);
        } catch (NativeLibraryException e) {
            return onCpu(threads, "no GPU can be used: " + e.report().problem(), e.report());
        } catch (DeviceException e) {
            return onCpu(threads, "no GPU can be used: " + e.getMessage(), NativeLibraries.report(options.source()));
        }
    }

    private static EnginePlace onCpu(int threads, String reason, LibraryReport libraries) {
        Backend backend = Backends.open("cpu", threads, null);
        return new EnginePlace(backend, new DeviceChoice(backend.name(), backend.description(), reason, libraries));
    }

    private static EnginePlace opened(Backend backend, String reason, DeviceOptions options) {
        LibraryReport libraries = DeviceBackends.has(backend.name()) ? DeviceBackends.libraries(backend.name(), options) : null;
        return new EnginePlace(backend, new DeviceChoice(backend.name(), backend.description(), reason, libraries));
    }
}
