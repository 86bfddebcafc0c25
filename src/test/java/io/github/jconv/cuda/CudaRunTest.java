package io.github.jconv.cuda;

import io.github.jconv.device.DeviceBackend;
import io.github.jconv.testing.DeviceRunContract;
import io.github.jconv.testing.EmulatedDevice;
import java.util.List;

/** How the algorithms of the CUDA backend run. */
class CudaRunTest extends DeviceRunContract {

    @Override
    protected DeviceBackend openBackend() {
        return new CudaBackend(EmulatedDevice.open());
    }

    @Override
    protected List<String> computing() {
        return List.of("cuLaunchKernel", "cublasSgemm", "cublasSgemmStridedBatched", "cublasGemmEx",
                "cublasGemmStridedBatchedEx");
    }
}
