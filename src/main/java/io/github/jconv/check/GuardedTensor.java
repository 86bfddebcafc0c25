package io.github.jconv.check;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;

/**
 * A tensor in the middle of a larger array whose rest is filled with a NaN that no computation yields. Reading beyond the tensor
 * spoils the result, writing beyond it is seen afterwards.
 */
final class GuardedTensor {

    /** Odd, so that a tensor does not begin where a vector would be aligned. */
    private static final int GUARD = 67;

    private static final float GUARD_FLOAT = Float.intBitsToFloat(0x7fc5a5a5);
    private static final double GUARD_DOUBLE = Double.longBitsToDouble(0x7ff85a5a5a5a5a5aL);
    private static final short GUARD_SHORT = 0x7fa5;
    private static final float POISON_FLOAT = Float.intBitsToFloat(0x7fc0dead);
    private static final double POISON_DOUBLE = Double.longBitsToDouble(0x7ff80000deaddeadL);

    /** NaN in both types of 16 bits, and not the one that a computation yields. */
    private static final short POISON_SHORT = 0x7fad;

    private final HostTensor tensor;

    private GuardedTensor(DataType type, Layout layout, TensorShape shape) {
        long length = shape.elements() + 2 * GUARD;
        if (length > HostTensor.MAX_ELEMENTS) {
            throw new IllegalArgumentException("shape " + shape + " has " + shape.elements()
                    + " elements; a tensor on the heap that is to be checked holds up to " + (HostTensor.MAX_ELEMENTS - 2 * GUARD));
        }
        tensor = switch (type) {
            case FLOAT32 -> HostTensor.wrap(layout, shape, guarded(new float[(int) length]), GUARD);
            case FLOAT64 -> HostTensor.wrap(layout, shape, guarded(new double[(int) length]), GUARD);
            case FLOAT16, BFLOAT16 -> HostTensor.wrap(type, layout, shape, guarded(new short[(int) length]), GUARD);
        };
    }

    private static float[] guarded(float[] array) {
        Arrays.fill(array, 0, GUARD, GUARD_FLOAT);
        Arrays.fill(array, array.length - GUARD, array.length, GUARD_FLOAT);
        return array;
    }

    private static double[] guarded(double[] array) {
        Arrays.fill(array, 0, GUARD, GUARD_DOUBLE);
        Arrays.fill(array, array.length - GUARD, array.length, GUARD_DOUBLE);
        return array;
    }

    private static short[] guarded(short[] array) {
        Arrays.fill(array, 0, GUARD, GUARD_SHORT);
        Arrays.fill(array, array.length - GUARD, array.length, GUARD_SHORT);
        return array;
    }

    /** A guarded copy. */
    static GuardedTensor copyOf(HostTensor source) {
        GuardedTensor guarded = new GuardedTensor(source.dataType(), source.layout(), source.shape());
        guarded.tensor.copyFrom(source);
        return guarded;
    }

    /** An output that nobody has written yet: every element is a NaN that {@link #requireWritten} recognises. */
    static GuardedTensor poisoned(DataType type, Layout layout, TensorShape shape) {
        GuardedTensor guarded = new GuardedTensor(type, layout, shape);
        int end = GUARD + guarded.tensor.length();
        switch (type) {
            case FLOAT32 -> Arrays.fill(guarded.tensor.floats(), GUARD, end, POISON_FLOAT);
            case FLOAT64 -> Arrays.fill(guarded.tensor.doubles(), GUARD, end, POISON_DOUBLE);
            case FLOAT16, BFLOAT16 -> Arrays.fill(guarded.tensor.shorts(), GUARD, end, POISON_SHORT);
        }
        return guarded;
    }

    HostTensor tensor() {
        return tensor;
    }

    /** @throws HygieneViolation when an element still is as {@link #poisoned} left it */
    void requireWritten() {
        if (!isPoisonSomewhere()) {
            return;
        }
        int unwritten = 0;
        int first = -1;
        for (int i = 0; i < tensor.length(); i++) {
            if (isPoison(i)) {
                unwritten++;
                first = first < 0 ? i : first;
            }
        }
        throw new HygieneViolation("left " + unwritten + " of " + tensor.length() + " output elements unwritten, the first at "
                + Positions.of(tensor.shape(), first));
    }

    /** In the order of the memory. */
    private boolean isPoisonSomewhere() {
        int end = GUARD + tensor.length();
        boolean found = false;
        switch (tensor.dataType()) {
            case FLOAT32 -> {
                float[] values = tensor.floats();
                int poison = Float.floatToRawIntBits(POISON_FLOAT);
                for (int i = GUARD; i < end; i++) {
                    found |= Float.floatToRawIntBits(values[i]) == poison;
                }
            }
            case FLOAT64 -> {
                double[] values = tensor.doubles();
                long poison = Double.doubleToRawLongBits(POISON_DOUBLE);
                for (int i = GUARD; i < end; i++) {
                    found |= Double.doubleToRawLongBits(values[i]) == poison;
                }
            }
            case FLOAT16, BFLOAT16 -> {
                short[] values = tensor.shorts();
                for (int i = GUARD; i < end; i++) {
                    found |= values[i] == POISON_SHORT;
                }
            }
        }
        return found;
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
        int at = tensor.place(index);
        return switch (tensor.dataType()) {
            case FLOAT32 -> Float.floatToRawIntBits(tensor.floats()[at]) == Float.floatToRawIntBits(POISON_FLOAT);
            case FLOAT64 -> Double.doubleToRawLongBits(tensor.doubles()[at]) == Double.doubleToRawLongBits(POISON_DOUBLE);
            case FLOAT16, BFLOAT16 -> tensor.shorts()[at] == POISON_SHORT;
        };
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
        return switch (tensor.dataType()) {
            case FLOAT32 -> Float.floatToRawIntBits(tensor.floats()[at]) == Float.floatToRawIntBits(GUARD_FLOAT);
            case FLOAT64 -> Double.doubleToRawLongBits(tensor.doubles()[at]) == Double.doubleToRawLongBits(GUARD_DOUBLE);
            case FLOAT16, BFLOAT16 -> tensor.shorts()[at] == GUARD_SHORT;
        };
    }
}
