package io.github.jconv.device;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;

/** Stands in on the device for the arguments of a call that lie on the heap. One tensor per argument, kept for the next call. */
final class HostArguments implements AutoCloseable {

    private static final int MOST_ARGUMENTS = 4;

    private final DeviceContext context;
    private final DeviceTensor[] standIns = new DeviceTensor[MOST_ARGUMENTS];

    HostArguments(DeviceContext context) {
        this.context = context;
    }

    /** @param isRead whether the values matter; otherwise the stand-in's are arbitrary */
    DeviceTensor onDevice(int argument, HostTensor tensor, boolean isRead) {
        DeviceTensor standIn = standIns[argument];
        if (standIn == null || standIn.dataType() != tensor.dataType() || standIn.layout() != tensor.layout()
                || !standIn.shape().equals(tensor.shape())) {
            release(argument);
            standIn = context.newTensor(tensor.dataType(), tensor.layout(), tensor.shape());
            standIns[argument] = standIn;
        }
        if (tensor.isConstant()) {
            standIn.constant();
        }
        if (isRead) {
            standIn.copyFrom(tensor);
        }
        return standIn;
    }

    /** Copies an output to its place if that is on the heap, and waits until it is there. */
    void copyBack(DeviceTensor standIn, Tensor output) {
        if (output instanceof HostTensor host) {
            standIn.copyTo(host);
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < standIns.length; i++) {
            release(i);
        }
    }

    private void release(int argument) {
        if (standIns[argument] != null) {
            standIns[argument].close();
            standIns[argument] = null;
        }
    }
}
