package io.github.jconv.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The two types of 16 bits against their definition, number by number. */
class SixteenBitsTest {

    private static final int ALL = 1 << 16;
    private static final int SIGN = 0x8000;

    /** A type by the definition: sign, exponent, fraction. */
    private enum Format {
        FLOAT16(10, -14, DataType.FLOAT16),
        BFLOAT16(7, -126, DataType.BFLOAT16);

        private final int fractionBits;
        private final int leastExponent;
        private final DataType type;

        Format(int fractionBits, int leastExponent, DataType type) {
            this.fractionBits = fractionBits;
            this.leastExponent = leastExponent;
            this.type = type;
        }

        double value(int bits) {
            int fraction = bits & (1 << fractionBits) - 1;
            int exponent = (bits & SIGN - 1) >> fractionBits;
            double magnitude;
            if (exponent == infinity() >> fractionBits) {
                magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            } else {
                int significand = exponent == 0 ? fraction : fraction + (1 << fractionBits);
                magnitude = Math.scalb((double) significand, Math.max(exponent, 1) - 1 + leastExponent - fractionBits);
            }
            return (bits & SIGN) == 0 ? magnitude : -magnitude;
        }

        /** The bits of positive infinity, behind those of the largest number. */
        int infinity() {
            return (SIGN - 1) >> fractionBits << fractionBits;
        }

        float toFloat(int bits) {
            return this == FLOAT16 ? Float16.toFloat((short) bits) : BFloat16.toFloat((short) bits);
        }

        int bits(float value) {
            return (this == FLOAT16 ? Float16.bits(value) : BFloat16.bits(value)) & 0xffff;
        }

        int bits(double value) {
            return (this == FLOAT16 ? Float16.bits(value) : BFloat16.bits(value)) & 0xffff;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyNumberIsWidenedExactlyAndComesBack(Format format) {
        for (int bits = 0; bits < ALL; bits++) {
            double value = format.value(bits);
            assertEquals(value, format.toFloat(bits), "bits " + bits);
            if (Double.isNaN(value)) {
                assertTrue(Double.isNaN(format.value(format.bits(format.toFloat(bits)))), "NaN of bits " + bits);
                assertEquals(bits & SIGN, format.bits(format.toFloat(bits)) & SIGN, "sign of NaN of bits " + bits);
            } else {
                assertEquals(bits, format.bits(format.toFloat(bits)));
                assertEquals(bits, format.bits(value));
                assertEquals(value, format.type.round(value));
            }
        }
    }

    /** Between every two neighbours: the half goes to the even one, what is nearer to one goes there, by however little. */
    @ParameterizedTest
    @EnumSource
    void halvesGoToTheEvenNeighbour(Format format) {
        for (int bits = 0; bits < format.infinity(); bits++) {
            double low = format.value(bits);
            double high = bits + 1 == format.infinity() ? 2 * low - format.value(bits - 1) : format.value(bits + 1);
            double half = low + (high - low) / 2;
            int even = (bits & 1) == 0 ? bits : bits + 1;
            assertRounded(format, even, half);
            assertRounded(format, bits, Math.nextDown(half));
            assertRounded(format, bits + 1, Math.nextUp(half));
            assertEquals(even, format.bits((float) half), "half of fp32 at " + half);
            assertEquals(bits, format.bits(Math.nextDown((float) half)));
            assertEquals(bits + 1, format.bits(Math.nextUp((float) half)));
            assertRounded(format, bits, Math.nextUp(low));
            assertRounded(format, bits + 1, Math.nextDown(high));
        }
    }

    private static void assertRounded(Format format, int expected, double value) {
        assertEquals(expected, format.bits(value), () -> "" + value);
        assertEquals(expected | SIGN, format.bits(-value), () -> "" + -value);
        assertEquals(format.value(expected), format.type.round(value));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTooLargeIsInfiniteAndWhatIsTooSmallZero(Format format) {
        int infinity = format.infinity();
        for (double large : new double[] {Float.MAX_VALUE, Double.MAX_VALUE, Double.POSITIVE_INFINITY, 1e300}) {
            assertEquals(infinity, format.bits(large));
            assertEquals(infinity | SIGN, format.bits(-large));
        }
        assertEquals(infinity, format.bits(Float.POSITIVE_INFINITY));
        assertEquals(infinity | SIGN, format.bits(Float.NEGATIVE_INFINITY));
        for (double small : new double[] {0, Double.MIN_VALUE, Float.MIN_VALUE, 1e-300}) {
            assertEquals(0, format.bits(small));
            assertEquals(SIGN, format.bits(-small));
        }
        assertTrue(Double.isNaN(format.value(format.bits(Float.NaN))));
        assertTrue(Double.isNaN(format.value(format.bits(Double.NaN))));
    }

    /** Against a search among all numbers of the type, for floats and doubles of every size. */
    @ParameterizedTest
    @EnumSource
    void randomNumbersGoToTheNearest(Format format) {
        SplittableRandom random = new SplittableRandom(1);
        DoubleFunction<Integer> nearest = value -> nearest(format, value);
        for (int i = 0; i < 100_000; i++) {
            double value = Math.abs(Double.longBitsToDouble(random.nextLong() >>> 1 & 0x7fffffffffffffffL));
            value = Math.scalb(1 + random.nextDouble(), random.nextInt(-160, 140)) + value * 0;
            if (!Double.isNaN(value)) {
                assertEquals(nearest.apply(value), format.bits(value), "" + value);
                assertEquals(nearest.apply((float) value), format.bits((float) value), "" + (float) value);
            }
        }
    }

    private static int nearest(Format format, double value) {
        int low = 0;
        int high = format.infinity();
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (format.value(middle) <= value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double above = high == format.infinity() ? 2 * format.value(low) - format.value(low - 1) : format.value(high);
        double toLow = value - format.value(low);
        double toHigh = above - value;
        return toLow < toHigh || toLow == toHigh && low % 2 == 0 ? low : high;
    }

    @Test
    void roundingAtOnceIsNotRoundingTwice() {
        double value = 1 + 0x1p-11 + 0x1p-40;
        assertEquals(1 + 0x1p-10, DataType.FLOAT16.round(value));
        assertEquals(1, DataType.FLOAT16.round((float) value), "fp32 loses what decides");
    }
}
