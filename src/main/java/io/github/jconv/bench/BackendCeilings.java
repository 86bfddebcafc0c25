package io.github.jconv.bench;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.report.Ceilings;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/** What backends reach at best. */
public final class BackendCeilings {

    private BackendCeilings() {
    }

    /**
     * Measures those of the backends that can be measured.
     *
     * @param seconds how long to measure each ceiling
     */
    public static List<Ceilings> measure(List<Backend> backends, double seconds) {
        return backends.stream().map(backend -> measure(backend, seconds)).filter(Objects::nonNull).toList();
    }

    private static Ceilings measure(Backend backend, double seconds) {
        OptionalDouble gflops = backend.measurePeakGflops(seconds);
        OptionalDouble copies = backend.measureCopyBytesPerSecond(seconds);
        return gflops.isPresent() && copies.isPresent()
                ? new Ceilings(backend.name(), gflops.getAsDouble() * 1e9, copies.getAsDouble()) : null;
    }
}
