package io.github.jconv.cudnn;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.testing.DeviceRunContract;
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.EmulatedDevice;
import java.util.List;

/** How the algorithms of cuDNN run. */
class CudnnRunTest extends DeviceRunContract {

    @Override
    protected DeviceBackend openBackend() {
        return EmulatedCudnn.open(DeviceOptions.defaults());
    }

    @Override
    protected List<String> computing() {
        return List.of("cudnnConvolutionForward", "cudnnConvolutionBackwardData", "cudnnConvolutionBackwardFilter");
    }

    /**
     * DIRECT has a number and no implementation; the other two may give other bits in another run. What NVIDIA's own library serves is
     * its own affair.
     */
    @Override
    protected boolean isExpectedToServe(ConvAlgorithm algorithm) {
        return !EmulatedDevice.isReal() && !List.of("DIRECT", "ALGO_0", "ALGO_3").contains(algorithm.name());
    }
}
