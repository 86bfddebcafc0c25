package io.github.jconv.check;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Host tensors where a backend computes: themselves where it computes on the heap, otherwise copies, freed together. So an element that a
 * run does not write keeps the NaN that was there before, and not what an earlier run has left in the backend's own copy.
 */
final class TensorCopies implements AutoCloseable {

    private final Backend backend;
    private final List<Tensor> copies = new ArrayList<>();

    /** One call on the three tensors of an operation. */
    interface Call {
        void on(Tensor x, Tensor w, Tensor y);
    }

    TensorCopies(Backend backend) {
        this.backend = backend;
    }

    /** Makes a call on the tensors of an operation where the backend computes, and takes the output back. */
    void run(ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, Call call) {
        Tensor placedX = place(x);
        Tensor placedW = place(w);
        Tensor placedY = place(y);
        call.on(placedX, placedW, placedY);
        takeBack(operation.outputOf(placedX, placedW, placedY), operation.outputOf(x, w, y));
    }

    /** The tensor itself, or a copy with the same values, and as constant. */
    Tensor place(HostTensor tensor) {
        if (backend.isOnHeap()) {
            return tensor;
        }
        Tensor copy = backend.newTensor(tensor.dataType(), tensor.layout(), tensor.shape());
        copies.add(copy);
        backend.upload(tensor, copy);
        return tensor.isConstant() ? copy.constant() : copy;
    }

    /** Copies values back that were computed elsewhere. */
    void takeBack(Tensor placed, HostTensor target) {
        if (placed != target) {
            backend.download(placed, target);
        }
    }

    @Override
    public void close() {
        copies.forEach(Tensor::close);
    }
}
