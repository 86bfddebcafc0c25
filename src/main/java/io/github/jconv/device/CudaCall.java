package io.github.jconv.device;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;

/** Turns status codes of the driver and of cuBLAS into exceptions. The good case costs a comparison. */
final class CudaCall {

    private CudaCall() {
    }

    /** Nothing for success, otherwise the exception. */
    static void check(int result, String call) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw failure(result, call, null);
        }
    }

    /** @param asked what the call was asked for, or null */
    static DeviceException failure(int result, String call, String asked) {
        String[] text = new String[1];
        JCudaDriver.cuGetErrorName(result, text);
        String name = text[0] == null ? "error " + result : text[0];
        text[0] = null;
        JCudaDriver.cuGetErrorString(result, text);
        String says = text[0] == null ? "the driver has no text for it" : text[0];
        return new DeviceException(call, name, asked == null ? says : says + "; " + asked);
    }

    static void checkBlas(int status, String call) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw blasFailure(status, call, "cuBLAS status " + status);
        }
    }

    static DeviceException blasFailure(int status, String call, String asked) {
        return new DeviceException(call, cublasStatus.stringFor(status), asked);
    }
}
