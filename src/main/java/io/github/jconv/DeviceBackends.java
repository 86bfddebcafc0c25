package io.github.jconv;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.cuda.CudaBackend;
import io.github.jconv.cudnn.CudnnAlgorithm;
import io.github.jconv.cudnn.CudnnBackend;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.LibraryReport;
import io.github.jconv.device.NativeLibraries;
import io.github.jconv.device.NativeLibraryException;
import java.util.List;

/** The backends that compute on a device. Nothing of CUDA is loaded before {@link #open} has found what it needs. */
final class DeviceBackends {

    private static final String CUDNN = "cudnn";

    /** The one an engine prefers first. */
    static final List<String> NAMES = List.of("cuda", CUDNN);

    private DeviceBackends() {
    }

    static boolean has(String name) {
        return NAMES.contains(name);
    }

    /** The names of a backend's algorithms, without a device. */
    static List<String> algorithmNames(String name) {
        return name.equals(CUDNN) ? CudnnAlgorithm.names() : CudaBackend.algorithmNames();
    }

    /** A backend on a context of its own. */
    static Backend open(String name, DeviceOptions options) {
        libraries(name, options);
        return OnDevice.open(name, options);
    }

    /**
     * Loads what a backend needs.
     *
     * @throws NativeLibraryException with the report as its message
     */
    static LibraryReport libraries(String name, DeviceOptions options) {
        return name.equals(CUDNN) ? NativeLibraries.loadCudnn(options.source()) : NativeLibraries.load(options.source());
    }

    /** Met only when the libraries are loaded: looking into this class may load classes of JCuda. */
    private static final class OnDevice {

        static Backend open(String name, DeviceOptions options) {
            DeviceContext context = DeviceContext.open(options);
            try {
                return switch (name) {
                    case "cuda" -> new CudaBackend(context);
                    case CUDNN -> new CudnnBackend(context, CudaBackend.networkOps(context));
                    default -> throw new IllegalArgumentException("backend '" + name + "' does not compute on a device");
                };
            } catch (RuntimeException | Error e) {
                context.close();
                throw e;
            }
        }
    }
}
