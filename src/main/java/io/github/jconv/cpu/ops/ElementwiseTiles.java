package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.cpu.simd.DoubleSums;
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
        int begin = OpJob.begin(chunk);
        job.loops.addScaled((float) job.a, job.x.floats(), job.x.offset() + begin, job.y.floats(), job.y.offset() + begin,
                OpJob.end(job.y, chunk) - begin);
    }

    static void scale(OpJob job, int chunk, int worker) {
        int begin = OpJob.begin(chunk);
        job.loops.scale((float) job.a, job.y.floats(), job.y.offset() + begin, OpJob.end(job.y, chunk) - begin);
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
        int begin = OpJob.begin(chunk);
        double[] sums = job.sums(worker);
        job.doubleSums.addCentredSquares(0, job.x.floats(), job.x.offset() + begin, 0, OpJob.end(job.x, chunk) - begin, 1, sums);
        job.partial[chunk] = DoubleSums.total(sums, 0);
    }

    /** x is w, dx its gradient, first the velocity; a, b, c are rate, momentum and decay. */
    static void sgdStep(OpJob job, int chunk, int worker) {
        int begin = OpJob.begin(chunk);
        job.loops.sgdStep((float) job.a, (float) job.b, (float) job.c, job.x.floats(), job.x.offset() + begin, job.dx.floats(),
                job.dx.offset() + begin, job.first.floats(), job.first.offset() + begin, OpJob.end(job.x, chunk) - begin);
    }

    /** The same with Nesterov's momentum. */
    static void nesterovStep(OpJob job, int chunk, int worker) {
        int begin = OpJob.begin(chunk);
        job.loops.nesterovStep((float) job.a, (float) job.b, (float) job.c, job.x.floats(), job.x.offset() + begin, job.dx.floats(),
                job.dx.offset() + begin, job.first.floats(), job.first.offset() + begin, OpJob.end(job.x, chunk) - begin);
    }

    /** x is w, dx its gradient, first and second the moments. */
    static void adamStep(OpJob job, int chunk, int worker) {
        int begin = OpJob.begin(chunk);
        job.loops.adamStep(job.adam, job.x.floats(), job.x.offset() + begin, job.dx.floats(), job.dx.offset() + begin,
                job.first.floats(), job.first.offset() + begin, job.second.floats(), job.second.offset() + begin,
                OpJob.end(job.x, chunk) - begin);
    }
}
