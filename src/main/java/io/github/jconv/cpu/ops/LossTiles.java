package io.github.jconv.cpu.ops;

import io.github.jconv.cpu.simd.DoubleSums;
import io.github.jconv.cpu.simd.ElementwiseLoops;

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

    /** Elements in fp32, {@link ElementwiseLoops} says how exactly. */
    static void sigmoidCrossEntropy(OpJob job, int image, int worker) {
        int perImage = OpJob.perImage(job.x);
        float[] x = job.x.floats();
        float[] targets = job.y.floats();
        float[] dx = job.dx.floats();
        int xAt = job.x.offset() + image * perImage;
        int targetAt = job.y.offset() + image * perImage;
        int dxAt = job.dx.offset() + image * perImage;
        float[] scratch = job.scratch(worker);
        int lossesAt = OpJob.BLOCK;
        double[] sums = job.sums(worker);
        for (int i = 0; i < perImage; i += OpJob.BLOCK) {
            int block = Math.min(OpJob.BLOCK, perImage - i);
            job.loops.expOfMinusAbsolute(x, xAt + i, scratch, 0, block);
            job.loops.sigmoidCrossEntropy(x, xAt + i, targets, targetAt + i, scratch, 0, scratch, lossesAt, block);
            job.loops.sigmoid(x, xAt + i, scratch, 0, dx, dxAt + i, block);
            job.loops.scaledDifference((float) job.a, dx, dxAt + i, targets, targetAt + i, dx, dxAt + i, block);
            job.doubleSums.add(scratch, lossesAt, 0, block, 1, sums);
        }
        job.first.set(image, DoubleSums.total(sums, 0));
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
