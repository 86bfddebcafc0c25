package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {

    private static final Dataset SHAPES = new GeneratedShapes(300, 16, 3);

    private static Network classifier(ConvEngine engine) {
        return Network.on(engine, 5).input(1, 16, 16).build(
                conv(6, 3).padding(1).withoutBias(), batchNorm(), relu(), maxPool(2), conv(8, 3), relu(), maxPool(2), dropout(0.1),
                linear(6));
    }

    private static Trainer trainer(Network network, Function<Network, Optimizer> optimizer) {
        return Trainer.of(network).optimizer(optimizer).schedule(Schedule.cosine(0.01, 6)).batch(32).clipNorm(5);
    }

    @Test
    void theLossFallsAndTheAccuracyRises() {
        try (ConvEngine engine = ConvEngine.builder().threads(2).open()) {
            Dataset shapes = new GeneratedShapes(1000, 16, 3);
            List<EpochResult> results = Trainer.of(classifier(engine)).schedule(Schedule.constant(5e-3)).batch(32)
                    .fit(shapes.range(0, 800), shapes.range(800, 1000), 8);
            assertTrue(results.get(7).loss() < 0.5 * results.get(0).loss(), () -> "losses: " + results);
            assertTrue(results.get(7).testAccuracy() > 0.5, () -> "chance is 0.17: " + results);
            assertEquals(results.get(0).gradientNorms().keySet(), results.get(0).weightNorms().keySet());
        }
    }

    /** At the end of an epoch the progress is its result. */
    @Test
    void progressIsThatOfTheEpochSoFar() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            List<double[]> told = new ArrayList<>();
            EpochResult result = trainer(classifier(engine), Optimizers.adam(0)).listener(new Trainer.Listener() {
                @Override
                public void onProgress(int epoch, int batch, int batches, double loss, double accuracy, double imagesPerSecond) {
                    told.add(new double[] {epoch, batch, batches, loss, accuracy, imagesPerSecond});
                }
            }).fit(SHAPES, 1).get(0);
            assertEquals(10, told.size());
            assertArrayEquals(new double[] {1, 1, 10}, Arrays.copyOf(told.get(0), 3));
            assertArrayEquals(new double[] {1, 10, 10, result.loss(), result.accuracy()}, Arrays.copyOf(told.get(9), 5));
            told.forEach(each -> assertTrue(each[5] > 0 && each[4] * 32 * each[1] % 1 < 1e-9 || each[1] == 10, () -> Arrays.toString(each)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void aNetworkOfSixteenBitsIsRefusedOnEveryBackend(DataType type) {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            String message = assertThrows(IllegalArgumentException.class, () -> Network.on(engine, 5).type(type)).getMessage();
            assertTrue(message.startsWith("type is " + type + "; allowed for a network: FLOAT32, FLOAT64."), message);
        }
    }

    @Test
    void trainingIsTheSameToTheLastBitForEveryThreadCount() {
        Map<String, HostTensor> one = trainedWith(1);
        Map<String, HostTensor> three = trainedWith(3);
        one.forEach((name, value) -> assertArrayEquals(value.floats(), three.get(name).floats(), name));
    }

    private static Map<String, HostTensor> trainedWith(int threads) {
        try (ConvEngine engine = ConvEngine.builder().threads(threads).open()) {
            Network network = classifier(engine);
            trainer(network, Optimizers.sgd(0.9, 1e-4)).fit(SHAPES, 2);
            return network.values();
        }
    }

    @Test
    void trainingGoesOnFromACheckpointAsIfItHadNotStopped(@TempDir Path dir) throws Exception {
        for (Function<Network, Optimizer> rule : List.of(Optimizers.adam(1e-3), Optimizers.sgd(0.9, 0))) {
            try (ConvEngine engine = ConvEngine.builder().threads(2).open()) {
                Network whole = classifier(engine);
                trainer(whole, rule).fit(SHAPES, 3);

                Trainer interrupted = trainer(classifier(engine), rule);
                interrupted.fit(SHAPES, 1);
                interrupted.saveCheckpoint(dir.resolve("checkpoint.safetensors"));
                Trainer resumed = trainer(classifier(engine), rule);
                resumed.restoreCheckpoint(dir.resolve("checkpoint.safetensors"));
                assertEquals(1, resumed.epochsDone());
                resumed.fit(SHAPES, 2);

                Map<String, HostTensor> expected = whole.values();
                resumed.network().values().forEach((name, value) ->
                        assertArrayEquals(expected.get(name).floats(), value.floats(), name));
            }
        }
    }

    @Test
    void anAutoencoderLearnsItsInput() {
        try (ConvEngine engine = ConvEngine.builder().threads(2).open()) {
            Network network = Network.on(engine, 5).input(1, 16, 16).build(
                    conv(8, 5).stride(2).padding(2), sigmoid(), convTranspose(1, 5).stride(2).padding(2).outputSize(16, 16));
            List<EpochResult> results = Trainer.of(network).loss(Loss.SIGMOID_CROSS_ENTROPY).schedule(Schedule.constant(5e-3)).batch(32)
                    .fit(SHAPES, 4);
            for (int i = 1; i < results.size(); i++) {
                assertTrue(results.get(i).loss() < results.get(i - 1).loss(), () -> "losses: " + results);
            }
        }
    }

    @Test
    void aDivergedTrainingNamesTheLayer() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network network = Network.on(engine, 5).input(1, 16, 16).build(conv(4, 3), relu(), linear(6));
            Trainer trainer = Trainer.of(network).optimizer(Optimizers.sgd(0.9, 0)).schedule(Schedule.constant(1e30));
            String message = assertThrows(TrainingDivergedException.class, () -> trainer.fit(SHAPES, 3)).getMessage();
            assertTrue(message.contains("the first layer with a value that is not finite is linear"), message);
        }
    }

    @Test
    void dataThatDoesNotFitIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network sizes = Network.on(engine, 5).input(1, 15, 16).build(linear(6));
            assertEquals("images have shape [1, 16, 16]; the network needs [1, 15, 16]",
                    assertThrows(IllegalArgumentException.class, () -> Trainer.of(sizes).fit(SHAPES, 1)).getMessage());
            Network classes = Network.on(engine, 5).input(1, 16, 16).build(linear(7));
            assertEquals("the data has 6 classes; the network has 7 outputs",
                    assertThrows(IllegalArgumentException.class, () -> Trainer.of(classes).fit(SHAPES, 1)).getMessage());
        }
    }
}
