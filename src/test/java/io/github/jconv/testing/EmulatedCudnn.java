package io.github.jconv.testing;

import io.github.jconv.cudnn.CudnnBackend;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.NativeLibraries;

/** cuDNN on the emulated device for tests, or on this host's GPU where the tests run there. */
public final class EmulatedCudnn {

    private EmulatedCudnn() {
    }

    /** The caller closes it. */
    public static CudnnBackend open() {
        return open(DeviceOptions.defaults());
    }

    /** The same with other options. */
    public static CudnnBackend open(DeviceOptions options) {
        DeviceContext context = EmulatedDevice.open(options);
        NativeLibraries.loadCudnn(context.options().source());
        return new CudnnBackend(context);
    }
}
