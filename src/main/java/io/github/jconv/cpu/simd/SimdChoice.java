package io.github.jconv.cpu.simd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which provider a JVM uses: decided once, logged in one sentence. */
final class SimdChoice {

    /** Forces a provider by name. */
    static final String PROPERTY = "jconv.simd";

    private static final Logger LOG = LoggerFactory.getLogger(SimdProvider.class);
    private static final String MODULE = "jdk.incubator.vector";
    private static final String SCALAR = "scalar";
    private static final List<String> WIDTHS = List.of("128", "256", "512");

    private static final Map<String, SimdProvider> MADE = new HashMap<>(Map.of(SCALAR, new ScalarProvider()));
    private static SimdProvider chosen;
    private static WarmUp warmUp;

    private SimdChoice() {
    }

    static synchronized SimdProvider chosen() {
        if (chosen == null) {
            String wish = System.getProperty(PROPERTY);
            chosen = wish == null ? best() : wished(wish.strip());
            LOG.info("JConv computes with {}{}", chosen.description(), wish == null ? howToGetMore() : " (property " + PROPERTY + ")");
            if (!chosen.name().equals(SCALAR)) {
                warmUp = new WarmUp(chosen);
            }
        }
        return chosen;
    }

    /** What compiles the kernels of the chosen provider; null for others, and for scalar code. */
    static synchronized WarmUp warmUp(SimdProvider simd) {
        return simd == chosen ? warmUp : null;
    }

    static synchronized SimdProvider named(String name) {
        if (!name.equals(SCALAR) && !WIDTHS.contains(name)) {
            throw new IllegalArgumentException("SIMD provider is '" + name + "'; allowed: scalar, 128, 256, 512");
        }
        if (!name.equals(SCALAR) && !vectorsAreThere()) {
            throw new IllegalArgumentException("SIMD provider is '" + name + "', but " + whyNoVectors() + "; allowed: scalar");
        }
        return MADE.computeIfAbsent(name, width -> VectorProviders.ofWidth(Integer.parseInt(width)));
    }

    static List<SimdProvider> all() {
        List<SimdProvider> providers = new ArrayList<>(List.of(named(SCALAR)));
        if (vectorsAreThere()) {
            WIDTHS.forEach(width -> providers.add(named(width)));
        }
        return List.copyOf(providers);
    }

    private static SimdProvider wished(String name) {
        try {
            return named(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("property " + PROPERTY + ": " + e.getMessage(), e);
        }
    }

    private static SimdProvider best() {
        String hardware = vectorsAreThere() ? Integer.toString(VectorProviders.hardwareBits()) : SCALAR;
        return named(WIDTHS.contains(hardware) ? hardware : SCALAR);
    }

    private static boolean vectorsAreThere() {
        return FusedArithmetic.HARDWARE && ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    private static String whyNoVectors() {
        return FusedArithmetic.HARDWARE
                ? "this JVM was started without --add-modules " + MODULE
                : "the processor has no fused multiply-add instruction";
    }

    /** What a JVM chooses by itself on one processor, or for little memory; other collectors begin large arrays on a page. */
    private static boolean arraysLieAcrossLines() {
        return VmOption.isOn("UseSerialGC", false) || VmOption.isOn("UseParallelGC", false);
    }

    /** What follows the name of the provider in the log: nothing, or how this JVM would compute faster. */
    static String howToGetMore() {
        if (vectorsAreThere()) {
            return arraysLieAcrossLines()
                    ? "; faster with -XX:+UseG1GC, as this JVM's garbage collector places arrays across cache lines" : "";
        }
        return FusedArithmetic.HARDWARE ? "; for vectors, which are several times faster, start java with --add-modules " + MODULE
                : ", because " + whyNoVectors();
    }
}
