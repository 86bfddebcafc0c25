package io.github.jconv.cpu.ops;

import io.github.jconv.cpu.simd.DoubleSums;
import io.github.jconv.tensor.HostTensor;

/** Normalisation in fp32, sums and what is computed once per channel in double: a tile is a channel (batch) or an image (local response). */
final class NormalisationTiles {

    /** Positions of which the local responses of all channels are kept at a time. */
    private static final int STRIP = 64;

    private NormalisationTiles() {
    }

    /** first gamma, second beta, third running mean, fourth running variance, dx saved mean, dy saved deviation; a epsilon, b momentum. */
    static void batchNorm(OpJob job, int channel, int worker) {
        HostTensor x = job.x;
        float[] values = x.floats();
        int positions = OpJob.positions(x);
        long count = (long) OpJob.images(x) * positions;
        int begin = channelAt(x, 0, channel, positions);
        int step = OpJob.perImage(x);
        double[] sums = job.sums(worker);
        job.doubleSums.add(values, begin, step, positions, OpJob.images(x), sums);
        double mean = DoubleSums.total(sums, 0) / count;
        sums = job.sums(worker);
        job.doubleSums.addCentredSquares(mean, values, begin, step, positions, OpJob.images(x), sums);
        double squares = DoubleSums.total(sums, 0);
        double inverse = 1 / Math.sqrt(squares / count + job.a);
        job.dx.set(channel, mean);
        job.dy.set(channel, inverse);
        move(job.third, channel, job.b, mean);
        move(job.fourth, channel, job.b, squares / Math.max(count - 1, 1));
        normalise(job, channel, mean, inverse);
    }

    static void batchNormInference(OpJob job, int channel, int worker) {
        normalise(job, channel, job.third.get(channel), 1 / Math.sqrt(job.fourth.get(channel) + job.a));
    }

    /** first gamma, second saved mean, third saved deviation, fourth dgamma, y dbeta. */
    static void batchNormBackward(OpJob job, int channel, int worker) {
        HostTensor x = job.x;
        float[] values = x.floats();
        float[] dy = job.dy.floats();
        float[] dx = job.dx.floats();
        int positions = OpJob.positions(x);
        long count = (long) OpJob.images(x) * positions;
        double mean = job.second.get(channel);
        double inverse = job.third.get(channel);
        double[] sums = job.sums(worker);
        job.doubleSums.addWithCentredProducts(mean, values, channelAt(x, 0, channel, positions), dy,
                channelAt(job.dy, 0, channel, positions), OpJob.perImage(x), positions, OpJob.images(x), sums);
        double sumDy = DoubleSums.total(sums, 0);
        double sumDyHat = DoubleSums.total(sums, DoubleSums.LENGTH) * inverse;
        float centre = (float) mean;
        float slope = (float) (inverse * sumDyHat / count);
        float meanDy = (float) (sumDy / count);
        float factor = (float) (job.first.get(channel) * inverse);
        for (int n = 0; n < OpJob.images(x); n++) {
            job.loops.normaliseBackward(centre, (float) (mean - centre), slope, meanDy, factor, values,
                    channelAt(x, n, channel, positions), dy, channelAt(job.dy, n, channel, positions), dx,
                    channelAt(job.dx, n, channel, positions), positions);
        }
        job.fourth.set(channel, job.fourth.get(channel) + sumDyHat);
        job.y.set(channel, job.y.get(channel) + sumDy);
    }

    /** count is the window size, a alpha, b beta, c k. */
    static void localResponseNorm(OpJob job, int image, int worker) {
        int channels = OpJob.channels(job.x);
        int positions = OpJob.positions(job.x);
        float[] x = job.x.floats();
        float[] y = job.y.floats();
        int xAt = job.x.offset() + image * channels * positions;
        int yAt = job.y.offset() + image * channels * positions;
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < positions; i++) {
                int at = c * positions + i;
                y[yAt + at] = (float) (x[xAt + at] * power(responseScale(job, x, xAt, c, i, channels, positions), -job.b));
            }
        }
    }

    static void localResponseNormBackward(OpJob job, int image, int worker) {
        int channels = OpJob.channels(job.x);
        int positions = OpJob.positions(job.x);
        float[] x = job.x.floats();
        float[] dy = job.dy.floats();
        float[] dx = job.dx.floats();
        int xAt = job.x.offset() + image * channels * positions;
        int dyAt = job.dy.offset() + image * channels * positions;
        int dxAt = job.dx.offset() + image * channels * positions;
        int size = job.count;
        double[] ofStrip = job.doubles(worker, 2 * channels * STRIP);
        int terms = channels * STRIP;
        for (int begin = 0; begin < positions; begin += STRIP) {
            int length = Math.min(STRIP, positions - begin);
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < length; i++) {
                    int at = c * positions + begin + i;
                    double scale = responseScale(job, x, xAt, c, begin + i, channels, positions);
                    double power = power(scale, -job.b);
                    ofStrip[c * STRIP + i] = power;
                    ofStrip[terms + c * STRIP + i] = (double) dy[dyAt + at] * x[xAt + at] * power / scale;
                }
            }
            for (int c = 0; c < channels; c++) {
                // Channel c lies in the window of j when j lies in the mirrored window of c.
                int first = Math.max(0, c - (size - 1) / 2);
                int last = Math.min(channels - 1, c + size / 2);
                for (int i = 0; i < length; i++) {
                    int at = c * positions + begin + i;
                    double sum = 0;
                    for (int j = first; j <= last; j++) {
                        sum += ofStrip[terms + j * STRIP + i];
                    }
                    dx[dxAt + at] = (float) (dy[dyAt + at] * ofStrip[c * STRIP + i] - 2 * job.a * job.b / size * x[xAt + at] * sum);
                }
            }
        }
    }

    private static double responseScale(OpJob job, float[] x, int xAt, int c, int i, int channels, int positions) {
        double squares = 0;
        for (int j = Math.max(0, c - job.count / 2); j <= Math.min(channels - 1, c + (job.count - 1) / 2); j++) {
            double value = x[xAt + j * positions + i];
            squares += value * value;
        }
        return job.c + job.a / job.count * squares;
    }

    /** Square roots instead of a general power for the exponent that every published network uses; ten times faster. */
    private static double power(double base, double exponent) {
        if (exponent == -0.75) {
            double root = Math.sqrt(base);
            return 1 / (root * Math.sqrt(root));
        }
        return Math.pow(base, exponent);
    }

    private static void normalise(OpJob job, int channel, double mean, double inverse) {
        int positions = OpJob.positions(job.x);
        float centre = (float) mean;
        float factor = (float) (inverse * job.first.get(channel));
        float shift = (float) job.second.get(channel);
        for (int n = 0; n < OpJob.images(job.x); n++) {
            job.loops.normalise(centre, (float) (mean - centre), factor, shift, job.x.floats(), channelAt(job.x, n, channel, positions),
                    job.y.floats(), channelAt(job.y, n, channel, positions), positions);
        }
    }

    private static void move(HostTensor running, int channel, double momentum, double now) {
        running.set(channel, running.get(channel) + momentum * (now - running.get(channel)));
    }

    private static int channelAt(HostTensor tensor, int n, int channel, int positions) {
        return tensor.offset() + (n * OpJob.channels(tensor) + channel) * positions;
    }
}
