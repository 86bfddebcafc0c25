package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Memory for the gradients of activations. A gradient lives from the layer that makes it to the layer before, so a chain of any length
 * needs two buffers; layers borrow and give back instead of each keeping its own. Allocates nothing once it has seen every shape.
 */
final class GradientPool {

    private final Function<TensorShape, Tensor> newTensor;
    private final List<Buffer> buffers = new ArrayList<>();
    private final Map<Tensor, Buffer> owners = new IdentityHashMap<>();

    GradientPool(Function<TensorShape, Tensor> newTensor) {
        this.newTensor = newTensor;
    }

    /** A tensor of that shape with arbitrary contents. */
    Tensor borrow(TensorShape shape) {
        Buffer best = null;
        for (int i = 0; i < buffers.size(); i++) {
            Buffer buffer = buffers.get(i);
            if (!buffer.lent && buffer.capacity() >= shape.elements() && (best == null || buffer.capacity() < best.capacity())) {
                best = buffer;
            }
        }
        if (best == null) {
            best = new Buffer(newTensor.apply(TensorShape.of(shape.elements())));
            buffers.add(best);
        }
        best.lent = true;
        Tensor view = best.views.get(shape);
        if (view == null) {
            view = best.storage.view(shape);
            best.views.put(shape, view);
            owners.put(view, best);
        }
        return view;
    }

    /** Gives a borrowed tensor back; a tensor that is not borrowed is left alone. */
    void giveBack(Tensor tensor) {
        Buffer owner = owners.get(tensor);
        if (owner != null) {
            owner.lent = false;
        }
    }

    long bytes() {
        return buffers.stream().mapToLong(b -> b.storage.bytes()).sum();
    }

    private static final class Buffer {

        final Tensor storage;
        final Map<TensorShape, Tensor> views = new HashMap<>();
        boolean lent;

        Buffer(Tensor storage) {
            this.storage = storage;
        }

        long capacity() {
            return storage.shape().elements();
        }
    }
}
