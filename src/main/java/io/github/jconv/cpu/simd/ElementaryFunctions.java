package io.github.jconv.cpu.simd;

/**
 * Exponential, logarithm, sigmoid and hyperbolic tangent of one fp32 number, as {@link ElementwiseLoops} computes them in every width.
 * u is 2^-24. Results below the normal numbers are off by up to 2^-149 besides, logarithms by 2^-148.
 *
 * <p><b>Exponential.</b> {@code x = n ln 2 + r} with a whole n and |r| at most ln(2) / 2 and a bit: n * LN2_HIGH is exact because both
 * have few bits, so is x - n * LN2_HIGH, and only the step with LN2_LOW rounds, by at most u / 4. Then
 * {@code exp(r) = 1 + (r + r^2 q(r))} with q of degree 4, whose error is below 0.07 u of exp(r). The inner sum rounds by u / 4, its second
 * summand has an error below u / 5, and the outer sum rounds by u, or by u / 2 where it is below 1: together less than 2 u of the result.
 * Multiplying with 2^n is exact; it is done in two steps so that results below the normal numbers come out rounded once.
 *
 * <p><b>Sigmoid.</b> With {@code e = exp(-|x|)} it is 1 / (1 + e), or e / (1 + e) for a negative x: 2 u from each e in proportion to
 * its share, u from the sum, u from the division. Less than 5 u.
 *
 * <p><b>Logarithm.</b> {@code log(1 + e) = 2 artanh(s) = 2 s + 2 s z q(z)} with {@code s = e / (2 + e)}, {@code z = s^2} and q of degree
 * 3, whose error is below 0.1 u. The error of e counts at most once (2 u), sum and division give s an error of 2 u that counts at
 * most 1.1 times, and the rest rounds by less than 2 u: less than 7 u.
 *
 * <p><b>Hyperbolic tangent.</b> {@code tanh|x| = -m / (2 + m)} with {@code m = exp(-2|x|) - 1 = 2^n (r + r^2 q(r)) + (2^n - 1)}, in which
 * nothing cancels: where n is 0 the second summand is 0, elsewhere it is the larger one. m is off by less than 2 u of itself near 0 and
 * by less than u where it is below -1/2; in the result that counts between one and two times. With sum and division less than 5 u.
 */
final class ElementaryFunctions {

    /** The exponential of anything below is 0. */
    static final float LOWEST = -104;

    /** Twice an argument beyond which the hyperbolic tangent is 1. */
    static final float LOWEST_OF_TANH = -40;

    static final float LOG2_E = 0x1.715476p0f;
    static final float LN2_HIGH = 0x1.63p-1f;
    static final float LN2_LOW = -0x1.bd0106p-13f;

    /** Added to a small number it leaves the nearest whole number in the lowest bits. */
    static final float TO_WHOLE = 0x1.8p23f;

    /** The same with 64 more, for a scale that is 2^64 too large. */
    static final float TO_WHOLE_AND_64 = 0x1.8p23f + 64;
    static final float BACK_BY_64 = 0x1p-64f;

    static final int EXPONENT_SHIFT = 23;
    static final int SIGN = 0x80000000;
    static final int ONE = 0x3f800000;

    static final float EXP0 = 0x1.fffffcp-2f;
    static final float EXP1 = 0x1.555492p-3f;
    static final float EXP2 = 0x1.5558f2p-5f;
    static final float EXP3 = 0x1.1239e2p-7f;
    static final float EXP4 = 0x1.6a2432p-10f;

    static final float LOG0 = 0x1.5555p-2f;
    static final float LOG1 = 0x1.99d28p-3f;
    static final float LOG2 = 0x1.1eb5bcp-3f;
    static final float LOG3 = 0x1.1efa3ap-3f;

    private ElementaryFunctions() {
    }

    static float expOfMinusAbsolute(float x) {
        float a = Math.max(-Math.abs(x), LOWEST);
        float t = fma(a, LOG2_E, TO_WHOLE_AND_64);
        float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << EXPONENT_SHIFT) + ONE);
        return (expMinusOne(a, t - TO_WHOLE_AND_64) + 1) * scale * BACK_BY_64;
    }

    static float sigmoid(float x, float e) {
        return (Float.floatToRawIntBits(x) < 0 ? e : 1) / (1 + e);
    }

    static float logOfOneAnd(float e) {
        float s = e / (2 + e);
        float z = s * s;
        float q = fma(fma(fma(LOG3, z, LOG2), z, LOG1), z, LOG0);
        float twice = s + s;
        return fma(twice * z, q, twice);
    }

    static float tanh(float x) {
        float a = Math.max(-2 * Math.abs(x), LOWEST_OF_TANH);
        float t = fma(a, LOG2_E, TO_WHOLE);
        float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << EXPONENT_SHIFT) + ONE);
        float m = fma(expMinusOne(a, t - TO_WHOLE), scale, scale - 1);
        return Float.intBitsToFloat(Float.floatToRawIntBits(m / (2 + m)) & ~SIGN | Float.floatToRawIntBits(x) & SIGN);
    }

    /** {@code exp(a - n ln 2) - 1}. */
    private static float expMinusOne(float a, float n) {
        float r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, a));
        float q = fma(fma(fma(fma(EXP4, r, EXP3), r, EXP2), r, EXP1), r, EXP0);
        return fma(r * r, q, r);
    }

    static float fma(float a, float b, float c) {
        return FusedArithmetic.multiplyAdd(a, b, c);
    }
}
