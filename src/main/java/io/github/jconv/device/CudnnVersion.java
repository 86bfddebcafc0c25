package io.github.jconv.device;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnStatus;

/** The version of the cuDNN that is loaded. */
public final class CudnnVersion {

    /** From here on the major version counts ten thousands, before it thousands. */
    private static final long FIRST_OF_NINE = 90000;

    private CudnnVersion() {
    }

    /** As {@code 9.5.1} for 90501 and {@code 8.9.7} for 8907; to be asked only when cuDNN has been loaded. */
    public static String text() {
        return text(JCudnn.cudnnGetVersion());
    }

    /** The same, and why it cannot be used where it gives no handle on the context that is current: its parts may not be found. */
    static String tried() {
        cudnnHandle handle = new cudnnHandle();
        int status = JCudnn.cudnnCreate(handle);
        if (status != cudnnStatus.CUDNN_STATUS_SUCCESS) {
            return text() + ", which cannot be used: " + JCudnn.cudnnGetErrorString(status);
        }
        JCudnn.cudnnDestroy(handle);
        return text();
    }

    static String text(long number) {
        long major = number >= FIRST_OF_NINE ? 10000 : 1000;
        return number / major + "." + number % major / 100 + "." + number % 100;
    }
}
