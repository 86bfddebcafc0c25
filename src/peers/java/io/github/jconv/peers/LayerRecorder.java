package io.github.jconv.peers;

import io.github.jconv.algorithm.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LocalResponseNormOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Records what PyTorch makes of layers, losses and optimiser steps other than convolutions, in double. Each tensor is told as one number,
 * its inner product with random numbers. Element i of stream s is {@code CounterRandom.normal(3, s, i)}: 1 x, 2 the numbers of y, 3 of
 * the gradient of x, 4 and 5 gamma and beta, 6 the numbers of all that has a value per channel, 7 targets.
 */
public final class LayerRecorder {

    private static final long SEED = 3;
    private static final long[] LINE = {2, 3, 11};
    private static final long[] MAP = {2, 7, 6, 5};
    private static final long[] VOLUME = {2, 2, 4, 5, 6};
    private static final long[] SCORES = {4, 5};
    private static final long SUM = 2;

    private final List<String> lines = new ArrayList<>();

    private LayerRecorder() {
    }

    /** Writes {@code layers.csv} into a folder; returns the file. */
    public static Path record(String library, Path folder) throws IOException {
        LayerRecorder recorder = new LayerRecorder();
        recorder.lines.add("# " + library + " in double, recorded by: src/peers/run peers-record");
        recorder.lines.add("case,tensor,inner product");
        try (PointerScope scope = new PointerScope()) {
            recorder.activations();
            recorder.pooling();
            recorder.padding();
            recorder.normalisation();
            recorder.losses();
            recorder.optimizers();
        }
        return Files.write(folder.resolve("layers.csv"), recorder.lines);
    }

    private void activations() {
        layer("leakyRelu", random(MAP, 1), x -> torch.leaky_relu(x, new Scalar(0.2)));
        layer("tanh", random(MAP, 1), torch::tanh);
        layer("sigmoid", random(MAP, 1), torch::sigmoid);
    }

    private void pooling() {
        layer("maxPool 2-d", random(MAP, 1), x -> torch.max_pool2d(x, longs(3, 2), longs(2, 3), longs(1, 1), longs(1, 1), false));
        layer("maxPool 2-d of equal values", tensor(MAP, i -> Math.rint(normal(1, i))),
                x -> torch.max_pool2d(x, longs(3, 3), longs(2, 1), longs(1, 0), longs(1, 1), false));
        layer("maxPool 1-d rounded up", random(LINE, 1), x -> torch.max_pool1d(x, longs(4), longs(3), longs(1), longs(1), true));
        layer("maxPool 3-d rounded up", random(VOLUME, 1),
                x -> torch.max_pool3d(x, longs(3, 2, 2), longs(2, 2, 3), longs(0, 1, 0), longs(1, 1, 1), true));
        for (boolean count : new boolean[] {false, true}) {
            String kind = count ? ", padding counted" : "";
            layer("averagePool 1-d" + kind, random(LINE, 1), x -> torch.avg_pool1d(x, longs(4), longs(3), longs(2), false, count));
            layer("averagePool 2-d" + kind, random(MAP, 1),
                    x -> torch.avg_pool2d(x, longs(3, 2), longs(2, 1), longs(1, 1), false, count, new LongOptional()));
            layer("averagePool 3-d" + kind, random(VOLUME, 1),
                    x -> torch.avg_pool3d(x, longs(2, 3, 2), longs(1, 2, 2), longs(1, 1, 0), false, count, new LongOptional()));
        }
        layer("averagePool 2-d rounded up", random(MAP, 1),
                x -> torch.avg_pool2d(x, longs(3, 3), longs(2, 3), longs(1, 0), true, false, new LongOptional()));
    }

    private void padding() {
        for (String mode : new String[] {"constant", "reflect", "replicate", "circular"}) {
            layer("pad 1-d " + mode, random(LINE, 1), x -> torch.pad(x, longs(4, 4), mode, new DoubleOptional()));
            layer("pad 2-d " + mode, random(MAP, 1), x -> torch.pad(x, longs(2, 2, 3, 3), mode, new DoubleOptional()));
            layer("pad 3-d " + mode, random(VOLUME, 1), x -> torch.pad(x, longs(5, 5, 1, 1, 3, 3), mode, new DoubleOptional()));
        }
    }

    private void normalisation() {
        layer("localResponseNorm of 5", random(MAP, 1), x -> localResponseNorm(x, 5, 0.5, 0.75, 1));
        layer("localResponseNorm of 4", random(MAP, 1), x -> localResponseNorm(x, 4, 0.3, 0.6, 2));
        batchNorm("batchNorm", 1e-5, 0.1);
        batchNorm("batchNorm with other numbers", 0.3, 0.7);
    }

    private void batchNorm(String name, double epsilon, double momentum) {
        long[] channels = {MAP[1]};
        Tensor gamma = random(channels, 4).set_requires_grad(true);
        Tensor beta = random(channels, 5).set_requires_grad(true);
        Tensor mean = tensor(channels, i -> 0);
        Tensor variance = tensor(channels, i -> 1);
        layer(name, random(MAP, 1), x -> batchNorm(x, gamma, beta, mean, variance, true, epsilon, momentum));
        tell(name, "gradient of gamma", gamma.grad(), 6);
        tell(name, "gradient of beta", beta.grad(), 6);
        tell(name, "running mean", mean, 6);
        tell(name, "running variance", variance, 6);
        tell(name, "inference", batchNorm(random(MAP, 1), gamma, beta, mean, variance, false, epsilon, momentum), 2);
    }

