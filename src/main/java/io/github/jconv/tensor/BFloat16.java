package io.github.jconv.tensor;

/**
 * bfloat16 numbers as their 16 bits, the upper half of those of an fp32 number: a sign, 8 bits of exponent, 7 of fraction, subnormal
 * numbers in steps of 2^-133. Conversions to the type round to the nearest, ties to even, beyond the largest number to infinity. A NaN
 * stays one.
 */
public final class BFloat16 {

    private static final int FP32_INFINITY = 0x7f800000;
    private static final int QUIET = 0x40;
    private static final int HALF_LESS_ONE = 0x7fff;

    private BFloat16() {
    }

    /** The number with these bits, exactly. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The bits of the nearest number. */
    public static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & Integer.MAX_VALUE) > FP32_INFINITY) {
            return (short) (bits >>> 16 | QUIET);
        }
        return (short) ((bits + HALF_LESS_ONE + (bits >>> 16 & 1)) >>> 16);
    }

    /** The bits of the number nearest to a double, rounded once. */
    public static short bits(double value) {
        return bits(toOdd(value));
    }

    /**
     * A double in fp32, so that rounding it further to 16 bits gives what rounding at once gives: where it is no number of fp32, that of
     * its two neighbours whose last bit is 1 (S. Boldo, G. Melquiond, Emulation of a FMA and correctly rounded sums: proved algorithms
     * using rounding to odd, IEEE Transactions on Computers 57(4), 2008).
     */
    static float toOdd(double value) {
        float nearest = (float) value;
        if (nearest == value || Double.isNaN(value)) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        int towardsZero = Math.abs((double) nearest) > Math.abs(value) ? bits - 1 : bits;
        return Float.intBitsToFloat(towardsZero | 1);
    }
}
