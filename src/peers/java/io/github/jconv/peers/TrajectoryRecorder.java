package io.github.jconv.peers;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.Trainer;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.tensor.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Records how PyTorch trains a model in double: the loss of each step, and the Euclidean norm of each parameter after it. Weights, images
 * and their order are JConv's own, which follow from the seeds in the recording's head; nothing else of the recording is JConv's.
 */
public final class TrajectoryRecorder {

    private static final int STEPS = 50;
    private static final int BATCH = 4;
    private static final int EDGE = 20;
    private static final long SEED = 7;

    private TrajectoryRecorder() {
    }

    /** Writes {@code MODEL-RULE.csv} into a folder; returns the file. */
    public static Path record(TrainedModel model, TrainingRule rule, String library, Path folder) throws IOException {
        Dataset images = new GeneratedShapes(STEPS * BATCH, EDGE, SEED);
        int[] order = order(model, images);
        List<String> lines = new ArrayList<>();
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open();
                Network network = model.network(engine, SEED, images, DataType.FLOAT64);
                TorchTraining training = new TorchTraining(model, network, rule)) {
            lines.add("# " + library + " in double, recorded by: src/peers/run peers-record");
            lines.add(String.format(Locale.ROOT, "# model %s, optimiser %s, rate %s, momentum %s, batch %d, images %d of %d pixels, seed %d",
                    lowerCase(model), rule.name(), rule.rate(), rule.isAdam() ? "-" : rule.momentum(), BATCH, images.size(), EDGE, SEED));
            lines.add("step,loss," + String.join(",", training.norms().keySet()));
            lines.add("0,," + join(training.norms()));
            for (int step = 1; step <= STEPS; step++) {
                double loss = training.step(images, order, (step - 1) * BATCH, step * BATCH);
                lines.add(step + "," + loss + "," + join(training.norms()));
            }
        }
        Path file = folder.resolve(lowerCase(model) + "-" + rule.name() + ".csv");
        Files.write(file, lines);
        return file;
    }

    private static String join(Map<String, Double> norms) {
        return norms.values().stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static String lowerCase(TrainedModel model) {
        return model.name().toLowerCase(Locale.ROOT);
    }

    /** The order in which JConv's trainer takes the images. */
    private static int[] order(TrainedModel model, Dataset images) {
        OrderedDataset noted = new OrderedDataset(images);
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open();
                Network network = model.network(engine, SEED, images, DataType.FLOAT32)) {
            Trainer.of(network).loss(model.loss()).schedule(Schedule.constant(1e-6)).batch(BATCH).seed(SEED).fit(noted, 1);
        }
        return noted.takeOrder();
    }
}
