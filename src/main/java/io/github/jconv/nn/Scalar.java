package io.github.jconv.nn;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** One number where the network computes, so that a recorded step reads the present one. */
final class Scalar {

    private final NetworkContext context;
    private final HostTensor onHost = HostTensor.zeros(DataType.FLOAT64, TensorShape.of(1));
    private final Tensor tensor;

    Scalar(NetworkContext context) {
        this.context = context;
        this.tensor = context.newTensor(DataType.FLOAT64, onHost.shape());
    }

    void set(double value) {
        onHost.set(0, value);
        context.engine().upload(onHost, tensor);
    }

    /** What {@link #set} gave it last. */
    double get() {
        return onHost.get(0);
    }

    /** What the backend has there now. */
    double download() {
        context.engine().download(tensor, onHost);
        return get();
    }

    /** fp64 {@code [1]}. */
    Tensor tensor() {
        return tensor;
    }
}
