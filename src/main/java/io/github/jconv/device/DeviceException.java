package io.github.jconv.device;

import java.util.Set;

/**
 * A call of CUDA, cuBLAS or cuDNN failed: which call, the library's own name for the error, what was being done.
 *
 * <p>After an error for which {@link #contextLost()} holds, CUDA refuses everything that its context still has; the
 * {@link DeviceContext} then refuses further work by itself, and closing it remains possible. After any other error the context
 * is as usable as before the call.
 */
public final class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final String OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY";

    /** The errors after which a context answers every call with the same error. */
    private static final Set<String> CONTEXT_LOST = Set.of("CUDA_ERROR_ILLEGAL_ADDRESS", "CUDA_ERROR_LAUNCH_TIMEOUT",
            "CUDA_ERROR_CONTEXT_IS_DESTROYED", "CUDA_ERROR_ASSERT", "CUDA_ERROR_HARDWARE_STACK_ERROR",
            "CUDA_ERROR_ILLEGAL_INSTRUCTION", "CUDA_ERROR_MISALIGNED_ADDRESS", "CUDA_ERROR_INVALID_ADDRESS_SPACE",
            "CUDA_ERROR_INVALID_PC", "CUDA_ERROR_LAUNCH_FAILED", "CUDA_ERROR_ECC_UNCORRECTABLE", "CUDA_ERROR_DEINITIALIZED",
            "CUDA_ERROR_EXTERNAL_DEVICE", "CUDA_ERROR_CONTAINED", "CUDA_ERROR_TENSOR_MEMORY_LEAK");

    private final String call;
    private final String errorName;

    /**
     * @param call      the function that failed, as the library names it
     * @param errorName the library's name for the error, as {@code CUDA_ERROR_OUT_OF_MEMORY}
     * @param detail    what was asked for and what the library says of the error
     */
    public DeviceException(String call, String errorName, String detail) {
        super(call + " failed with " + errorName + ": " + detail);
        this.call = call;
        this.errorName = errorName;
    }

    private DeviceException(DeviceException during, String doing) {
        super(during.getMessage() + "; while computing " + doing, during);
        this.call = during.call;
        this.errorName = during.errorName;
    }

    /** The function that failed, as {@code cuMemAllocAsync}. */
    public String call() {
        return call;
    }

    /** The library's name for the error, as {@code CUDA_ERROR_OUT_OF_MEMORY}. */
    public String errorName() {
        return errorName;
    }

    public boolean outOfMemory() {
        return errorName.equals(OUT_OF_MEMORY);
    }

    /** Whether the context can only be closed. */
    public boolean contextLost() {
        return CONTEXT_LOST.contains(errorName);
    }

    /** The same error with the problem, plan or step in which it happened. */
    public DeviceException during(Object doing) {
        return new DeviceException(this, String.valueOf(doing));
    }
}
