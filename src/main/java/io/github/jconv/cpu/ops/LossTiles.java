package io.github.jconv.cpu.ops;

import io.github.jconv.algorithm.Activation;

/** Losses in fp32 with sums in double: a tile is an image. x logits, y targets or labels, first the loss per image, a the scale. */
final class LossTiles {

    private LossTiles() {
    }

    static void softmaxCrossEntropy(OpJob job, int image, int worker) {
        int classes = OpJob.perImage(job.x);
        float[] x = job.x.floats();
        float[] dx = job.dx.floats();
        int xAt = job.x.offset() + image * classes;
        int dxAt = job.dx.offset() + image * classes;
        float max = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            max = Math.max(max, x[xAt + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp((double) x[xAt + c] - max);
        }
        int label = (int) job.y.get(image);
        job.first.set(image, Math.log(sum) + max - x[xAt + label]);
        for (int c = 0; c < classes; c++) {
            double probability = Math.exp((double) x[xAt + c] - max) / sum;
            dx[dxAt + c] = (float) (job.a * (probability - (c == label ? 1 : 0)));
        }
    }

    static void sigmoidCrossEntropy(OpJob job, int image, int worker) {
        int perImage = OpJob.perImage(job.x);
        float[] x = job.x.floats();
        float[] targets = job.y.floats();
        float[] dx = job.dx.floats();
        int xAt = job.x.offset() + image * perImage;
        int targetAt = job.y.offset() + image * perImage;
        int dxAt = job.dx.offset() + image * perImage;
        double sum = 0;
        for (int i = 0; i < perImage; i++) {
            double value = x[xAt + i];
            double target = targets[targetAt + i];
            double exp = Math.exp(-Math.abs(value));
            sum += Math.max(value, 0) - value * target + Math.log1p(exp);
            dx[dxAt + i] = (float) (job.a * (Activation.sigmoid(value, exp) - target));
        }
        job.first.set(image, sum);
    }

    static void squaredError(OpJob job, int image, int worker) {
        int perImage = OpJob.perImage(job.x);
        float[] x = job.x.floats();
        float[] targets = job.y.floats();
        float[] dx = job.dx.floats();
        int xAt = job.x.offset() + image * perImage;
        int targetAt = job.y.offset() + image * perImage;
        int dxAt = job.dx.offset() + image * perImage;
        double sum = 0;
        for (int i = 0; i < perImage; i++) {
            double difference = (double) x[xAt + i] - targets[targetAt + i];
            sum += difference * difference;
            dx[dxAt + i] = (float) (job.a * 2 * difference);
        }
        job.first.set(image, sum);
    }
}
