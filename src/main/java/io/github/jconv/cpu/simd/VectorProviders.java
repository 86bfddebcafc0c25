package io.github.jconv.cpu.simd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

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
        try (InputStream code = VectorProviders.class.getResourceAsStream("VectorProvider.class")) {
            return (SimdProvider) MethodHandles.lookup()
                    .defineHiddenClassWithClassData(code.readAllBytes(), bits, true)
                    .lookupClass().getDeclaredConstructor().newInstance();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the class VectorProvider", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot define the provider of " + bits + "-bit vectors", e);
        }
    }
}
