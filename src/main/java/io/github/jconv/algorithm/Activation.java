package io.github.jconv.algorithm;

/**
 * An element-wise non-linearity. Its derivative is a function of its value y alone, so a backward pass needs no x.
 *
 * <pre>
 *   RELU        y = max(x, 0)                 dy/dx = y > 0 ? 1 : 0
 *   LEAKY_RELU  y = x > 0 ? x : slope * x     dy/dx = y > 0 ? 1 : slope       (slope > 0)
 *   SIGMOID     y = 1 / (1 + exp(-x))         dy/dx = y * (1 - y)
 *   TANH        y = tanh(x)                   dy/dx = 1 - y * y
 * </pre>
 */
public enum Activation {
    RELU,
    LEAKY_RELU,
    SIGMOID,
    TANH;

    /** y of x; {@code slope} is read by LEAKY_RELU only. */
    public double apply(double x, double slope) {
        return switch (this) {
            case RELU -> x > 0 || Double.isNaN(x) ? x : 0;
            case LEAKY_RELU -> x > 0 ? x : slope * x;
            case SIGMOID -> sigmoid(x, Math.exp(-Math.abs(x)));
            case TANH -> Math.tanh(x);
        };
    }

    /** The sigmoid of x from {@code exp(-|x|)}, which overflows at neither end. */
    public static double sigmoid(double x, double expOfMinusAbsolute) {
        return (x < 0 ? expOfMinusAbsolute : 1) / (1 + expOfMinusAbsolute);
    }

    /** dy/dx as a function of y. */
    public double derivativeFromValue(double y, double slope) {
        return switch (this) {
            case RELU -> y > 0 ? 1 : 0;
            case LEAKY_RELU -> y > 0 ? 1 : slope;
            case SIGMOID -> y * (1 - y);
            case TANH -> 1 - y * y;
        };
    }
}
