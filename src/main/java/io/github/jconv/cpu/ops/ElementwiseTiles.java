package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.cpu.simd.ElementwiseLoops;
import java.util.Arrays;

/** Element-wise operations and optimiser steps in fp32: each tile is a run of consecutive elements. */
final class ElementwiseTiles {

    private ElementwiseTiles() {
    }

    static void fill(OpJob job, int chunk, int worker) {
        int at = job.y.offset();
        Arrays.fill(job.y.floats(), at + OpJob.begin(chunk), at + OpJob.end(job.y, chunk), (float) job.a);
    }

    static void copy(OpJob job, int chunk, int worker) {
        int begin = OpJob.begin(chunk);
        System.arraycopy(job.x.floats(), job.x.offset() + begin, job.y.floats(), job.y.offset() + begin,
                OpJob.end(job.y, chunk) - begin);
    }

    static void addScaled(OpJob job, int chunk, int worker) {
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int xAt = job.x.offset();
        int yAt = job.y.offset();
        float factor = (float) job.a;
        int end = OpJob.end(job.y, chunk);
        for (int i = OpJob.begin(chunk); i < end; i++) {
            y[yAt + i] += factor * x[xAt + i];
        }
    }

    static void scale(OpJob job, int chunk, int worker) {
        float[] y = job.y.floats();
        int yAt = job.y.offset();
        float factor = (float) job.a;
        int end = OpJob.end(job.y, chunk);
        for (int i = OpJob.begin(chunk); i < end; i++) {
            y[yAt + i] *= factor;
        }
    }

    static void activation(OpJob job, int chunk, int worker) {
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int begin = OpJob.begin(chunk);
        int xAt = job.x.offset() + begin;
        int yAt = job.y.offset() + begin;
        int length = OpJob.end(job.y, chunk) - begin;
        switch ((Activation) job.kind) {
            case RELU -> job.loops.relu(x, xAt, y, yAt, length);
            case LEAKY_RELU -> job.loops.leakyRelu((float) job.a, x, xAt, y, yAt, length);
            case SIGMOID -> sigmoid(job.loops, job.scratch(worker), x, xAt, y, yAt, length);
            case TANH -> job.loops.tanh(x, xAt, y, yAt, length);
        }
    }

    private static void sigmoid(ElementwiseLoops loops, float[] exp, float[] x, int xAt, float[] y, int yAt, int length) {
        for (int i = 0; i < length; i += OpJob.BLOCK) {
            int block = Math.min(OpJob.BLOCK, length - i);
            loops.expOfMinusAbsolute(x, xAt + i, exp, 0, block);
            loops.sigmoid(x, xAt + i, exp, 0, y, yAt + i, block);
        }
    }

    static void activationBackward(OpJob job, int chunk, int worker) {
        float[] y = job.y.floats();
        float[] dy = job.dy.floats();
        float[] dx = job.dx.floats();
        int begin = OpJob.begin(chunk);
        int yAt = job.y.offset() + begin;
        int dyAt = job.dy.offset() + begin;
        int dxAt = job.dx.offset() + begin;
        int length = OpJob.end(job.y, chunk) - begin;
        switch ((Activation) job.kind) {
            case RELU -> job.loops.reluBackward(y, yAt, dy, dyAt, dx, dxAt, length);
            case LEAKY_RELU -> job.loops.leakyReluBackward((float) job.a, y, yAt, dy, dyAt, dx, dxAt, length);
            case SIGMOID -> job.loops.sigmoidBackward(y, yAt, dy, dyAt, dx, dxAt, length);
            case TANH -> job.loops.tanhBackward(y, yAt, dy, dyAt, dx, dxAt, length);
        }
    }

    static void dropout(OpJob job, int chunk, int worker) {
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int xAt = job.x.offset();
        int yAt = job.y.offset();
        float rate = (float) job.a;
        float keepScale = (float) (1 / (1 - job.a));
        int end = OpJob.end(job.y, chunk);
        for (int i = OpJob.begin(chunk); i < end; i++) {
            y[yAt + i] = CounterRandom.uniform(job.seed, job.step, i) >= rate ? x[xAt + i] * keepScale : 0f;
        }
    }

    /** Leaves the sum of its chunk in {@code partial[chunk]}; the caller adds them in order. */
    static void sumOfSquares(OpJob job, int chunk, int worker) {
        float[] x = job.x.floats();
        int xAt = job.x.offset();
        int end = OpJob.end(job.x, chunk);
        double sum = 0;
        for (int i = OpJob.begin(chunk); i < end; i++) {
            sum += (double) x[xAt + i] * x[xAt + i];
        }
        job.partial[chunk] = sum;
    }

    /** x is w, dx its gradient, first the velocity; a, b, c are rate, momentum and decay. */
    static void sgdStep(OpJob job, int chunk, int worker) {
        float[] w = job.x.floats();
        float[] dw = job.dx.floats();
        float[] v = job.first.floats();
        int wAt = job.x.offset();
        int dwAt = job.dx.offset();
        int vAt = job.first.offset();
        float rate = (float) job.a;
        float momentum = (float) job.b;
        float decay = (float) job.c;
        int end = OpJob.end(job.x, chunk);
        for (int i = OpJob.begin(chunk); i < end; i++) {
            float velocity = momentum * v[vAt + i] + (dw[dwAt + i] + decay * w[wAt + i]);
            v[vAt + i] = velocity;
            w[wAt + i] -= rate * velocity;
        }
    }

    /**
     * x is w, dx its gradient, first and second the moments; a, b, c, d are the rate with the first moment's correction, beta1, beta2
     * and epsilon, e is the decay; correction is the second moment's.
     */
    static void adamStep(OpJob job, int chunk, int worker) {
        float[] w = job.x.floats();
        float[] dw = job.dx.floats();
        float[] m = job.first.floats();
        float[] v = job.second.floats();
        int wAt = job.x.offset();
        int dwAt = job.dx.offset();
        int mAt = job.first.offset();
        int vAt = job.second.offset();
        float rate = (float) job.a;
        float beta1 = (float) job.b;
        float rest1 = (float) (1 - job.b);
        float beta2 = (float) job.c;
        float rest2 = (float) (1 - job.c);
        float epsilon = (float) job.d;
        float decay = (float) job.e;
        float correction2 = (float) job.correction;
        int end = OpJob.end(job.x, chunk);
        for (int i = OpJob.begin(chunk); i < end; i++) {
            float g = dw[dwAt + i] + decay * w[wAt + i];
            float first = beta1 * m[mAt + i] + rest1 * g;
            float second = beta2 * v[vAt + i] + rest2 * (g * g);
            m[mAt + i] = first;
            v[vAt + i] = second;
            w[wAt + i] -= rate * first / ((float) Math.sqrt(second / correction2) + epsilon);
        }
    }
}
