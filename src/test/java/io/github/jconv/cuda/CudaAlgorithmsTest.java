package io.github.jconv.cuda;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.testing.AlgorithmContract;
import io.github.jconv.testing.EmulatedDevice;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The contract of algorithms for every algorithm in the CUDA backend's list; run with 32-bit indices and with 64-bit ones. */
class CudaAlgorithmsTest extends AlgorithmContract {

    private static CudaBackend narrow;
    private static CudaBackend wide;

    @BeforeContainer
    static void open() {
        narrow = new CudaBackend(EmulatedDevice.open());
        wide = new CudaBackend(EmulatedDevice.open(), Scratch.OF_A_CACHE, true);
    }

    @AfterContainer
    static void close() {
        if (narrow != null) {
            wide.close();
            narrow.close();
        }
    }

    @Override
    protected Backend backend() {
        return narrow;
    }

    @Override
    protected Backend otherwise() {
        return wide;
    }
}
