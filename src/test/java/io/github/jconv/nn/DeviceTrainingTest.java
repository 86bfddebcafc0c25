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
import static io.github.jconv.nn.Layers.pad;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sideHead;
import static io.github.jconv.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.device.DeviceBackend;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.nn.models.Models;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training with every tensor on the device: the CPU's losses, the same bits with and without recorded steps, and no allocation. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeviceTrainingTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Two whole batches and a part of one. */
    private static final int BATCH = 12;
    private static final Dataset SHAPES = new GeneratedShapes(2 * BATCH + 5, 16, 3);

    /** The unit roundoff of fp32 times more than the longest sum of the networks has terms: a batch of 12 x 16 x 16 values. */
    private static final double LONGEST_SUM = 5000 * 0x1p-24;

    /** What is trained on both. */
    private enum Model {
        LENET(engine -> Models.leNet(engine, 5, 1, 16, 16, 6), Loss.SOFTMAX_CROSS_ENTROPY, Optimizers.sgd(0.9, 1e-3)),
        CLASSIFIER(DeviceTrainingTest::classifier, Loss.SOFTMAX_CROSS_ENTROPY, Optimizers.adam(1e-3)),
        AUTOENCODER(DeviceTrainingTest::autoencoder, Loss.SIGMOID_CROSS_ENTROPY, Optimizers.adam(0));

        private final Function<ConvEngine, Network> build;
        private final Loss loss;
        private final Function<Network, Optimizer> rule;

        Model(Function<ConvEngine, Network> build, Loss loss, Function<Network, Optimizer> rule) {
            this.build = build;
            this.loss = loss;
            this.rule = rule;
        }
    }

    private ConvEngine device;
    private ConvEngine cpu;

    String backend() {
        return "cuda";
    }

    @BeforeAll
    void open() {
        device = ConvEngine.builder().device(EmulatedDevice.request()).backend(backend()).open();
        cpu = ConvEngine.builder().backend("cpu").threads(1).open();
    }

    @AfterAll
    void close() {
        cpu.close();
        device.close();
    }

    private static Network classifier(ConvEngine engine) {
        return Network.on(engine, 5).input(1, 16, 16).build(
                pad(PadMode.REFLECT, 1, 1), conv(6, 3).withoutBias(), batchNorm(), relu(), maxPool(2), localResponseNorm(3, 0.1, 0.75, 1),
                conv(8, 3), leakyRelu(0.1), sideHead(0.3, averagePool(3), linear(6)), averagePool(2), dropout(0.2), linear(6));
    }

    private static Network autoencoder(ConvEngine engine) {
        return Network.on(engine, 5).input(1, 16, 16).build(
                conv(4, 5).stride(2).padding(2), sigmoid(), convTranspose(1, 5).stride(2).padding(2).outputSize(16, 16));
    }

    private static Trainer trainer(Network network, Function<Network, Optimizer> rule) {
        return Trainer.of(network).optimizer(rule).schedule(Schedule.cosine(0.01, 4)).batch(BATCH).clipNorm(2);
    }

    /**
     * Both compute the same sums in different orders. What differs after one step is what a relative change of the weights by the bound
     * of the longest sum would do, at most; so after each further step as much is added. How strongly this training answers to such a
     * change is measured on the CPU, on weights changed by just that much.
     */
    @ParameterizedTest
    @EnumSource
    void theLossesAreThoseOfTheCpu(Model model) {
        List<Double> expected = losses(cpu, model, 0);
        List<Double> actual = losses(device, model, 0);
        assertEquals(expected.size(), actual.size());
        double sensitivity = 0;
        List<List<Double>> changed = List.of(losses(cpu, model, 1), losses(cpu, model, 2), losses(cpu, model, 3));
        for (int step = 0; step < expected.size(); step++) {
            for (List<Double> other : changed) {
                sensitivity = Math.max(sensitivity, Math.abs(other.get(step) - expected.get(step)));
            }
            double bound = (step + 1) * sensitivity;
            assertTrue(bound < 0.1 * expected.get(step), "the bound says nothing: " + bound);
            assertEquals(expected.get(step), actual.get(step), bound, "loss of step " + step);
        }
    }

    private static List<Double> losses(ConvEngine engine, Model model, long change) {
        List<Double> losses = new ArrayList<>();
        try (Network network = model.build.apply(engine)) {
            if (change > 0) {
                network.setValues(changed(network.values(), change));
            }
            trainer(network, model.rule).loss(model.loss)
                    .listener(new Trainer.Listener() {
                        @Override
                        public void onBatch(int epoch, int batch, int batches, double loss) {
                            losses.add(loss);
                        }
                    }).fit(SHAPES, 3);
        }
        return losses;
    }

    private static Map<String, HostTensor> changed(Map<String, HostTensor> values, long seed) {
        values.values().forEach(value -> {
            for (int i = 0; i < value.length(); i++) {
                value.set(i, value.get(i) * (1 + (CounterRandom.uniform(seed, 0, i) < 0.5 ? -1 : 1) * LONGEST_SUM));
            }
        });
        return values;
    }

    @Test
    void recordedStepsGiveTheBitsOfPlainOnes() {
        for (Function<Network, Optimizer> rule : List.of(Optimizers.adam(1e-3), Optimizers.sgd(0.9, 1e-3))) {
            assertSameValues(trained(rule, false), trained(rule, true));
        }
    }

    private Map<String, HostTensor> trained(Function<Network, Optimizer> rule, boolean recorded) {
        try (Network network = classifier(device)) {
            trainer(network, rule).recordSteps(recorded).fit(SHAPES, 4);
            return network.values();
        }
    }

    /** Recorded steps are forgotten when the settings change. */
    @Test
    void aTrainerFollowsItsSettings() {
        try (Network network = classifier(device); Network plain = classifier(device)) {
            for (Network each : List.of(network, plain)) {
                Trainer trainer = trainer(each, Optimizers.sgd(0.9, 0)).recordSteps(each == network);
                trainer.fit(SHAPES, 3);
                trainer.clipNorm(0.1).fit(SHAPES, 1);
                trainer.optimizer(Optimizers.adam(0)).fit(SHAPES, 2);
            }
            assertSameValues(plain.values(), network.values());
        }
    }

    @Test
    void aStepAllocatesNothingOnceItIsRecorded() {
        DeviceContext context = assertInstanceOf(DeviceBackend.class, device.backend()).context();
        try (Network first = classifier(device)) {
            // What all networks share is made with the first.
            trainer(first, Optimizers.adam(0)).fit(SHAPES, 1);
        }
        int before = context.liveAllocations().size();
        long[] leastBytes = {Long.MAX_VALUE};
        try (Network network = classifier(device)) {
            trainer(network, Optimizers.adam(0)).listener(new Trainer.Listener() {

                private long bytes = THREADS.getCurrentThreadAllocatedBytes();
                private int live;

                @Override
                public void onBatch(int epoch, int batch, int batches, double loss) {
                    long now = THREADS.getCurrentThreadAllocatedBytes();
                    if (batch > 1) {
                        leastBytes[0] = Math.min(leastBytes[0], now - bytes);
                    }
                    if (epoch == 4 && batch == 1) {
                        live = context.liveAllocations().size();
                    } else if (epoch > 4) {
                        assertEquals(live, context.liveAllocations().size(), "memory on the device");
                    }
                    bytes = THREADS.getCurrentThreadAllocatedBytes();
                }
            }).fit(SHAPES, 12);
        }
        assertEquals(0, leastBytes[0], "bytes on the heap in a step");
        assertEquals(before, context.liveAllocations().size(), "only what all networks share is kept");
    }

    /** What the layers in front of the refused one have made is given back. */
    @Test
    void aNetworkThatIsRefusedLeavesNothingOnTheDevice() {
        DeviceContext context = assertInstanceOf(DeviceBackend.class, device.backend()).context();
        // What all networks share is made with the first.
        classifier(device).close();
        int before = context.liveAllocations().size();
        Network.Builder builder = Network.on(device, 5).input(1, 16, 16);
        assertThrows(IllegalArgumentException.class, () -> builder.build(conv(6, 3), batchNorm(), linear(6), conv(4, 17)));
        assertEquals(before, context.liveAllocations().size());
    }

    @Test
    void aStepIsTwoLaunchesOfGraphs() {
        try (Network network = classifier(device)) {
            Trainer trainer = trainer(network, Optimizers.adam(0));
            trainer.fit(SHAPES, 2);
            EmulatedDevice.command("forget calls");
            trainer.fit(SHAPES, 1);
            assertEquals(2 * 3, EmulatedDevice.calls("cuGraphLaunch"));
            assertEquals(0, EmulatedDevice.calls("cublasSgemm") + EmulatedDevice.calls("cublasSgemmStridedBatched"));
            assertEquals(0, EmulatedDevice.calls("cuMemAllocAsync") + EmulatedDevice.calls("cuStreamBeginCapture"));
        }
    }

    /** And from the device to the CPU: the values are the same, the next steps within their rounding. */
    @Test
    void trainingGoesOnFromACheckpoint(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("checkpoint.safetensors");
        try (Network whole = classifier(device); Network interrupted = classifier(device); Network resumed = classifier(device);
             Network onCpu = classifier(cpu)) {
            trainer(whole, Optimizers.adam(1e-3)).fit(SHAPES, 3);
            Trainer first = trainer(interrupted, Optimizers.adam(1e-3));
            first.fit(SHAPES, 2);
            first.saveCheckpoint(file);
            Trainer second = trainer(resumed, Optimizers.adam(1e-3));
            second.restoreCheckpoint(file);
            second.fit(SHAPES, 1);
            assertSameValues(whole.values(), resumed.values());

            Trainer third = trainer(onCpu, Optimizers.adam(1e-3));
            third.restoreCheckpoint(file);
            assertSameValues(interrupted.values(), onCpu.values());
        }
    }

    @Test
    void aDivergedTrainingNamesTheLayer() {
        try (Network network = Network.on(device, 5).input(1, 16, 16).build(conv(4, 3), relu(), linear(6))) {
            Trainer trainer = Trainer.of(network).optimizer(Optimizers.sgd(0.9, 0)).schedule(Schedule.constant(1e30)).batch(BATCH);
            String message = assertThrows(TrainingDivergedException.class, () -> trainer.fit(SHAPES, 3)).getMessage();
            assertTrue(message.contains("the first layer with a value that is not finite is"), message);
        }
    }

    /** Every layer's backward pass on the device against central differences in double. */
    @Test
    void theGradientsAreThoseOfTheFunctions() {
        checkGradients(device);
    }

    static void checkGradients(ConvEngine engine) {
        LayerGradientTest.layers().forEach(arguments -> {
            LayerSpec[] layers = (LayerSpec[]) arguments.get()[2];
            assertEquals(List.of(), GradientCheck.run(engine, (TensorShape) arguments.get()[1], 3, 11, 4, layers),
                    () -> arguments.get()[0].toString());
        });
    }

    private static void assertSameValues(Map<String, HostTensor> expected, Map<String, HostTensor> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, value) -> {
            assertEquals(DataType.FLOAT32, value.dataType());
            assertArrayEquals(value.floats(), actual.get(name).floats(), name);
        });
    }
}
