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
    private boolean closed;

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
        context.makeCurrent();
        context.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    /** Whether everything enqueued so far is done. */
    public boolean isIdle() {
        context.makeCurrent();
        int result = JCudaDriver.cuStreamQuery(stream);
        if (result == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        context.check(result, "cuStreamQuery");
        return true;
    }

    /** Lets what is enqueued on this stream from now on wait for the event. The caller does not wait. */
    public void waitFor(DeviceEvent event) {
        context.makeCurrent();
        context.check(JCudaDriver.cuStreamWaitEvent(stream, event.handle(), 0), "cuStreamWaitEvent");
    }

    /** Lets what is enqueued on this stream from now on wait for what is enqueued on the other one now. */
    public synchronized void waitFor(DeviceStream other) {
        joint.record(other);
        waitFor(joint);
    }

    /** The stream as JCuda knows it, for libraries that enqueue work themselves. */
    public CUstream handle() {
        return stream;
    }

    @Override
    public synchronized void close() {
        if (!closed && context.disown(this)) {
            joint.close();
            context.warn(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
        }
        closed = true;
    }
}
