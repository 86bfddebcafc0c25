package io.github.jconv.tensor;

import java.util.Arrays;

/**
 * A tensor on the Java heap: a window of a {@code float[]}, a {@code double[]} or, for the types of 16 bits, a {@code short[]} with the
 * bits of its elements. Wrapping shares the array, nothing is copied.
 *
 * <p>Elements have the numbers of the shape's row-major order, whatever the {@linkplain Layout layout}; only who works on the array
 * itself sees the layout.
 *
 * <p>Filters that serve in many calls may be made {@link #constant}: engines then keep what they make of them (packed, transformed) in
 * place of making it in each call.
 */
public final class HostTensor implements Tensor {

    /** The longest array that every JVM allocates. */
    public static final long MAX_ELEMENTS = Integer.MAX_VALUE - 8L;

    private final TensorShape shape;
    private final DataType type;
    private final Layout layout;
    private final float[] floats;
    private final double[] doubles;
    private final short[] shorts;
    private final int offset;
    private final int positions;
    private volatile KeptForms keptForms;

    private HostTensor(TensorShape shape, DataType type, Layout layout, Object array, int offset, int arrayLength) {
        if (offset < 0 || shape.elements() > arrayLength - (long) offset) {
            throw new IllegalArgumentException("shape " + shape + " needs " + shape.elements() + " elements from offset " + offset
                    + ", but the array has " + arrayLength);
        }
        this.shape = shape;
        this.type = type;
        this.layout = layout.of(shape);
        this.floats = type == DataType.FLOAT32 ? (float[]) array : null;
        this.doubles = type == DataType.FLOAT64 ? (double[]) array : null;
        this.shorts = type.isNarrow() ? (short[]) array : null;
        this.offset = offset;
        this.positions = (int) Math.min(shape.positions(), MAX_ELEMENTS);
    }

    /**
     * A new tensor of zeros.
     *
     * @throws OutOfMemoryError naming the shape, its bytes and the heap's limit when there is no room for it
     */
    public static HostTensor zeros(DataType type, Layout layout, TensorShape shape) {
        int length = arrayLength(shape);
        return new HostTensor(shape, type, layout, newArray(type, shape, length), 0, length);
    }

    /** The JVM says no more than that the heap is full. */
    private static Object newArray(DataType type, TensorShape shape, int length) {
        try {
            return switch (type) {
                case FLOAT32 -> new float[length];
                case FLOAT64 -> new double[length];
                case FLOAT16, BFLOAT16 -> new short[length];
            };
        } catch (OutOfMemoryError e) {
            var told = new OutOfMemoryError("a " + type + " tensor " + shape + " takes " + (long) length * type.bytes()
                    + " bytes; the heap has room for " + Runtime.getRuntime().maxMemory() + " in all, which -Xmx changes");
            told.initCause(e);
            throw told;
        }
    }

    /** A new tensor of zeros, NCHW. */
    public static HostTensor zeros(DataType type, TensorShape shape) {
        return zeros(type, Layout.NCHW, shape);
    }

    /** A new fp32 tensor of zeros, NCHW. */
    public static HostTensor zeros(TensorShape shape) {
        return zeros(DataType.FLOAT32, shape);
    }

    /** The whole array as a tensor, NCHW; its length must be the number of elements. */
    public static HostTensor of(TensorShape shape, float... values) {
        requireExact(shape, values.length);
        return wrap(shape, values, 0);
    }

    /** The whole array as a tensor, NCHW; its length must be the number of elements. */
    public static HostTensor of(TensorShape shape, double... values) {
        requireExact(shape, values.length);
        return wrap(shape, values, 0);
    }

    /** A window of the array, from {@code offset} on, NCHW. */
    public static HostTensor wrap(TensorShape shape, float[] array, int offset) {
        return wrap(Layout.NCHW, shape, array, offset);
    }

    /** A window of the array, from {@code offset} on, NCHW. */
    public static HostTensor wrap(TensorShape shape, double[] array, int offset) {
        return wrap(Layout.NCHW, shape, array, offset);
    }

    /** A window of the array, from {@code offset} on, whose elements lie as the layout says. */
    public static HostTensor wrap(Layout layout, TensorShape shape, float[] array, int offset) {
        return new HostTensor(shape, DataType.FLOAT32, layout, array, offset, array.length);
    }

    /** A window of the array, from {@code offset} on, whose elements lie as the layout says. */
    public static HostTensor wrap(Layout layout, TensorShape shape, double[] array, int offset) {
        return new HostTensor(shape, DataType.FLOAT64, layout, array, offset, array.length);
    }

    /**
     * A window of an array of 16-bit numbers, from {@code offset} on, whose elements lie as the layout says.
     *
     * @param type of the numbers with these bits: FLOAT16 or BFLOAT16
     */
    public static HostTensor wrap(DataType type, Layout layout, TensorShape shape, short[] array, int offset) {
        if (!type.isNarrow()) {
            throw new IllegalArgumentException("type is " + type + "; allowed for an array of 16-bit numbers: FLOAT16, BFLOAT16");
        }
        return new HostTensor(shape, type, layout, array, offset, array.length);
    }

    @Override
    public TensorShape shape() {
        return shape;
    }

