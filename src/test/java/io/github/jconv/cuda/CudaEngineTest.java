package io.github.jconv.cuda;

import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.DeviceEngineContract;
import java.util.List;

/** The front door on the CUDA backend. */
class CudaEngineTest extends DeviceEngineContract {

    @Override
    protected String backend() {
        return "cuda";
    }

    @Override
    protected List<DataType> types() {
        return List.of(DataType.values());
    }
}
