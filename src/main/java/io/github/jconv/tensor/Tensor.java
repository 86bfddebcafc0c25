package io.github.jconv.tensor;

/** A dense row-major array of numbers with a shape, somewhere: on the heap ({@link HostTensor}) or on a device. */
public interface Tensor extends AutoCloseable {

    TensorShape shape();

    DataType dataType();

    /** A new tensor of the same type in the same place, filled with zeros. */
    Tensor newTensor(TensorShape shape);

    /** The first {@code shape.elements()} elements seen with another shape; shares the memory. */
    default Tensor view(TensorShape shape) {
        return view(shape, 0);
    }

    /** {@code shape.elements()} elements from number {@code first} on, seen as a tensor of that shape; shares the memory. */
    Tensor view(TensorShape shape, long first);

    /** @throws IllegalArgumentException unless a view of that shape from an element on lies inside a tensor */
    static void requireInside(TensorShape view, long first, TensorShape tensor) {
        if (first < 0 || view.elements() > tensor.elements() - first) {
            throw new IllegalArgumentException("a view of shape " + view + (first == 0 ? "" : " from element " + first + " on") + " needs "
                    + view.elements() + " elements, but the tensor of shape " + tensor + " has " + tensor.elements());
        }
    }

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
