package io.github.jconv.cpu.simd;

import java.util.List;

/**
 * The inner loops of the CPU algorithms, behind one narrow interface: plain Java ({@code scalar}) or the Vector API in a given
 * width. Stateless and safe for use from several threads.
 *
 * <p><b>Same bits everywhere.</b> Every method states the order of its additions, each provider keeps to it, and every product is
 * added with one rounding (fused); so the results of an algorithm do not depend on the provider. The only exception is a host
 * without a fused multiply-add instruction: it has the scalar provider alone, which there rounds products and sums apart.
 */
public interface SimdProvider {

    /** The name by which the property {@code jconv.simd} selects it: {@code scalar}, {@code 128}, {@code 256} or {@code 512}. */
    String name();

    /** For messages: {@code scalar code}, {@code 512-bit vectors}. */
    String description();

    /** {@code y[yOffset + i] += a * x[xOffset + i]} for i in {@code [0, length)}. */
    void multiplyAdd(float a, float[] x, int xOffset, float[] y, int yOffset, int length);

    /** {@code y[yOffset + i] += x[xOffset + i]} for i in {@code [0, length)}. */
    void add(float[] x, int xOffset, float[] y, int yOffset, int length);

    /**
     * The provider of this JVM, decided once: the property {@code jconv.simd} if set, otherwise the widest vectors that the
     * hardware has, otherwise scalar.
     *
     * @throws IllegalArgumentException when the property names something that does not exist or that this JVM cannot offer
     */
    static SimdProvider chosen() {
        return SimdChoice.chosen();
    }

    /**
     * The provider of that name, for tests and comparisons. Vectors wider than the hardware's are allowed and slow.
     *
     * @throws IllegalArgumentException when there is none in this JVM
     */
    static SimdProvider named(String name) {
        return SimdChoice.named(name);
    }

    /** Every provider of this JVM, scalar first. */
    static List<SimdProvider> all() {
        return SimdChoice.all();
    }
}
