package io.github.jconv.testing;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/** A tensor that lies in no place that a backend knows. */
public record ForeignTensor(TensorShape shape) implements Tensor {

    @Override
    public DataType dataType() {
        return DataType.FLOAT32;
    }

    @Override
    public Layout layout() {
        return Layout.NCHW;
    }

    @Override
    public Tensor newTensor(TensorShape newShape) {
        return new ForeignTensor(newShape);
    }

    @Override
    public Tensor view(TensorShape other, long first) {
        return new ForeignTensor(other);
    }

    @Override
    public boolean overlaps(Tensor other) {
        return false;
    }
}
