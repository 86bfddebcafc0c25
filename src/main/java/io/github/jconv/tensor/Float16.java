package io.github.jconv.tensor;

/**
 * IEEE 754 binary16 numbers as their 16 bits: a sign, 5 bits of exponent, 10 of fraction. Normal numbers from 2^-14 to 65504, subnormal
 * ones in steps of 2^-24 below. Conversions to the type round to the nearest, ties to even; from 65520 on that is infinity. A NaN stays
 * one (the quiet one with its sign).
 */
public final class Float16 {

    private static final int SIGN = 0x8000;
    private static final int INFINITY = 0x7c00;
    private static final int QUIET_NAN = 0x7e00;
    private static final int FRACTION = 0x3ff;
    private static final int FRACTION_BITS = 10;
    private static final int LARGEST_EXPONENT = 31;

    private static final int FP32_INFINITY = 0x7f800000;
    private static final int FP32_FRACTION_BITS = 23;
    private static final int FEWER_BITS = FP32_FRACTION_BITS - FRACTION_BITS;

    /** What the exponents of fp32 have more than those of this type: 127 - 15. */
    private static final int REBIAS = 112;

    /** The bits of 65520 in fp32, halfway from the largest number to 2^16. */
    private static final int OVERFLOW = 0x477ff000;

    /** The bits of 2^-14 in fp32, the smallest normal number. */
    private static final int LEAST_NORMAL = 0x38800000;

    private Float16() {
    }

    /** The number with these bits, exactly. */
    public static float toFloat(short bits) {
        int sign = (bits & SIGN) << 16;
        int exponent = bits >> FRACTION_BITS & LARGEST_EXPONENT;
        int fraction = bits & FRACTION;
        if (exponent == 0) {
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
        }
        int exponentOfFloat = exponent == LARGEST_EXPONENT ? FP32_INFINITY : (exponent + REBIAS) << FP32_FRACTION_BITS;
        return Float.intBitsToFloat(sign | exponentOfFloat | fraction << FEWER_BITS);
    }

    /** The bits of the nearest number. */
    public static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & SIGN;
        int magnitude = bits & Integer.MAX_VALUE;
        if (magnitude > FP32_INFINITY) {
            return (short) (sign | QUIET_NAN);
        }
        if (magnitude >= OVERFLOW) {
            return (short) (sign | INFINITY);
        }
        if (magnitude < LEAST_NORMAL) {
            return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24f));
        }
        int rebiased = magnitude - (REBIAS << FP32_FRACTION_BITS);
        int halfLessOne = (1 << (FEWER_BITS - 1)) - 1;
        return (short) (sign | ((rebiased + halfLessOne + (rebiased >> FEWER_BITS & 1)) >> FEWER_BITS));
    }

    /** The bits of the number nearest to a double, rounded once. */
    public static short bits(double value) {
        return bits(BFloat16.toOdd(value));
    }
}
