package io.github.jconv.cpu.simd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Makes providers for the Vector API. Only to be touched in a JVM that has its module. */
final class VectorProviders {

    private VectorProviders() {
    }

    /** The width of the hardware's vectors, as far as the JVM uses it. */
    static int hardwareBits() {
        return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }

    /** @param bits 128, 256 or 512 */
    static SimdProvider ofWidth(int bits) {
        CompilerDirectives.keepKernelsApart();
        try {
            var parts = new VectorParts(part(ShiftedTiles.class, "VectorShiftedTiles", bits),
                    part(TapTiles.class, "VectorTapTiles", bits),
                    part(InterleavedTiles.class, "VectorInterleavedTiles", bits), part(PanelTiles.class, "VectorPanelTiles", bits),
                    part(PanelTiles.class, "VectorPanelTiles", new KernelTraits(bits, true)),
                    part(PackedTiles.class, "VectorPackedTiles", bits),
                    part(Transposes.class, "VectorTransposes", bits),
                    part(WinogradTransforms.class, "VectorWinograd", bits), part(ElementwiseLoops.class, "VectorElementwise", bits),
                    part(DoubleSums.class, "VectorDoubleSums", bits),
                    part(RowCorrelator.class, "VectorRowCorrelator", bits),
                    part(FourierTransforms.class, "VectorFourier", bits),
                    part(ChannelLoops.class, "VectorChannelLoops", bits),
                    part(DepthwiseLoops.class, "VectorDepthwiseLoops", bits));
            return (SimdProvider) define("VectorProvider", new KernelTraits(bits, false)).getDeclaredConstructor(VectorParts.class)
                    .newInstance(parts);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot define the provider of " + bits + "-bit vectors", e);
        }
    }

    /** Operations of all kinds in vectors of one width. @see VectorOperationMix */
    static Runnable operationMix(int bits) {
        try {
            return part(Runnable.class, "VectorOperationMix", bits);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot define operations on " + bits + "-bit vectors", e);
        }
    }

    /** The species of a class that {@link #ofWidth} defined, from the class data that only the class itself can look up. */
    static VectorSpecies<Float> species(MethodHandles.Lookup itself) {
        int bits = traits(itself).bits();
        return switch (bits) {
            case 128 -> FloatVector.SPECIES_128;
            case 256 -> FloatVector.SPECIES_256;
            case 512 -> FloatVector.SPECIES_512;
            default -> throw new IllegalArgumentException("vectors have " + bits + " bits; allowed: 128, 256, 512");
        };
    }

    /** What a class that {@link #ofWidth} defined was defined with. */
    static KernelTraits traits(MethodHandles.Lookup itself) {
        try {
            return MethodHandles.classData(itself, ConstantDescs.DEFAULT_NAME, KernelTraits.class);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException("a class may read its own class data", impossible);
        }
    }

    /** For shuffles: every other lane from {@code first} on, 0 or 1, in both halves of a vector. */
    static int[] everyOther(int lanes, int first) {
        int[] all = new int[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            all[lane] = first + 2 * lane % lanes;
        }
        return all;
    }

    /** For shuffles: lanes 0, 0, 1, 1, 2, 2, ... */
    static int[] twice(int lanes) {
        int[] all = new int[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            all[lane] = lane / 2;
        }
        return all;
    }

    /** For shuffles: lanes 1, 0, 3, 2, 5, 4, ... */
    static int[] neighbours(int lanes) {
        int[] all = new int[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            all[lane] = lane ^ 1;
        }
        return all;
    }

    private static <T> T part(Class<T> type, String name, int bits) throws ReflectiveOperationException {
        return part(type, name, new KernelTraits(bits, false));
    }

    private static <T> T part(Class<T> type, String name, KernelTraits traits) throws ReflectiveOperationException {
        return type.cast(define(name, traits).getDeclaredConstructor().newInstance());
    }

    private static Class<?> define(String name, KernelTraits traits) throws IllegalAccessException {
        try (InputStream code = VectorProviders.class.getResourceAsStream(name + ".class")) {
            return MethodHandles.lookup().defineHiddenClassWithClassData(code.readAllBytes(), traits, true).lookupClass();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class " + name, e);
        }
    }
}
