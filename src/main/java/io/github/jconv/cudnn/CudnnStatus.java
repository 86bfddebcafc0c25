package io.github.jconv.cudnn;

import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceException;
import jcuda.jcudnn.JCudnn;

/** Status codes of cuDNN, by the text that the library itself has for them: their numbers differ between its versions. */
final class CudnnStatus {

    private static final int SUCCESS = 0;
    private static final String BROKEN = "CUDNN_STATUS_EXECUTION_FAILED";

    private CudnnStatus() {
    }

    static boolean isSuccess(int status) {
        return status == SUCCESS;
    }

    /** As {@code CUDNN_STATUS_NOT_SUPPORTED}. */
    static String text(int status) {
        return JCudnn.cudnnGetErrorString(status);
    }

    /** Whether the library has declined a call, rather than failed in it: nothing was computed, and another algorithm may serve. */
    static boolean isRefusal(int status) {
        return !isSuccess(status) && !text(status).startsWith(BROKEN);
    }

    /** For functions that concern the host alone: throws for anything but success. */
    static void check(int status, String call, String asked) {
        if (!isSuccess(status)) {
            throw new DeviceException(call, text(status), asked);
        }
    }

    /** For functions that concern the device: throws for anything but success. */
    static void check(DeviceContext context, int status, String call, String asked) {
        if (!isSuccess(status)) {
            throw failure(context, status, call, asked);
        }
    }

    static DeviceException failure(DeviceContext context, int status, String call, String asked) {
        return context.libraryFailure(call, text(status), asked);
    }
}