    private static Tensor localResponseNorm(Tensor x, long size, double alpha, double beta, double k) {
        LocalResponseNormOptions options = new LocalResponseNormOptions(size);
        options.alpha().put(alpha);
        options.beta().put(beta);
        options.k().put(k);
        return torch.local_response_norm(x, options);
    }

    private static Tensor batchNorm(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, boolean training,
                                    double epsilon, double momentum) {
        return torch.batch_norm(x, new TensorOptional(gamma), new TensorOptional(beta), new TensorOptional(mean),
                new TensorOptional(variance), training, momentum, epsilon, false);
    }

    /** Means over the images of what is summed over an image. */
    private void losses() {
        Scalar images = new Scalar((double) SCORES[0]);
        Tensor targets = random(SCORES, 7);
        loss("squared error", x -> torch.mse_loss(x, targets, SUM).div(images));
        loss("sigmoid cross entropy", x -> torch.binary_cross_entropy_with_logits(x, torch.sigmoid(targets), new TensorOptional(),
                new TensorOptional(), SUM).div(images));
        Tensor labels = tensor(new long[] {SCORES[0]}, i -> (3 * i + 1) % SCORES[1]).to(torch.ScalarType.Long);
        loss("softmax cross entropy", x -> torch.cross_entropy_loss(x, labels));
    }

    private void loss(String name, UnaryOperator<Tensor> loss) {
        Tensor x = random(SCORES, 1).set_requires_grad(true);
        Tensor value = loss.apply(x);
        value.backward();
        lines.add(name + ",loss," + value.item_double());
        tell(name, "gradient of x", x.grad(), 3);
    }

    /** Three steps on the gradients 0.01 x of the streams 10 to 12, and with Adam on ones as small as its epsilon, too. */
    private void optimizers() {
        SGDOptions sgd = new SGDOptions(0.1);
        sgd.momentum().put(0.9);
        sgd.weight_decay().put(0.05);
        AdamOptions adam = new AdamOptions(0.1);
        adam.weight_decay().put(0.05);
        Tensor w = random(LINE, 1).set_requires_grad(true);
        steps("sgd", w, new SGD(new TensorVector(w), sgd), 0.01);
        SGDOptions nesterov = new SGDOptions(0.1);
        nesterov.momentum().put(0.9);
        nesterov.weight_decay().put(0.05);
        nesterov.nesterov().put(true);
        Tensor n = random(LINE, 1).set_requires_grad(true);
        steps("sgd of Nesterov", n, new SGD(new TensorVector(n), nesterov), 0.01);
        Tensor v = random(LINE, 1).set_requires_grad(true);
        steps("adam", v, new Adam(new TensorVector(v), adam), 0.01);
        Tensor small = random(LINE, 1).set_requires_grad(true);
        steps("adam with small gradients", small, new Adam(new TensorVector(small), new AdamOptions(0.1)), 1e-8);
        AdamOptions others = new AdamOptions(0.1);
        // beta1 is 0.6: this C++ library's tuples lie in memory with their last element in front.
        others.betas().put(new DoublePointer(0.8, 0.6));
        others.eps().put(0.02);
        Tensor u = random(LINE, 1).set_requires_grad(true);
        steps("adam with other numbers", u, new Adam(new TensorVector(u), others), 0.01);
        AdamWOptions decoupled = new AdamWOptions(0.1);
        decoupled.weight_decay().put(0.3);
        Tensor s = random(LINE, 1).set_requires_grad(true);
        steps("adamW", s, new AdamW(new TensorVector(s), decoupled), 0.01);
    }

    private void steps(String name, Tensor w, Optimizer optimizer, double size) {
        for (int step = 1; step <= 3; step++) {
            long stream = 9 + step;
            w.mutable_grad().put(tensor(LINE, i -> size * normal(stream, i)));
            optimizer.step();
            tell(name, "weights after step " + step, w.detach(), 2);
        }
    }

    private void layer(String name, Tensor x, UnaryOperator<Tensor> function) {
        x.set_requires_grad(true);
        Tensor y = function.apply(x);
        y.mul(random(y.sizes().vec().get(), 2)).sum().backward();
        tell(name, "y", y.detach(), 2);
        tell(name, "gradient of x", x.grad(), 3);
    }

    private void tell(String name, String what, Tensor values, long stream) {
        Tensor numbers = random(values.sizes().vec().get(), stream);
        lines.add(String.join(",", Arrays.asList(name, what, Double.toString(values.detach().mul(numbers).sum().item_double()))
                .stream().map(cell -> cell.replace(",", ";")).toList()));
    }

    private static double normal(long stream, long i) {
        return CounterRandom.normal(SEED, stream, i);
    }

    private static Tensor random(long[] shape, long stream) {
        return tensor(shape, i -> normal(stream, i));
    }

    private static Tensor tensor(long[] shape, LongToDoubleFunction value) {
        double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        Arrays.setAll(values, i -> value.applyAsDouble(i));
        return torch.from_blob(new DoublePointer(values), shape, new TensorOptions(torch.ScalarType.Double)).clone();
    }

    private static long[] longs(long... values) {
        return values;
    }
}
