package io.github.jconv.check;

/** What rounding to a 16-bit type costs. */
enum NarrowType {
    FP16(0x1p-11, 0x1p-25, 65504),
    BF16(0x1p-8, 0x1p-134, 0x1.fep127);

    /** The real numbers that factors are filled with lie below this: {@code Fills.normal} keeps to a few standard deviations. */
    private static final double LARGEST_FACTOR = 16;

    private final double unit;
    private final double subnormalLoss;
    private final double largest;

    /**
     * @param unit          the largest relative error of a rounding to the nearest normal number
     * @param subnormalLoss half of the smallest subnormal number
     * @param largest       the largest finite number
     */
    NarrowType(double unit, double subnormalLoss, double largest) {
        this.unit = unit;
        this.subnormalLoss = subnormalLoss;
        this.largest = largest;
    }

    /** What the rounding of both factors of each product may change a sum by. */
    double ofFactors(double absoluteSum, long terms) {
        return ((1 + unit) * (1 + unit) - 1) * absoluteSum + 2 * terms * subnormalLoss * LARGEST_FACTOR;
    }

    /** The largest absolute value that rounding may have brought to this one: from {@code |RN(z) - z| <= u * |z| + h}. */
    double beforeRounding(double rounded) {
        return (rounded + subnormalLoss) / (1 - unit);
    }

    /** What the rounding of a result may change it by; infinite where it may overflow. */
    double ofResult(double result) {
        double size = Math.abs(result);
        return size * (1 + unit) > largest ? Double.POSITIVE_INFINITY : size * unit + subnormalLoss;
    }
}
