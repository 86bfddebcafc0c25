package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;

/** Bitwise comparison of tensors: 0.0 differs from -0.0, and NaNs are the same when all their bits are. */
final class Bits {

    private Bits() {
    }

    /** The first element whose bits differ, or -1; types, layouts and shapes are the same. */
    static int firstDifference(HostTensor a, HostTensor b) {
        if (areEqual(a, b)) {
            return -1;
        }
        int first = 0;
        while (rawBits(a, first) == rawBits(b, first)) {
            first++;
        }
        return first;
    }

    /** In the order of the memory, and to the end, so that nothing but arrays is looked at: tensors hardly ever differ. */
    private static boolean areEqual(HostTensor a, HostTensor b) {
        int length = a.length();
        return switch (a.dataType()) {
            case FLOAT32 -> areEqual(a.floats(), a.offset(), b.floats(), b.offset(), length);
            case FLOAT64 -> areEqual(a.doubles(), a.offset(), b.doubles(), b.offset(), length);
            case FLOAT16, BFLOAT16 -> areEqual(a.shorts(), a.offset(), b.shorts(), b.offset(), length);
        };
    }

    private static boolean areEqual(float[] a, int ofA, float[] b, int ofB, int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= Float.floatToRawIntBits(a[ofA + i]) ^ Float.floatToRawIntBits(b[ofB + i]);
        }
        return difference == 0;
    }

    private static boolean areEqual(double[] a, int ofA, double[] b, int ofB, int length) {
        long difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= Double.doubleToRawLongBits(a[ofA + i]) ^ Double.doubleToRawLongBits(b[ofB + i]);
        }
        return difference == 0;
    }

    private static boolean areEqual(short[] a, int ofA, short[] b, int ofB, int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= a[ofA + i] ^ b[ofB + i];
        }
        return difference == 0;
    }

    private static long rawBits(HostTensor tensor, int index) {
        int at = tensor.place(index);
        return switch (tensor.dataType()) {
            case FLOAT32 -> Float.floatToRawIntBits(tensor.floats()[at]);
            case FLOAT64 -> Double.doubleToRawLongBits(tensor.doubles()[at]);
            case FLOAT16, BFLOAT16 -> tensor.shorts()[at];
        };
    }
}
