package io.github.jconv.cudnn;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.testing.EmulatedCudnn;

/** How the algorithms of cuDNN run on 16-bit copies. */
class CudnnNarrowRunTest extends CudnnRunTest {

    @Override
    protected DeviceBackend openBackend() {
        return EmulatedCudnn.open(DeviceOptions.defaults().withMathMode(MathMode.BF16));
    }

    /** Transforms are not taken in 16 bits. */
    @Override
    protected boolean isExpectedToServe(ConvAlgorithm algorithm) {
        return super.isExpectedToServe(algorithm) && LibraryAlgorithm.valueOf(algorithm.name()).addsProducts();
    }
}
