package io.github.jconv.bench;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.report.Ceilings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        Map<String, Double> flops = new LinkedHashMap<>();
        backend.measurePeakGflops(seconds).forEach((operandType, gflops) -> flops.put(operandType, gflops * 1e9));
        OptionalDouble copies = backend.measureCopyBytesPerSecond(seconds);
        return flops.isEmpty() || copies.isEmpty() ? null : new Ceilings(backend.name(), flops, copies.getAsDouble());
    }
}
