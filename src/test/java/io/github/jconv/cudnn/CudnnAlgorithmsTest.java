package io.github.jconv.cudnn;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.testing.AlgorithmContract;
import io.github.jconv.testing.EmulatedCudnn;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The contract of algorithms for every algorithm of cuDNN; run on two handles. */
class CudnnAlgorithmsTest extends AlgorithmContract {

    private static CudnnBackend one;
    private static CudnnBackend other;

    @BeforeContainer
    static void open() {
        one = EmulatedCudnn.open();
        other = EmulatedCudnn.open();
    }

    @AfterContainer
    static void close() {
        if (one != null) {
            other.close();
            one.close();
        }
    }

    @Override
    protected Backend backend() {
        return one;
    }

    @Override
    protected Backend otherwise() {
        return other;
    }

    /** Paddings that differ need a copy, and that one memory and fp32. */
    @Override
    protected boolean oneServesEverything() {
        return false;
    }
}
