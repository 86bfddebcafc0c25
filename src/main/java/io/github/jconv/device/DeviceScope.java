package io.github.jconv.device;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Tensors that end together. A tensor that is derived from one of a scope ({@link DeviceTensor#newTensor}) belongs to it too. Not
 * safe for use from several threads.
 */
public final class DeviceScope implements AutoCloseable {

    private final DeviceContext context;
    private final Set<DeviceTensor> tensors = new LinkedHashSet<>();
    private boolean closed;

    DeviceScope(DeviceContext context) {
        this.context = context;
    }

    /** A tensor of zeros in this scope. */
    public DeviceTensor newTensor(DataType type, TensorShape shape) {
        return newTensor(type, Layout.NCHW, shape);
    }

    /** The same in a layout. */
    public DeviceTensor newTensor(DataType type, Layout layout, TensorShape shape) {
        return DeviceTensor.zeros(context, this, type, layout, shape);
    }

    /** A tensor in this scope with the values of one on the heap. */
    public DeviceTensor upload(HostTensor values) {
        return DeviceTensor.copyOf(context, this, values);
    }

    /** Takes a tensor out of this scope; the caller closes it. */
    public DeviceTensor keep(DeviceTensor tensor) {
        if (!tensors.remove(tensor)) {
            throw new IllegalArgumentException("tensor " + tensor + " does not belong to this scope");
        }
        tensor.leaveScope();
        return tensor;
    }

    void add(DeviceTensor tensor) {
        if (closed) {
            throw new IllegalStateException("the scope is closed");
        }
        tensors.add(tensor);
    }

    void remove(DeviceTensor tensor) {
        tensors.remove(tensor);
    }

    /** Closes what is in the scope. */
    @Override
    public void close() {
        closed = true;
        for (DeviceTensor tensor : tensors.toArray(DeviceTensor[]::new)) {
            tensor.close();
        }
    }
}
