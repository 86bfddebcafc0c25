package io.github.jconv.cuda;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.testing.AlgorithmContract;
import io.github.jconv.testing.EmulatedDevice;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * The same contract with chunks so small that images, positions and channels are divided in every problem, as only the largest ones are
 * otherwise.
 */
class CudaChunksTest extends AlgorithmContract {

    private static final Scratch TINY = new Scratch(256);

    private static CudaBackend narrow;
    private static CudaBackend wide;

    @BeforeContainer
    static void open() {
        narrow = new CudaBackend(EmulatedDevice.open(), TINY, false);
        wide = new CudaBackend(EmulatedDevice.open(), TINY, true);
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
