package io.github.jconv.tensor;

/**
 * A tensor on the Java heap: a window of a {@code float[]} or {@code double[]}. Wrapping shares the array, nothing is copied.
 *
 * <p>Filters that serve in many calls may be made {@link #constant}: engines then keep what they make of them (packed, transformed) in
 * place of making it in each call.
 */
public final class HostTensor implements Tensor {

    /** The longest array that every JVM allocates. */
    public static final long MAX_ELEMENTS = Integer.MAX_VALUE - 8L;

    private final TensorShape shape;
    private final float[] floats;
    private final double[] doubles;
    private final int offset;
    private volatile KeptForms keptForms;

    private HostTensor(TensorShape shape, float[] floats, double[] doubles, int offset, int arrayLength) {
        if (offset < 0 || shape.elements() > arrayLength - (long) offset) {
            throw new IllegalArgumentException("shape " + shape + " needs " + shape.elements() + " elements from offset " + offset
                    + ", but the array has " + arrayLength);
        }
        this.shape = shape;
        this.floats = floats;
        this.doubles = doubles;
        this.offset = offset;
    }

    /** A new tensor of zeros. */
    public static HostTensor zeros(DataType type, TensorShape shape) {
        int length = arrayLength(shape);
        return type == DataType.FLOAT32 ? wrap(shape, new float[length], 0) : wrap(shape, new double[length], 0);
    }

    /** A new fp32 tensor of zeros. */
    public static HostTensor zeros(TensorShape shape) {
        return zeros(DataType.FLOAT32, shape);
    }

    /** The whole array as a tensor; its length must be the number of elements. */
    public static HostTensor of(TensorShape shape, float... values) {
        requireExact(shape, values.length);
        return wrap(shape, values, 0);
    }

    /** The whole array as a tensor; its length must be the number of elements. */
    public static HostTensor of(TensorShape shape, double... values) {
        requireExact(shape, values.length);
        return wrap(shape, values, 0);
    }

    /** A window of the array, from {@code offset} on. */
    public static HostTensor wrap(TensorShape shape, float[] array, int offset) {
        return new HostTensor(shape, array, null, offset, array.length);
    }

    /** A window of the array, from {@code offset} on. */
    public static HostTensor wrap(TensorShape shape, double[] array, int offset) {
        return new HostTensor(shape, null, array, offset, array.length);
    }

    @Override
    public TensorShape shape() {
        return shape;
    }

    @Override
    public DataType dataType() {
        return floats != null ? DataType.FLOAT32 : DataType.FLOAT64;
    }

    @Override
    public HostTensor newTensor(TensorShape newShape) {
        return zeros(dataType(), newShape);
    }

    @Override
    public HostTensor view(TensorShape other) {
        return view(other, 0);
    }

    @Override
    public HostTensor view(TensorShape other, long first) {
        Tensor.requireInside(other, first, shape);
        int from = offset + (int) first;
        return new HostTensor(other, floats, doubles, from, from + (int) other.elements());
    }

    /**
     * Promises that the values stay as they are until {@link #changed} is called, and returns this tensor. Its own methods that write
     * call that themselves, as do calls of an engine whose output it is; who writes to the array, or through a view, must.
     * {@code -Djconv.checkConstants=true} finds who does not.
     */
    @Override
    public HostTensor constant() {
        if (keptForms == null) {
            keptForms = new KeptForms(this);
        }
        return this;
    }

    @Override
    public boolean isConstant() {
        return keptForms != null;
    }

    @Override
    public void changed() {
        KeptForms kept = keptForms;
        if (kept != null) {
            kept.outdate();
        }
    }

    /** What has been made of the values of a constant tensor. */
    public KeptForms keptForms() {
        if (keptForms == null) {
            throw new IllegalStateException("tensor " + this + " is not constant");
        }
        return keptForms;
    }

    /** The array behind an fp32 tensor, shared; the tensor begins at {@link #offset()}. */
    public float[] floats() {
        if (floats == null) {
            throw new IllegalStateException("tensor " + shape + " is FLOAT64, not FLOAT32");
        }
        return floats;
    }

    /** The array behind an fp64 tensor, shared; the tensor begins at {@link #offset()}. */
    public double[] doubles() {
        if (doubles == null) {
            throw new IllegalStateException("tensor " + shape + " is FLOAT32, not FLOAT64");
        }
        return doubles;
    }

    /** Where in its array the tensor begins. */
    public int offset() {
        return offset;
    }

    public int length() {
        return (int) shape.elements();
    }

    /** Element {@code index} in row-major order. */
    public double get(long index) {
        int at = offset + Math.toIntExact(index);
        return floats != null ? floats[at] : doubles[at];
    }

    /** Sets element {@code index} in row-major order, rounded to the tensor's type. */
    public void set(long index, double value) {
        int at = offset + Math.toIntExact(index);
        if (floats != null) {
            floats[at] = (float) value;
        } else {
            doubles[at] = value;
        }
        changed();
    }

    public void fill(double value) {
        if (floats != null) {
            java.util.Arrays.fill(floats, offset, offset + length(), (float) value);
        } else {
            java.util.Arrays.fill(doubles, offset, offset + length(), value);
        }
        changed();
    }

    /** Takes over the values of a tensor of the same type and shape. */
    public void copyFrom(HostTensor source) {
        if (source.dataType() != dataType() || !source.shape.equals(shape)) {
            throw new IllegalArgumentException("source is " + source + "; allowed: " + this);
        }
        if (floats != null) {
            System.arraycopy(source.floats, source.offset, floats, offset, length());
        } else {
            System.arraycopy(source.doubles, source.offset, doubles, offset, length());
        }
        changed();
    }

    /** A copy in an array of its own. */
    public HostTensor copy() {
        return floats != null
                ? of(shape, java.util.Arrays.copyOfRange(floats, offset, offset + length()))
                : of(shape, java.util.Arrays.copyOfRange(doubles, offset, offset + length()));
    }

    /** Copies all values into a tensor of the same type and shape. */
    public void copyTo(HostTensor target) {
        if (target.dataType() != dataType() || !target.shape.equals(shape)) {
            throw new IllegalArgumentException("copy from " + this + " to " + target + "; allowed: the same type and shape");
        }
        Object from = floats != null ? floats : doubles;
        Object to = floats != null ? target.floats : target.doubles;
        System.arraycopy(from, offset, to, target.offset, length());
        target.changed();
    }

    /** A copy in another type. */
    public HostTensor to(DataType type) {
        HostTensor copy = zeros(type, shape);
        for (int i = 0; i < length(); i++) {
            copy.set(i, get(i));
        }
        return copy;
    }

    @Override
    public boolean overlaps(Tensor other) {
        return other instanceof HostTensor host && (floats != null ? floats == host.floats : doubles == host.doubles)
                && offset < host.offset + host.length() && host.offset < offset + length();
    }

    @Override
    public String toString() {
        return dataType() + " " + shape;
    }

    private static void requireExact(TensorShape shape, int length) {
        if (shape.elements() != length) {
            throw new IllegalArgumentException("shape " + shape + " has " + shape.elements() + " elements, but the array has "
                    + length);
        }
    }

    private static int arrayLength(TensorShape shape) {
        if (shape.elements() > MAX_ELEMENTS) {
            throw new IllegalArgumentException("shape " + shape + " has " + shape.elements()
                    + " elements; a tensor on the heap holds up to " + MAX_ELEMENTS);
        }
        return (int) shape.elements();
    }
}
