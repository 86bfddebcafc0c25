package io.github.jconv.check;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/** Bitwise comparison of tensors: 0.0 differs from -0.0, and NaNs are the same when all their bits are. */
final class Bits {

    private Bits() {
    }

    /** The first element whose bits differ, or -1; types and shapes are the same. */
    static int firstDifference(HostTensor a, HostTensor b) {
        int begin = 0;
        while (begin < a.length()) {
            int at = mismatch(a, b, begin);
            if (at < 0 || rawBits(a, at) != rawBits(b, at)) {
                return at;
            }
            begin = at + 1;
        }
        return -1;
    }

    /** The array comparison of the JDK is fast, but takes all NaNs for the same. */
    private static int mismatch(HostTensor a, HostTensor b, int begin) {
        int found = a.dataType() == DataType.FLOAT32
                ? Arrays.mismatch(a.floats(), a.offset() + begin, a.offset() + a.length(),
                        b.floats(), b.offset() + begin, b.offset() + b.length())
                : Arrays.mismatch(a.doubles(), a.offset() + begin, a.offset() + a.length(),
                        b.doubles(), b.offset() + begin, b.offset() + b.length());
        return found < 0 ? -1 : begin + found;
    }

    private static long rawBits(HostTensor tensor, int index) {
        return tensor.dataType() == DataType.FLOAT32
                ? Float.floatToRawIntBits(tensor.floats()[tensor.offset() + index])
                : Double.doubleToRawLongBits(tensor.doubles()[tensor.offset() + index]);
    }
}
