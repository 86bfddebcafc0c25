package io.github.jconv;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.deny.KnownAlgorithms;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.device.DeviceException;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.DevicePolicy;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.NativeLibraryException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of this host: together with {@link ConvEngine} the only place that knows them all. Which device the backends use
 * that need one is said by the property {@code jconv.device} ({@link DeviceRequest}). They are opened for whoever examines algorithms:
 * with room for up to 4 GiB of workspace on a device.
 */
public final class Backends {

    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
    private static final String CPU = "cpu";

    /** Some algorithms of cuDNN are the fastest with more than an engine gives them unless told to; who compares wants to see them. */
    private static final long WORKSPACE_LIMIT = 4L << 30;

    /** What deny-lists may name. Algorithms are known by their names without what runs them. */
    static final KnownAlgorithms KNOWN = new KnownAlgorithms() {
        @Override
        public List<String> backends() {
            return names();
        }

        @Override
        public List<String> of(String backend) {
            if (DeviceBackends.has(backend)) {
                return DeviceBackends.algorithmNames(backend);
            }
            try (CpuBackend cpu = new CpuBackend(1)) {
                return cpu.algorithms().stream().map(ConvAlgorithm::name).toList();
            }
        }
    };

    private Backends() {
    }

    /** The names of all backends that JConv has, whether or not this host can run them; the one an engine prefers first. */
    public static List<String> names() {
        return Stream.concat(DeviceBackends.NAMES.stream(), Stream.of(CPU)).toList();
    }

    /**
     * Every backend that this host can run, the one an engine prefers first; the caller closes them. A device may be required: then
     * the first of its backends is, too; libraries that only another one needs may be missing.
     *
     * @throws NativeLibraryException when the property requires a device and its libraries are missing
     * @throws DeviceException        when the property requires a device and it cannot be used
     */
    public static List<Backend> openAll(int threads) {
        DeviceRequest request = DeviceRequest.ofProperty();
        List<Backend> backends = new ArrayList<>();
        if (request.policy() != DevicePolicy.CPU) {
            openDeviceBackends(request, backends);
        }
        backends.add(new CpuBackend(threads));
        return backends;
    }

    private static void openDeviceBackends(DeviceRequest request, List<Backend> backends) {
        for (String name : DeviceBackends.NAMES) {
            try {
                backends.add(DeviceBackends.open(name, options(request)));
            } catch (NativeLibraryException | DeviceException e) {
                if (request.policy() == DevicePolicy.REQUIRE_GPU && backends.isEmpty()) {
                    throw e;
                }
                LOG.debug("This host cannot run the {} backend: {}", name, e.getMessage().lines().findFirst().orElse(""));
            }
        }
    }

    /**
     * One backend by name.
     *
     * @param threads CPU threads that share the work of a call, for a backend that computes on the CPU
     * @throws IllegalArgumentException naming the backends there are
     * @throws NativeLibraryException   when it needs a device and the libraries are missing
     * @throws DeviceException          when it needs a device and that cannot be used
     */
    public static Backend open(String name, int threads) {
        return open(name, threads, options(DeviceRequest.ofProperty()));
    }

    private static DeviceOptions options(DeviceRequest request) {
        return request.options().withWorkspaceLimit(WORKSPACE_LIMIT);
    }

    static Backend open(String name, int threads, DeviceOptions options) {
        if (DeviceBackends.has(name)) {
            return DeviceBackends.open(name, options);
        }
        if (!name.equals(CPU)) {
            throw new IllegalArgumentException("backend '" + name + "' is not known; allowed: " + String.join(", ", names()));
        }
        return new CpuBackend(threads);
    }
}
