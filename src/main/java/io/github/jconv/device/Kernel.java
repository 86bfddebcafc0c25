package io.github.jconv.device;

import java.util.List;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One kernel on one device. Launching allocates nothing and does not wait. */
public final class Kernel {

    /** More dynamic shared memory than this must be asked for beforehand, says CUDA. */
    private static final int FREE_SHARED_BYTES = 48 << 10;

    private static final long MAX_GRID_X = Integer.MAX_VALUE;
    private static final long MAX_GRID_YZ = 65535;

    private final DeviceContext context;
    private final String name;
    private final CUfunction function;
    private final List<PtxSignatures.Parameter> signature;
    private int allowedSharedBytes = FREE_SHARED_BYTES;

    Kernel(DeviceContext context, String name, CUfunction function, List<PtxSignatures.Parameter> signature) {
        this.context = context;
        this.name = name;
        this.function = function;
        this.signature = signature;
    }

    public String name() {
        return name;
    }

    /** A block of arguments for this kernel, to be filled and used again and again; not shared between threads. */
    public KernelArguments newArguments() {
        return new KernelArguments(name, signature);
    }

    /** Launches a one-dimensional grid on the context's main stream, without dynamic shared memory. */
    public void launch(long gridX, int blockX, KernelArguments arguments) {
        launch(context.stream(), gridX, 1, 1, blockX, 1, 1, 0, arguments);
    }

    /** Launches on the context's main stream. */
    public void launch(long gridX, long gridY, long gridZ, int blockX, int blockY, int blockZ, int sharedBytes,
                       KernelArguments arguments) {
        launch(context.stream(), gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, arguments);
    }

    /**
     * Enqueues a launch. The arguments are read during the call and may be changed afterwards.
     *
     * @param gridX       blocks along x, 1..2^31-1; y and z up to 65535
     * @param sharedBytes dynamic shared memory of a block
     */
    public void launch(DeviceStream stream, long gridX, long gridY, long gridZ, int blockX, int blockY, int blockZ, int sharedBytes,
                       KernelArguments arguments) {
        requireGrid(gridX, gridY, gridZ);
        arguments.requireFor(name);
        context.makeCurrentToEnqueue(stream);
        if (sharedBytes > allowedSharedBytes) {
            allowShared(sharedBytes);
        }
        int result = JCudaDriver.cuLaunchKernel(function, (int) gridX, (int) gridY, (int) gridZ, blockX, blockY, blockZ, sharedBytes,
                stream.handle(), arguments.pointers(), null);
        if (result != CUresult.CUDA_SUCCESS) {
            throw context.failure(result, "cuLaunchKernel", "kernel " + name + ", grid [" + gridX + ", " + gridY + ", " + gridZ
                    + "], block [" + blockX + ", " + blockY + ", " + blockZ + "], " + sharedBytes + " bytes of shared memory");
        }
    }

    /** Registers per thread, as the driver compiled it. */
    public int registers() {
        return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
    }

    /** The most threads that a block of this kernel can have. */
    public int maxThreadsPerBlock() {
        return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    }

    /** How many blocks of that size run on a multiprocessor at once. */
    public int blocksPerMultiprocessor(int threadsPerBlock, int sharedBytes) {
        int[] blocks = new int[1];
        context.makeCurrent();
        context.check(JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threadsPerBlock, sharedBytes),
                "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        return blocks[0];
    }

    private int attribute(int attribute) {
        int[] value = new int[1];
        context.makeCurrent();
        context.check(JCudaDriver.cuFuncGetAttribute(value, attribute, function), "cuFuncGetAttribute");
        return value[0];
    }

    private synchronized void allowShared(int sharedBytes) {
        int result = JCudaDriver.cuFuncSetAttribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                sharedBytes);
        if (result != CUresult.CUDA_SUCCESS) {
            throw context.failure(result, "cuFuncSetAttribute", "kernel " + name + " asks for " + sharedBytes
                    + " bytes of dynamic shared memory; this device has " + context.info().sharedBytesPerBlock());
        }
        allowedSharedBytes = sharedBytes;
    }

    private void requireGrid(long x, long y, long z) {
        if (x < 1 || x > MAX_GRID_X || y < 1 || y > MAX_GRID_YZ || z < 1 || z > MAX_GRID_YZ) {
            throw new IllegalArgumentException("kernel " + name + " launched with grid [" + x + ", " + y + ", " + z
                    + "]; allowed: [1.." + MAX_GRID_X + ", 1.." + MAX_GRID_YZ + ", 1.." + MAX_GRID_YZ + "]");
        }
    }
}
