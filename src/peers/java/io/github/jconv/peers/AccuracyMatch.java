package io.github.jconv.peers;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.EpochResult;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.Trainer;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/** LeNet trained with JConv and with PyTorch: the same initial weights, batches, optimiser and learning rate. */
public final class AccuracyMatch {

    /** Shares of the test images that get their label after an epoch. */
    public record Epoch(int number, double jconv, double pytorch) {
    }

    private AccuracyMatch() {
    }

    public static List<Epoch> run(Dataset training, Dataset test, int epochs, TrainingRule rule, int batch, long seed, int threads) {
        OrderedDataset noted = new OrderedDataset(training);
        List<Epoch> results = new ArrayList<>();
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(threads).open();
                Network network = TrainedModel.LENET.network(engine, seed, training, DataType.FLOAT32);
                TorchTraining pytorch = new TorchTraining(TrainedModel.LENET, network, rule)) {
            Trainer trainer = Trainer.of(network).optimizer(rule.optimizer()).schedule(Schedule.constant(rule.rate())).batch(batch)
                    .seed(seed);
            List<Double> losses = new ArrayList<>();
            trainer.listener(new Trainer.Listener() {
                @Override
                public void onBatch(int epoch, int number, int ofEpoch, double loss) {
                    losses.add(loss);
                }
            });
            for (int epoch = 1; epoch <= epochs; epoch++) {
                EpochResult jconv = trainer.fit(noted, test, 1).get(0);
                int[] order = noted.takeOrder();
                for (int begin = 0; begin < order.length; begin += batch) {
                    double loss = pytorch.step(training, order, begin, Math.min(order.length, begin + batch));
                    if (epoch == 1 && begin == 0) {
                        // The weights are still the same; from here on they differ by what training makes of rounding.
                        TrainingMatch.requireSame(losses.get(0), loss, 0);
                    }
                }
                results.add(new Epoch(epoch, jconv.testAccuracy(), pytorch.countRight(test, 0, test.size()) / (double) test.size()));
            }
        }
        return results;
    }
}
