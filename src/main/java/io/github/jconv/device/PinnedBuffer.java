package io.github.jconv.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked host memory: the device copies from and to it while the host goes on. The caller waits, with an event or on the
 * stream, before it touches what a copy is still using.
 */
public final class PinnedBuffer implements AutoCloseable {

    private final DeviceContext context;
    private final Pointer pointer = new Pointer();
    private final ByteBuffer bytes;
    private final DevicePointer device = new DevicePointer();
    private boolean closed;

    PinnedBuffer(DeviceContext context, long size) {
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("pinned buffer of " + size + " bytes; allowed: 1.." + Integer.MAX_VALUE);
        }
        this.context = context;
        context.refuseWhileCapturing("allocating page-locked memory");
        context.makeCurrent();
        int result = JCudaDriver.cuMemHostAlloc(pointer, size, JCudaDriver.CU_MEMHOSTALLOC_PORTABLE);
        if (result != CUresult.CUDA_SUCCESS) {
            throw context.failure(result, "cuMemHostAlloc", Sizes.text(size) + " of page-locked memory asked for");
        }
        context.own(this);
        bytes = pointer.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    /** The memory, in the byte order of the host; not to be used after closing. */
    public ByteBuffer bytes() {
        if (closed) {
            throw new IllegalStateException("use of page-locked memory after its end");
        }
        return bytes;
    }

    /** Enqueues a copy of the first {@code count} bytes to a device address. */
    public synchronized void copyTo(long address, long count, DeviceStream stream) {
        requireWithin(count);
        context.makeCurrentToEnqueue(stream);
        context.check(JCudaDriver.cuMemcpyHtoDAsync(device.pointTo(address), pointer, count, stream.handle()), "cuMemcpyHtoDAsync");
    }

    /** Enqueues a copy of {@code count} bytes from a device address to the beginning. */
    public synchronized void copyFrom(long address, long count, DeviceStream stream) {
        requireWithin(count);
        context.makeCurrentToEnqueue(stream);
        context.check(JCudaDriver.cuMemcpyDtoHAsync(pointer, device.pointTo(address), count, stream.handle()), "cuMemcpyDtoHAsync");
    }

    private void requireWithin(long count) {
        if (closed) {
            throw new IllegalStateException("use of page-locked memory after its end");
        }
        if (count < 0 || count > bytes.capacity()) {
            throw new IllegalArgumentException("copy of " + count + " bytes; allowed: 0.." + bytes.capacity()
                    + ", the size of the page-locked buffer");
        }
    }

    @Override
    public synchronized void close() {
        if (!closed && context.disown(this)) {
            context.warn(JCudaDriver.cuMemFreeHost(pointer), "cuMemFreeHost");
        }
        closed = true;
    }
}
