package io.github.jconv.cudnn;

import io.github.jconv.testing.DeviceFormsContract;

/** Types and layouts of tensors on the cudnn backend. */
class CudnnFormsTest extends DeviceFormsContract {

    @Override
    protected String backend() {
        return "cudnn";
    }
}
