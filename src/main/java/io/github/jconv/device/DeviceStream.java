package io.github.jconv.device;

import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A queue of work on a device; what is enqueued on one stream runs in order. */
public final class DeviceStream implements AutoCloseable {

    private final DeviceContext context;
    private final CUstream stream = new CUstream();
    private final DeviceEvent joint;
    private volatile boolean closed;

    DeviceStream(DeviceContext context) {
        this.context = context;
        this.joint = new DeviceEvent(context);
        int result = JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING);
        if (result != CUresult.CUDA_SUCCESS) {
            joint.close();
            throw context.failure(result, "cuStreamCreate", null);
        }
        context.own(this);
    }

    public DeviceContext context() {
        return context;
    }

    /** Waits until everything enqueued so far is done; an error of that work appears here. */
    public void synchronize() {
        context.refuseWhileCapturing("waiting for the device");
        context.makeCurrentToEnqueue(this);
        context.check(JCudaDriver.cuStreamSynchronize(handle()), "cuStreamSynchronize");
    }

    /** Whether everything enqueued so far is done. */
    public boolean isIdle() {
        context.makeCurrentToEnqueue(this);
        int result = JCudaDriver.cuStreamQuery(handle());
        if (result == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        context.check(result, "cuStreamQuery");
        return true;
    }

    /** Lets what is enqueued on this stream from now on wait for the event. The caller does not wait. */
    public void waitFor(DeviceEvent event) {
        context.makeCurrentToEnqueue(this);
        context.check(JCudaDriver.cuStreamWaitEvent(handle(), event.handle(), 0), "cuStreamWaitEvent");
    }

    /** Lets what is enqueued on this stream from now on wait for what is enqueued on the other one now. */
    public synchronized void waitFor(DeviceStream other) {
        requireOpen();
        joint.record(other);
        waitFor(joint);
    }

    /**
     * The stream as JCuda knows it, for libraries that enqueue work themselves.
     *
     * @throws IllegalStateException when it is closed
     */
    public CUstream handle() {
        requireOpen();
        return stream;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("use of a stream after its end");
        }
    }

    /** The main stream of a context is closed with it alone. */
    @Override
    public synchronized void close() {
        if (this == context.stream() && context.isOpen()) {
            throw new IllegalStateException("the main stream of a context cannot be closed by itself; close the context");
        }
        if (!closed && context.disown(this)) {
            joint.close();
            context.warn(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
        }
        closed = true;
    }
}