    @Override
    public DataType dataType() {
        return type;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public HostTensor newTensor(TensorShape newShape) {
        return zeros(type, layout, newShape);
    }

    @Override
    public HostTensor view(TensorShape other) {
        return view(other, 0);
    }

    @Override
    public HostTensor view(TensorShape other, long first) {
        TensorViews.require(this, other, first);
        int from = offset + (int) first;
        return new HostTensor(other, type, layout, array(), from, from + (int) other.elements());
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

    /** The array behind an fp32 tensor, shared; the tensor begins at {@link #offset()}, its elements lie as {@link #layout()} says. */
    public float[] floats() {
        if (floats == null) {
            throw wrongType(DataType.FLOAT32.name());
        }
        return floats;
    }

    /** The array behind an fp64 tensor, shared; the tensor begins at {@link #offset()}, its elements lie as {@link #layout()} says. */
    public double[] doubles() {
        if (doubles == null) {
            throw wrongType(DataType.FLOAT64.name());
        }
        return doubles;
    }

    /**
     * The array behind a tensor of 16-bit numbers, shared, with their bits ({@link Float16}, {@link BFloat16}); the tensor begins at
     * {@link #offset()}, its elements lie as {@link #layout()} says.
     */
    public short[] shorts() {
        if (shorts == null) {
            throw wrongType(DataType.FLOAT16 + " or " + DataType.BFLOAT16);
        }
        return shorts;
    }

    private IllegalStateException wrongType(String wanted) {
        return new IllegalStateException("tensor " + shape + " is " + type + ", not " + wanted);
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
        return getAt(place(index));
    }

    /** The element at a place of the array. */
    double getAt(int place) {
        if (floats != null) {
            return floats[place];
        }
        return doubles != null ? doubles[place] : narrow(shorts[place]);
    }

    private float narrow(short bits) {
        return type == DataType.FLOAT16 ? Float16.toFloat(bits) : BFloat16.toFloat(bits);
    }

    /** Sets element {@code index} in row-major order, rounded to the tensor's type: to the nearest, ties to even. */
    public void set(long index, double value) {
        setAt(place(index), value);
        changed();
    }

    /** Sets the element at a place of the array. */
    void setAt(int place, double value) {
        if (floats != null) {
            floats[place] = (float) value;
        } else if (doubles != null) {
            doubles[place] = value;
        } else {
            shorts[place] = type == DataType.FLOAT16 ? Float16.bits(value) : BFloat16.bits(value);
        }
    }

    /** Where in the array element {@code index} in row-major order is. */
    public int place(long index) {
        int exact = Math.toIntExact(index);
        return offset + (layout == Layout.NCHW ? exact : layout.place((int) shape.size(1), positions, exact));
    }

    public void fill(double value) {
        int end = offset + length();
        switch (type) {
            case FLOAT32 -> Arrays.fill(floats, offset, end, (float) value);
            case FLOAT64 -> Arrays.fill(doubles, offset, end, value);
            case FLOAT16 -> Arrays.fill(shorts, offset, end, Float16.bits(value));
            case BFLOAT16 -> Arrays.fill(shorts, offset, end, BFloat16.bits(value));
        }
        changed();
    }

    /** Takes over the values of a tensor of the same type, layout and shape. */
    public void copyFrom(HostTensor source) {
        source.copyTo(this);
    }

    /** A copy in an array of its own. */
    public HostTensor copy() {
        HostTensor copy = zeros(type, layout, shape);
        copyTo(copy);
        return copy;
    }

    /** Copies all values into a tensor of the same type, layout and shape. */
    public void copyTo(HostTensor target) {
        if (target.type != type || target.layout != layout || !target.shape.equals(shape)) {
            throw new IllegalArgumentException("copy from " + this + " to " + target + "; allowed: the same type, layout and shape");
        }
        System.arraycopy(array(), offset, target.array(), target.offset, length());
        target.changed();
    }

    /** Takes over the values of a tensor of the same shape and any type and layout, each rounded once where this type is narrower. */
    public void convertFrom(HostTensor source) {
        Required.given(source, "source");
        if (!source.shape.equals(shape)) {
            throw new IllegalArgumentException("conversion from " + source + " to " + this + "; allowed: the same shape");
        }
        HostConversion.run(source, 0, this, 0, length());
    }

    /** A copy in another type, each value rounded to the nearest, ties to even. */
    public HostTensor to(DataType other) {
        return to(other, layout);
    }

    /** A copy in another layout. */
    public HostTensor to(Layout other) {
        return to(type, other);
    }

    /** A copy in another type and layout. */
    public HostTensor to(DataType otherType, Layout otherLayout) {
        HostTensor copy = zeros(otherType, otherLayout, shape);
        copy.convertFrom(this);
        return copy;
    }

    @Override
    public boolean overlaps(Tensor other) {
        return other instanceof HostTensor host && array() == host.array()
                && offset < host.offset + host.length() && host.offset < offset + length();
    }

    /** The array behind it. */
    Object array() {
        if (floats != null) {
            return floats;
        }
        return doubles != null ? doubles : shorts;
    }

    @Override
    public String toString() {
        return Tensor.describe(this);
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
