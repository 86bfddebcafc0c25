package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import java.util.Arrays;

/** Bitwise comparison of tensors: 0.0 differs from -0.0, and NaNs are the same when all their bits are. */
final class Bits {

    private Bits() {
    }

    /** The first element whose bits differ, or -1; types, layouts and shapes are the same. */
    static int firstDifference(HostTensor a, HostTensor b) {
        int begin = 0;
        while (begin < a.length()) {
            int at = a.layout() == Layout.NCHW ? mismatch(a, b, begin) : begin;
            if (at < 0 || rawBits(a, at) != rawBits(b, at)) {
                return at;
            }
            begin = at + 1;
        }
        return -1;
    }

    /** The array comparison of the JDK is fast, but takes all NaNs for the same. */
    private static int mismatch(HostTensor a, HostTensor b, int begin) {
        int ofA = a.offset() + begin;
        int ofB = b.offset() + begin;
        int endOfA = a.offset() + a.length();
        int endOfB = b.offset() + b.length();
        int found = switch (a.dataType()) {
            case FLOAT32 -> Arrays.mismatch(a.floats(), ofA, endOfA, b.floats(), ofB, endOfB);
            case FLOAT64 -> Arrays.mismatch(a.doubles(), ofA, endOfA, b.doubles(), ofB, endOfB);
            case FLOAT16, BFLOAT16 -> Arrays.mismatch(a.shorts(), ofA, endOfA, b.shorts(), ofB, endOfB);
        };
        return found < 0 ? -1 : begin + found;
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
