package io.github.jconv.cuda;

import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.testing.DeviceRunContract;
import io.github.jconv.testing.EmulatedDevice;
import java.util.List;

/** How the algorithms of the CUDA backend run. */
class CudaRunTest extends DeviceRunContract {

    /** In the math mode in which all of them serve: in that one, too, cuBLAS multiplies in fp32. */
    @Override
    protected DeviceBackend openBackend() {
        return new CudaBackend(EmulatedDevice.open(DeviceOptions.defaults().withMathMode(MathMode.TF32X3)));
    }

    @Override
    protected List<String> computing() {
        return List.of("cuLaunchKernel", "cublasSgemm", "cublasSgemmStridedBatched", "cublasGemmEx",
                "cublasGemmStridedBatchedEx");
    }
}
