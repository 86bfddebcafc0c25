package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.leakyRelu;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.localResponseNorm;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sideHead;
import static io.github.jconv.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Datasets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        Map<Function<Network, Optimizer>, Schedule> rules = Map.of(Optimizers.adam(1e-3), Schedule.cosine(0.01, 6),
                Optimizers.adamW(0.1).betas(0.8, 0.99), Schedule.warmUp(1.25, Schedule.cosine(0.01, 2)),
                Optimizers.sgd(0.9, 0), Schedule.step(0.01, 0.3, 2),
                Optimizers.sgd(0.9, 1e-3).nesterov(), Schedule.warmUp(2, Schedule.constant(0.01)));
        for (Map.Entry<Function<Network, Optimizer>, Schedule> rule : rules.entrySet()) {
            try (ConvEngine engine = ConvEngine.builder().threads(2).open()) {
                Network whole = classifier(engine);
                trainer(whole, rule.getKey()).schedule(rule.getValue()).fit(SHAPES, 3);

                Trainer interrupted = trainer(classifier(engine), rule.getKey()).schedule(rule.getValue());
                interrupted.fit(SHAPES, 1);
                interrupted.saveCheckpoint(dir.resolve("checkpoint.safetensors"));
                Trainer resumed = trainer(classifier(engine), rule.getKey()).schedule(rule.getValue());
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

    /** Not the first layer, nor the learning rate. */
    @Test
    void aPictureThatIsNotFiniteIsNamed() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Dataset broken = withValue(Float.NaN, 17);
            String learnt = assertThrows(TrainingDivergedException.class,
                    () -> trainer(classifier(engine), Optimizers.adam(0)).fit(broken, 1)).getMessage();
            String picture = "image 17 of the data set has the value NaN; allowed: finite values";
            assertTrue(learnt.matches("the loss is NaN at step \\d of epoch 1; " + picture), learnt);
            assertEquals("after epoch 1 the loss on the test data is NaN; " + picture,
                    assertThrows(TrainingDivergedException.class,
                            () -> trainer(classifier(engine), Optimizers.adam(0)).fit(SHAPES, broken, 1)).getMessage());
        }
    }

    /** Some of the shapes, with another value in the middle of one. */
    private static Dataset withValue(float value, int image) {
        return Datasets.with(SHAPES.range(0, 40), (index, into, offset) -> {
            if (index == image) {
                into[offset + 100] = value;
            }
        });
    }

    /** Its running values may not be finite, so the network that diverged is no good. */
    @Test
    void aDivergedTrainingNamesTheCheckpointToGoBackTo(@TempDir Path dir) throws Exception {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Trainer trainer = trainer(classifier(engine), Optimizers.sgd(0.9, 0));
            trainer.fit(SHAPES.range(0, 40), 1);
            Path file = dir.resolve("checkpoint.safetensors");
            trainer.saveCheckpoint(file);
            Trainer restored = trainer(classifier(engine), Optimizers.sgd(0.9, 0));
            restored.restoreCheckpoint(file);
            for (Trainer each : List.of(trainer, restored)) {
                String message = assertThrows(TrainingDivergedException.class,
                        () -> each.schedule(Schedule.constant(1e30)).fit(SHAPES, 1)).getMessage();
                assertTrue(message.endsWith(". The last checkpoint is that of epoch 1, " + file), message);
            }
        }
    }

    /** It would change that other one's parameters, and this network would learn nothing. */
    @Test
    void anOptimizerOfAnotherNetworkIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network network = classifier(engine);
            for (Function<Network, Optimizer> rule : List.<Function<Network, Optimizer>>of(Optimizers.adam(0), Optimizers.sgd(0.9, 0))) {
                Optimizer ofAnother = rule.apply(classifier(engine));
                assertEquals("optimizer is one of another network, whose parameters it would change; allowed: one that the rule makes of"
                        + " the network it is given", assertThrows(IllegalArgumentException.class,
                                () -> Trainer.of(network).optimizer(given -> ofAnother)).getMessage());
                Optimizer own = rule.apply(network);
                Trainer.of(network).optimizer(given -> own);
            }
        }
    }

    /** Found before an epoch is trained in vain, and with another batch there is no such last one. */
    @Test
    void aLastBatchThatCannotBeNormalisedIsRefusedAtOnce() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network network = Network.on(engine, 5).input(1, 16, 16).build(linear(6), batchNorm());
            Trainer trainer = Trainer.of(network).batch(4);
            assertEquals("batch is 4 and the data set to train with has 21 images, so that batchNorm has one value per channel in the last"
                    + " batch; allowed: a batch that leaves 2 images and up for the last one",
                    assertThrows(IllegalArgumentException.class, () -> trainer.fit(SHAPES.range(0, 21), 1)).getMessage());
            trainer.fit(SHAPES.range(0, 20), SHAPES.range(0, 1), 1);
            trainer.batch(5).evaluate(SHAPES.range(0, 21));
            trainer(classifier(engine), Optimizers.adam(0)).batch(4).fit(SHAPES.range(0, 21), 1);
        }
    }

    /** A data set as a user may write one: of 1 x 16 x 16 pictures, six classes and always the same label. */
    private static Dataset written(int size, int label) {
        return new Dataset() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public TensorShape imageShape() {
                return SHAPES.imageShape();
            }

            @Override
            public int classes() {
                return 6;
            }

            @Override
            public void image(int index, float[] into, int offset) {
                SHAPES.image(index, into, offset);
            }

            @Override
            public int label(int index) {
                return label;
            }
        };
    }

    @ParameterizedTest
    @CsvSource({"-1", "6"})
    void aLabelThatIsNoClassIsRefused(int label) {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Trainer trainer = trainer(classifier(engine), Optimizers.adam(0)).batch(4);
            assertEquals("the label of image 0 is " + label + "; allowed: 0..5",
                    assertThrows(IllegalArgumentException.class, () -> trainer.evaluate(written(9, label))).getMessage());
            assertThrows(IllegalArgumentException.class, () -> trainer.fit(written(9, label), 1));
        }
    }

    /** Found before an epoch is trained in vain. */
    @Test
    void whatCannotBeTrainedOrTestedIsRefusedAtOnce() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            List<Integer> batches = new ArrayList<>();
            Trainer trainer = trainer(classifier(engine), Optimizers.adam(0)).listener(new Trainer.Listener() {
                @Override
                public void onBatch(int epoch, int batch, int ofEpoch, double loss) {
                    batches.add(batch);
                }
            });
            assertEquals("the data set to train with is empty; allowed: 1 image and up",
                    assertThrows(IllegalArgumentException.class, () -> trainer.fit(SHAPES.range(0, 0), 1)).getMessage());
            assertEquals("epochs are -1; allowed: 0 and up",
                    assertThrows(IllegalArgumentException.class, () -> trainer.fit(SHAPES, -1)).getMessage());
            assertEquals("images have shape [1, 20, 20]; the network needs [1, 16, 16]", assertThrows(IllegalArgumentException.class,
                    () -> trainer.fit(SHAPES, new GeneratedShapes(10, 20, 1), 1)).getMessage());
            assertEquals(List.of(), batches);
        }
    }

    @Test
    void aBatchLargerThanTheDataHoldsAllOfIt() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            List<Integer> batches = new ArrayList<>();
            Trainer trainer = trainer(classifier(engine), Optimizers.adam(0)).batch(Integer.MAX_VALUE).listener(new Trainer.Listener() {
                @Override
                public void onBatch(int epoch, int batch, int ofEpoch, double loss) {
                    batches.add(ofEpoch);
                }
            });
            trainer.fit(SHAPES.range(0, 20), SHAPES.range(20, 30), 2);
            assertEquals(List.of(1, 1), batches);
        }
    }

    @Test
    void aBatchThatNoArrayHoldsIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network network = Network.on(engine, 5).input(1, 1024, 1024).build(averagePool(1024), linear(6));
            assertEquals("a batch of shape [3000, 1, 1024, 1024] has 3145728000 values; allowed: up to " + HostTensor.MAX_ELEMENTS
                    + ". Fewer images per batch take less", assertThrows(IllegalArgumentException.class,
                    () -> Trainer.of(network).batch(3000).evaluate(new GeneratedShapes(3000, 1024, 1))).getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"NaN", "-1", "Infinity"})
    void aLearningRateThatIsNoneIsRefused(double rate) {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Trainer trainer = trainer(classifier(engine), Optimizers.adam(0)).schedule(epoch -> epoch > 0 ? rate : 1e-3);
            assertEquals("the schedule's learning rate at epoch 0.1 is " + rate + "; allowed: 0 and up",
                    assertThrows(IllegalArgumentException.class, () -> trainer.fit(SHAPES, 1)).getMessage());
        }
    }

    @Test
    void aSideHeadWithOtherOutputsIsRefused() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network network = Network.on(engine, 5).input(1, 16, 16).build(sideHead(0.3, linear(5)), linear(6));
            assertEquals("the side head sideHead has 5 outputs; the network has 6, and its loss is the same",
                    assertThrows(IllegalArgumentException.class, () -> Trainer.of(network).fit(SHAPES, 1)).getMessage());
        }
    }

    /** With one step in an epoch no later loss tells that it went too far. */
    @Test
    void aLastStepThatDivergesIsFoundAtTheEndOfTheEpoch() {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Network network = Network.on(engine, 5).input(1, 16, 16).build(conv(4, 3), relu(), linear(6));
            Trainer trainer = Trainer.of(network).optimizer(Optimizers.sgd(0.9, 0)).schedule(Schedule.constant(1e30)).batch(300);
            assertEquals("after epoch 1 the loss on the test data is NaN. A smaller learning rate or a clip norm may help",
                    assertThrows(TrainingDivergedException.class, () -> trainer.fit(SHAPES, SHAPES, 1)).getMessage());
            Network infinite = Network.on(engine, 5).input(1, 16, 16).build(conv(4, 3), relu(), linear(6));
            Trainer farther = Trainer.of(infinite).optimizer(Optimizers.sgd(0.9, 0)).schedule(Schedule.constant(1e300)).batch(300);
            assertEquals("after epoch 1 values of conv.weight are not finite. A smaller learning rate or a clip norm may help",
                    assertThrows(TrainingDivergedException.class, () -> farther.fit(SHAPES, 1)).getMessage());
        }
    }

    /** A checkpoint of other training leaves everything as it was. */
    @Test
    void aCheckpointThatDoesNotFitChangesNothing(@TempDir Path dir) throws Exception {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Path file = dir.resolve("checkpoint.safetensors");
            Trainer adam = trainer(classifier(engine), Optimizers.adam(0));
            adam.fit(SHAPES, 1);
            adam.saveCheckpoint(file);
            Trainer sgd = trainer(classifier(engine), Optimizers.sgd(0.9, 0));
            Map<String, HostTensor> before = sgd.network().values();
            String message = assertThrows(IllegalArgumentException.class, () -> sgd.restoreCheckpoint(file)).getMessage();
            assertEquals(file + ": optimizer is sgd, and the checkpoint was written with adam; allowed: adam", message);
            sgd.network().values().forEach((name, value) -> assertArrayEquals(before.get(name).floats(), value.floats(), name));
            assertEquals(0, sgd.epochsDone());

            Safetensors good = Safetensors.read(file);
            for (String[] lie : new String[][] {{"epochs", "-1"}, {"epochs", "4294967296"}, {"steps", "-3"}, {"seed", "one"}}) {
                Map<String, String> metadata = new HashMap<>(good.metadata());
                metadata.put(lie[0], lie[1]);
                new Safetensors(metadata, good.tensors()).write(file);
                String told = assertThrows(DataFormatException.class, () -> adam.restoreCheckpoint(file)).getMessage();
                assertTrue(told.startsWith(file + ": metadata '" + lie[0] + "' is '" + lie[1] + "'; a checkpoint has a number there, "), told);
            }
            new Safetensors(Map.of("epochs", "1", "steps", "10", "seed", "1"), good.tensors()).write(file);
            assertEquals(file + ": metadata 'setting.optimizer' is missing; a checkpoint tells how training was set up",
                    assertThrows(DataFormatException.class, () -> adam.restoreCheckpoint(file)).getMessage());
            Map<String, HostTensor> withoutMoment = new HashMap<>(good.tensors());
            withoutMoment.remove("optimizer.conv.weight.first_moment");
            new Safetensors(good.metadata(), withoutMoment).write(file);
            assertEquals(file + ": optimiser state 'conv.weight.first_moment' is missing; needed: FLOAT32 [6, 1, 3, 3]",
                    assertThrows(IllegalArgumentException.class, () -> adam.restoreCheckpoint(file)).getMessage());
            Map<String, HostTensor> tensors = new HashMap<>(good.tensors());
            tensors.put("optimizer.adam.step", HostTensor.zeros(DataType.FLOAT64, TensorShape.of(0)));
            new Safetensors(good.metadata(), tensors).write(file);
            assertThrows(IllegalArgumentException.class, () -> adam.restoreCheckpoint(file));
        }
    }

    /** Going on with other numbers would not be going on; who wants to all the same sets them afterwards. */
    @Test
    void aCheckpointGoesOnWithTheSameSettingsOnly(@TempDir Path dir) throws Exception {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Path file = dir.resolve("checkpoint.safetensors");
            trainer(classifier(engine), Optimizers.adam(0)).saveCheckpoint(file);
            assertOther(file, "optimizer.beta1 is 0.8, and the checkpoint was written with 0.9; allowed: 0.9",
                    trainer(classifier(engine), Optimizers.adam(0).betas(0.8, 0.999)));
            assertOther(file, "optimizer.weight_decay is 0.1, and the checkpoint was written with 0.0; allowed: 0.0",
                    trainer(classifier(engine), Optimizers.adam(0.1)));
            assertOther(file, "optimizer is custom, and the checkpoint was written with adam; allowed: adam",
                    trainer(classifier(engine), OptimizerOfOnesOwn::new));
            assertOther(file, "schedule is constant, and the checkpoint was written with cosine; allowed: cosine",
                    trainer(classifier(engine), Optimizers.adam(0)).schedule(Schedule.constant(0.01)));
            assertOther(file, "schedule.warmup is 1.0, and the checkpoint was written with none; allowed: none",
                    trainer(classifier(engine), Optimizers.adam(0)).schedule(Schedule.warmUp(1, Schedule.cosine(0.01, 6))));
            assertOther(file, "batch is 16, and the checkpoint was written with 32; allowed: 32",
                    trainer(classifier(engine), Optimizers.adam(0)).batch(16));
            assertOther(file, "loss is SQUARED_ERROR, and the checkpoint was written with SOFTMAX_CROSS_ENTROPY; allowed: SOFTMAX_CROSS_ENTROPY",
                    trainer(classifier(engine), Optimizers.adam(0)).loss(Loss.SQUARED_ERROR));
            assertOther(file, "clip_norm is 4.0, and the checkpoint was written with 5.0; allowed: 5.0",
                    trainer(classifier(engine), Optimizers.adam(0)).clipNorm(4));
            assertOther(file, "clip_norm is none, and the checkpoint was written with 5.0; allowed: 5.0",
                    Trainer.of(classifier(engine)).schedule(Schedule.cosine(0.01, 6)).batch(32));
            Safetensors written = Safetensors.read(file);
            Map<String, String> otherDigits = new HashMap<>(written.metadata());
            otherDigits.put("setting.schedule.rate", "0.010000000000000000");
            new Safetensors(otherDigits, written.tensors()).write(file);
            Trainer after = trainer(classifier(engine), Optimizers.adam(0));
            after.restoreCheckpoint(file);
            after.schedule(Schedule.constant(1e-3)).batch(16).fit(SHAPES, 1);
        }
    }

    /** Which values are dropped is of the network's seed, also where a double does not tell two seeds apart. */
    @Test
    void aCheckpointGoesOnWithTheSameSeedOfDropoutOnly(@TempDir Path dir) throws Exception {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Path file = dir.resolve("checkpoint.safetensors");
            long seed = (1L << 60) + 1;
            Trainer.of(Network.on(engine, seed).input(1, 16, 16).build(dropout(0.1), linear(6))).saveCheckpoint(file);
            Network another = Network.on(engine, seed - 1).input(1, 16, 16).build(dropout(0.1), linear(6));
            assertOther(file, "dropout.seed is 1152921504606846976, and the checkpoint was written with 1152921504606846977;"
                    + " allowed: 1152921504606846977", Trainer.of(another));
            Safetensors written = Safetensors.read(file);
            Map<String, String> older = new HashMap<>(written.metadata());
            older.remove("setting.dropout.seed");
            new Safetensors(older, written.tensors()).write(file);
            Trainer.of(another).restoreCheckpoint(file);
            Trainer.of(Network.on(engine, 1).input(1, 16, 16).build(linear(6))).saveCheckpoint(file);
            Trainer.of(Network.on(engine, 2).input(1, 16, 16).build(linear(6))).restoreCheckpoint(file);
        }
    }

    private static void assertOther(Path file, String message, Trainer trainer) {
        assertEquals(file + ": " + message, assertThrows(DifferentSettingException.class, () -> trainer.restoreCheckpoint(file)).getMessage());
    }

    /** Neither values nor shapes tell of them. */
    @Test
    void aCheckpointGoesOnWithTheSameNumbersInLayersOnly(@TempDir Path dir) throws Exception {
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            Path file = dir.resolve("checkpoint.safetensors");
            trainerOf(engine, batchNorm(), dropout(0.1), leakyRelu(0.2), localResponseNorm(3, 1, 0.75, 2), sideHead(0.3, linear(6)))
                    .saveCheckpoint(file);
            assertOther(file, "batchNorm.epsilon is 0.001, and the checkpoint was written with 1.0E-5; allowed: 1.0E-5", trainerOf(engine,
                    batchNorm().epsilon(1e-3), dropout(0.1), leakyRelu(0.2), localResponseNorm(3, 1, 0.75, 2), sideHead(0.3, linear(6))));
            assertOther(file, "batchNorm.momentum is 0.2, and the checkpoint was written with 0.1; allowed: 0.1", trainerOf(engine,
                    batchNorm().momentum(0.2), dropout(0.1), leakyRelu(0.2), localResponseNorm(3, 1, 0.75, 2), sideHead(0.3, linear(6))));
            assertOther(file, "dropout.rate is 0.2, and the checkpoint was written with 0.1; allowed: 0.1", trainerOf(engine,
                    batchNorm(), dropout(0.2), leakyRelu(0.2), localResponseNorm(3, 1, 0.75, 2), sideHead(0.3, linear(6))));
            assertOther(file, "leaky_relu.slope is 0.1, and the checkpoint was written with 0.2; allowed: 0.2", trainerOf(engine,
                    batchNorm(), dropout(0.1), leakyRelu(0.1), localResponseNorm(3, 1, 0.75, 2), sideHead(0.3, linear(6))));
            assertOther(file, "localResponseNorm.k is 1.0, and the checkpoint was written with 2.0; allowed: 2.0", trainerOf(engine,
                    batchNorm(), dropout(0.1), leakyRelu(0.2), localResponseNorm(3, 1, 0.75, 1), sideHead(0.3, linear(6))));
            assertOther(file, "sideHead.weight is 0.5, and the checkpoint was written with 0.3; allowed: 0.3", trainerOf(engine,
                    batchNorm(), dropout(0.1), leakyRelu(0.2), localResponseNorm(3, 1, 0.75, 2), sideHead(0.5, linear(6))));
        }
    }

    private static Trainer trainerOf(ConvEngine engine, LayerSpec... layers) {
        LayerSpec[] all = Arrays.copyOf(layers, layers.length + 1);
        all[layers.length] = linear(6);
        return Trainer.of(Network.on(engine, 5).input(1, 16, 16).build(all));
    }

    /** As a user may write one. */
    private record OptimizerOfOnesOwn(Network network) implements Optimizer {

        @Override
        public void begin(double rate) {
        }

        @Override
        public void apply() {
        }

        @Override
        public Map<String, HostTensor> state() {
            return Map.of();
        }

        @Override
        public void setState(Map<String, HostTensor> state) {
        }
    }
}
