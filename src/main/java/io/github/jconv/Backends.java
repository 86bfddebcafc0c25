package io.github.jconv;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.cpu.CpuBackend;
import java.util.List;

/** The backends of this host: together with {@link ConvEngine} the only place that knows them all. */
public final class Backends {

    private Backends() {
    }

    /** The names of all backends that JConv has, whether or not this host can run them; the one an engine prefers first. */
    public static List<String> names() {
        return List.of("cpu");
    }

    /** Every backend that this host can run, the one an engine prefers first; the caller closes them. */
    public static List<Backend> openAll(int threads) {
        return List.of(open("cpu", threads));
    }

    /**
     * One backend by name.
     *
     * @param threads CPU threads that share the work of a call, for a backend that computes on the CPU
     * @throws IllegalArgumentException naming the backends there are
     */
    public static Backend open(String name, int threads) {
        if (!name.equals("cpu")) {
            throw new IllegalArgumentException("backend '" + name + "' is not known; allowed: " + String.join(", ", names()));
        }
        return new CpuBackend(threads);
    }
}
