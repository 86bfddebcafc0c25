package io.github.jconv.tensor;

/** A dense row-major array of numbers with a shape, somewhere: on the heap ({@link HostTensor}) or on a device. */
public interface Tensor extends AutoCloseable {

    TensorShape shape();

    DataType dataType();

    /** A new tensor of the same type in the same place, filled with zeros. */
    Tensor newTensor(TensorShape shape);

    /** The first {@code shape.elements()} elements seen with another shape; shares the memory. */
    Tensor view(TensorShape shape);

    /** Whether any element of the two lies in the same memory. */
    boolean overlaps(Tensor other);

    /**
     * Whether its owner has promised that its values stay as they are until {@link #changed} is called, so that what is made of them
     * may be kept.
     */
    default boolean isConstant() {
        return false;
    }

    /** Promises that, where such a promise is of use, and returns this tensor. */
    default Tensor constant() {
        return this;
    }

    /** The values are others now: nothing that was made of the former ones is used again. Without effect unless it is constant. */
    default void changed() {
    }

    default long bytes() {
        return shape().elements() * dataType().bytes();
    }

    /** Gives the memory back; a tensor on the heap leaves that to the garbage collector. */
    @Override
    default void close() {
    }
}
