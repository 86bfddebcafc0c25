package io.github.jconv.device;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A mark in a stream: other streams can wait for it, and two of them tell the time between. */
public final class DeviceEvent implements AutoCloseable {

    private final DeviceContext context;
    private final CUevent event = new CUevent();
    private final float[] millis = new float[1];
    private volatile boolean closed;

    DeviceEvent(DeviceContext context) {
        this.context = context;
        context.makeCurrent();
        context.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT), "cuEventCreate");
        context.own(this);
    }

    /** Puts the mark behind everything that is enqueued on the stream now. */
    public void record(DeviceStream stream) {
        context.makeCurrentToEnqueue(stream);
        context.check(JCudaDriver.cuEventRecord(handle(), stream.handle()), "cuEventRecord");
    }

    /** Waits until the device has passed the mark; at once when it was never recorded. */
    public void synchronize() {
        context.makeCurrent();
        context.check(JCudaDriver.cuEventSynchronize(handle()), "cuEventSynchronize");
    }

    /** Whether the device has passed the mark. */
    public boolean isDone() {
        context.makeCurrent();
        int result = JCudaDriver.cuEventQuery(handle());
        if (result == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        context.check(result, "cuEventQuery");
        return true;
    }

    /** Milliseconds on the device from the earlier mark to this one; both must have been passed. */
    public synchronized double millisSince(DeviceEvent earlier) {
        context.makeCurrent();
        context.check(JCudaDriver.cuEventElapsedTime(millis, earlier.handle(), handle()), "cuEventElapsedTime");
        return millis[0];
    }

    CUevent handle() {
        if (closed) {
            throw new IllegalStateException("use of an event after its end");
        }
        return event;
    }

    @Override
    public synchronized void close() {
        if (!closed && context.disown(this)) {
            context.warn(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
        }
        closed = true;
    }
}
