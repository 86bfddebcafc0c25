package io.github.jconv.check;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Host tensors where a backend computes: themselves where it computes on the heap, otherwise copies, freed together. */
final class TensorCopies implements AutoCloseable {

    private final Backend backend;
    private final List<Tensor> copies = new ArrayList<>();

    TensorCopies(Backend backend) {
        this.backend = backend;
    }

    /** The tensor itself, or a copy with the same values. */
    Tensor place(HostTensor tensor) {
        if (backend.accepts(tensor).yes()) {
            return tensor;
        }
        Tensor copy = backend.newTensor(tensor.dataType(), tensor.layout(), tensor.shape());
        copies.add(copy);
        backend.upload(tensor, copy);
        return copy;
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
