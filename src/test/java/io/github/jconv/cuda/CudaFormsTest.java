package io.github.jconv.cuda;

import io.github.jconv.testing.DeviceFormsContract;

/** Types and layouts of tensors on the cuda backend. */
class CudaFormsTest extends DeviceFormsContract {

    @Override
    protected String backend() {
        return "cuda";
    }
}
