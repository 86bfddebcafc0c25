package io.github.jconv.peers;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.Trainer;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;

/**
 * JConv and PyTorch train the same model from the same weights on the same batches. What is timed is an epoch: reading the images,
 * forward, loss, backward and the optimiser's step, and the mean loss back on the heap after each one.
 */
public final class TrainingMatch {

    /** Losses of so few steps agree to this share unless the two compute different things; the tests of parity are far stricter. */
    private static final double SAME_LOSS = 1e-3;
    private static final long SEED = 3;

    private final Alternation alternation;

    public TrainingMatch(Alternation alternation) {
        this.alternation = alternation;
    }

    /**
     * What a step takes.
     *
     * @param spread as in {@link Alternation.Timing#spread()}
     */
    public record Result(double jconvMs, double pytorchMs, double spread) {

        /** Above 1 JConv is faster. */
        public double ratio() {
            return pytorchMs / jconvMs;
        }
    }

    /**
     * @param images whole batches
     * @throws IllegalStateException when the losses of the first epoch differ
     */
    public Result measure(TrainedModel model, TrainingRule rule, Dataset images, int batch, int threads) {
        torch.set_num_threads(threads);
        int steps = images.size() / batch;
        Dataset data = new CachedDataset(images.range(0, steps * batch));
        OrderedDataset noted = new OrderedDataset(data);
        List<Double> losses = new ArrayList<>();
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(threads).open();
                Network network = model.network(engine, SEED, data, DataType.FLOAT32);
                TorchTraining pytorch = new TorchTraining(model, network, rule)) {
            Trainer trainer = Trainer.of(network).loss(model.loss()).optimizer(rule.optimizer())
                    .schedule(Schedule.constant(rule.rate())).batch(batch).listener(new Trainer.Listener() {
                        @Override
                        public void onBatch(int epoch, int number, int ofEpoch, double loss) {
                            losses.add(loss);
                        }
                    });
            trainer.fit(noted, 1);
            int[] order = noted.takeOrder();
            for (int i = 0; i < steps; i++) {
                requireSame(losses.get(i), pytorch.step(data, order, i * batch, (i + 1) * batch), i);
            }
            trainer.listener(new Trainer.Listener() { });
            List<Alternation.Timing> timings = alternation.measure(List.of(() -> trainer.fit(data, 1), () -> {
                for (int i = 0; i < steps; i++) {
                    pytorch.step(data, order, i * batch, (i + 1) * batch);
                }
            }));
            return new Result(timings.get(0).medianSeconds() * 1e3 / steps, timings.get(1).medianSeconds() * 1e3 / steps,
                    Alternation.spread(timings));
        }
    }

    /** @throws IllegalStateException naming the step and both losses, when they are not the same within what rounding can do */
    static void requireSame(double jconv, double pytorch, int step) {
        if (!(Math.abs(jconv - pytorch) <= SAME_LOSS * Math.abs(pytorch))) {
            throw new IllegalStateException("the loss of step " + step + " is " + jconv + " with JConv and " + pytorch
                    + " with PyTorch");
        }
    }
}
