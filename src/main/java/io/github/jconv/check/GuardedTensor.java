package io.github.jconv.check;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/**
 * A tensor in the middle of a larger array whose rest is filled with a NaN that no computation yields. Reading beyond the tensor
 * spoils the result, writing beyond it is seen afterwards.
 */
final class GuardedTensor {

    /** Odd, so that a tensor does not begin where a vector would be aligned. */
    private static final int GUARD = 67;

    private static final float GUARD_FLOAT = Float.intBitsToFloat(0x7fc5a5a5);
    private static final double GUARD_DOUBLE = Double.longBitsToDouble(0x7ff85a5a5a5a5a5aL);
    private static final float POISON_FLOAT = Float.intBitsToFloat(0x7fc0dead);
    private static final double POISON_DOUBLE = Double.longBitsToDouble(0x7ff80000deaddeadL);

    private final HostTensor tensor;

    private GuardedTensor(DataType type, TensorShape shape) {
        long length = shape.elements() + 2 * GUARD;
        if (length > HostTensor.MAX_ELEMENTS) {
            throw new IllegalArgumentException("shape " + shape + " has " + shape.elements()
                    + " elements; a tensor on the heap that is to be checked holds up to " + (HostTensor.MAX_ELEMENTS - 2 * GUARD));
        }
        if (type == DataType.FLOAT32) {
            float[] array = new float[(int) length];
            java.util.Arrays.fill(array, GUARD_FLOAT);
            tensor = HostTensor.wrap(shape, array, GUARD);
        } else {
            double[] array = new double[(int) length];
            java.util.Arrays.fill(array, GUARD_DOUBLE);
            tensor = HostTensor.wrap(shape, array, GUARD);
        }
    }

    /** A guarded copy. */
    static GuardedTensor copyOf(HostTensor source) {
        GuardedTensor guarded = new GuardedTensor(source.dataType(), source.shape());
        guarded.tensor.copyFrom(source);
        return guarded;
    }

    /** An output that nobody has written yet: every element is a NaN that {@link #requireWritten} recognises. */
    static GuardedTensor poisoned(DataType type, TensorShape shape) {
        GuardedTensor guarded = new GuardedTensor(type, shape);
        HostTensor tensor = guarded.tensor;
        if (type == DataType.FLOAT32) {
            java.util.Arrays.fill(tensor.floats(), GUARD, GUARD + tensor.length(), POISON_FLOAT);
        } else {
            java.util.Arrays.fill(tensor.doubles(), GUARD, GUARD + tensor.length(), POISON_DOUBLE);
        }
        return guarded;
    }

    HostTensor tensor() {
        return tensor;
    }

    /** @throws HygieneViolation when an element still is as {@link #poisoned} left it */
    void requireWritten() {
        int unwritten = 0;
        int first = -1;
        for (int i = 0; i < tensor.length(); i++) {
            if (isPoison(i)) {
                unwritten++;
                first = first < 0 ? i : first;
            }
        }
        if (unwritten > 0) {
            throw new HygieneViolation("left " + unwritten + " of " + tensor.length() + " output elements unwritten, the first at "
                    + Positions.of(tensor.shape(), first));
        }
    }

    /** @throws HygieneViolation when something was written around this output */
    void requireUndamaged() {
        String damage = damage();
        if (damage != null) {
            throw new HygieneViolation("wrote outside its output: " + damage);
        }
    }

    /** @throws HygieneViolation when this input is no longer as the original it was copied from, or something was written beside it */
    void requireUnchanged(String name, HostTensor original) {
        String damage = damage();
        if (damage != null) {
            throw new HygieneViolation("wrote beside its input " + name + ": " + damage);
        }
        int changed = Bits.firstDifference(original, tensor);
        if (changed >= 0) {
            throw new HygieneViolation("changed its input " + name + ": element " + Positions.of(original.shape(), changed) + " was "
                    + original.get(changed) + " and is now " + tensor.get(changed));
        }
    }

    private boolean isPoison(int index) {
        return tensor.dataType() == DataType.FLOAT32
                ? Float.floatToRawIntBits(tensor.floats()[GUARD + index]) == Float.floatToRawIntBits(POISON_FLOAT)
                : Double.doubleToRawLongBits(tensor.doubles()[GUARD + index]) == Double.doubleToRawLongBits(POISON_DOUBLE);
    }

    /** Where around the tensor something was written, in words, or null. */
    private String damage() {
        int end = GUARD + tensor.length();
        for (int i = 0; i < GUARD; i++) {
            if (!isGuard(GUARD - 1 - i)) {
                return (i + 1) + " before its first element";
            }
            if (!isGuard(end + i)) {
                return (i + 1) + " past its last element";
            }
        }
        return null;
    }

    private boolean isGuard(int at) {
        return tensor.dataType() == DataType.FLOAT32
                ? Float.floatToRawIntBits(tensor.floats()[at]) == Float.floatToRawIntBits(GUARD_FLOAT)
                : Double.doubleToRawLongBits(tensor.doubles()[at]) == Double.doubleToRawLongBits(GUARD_DOUBLE);
    }
}
