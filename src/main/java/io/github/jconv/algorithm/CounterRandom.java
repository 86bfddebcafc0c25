package io.github.jconv.algorithm;

/**
 * Random numbers that are a function of their position: the same on every device, for every thread count and in any order.
 *
 * <p>The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) applied to seed, stream and index.
 */
public final class CounterRandom {

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private CounterRandom() {
    }

    /** 64 well-mixed bits. */
    public static long bits(long seed, long stream, long index) {
        return mix(mix(seed + GOLDEN * (stream + 1)) + GOLDEN * (index + 1));
    }

    /** Uniform in [0, 1) with 24 bits, exact in fp32. */
    public static float uniform(long seed, long stream, long index) {
        return (bits(seed, stream, index) >>> 40) * 0x1p-24f;
    }

    /** Standard normal, by the method of Box and Muller on two uniforms. */
    public static double normal(long seed, long stream, long index) {
        double first = ((bits(seed, stream, 2 * index) >>> 11) + 1) * 0x1p-53;
        double second = (bits(seed, stream, 2 * index + 1) >>> 11) * 0x1p-53;
        return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
