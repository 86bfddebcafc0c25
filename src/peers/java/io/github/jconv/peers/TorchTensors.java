package io.github.jconv.peers;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Copies between the Java heap and PyTorch. */
final class TorchTensors {

    private TorchTensors() {
    }

    /** A tensor of PyTorch's own with the same shape and values. */
    static Tensor of(HostTensor values) {
        try (FloatPointer copied = new FloatPointer(values.floats());
                Tensor view = torch.from_blob(copied, values.shape().sizes())) {
            return view.clone();
        }
    }

    /** The values row by row. */
    static HostTensor toHost(Tensor tensor, TensorShape shape) {
        if (tensor.numel() != shape.elements()) {
            throw new IllegalStateException("PyTorch's result has " + tensor.numel() + " elements, the shape " + shape + " has "
                    + shape.elements());
        }
        HostTensor values = HostTensor.zeros(shape);
        try (Tensor inOrder = tensor.contiguous(); FloatPointer data = inOrder.data_ptr_float()) {
            data.get(values.floats());
        }
        return values;
    }
}
