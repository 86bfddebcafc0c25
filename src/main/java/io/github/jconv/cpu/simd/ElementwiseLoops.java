package io.github.jconv.cpu.simd;

/**
 * Loops over single elements that networks need besides convolutions, behind the same contract as {@link SimdProvider}: every provider
 * does the same operations in the same order, so the bits are the same for every width.
 *
 * <p>Functions are computed in fp32 with the errors that {@link ElementaryFunctions} derives; u is 2^-24. Each argument is an array and
 * where to begin in it; {@code length} elements are read and written, no more. An output may be the same place as an input.
 */
public interface ElementwiseLoops {

    /** {@code y = max(a, b)}; a NaN is above everything, and 0 above -0. */
    void max(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length);

    /**
     * The largest of two by two values, as {@link #max}, for rows of windows side by side:
     *
     * <pre>
     *   y[yAt + r * windows + i] = the largest of x[at], x[at + 1], x[at + below] and x[at + below + 1] with at = xAt + r * step + 2 * i
     *                                                                                    for r in [0, rows), i in [0, windows)
     * </pre>
     *
     * Up to {@link SimdProvider#PARTIAL_SUMS} elements of y behind, if there are any, take arbitrary values.
     */
    void maxOfFour(float[] x, int xAt, int below, int step, float[] y, int yAt, int windows, int rows);

    /**
     * The gradient of {@link #maxOfFour}: dy in the place of the first value that is the largest, or when that is a NaN of the first NaN,
     * and 0 in those of the three others.
     *
     * <pre>
     *   dx[dxAt + r * step + j], dx[dxAt + r * step + below + j]   for r in [0, rows), j in [0, 2 * windows)
     *   x the same from xAt on, dy[dyAt + r * windows + j / 2]
     * </pre>
     *
     * dx is another array than x.
     */
    void maxOfFourBackward(float[] x, int xAt, int below, int step, float[] dy, int dyAt, float[] dx, int dxAt, int windows, int rows);

    /** {@code y = max(x, 0)}; a NaN stays one. */
    void relu(float[] x, int xAt, float[] y, int yAt, int length);

    /** {@code dx = y > 0 ? dy : 0}. */
    void reluBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length);

    /** {@code y = x > 0 ? x : slope * x}. */
    void leakyRelu(float slope, float[] x, int xAt, float[] y, int yAt, int length);

    /** {@code dx = y > 0 ? dy : slope * dy}. */
    void leakyReluBackward(float slope, float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length);

    /** {@code e = exp(-|x|)}, with a relative error of 2 u. */
    void expOfMinusAbsolute(float[] x, int xAt, float[] e, int eAt, int length);

    /** {@code y = 1 / (1 + exp(-x))} from x and {@code e = exp(-|x|)}, with a relative error of 5 u. */
    void sigmoid(float[] x, int xAt, float[] e, int eAt, float[] y, int yAt, int length);

    /** {@code dx = dy * (y * (1 - y))}. */
    void sigmoidBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length);

    /** {@code y = tanh(x)}, with a relative error of 5 u. */
    void tanh(float[] x, int xAt, float[] y, int yAt, int length);

    /** {@code dx = dy * (1 - y * y)}, with one rounding in the parentheses where the hardware can. */
    void tanhBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length);

    /**
     * {@code loss = (max(x, 0) - x * t) + log(1 + e)} with {@code e = exp(-|x|)}: the cross entropy of a sigmoid and a target t. The
     * difference has one rounding where the hardware can, the logarithm a relative error of 7 u.
     */
    void sigmoidCrossEntropy(float[] x, int xAt, float[] targets, int targetsAt, float[] e, int eAt, float[] losses, int lossesAt,
                             int length);

    /** {@code y = factor * (x - t)}. */
    void scaledDifference(float factor, float[] x, int xAt, float[] t, int tAt, float[] y, int yAt, int length);

    /** {@code y = ((x - centre) - rest) * factor + shift}; centre and rest are the two halves of one number. */
    void normalise(float centre, float rest, float factor, float shift, float[] x, int xAt, float[] y, int yAt, int length);

    /** {@code dx = ((dy - mean) - ((x - centre) - rest) * slope) * factor}. */
    void normaliseBackward(float centre, float rest, float slope, float mean, float factor, float[] x, int xAt, float[] dy, int dyAt,
                           float[] dx, int dxAt, int length);

    /** {@code y = factor * y}. */
    void scale(float factor, float[] y, int yAt, int length);

    /** {@code y = y + factor * x}, rounded after each step, as in the steps of optimisers. */
    void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int length);

    /** {@code v = momentum * v + (dw + decay * w)}, {@code w = w - rate * v}. */
    void sgdStep(float rate, float momentum, float decay, float[] w, int wAt, float[] dw, int dwAt, float[] v, int vAt, int length);

    /** {@code g = dw + decay * w}, {@code v = momentum * v + g}, {@code w = w - rate * (g + momentum * v)}. */
    void nesterovStep(float rate, float momentum, float decay, float[] w, int wAt, float[] dw, int dwAt, float[] v, int vAt, int length);

    /**
     * {@code g = dw + decay * w}, {@code m = beta1 * m + (1 - beta1) * g}, {@code v = beta2 * v + (1 - beta2) * (g * g)} and
     * {@code w = w - (lost * w + rate * m / (sqrt(v / correction) + epsilon))}.
     */
    void adamStep(AdamRule rule, float[] w, int wAt, float[] dw, int dwAt, float[] m, int mAt, float[] v, int vAt, int length);
}
