package io.github.jconv.tensor;

/**
 * A dense array of numbers with a type, a shape and a layout, somewhere: on the heap ({@link HostTensor}) or on a device. The shape is
 * {@code [N, C, positions...]} (of a filter {@code [K, C/groups, taps...]}) in either {@linkplain Layout layout}.
 */
public interface Tensor extends AutoCloseable {

    TensorShape shape();

    DataType dataType();

    /** The order of its elements in memory. */
    Layout layout();

    /** A new tensor of the same type and layout in the same place, filled with zeros. */
    Tensor newTensor(TensorShape shape);

    /** The first {@code shape.elements()} elements in memory seen with another shape; shares the memory. */
    default Tensor view(TensorShape shape) {
        return view(shape, 0);
    }

    /**
     * {@code shape.elements()} elements in memory from number {@code first} on, seen as a tensor of that shape, which must have as many
     * channels, and begin with the first of them, where these are last; shares the memory.
     */
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

    /** Type, layout unless it is NCHW, and shape of a tensor: {@code FLOAT16 NHWC [2, 6, 7, 9]}. */
    static String describe(Tensor tensor) {
        return tensor.dataType() + (tensor.layout() == Layout.NCHW ? " " : " " + tensor.layout() + " ") + tensor.shape();
    }
}
