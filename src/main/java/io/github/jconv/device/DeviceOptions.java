package io.github.jconv.device;

import io.github.jconv.tensor.Required;

/**
 * How a {@link DeviceContext} is opened.
 *
 * @param source         whose libraries: NVIDIA's or the emulated device's
 * @param ordinal        which device, counted from 0 as CUDA counts them
 * @param workspaceLimit bytes that {@link DeviceContext#workspace} may grow to
 * @param mathMode       the arithmetic of cuBLAS
 * @param varying        also take algorithms of libraries whose results may differ from run to run
 * @param debug          remember for each allocation where in the program it was made
 * @param reuseMemory    keep freed memory for later allocations of the same size; without it every use after the end of a
 *                       tensor's life meets memory that the driver knows to be free
 */
public record DeviceOptions(LibrarySource source, int ordinal, long workspaceLimit, MathMode mathMode, boolean varying,
                            boolean debug, boolean reuseMemory) {

    private static final long DEFAULT_WORKSPACE_LIMIT = 256L << 20;

    public DeviceOptions {
        Required.given(source, "library source");
        Required.given(mathMode, "math mode");
        if (ordinal < 0) {
            throw new IllegalArgumentException("device ordinal is " + ordinal + "; allowed: 0 and up");
        }
        if (workspaceLimit < 0) {
            throw new IllegalArgumentException("workspace limit is " + workspaceLimit + "; allowed: 0 and up");
        }
    }

    /**
     * Device 0 of the installed libraries, a workspace of up to 256 MiB; the arithmetic as the property {@code jconv.math} says, fp32
     * unless set; debugging as the property {@code jconv.device.debug} says.
     */
    public static DeviceOptions defaults() {
        boolean debug = Boolean.getBoolean("jconv.device.debug");
        return new DeviceOptions(LibrarySource.INSTALLED, 0, DEFAULT_WORKSPACE_LIMIT, MathMode.ofProperty(), false, debug, !debug);
    }

    public DeviceOptions withSource(LibrarySource value) {
        return new DeviceOptions(value, ordinal, workspaceLimit, mathMode, varying, debug, reuseMemory);
    }

    public DeviceOptions withOrdinal(int value) {
        return new DeviceOptions(source, value, workspaceLimit, mathMode, varying, debug, reuseMemory);
    }

    public DeviceOptions withWorkspaceLimit(long bytes) {
        return new DeviceOptions(source, ordinal, bytes, mathMode, varying, debug, reuseMemory);
    }

    public DeviceOptions withMathMode(MathMode mode) {
        return new DeviceOptions(source, ordinal, workspaceLimit, mode, varying, debug, reuseMemory);
    }

    public DeviceOptions withVarying(boolean on) {
        return new DeviceOptions(source, ordinal, workspaceLimit, mathMode, on, debug, reuseMemory);
    }

    /** Debugging remembers where allocations were made and does not reuse memory. */
    public DeviceOptions withDebug(boolean on) {
        return new DeviceOptions(source, ordinal, workspaceLimit, mathMode, varying, on, !on);
    }

    public DeviceOptions withReuseMemory(boolean on) {
        return new DeviceOptions(source, ordinal, workspaceLimit, mathMode, varying, debug, on);
    }
}
