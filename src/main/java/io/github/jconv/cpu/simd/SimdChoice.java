package io.github.jconv.cpu.simd;

import java.util.List;

/** Which provider a JVM uses: decided once, logged in one sentence. */
final class SimdChoice {

    /** Forces a provider by name. */
    static final String PROPERTY = "jconv.simd";

    private static final SimdProvider SCALAR = new ScalarProvider();

    private static SimdProvider chosen;

    private SimdChoice() {
    }

    static synchronized SimdProvider chosen() {
        if (chosen == null) {
            chosen = SCALAR;
        }
        return chosen;
    }

    static SimdProvider named(String name) {
        if (!name.equals("scalar")) {
            throw new IllegalArgumentException("SIMD provider is '" + name + "'; allowed: scalar");
        }
        return SCALAR;
    }

    static List<SimdProvider> all() {
        return List.of(SCALAR);
    }
}
