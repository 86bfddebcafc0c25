package io.github.jconv.cpu.simd;

/** The loops in plain Java, one element after the other; also what vectors leave over. */
final class ScalarElementwise implements ElementwiseLoops {

    @Override
    public void max(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] = Math.max(a[aAt + i], b[bAt + i]);
        }
    }

    @Override
    public void maxOfFour(float[] x, int xAt, int below, int step, float[] y, int yAt, int windows, int rows) {
        for (int row = 0; row < rows; row++) {
            rowOfMaxOfFour(x, xAt + row * step, below, y, yAt + row * windows, windows);
        }
    }

    static void rowOfMaxOfFour(float[] x, int xAt, int below, float[] y, int yAt, int windows) {
        for (int i = 0; i < windows; i++) {
            int at = xAt + 2 * i;
            y[yAt + i] = Math.max(Math.max(x[at], x[at + 1]), Math.max(x[at + below], x[at + below + 1]));
        }
    }

    @Override
    public void maxOfFourBackward(float[] x, int xAt, int below, int step, float[] dy, int dyAt, float[] dx, int dxAt, int windows,
                                  int rows) {
        for (int row = 0; row < rows; row++) {
            rowOfMaxOfFourBackward(x, xAt + row * step, below, dy, dyAt + row * windows, dx, dxAt + row * step, windows);
        }
    }

    /** Which value is the largest is as good as random, so there is no branch on it. */
    static void rowOfMaxOfFourBackward(float[] x, int xAt, int below, float[] dy, int dyAt, float[] dx, int dxAt, int windows) {
        for (int i = 0; i < windows; i++) {
            int at = xAt + 2 * i;
            float largest = Math.max(Math.max(x[at], x[at + 1]), Math.max(x[at + below], x[at + below + 1]));
            int isA = isFirst(x[at], largest);
            int isB = isFirst(x[at + 1], largest) & ~isA;
            int isC = isFirst(x[at + below], largest) & ~(isA | isB);
            int isD = 1 ^ (isA | isB | isC);
            int gradient = Float.floatToRawIntBits(dy[dyAt + i]);
            int to = dxAt + 2 * i;
            dx[to] = Float.intBitsToFloat(gradient & -isA);
            dx[to + 1] = Float.intBitsToFloat(gradient & -isB);
            dx[to + below] = Float.intBitsToFloat(gradient & -isC);
            dx[to + below + 1] = Float.intBitsToFloat(gradient & -isD);
        }
    }

    /** 1 for a value that is the largest one, of which none may stand before it; when that is a NaN, any NaN is. */
    private static int isFirst(float value, float largest) {
        return value == largest | value != value ? 1 : 0;
    }

    @Override
    public void relu(float[] x, int xAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] = Math.max(x[xAt + i], 0);
        }
    }

    @Override
    public void reluBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        for (int i = 0; i < length; i++) {
            dx[dxAt + i] = y[yAt + i] > 0 ? dy[dyAt + i] : 0;
        }
    }

    @Override
    public void leakyRelu(float slope, float[] x, int xAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            float value = x[xAt + i];
            y[yAt + i] = value > 0 ? value : slope * value;
        }
    }

    @Override
    public void leakyReluBackward(float slope, float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        for (int i = 0; i < length; i++) {
            float gradient = dy[dyAt + i];
            dx[dxAt + i] = y[yAt + i] > 0 ? gradient : slope * gradient;
        }
    }

    @Override
    public void expOfMinusAbsolute(float[] x, int xAt, float[] e, int eAt, int length) {
        for (int i = 0; i < length; i++) {
            e[eAt + i] = ElementaryFunctions.expOfMinusAbsolute(x[xAt + i]);
        }
    }

    @Override
    public void sigmoid(float[] x, int xAt, float[] e, int eAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] = ElementaryFunctions.sigmoid(x[xAt + i], e[eAt + i]);
        }
    }

    @Override
    public void sigmoidBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        for (int i = 0; i < length; i++) {
            float value = y[yAt + i];
            dx[dxAt + i] = dy[dyAt + i] * (value * (1 - value));
        }
    }

    @Override
    public void tanh(float[] x, int xAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] = ElementaryFunctions.tanh(x[xAt + i]);
        }
    }

    @Override
    public void tanhBackward(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int length) {
        for (int i = 0; i < length; i++) {
            float value = y[yAt + i];
            dx[dxAt + i] = dy[dyAt + i] * ElementaryFunctions.fma(-value, value, 1);
        }
    }

    @Override
    public void sigmoidCrossEntropy(float[] x, int xAt, float[] targets, int targetsAt, float[] e, int eAt, float[] losses, int lossesAt,
                                    int length) {
        for (int i = 0; i < length; i++) {
            float value = x[xAt + i];
            losses[lossesAt + i] = ElementaryFunctions.fma(-value, targets[targetsAt + i], Math.max(value, 0))
                    + ElementaryFunctions.logOfOneAnd(e[eAt + i]);
        }
    }

    @Override
    public void scaledDifference(float factor, float[] x, int xAt, float[] t, int tAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] = factor * (x[xAt + i] - t[tAt + i]);
        }
    }

    @Override
    public void normalise(float centre, float rest, float factor, float shift, float[] x, int xAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] = ElementaryFunctions.fma((x[xAt + i] - centre) - rest, factor, shift);
        }
    }

    @Override
    public void normaliseBackward(float centre, float rest, float slope, float mean, float factor, float[] x, int xAt, float[] dy,
                                  int dyAt, float[] dx, int dxAt, int length) {
        for (int i = 0; i < length; i++) {
            float centred = (x[xAt + i] - centre) - rest;
            dx[dxAt + i] = ElementaryFunctions.fma(centred, -slope, dy[dyAt + i] - mean) * factor;
        }
    }

    @Override
    public void scale(float factor, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] *= factor;
        }
    }

    @Override
    public void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i++) {
            y[yAt + i] += factor * x[xAt + i];
        }
    }

    @Override
    public void sgdStep(float rate, float momentum, float decay, float[] w, int wAt, float[] dw, int dwAt, float[] v, int vAt, int length) {
        for (int i = 0; i < length; i++) {
            float velocity = momentum * v[vAt + i] + (dw[dwAt + i] + decay * w[wAt + i]);
            v[vAt + i] = velocity;
            w[wAt + i] -= rate * velocity;
        }
    }

    @Override
    public void nesterovStep(float rate, float momentum, float decay, float[] w, int wAt, float[] dw, int dwAt, float[] v, int vAt,
                             int length) {
        for (int i = 0; i < length; i++) {
            float g = dw[dwAt + i] + decay * w[wAt + i];
            float velocity = momentum * v[vAt + i] + g;
            v[vAt + i] = velocity;
            w[wAt + i] -= rate * (g + momentum * velocity);
        }
    }

    @Override
    public void adamStep(AdamRule rule, float[] w, int wAt, float[] dw, int dwAt, float[] m, int mAt, float[] v, int vAt, int length) {
        for (int i = 0; i < length; i++) {
            float g = dw[dwAt + i] + rule.decay * w[wAt + i];
            float first = rule.beta1 * m[mAt + i] + rule.rest1 * g;
            float second = rule.beta2 * v[vAt + i] + rule.rest2 * (g * g);
            m[mAt + i] = first;
            v[vAt + i] = second;
            w[wAt + i] -= rule.lost * w[wAt + i] + rule.rate * first / ((float) Math.sqrt(second / rule.correction) + rule.epsilon);
        }
    }
}
