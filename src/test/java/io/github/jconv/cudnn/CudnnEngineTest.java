package io.github.jconv.cudnn;

import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.DeviceEngineContract;
import java.util.List;

/** The front door on the cuDNN backend. */
class CudnnEngineTest extends DeviceEngineContract {

    @Override
    protected String backend() {
        return "cudnn";
    }

    /** The copy for paddings that differ is made in fp32 only. */
    @Override
    protected List<DataType> types() {
        return List.of(DataType.FLOAT32);
    }
}
