package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.nn.models.Models;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fifty training steps on the CPU against those of PyTorch, recorded in double (docs/peers.md tells how): the loss of each step and the
 * norm of each parameter after it.
 *
 * <p>The bound: a computed inner product of n terms is the exact one of factors that each differ by at most a share gamma of themselves
 * (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., (3.4)), where gamma = 5 sqrt(n) u holds but with probability
 * 2 exp(-25/2) if roundings are independent of each other (Higham and Mary, SIAM J. Sci. Comput. 41, 2019, Theorem 2.4). So a step in
 * rounded arithmetic is a step in exact arithmetic with weights, activations and gradients that are disturbed by that share. What such
 * disturbances, made in every step, do to this very trajectory is measured in double: the largest change of a loss or norm up to a step is
 * its bound, plus the rounding of the sum that makes up the loss, and for a norm the share by which the disturbances of the weights could
 * change it if all had the same sign.
 *
 * <p>Where a ReLU or a maximum is as near to its kink as rounding reaches, a step is not continuous and nothing can be said. The seed is
 * one for which none comes that near; one with which LeNet's Adam meets such a ReLU in step 9 shows a jump of 2e-4 in the loss.
 */
class TrajectoryTest {

    private static final int BATCH = 4;
    private static final int STEPS = 50;
    private static final int EDGE = 20;
    private static final long SEED = 7;

    private static final Dataset IMAGES = new GeneratedShapes(STEPS * BATCH, EDGE, SEED);

    /** What was recorded. */
    enum Recording {
        LENET_SGD("lenet-sgd", Models.leNetLayers(6), Loss.SOFTMAX_CROSS_ENTROPY, Optimizers.sgd(0.9, 0), 0.01),
        LENET_ADAM("lenet-adam", Models.leNetLayers(6), Loss.SOFTMAX_CROSS_ENTROPY, Optimizers.adam(0), 1e-3),
        AUTOENCODER_SGD("autoencoder-sgd", Models.autoencoderLayers(1, EDGE, EDGE), Loss.SIGMOID_CROSS_ENTROPY,
                Optimizers.sgd(0.9, 0), 1e-4),
        AUTOENCODER_ADAM("autoencoder-adam", Models.autoencoderLayers(1, EDGE, EDGE), Loss.SIGMOID_CROSS_ENTROPY, Optimizers.adam(0),
                1e-2);

        private final String file;
        private final LayerSpec[] layers;
        private final Loss loss;
        private final Function<Network, Optimizer> optimizer;
        private final double rate;
        private List<double[]> exact;
        private List<double[]> disturbed;

        Recording(String file, LayerSpec[] layers, Loss loss, Function<Network, Optimizer> optimizer, double rate) {
            this.file = file;
            this.layers = layers;
            this.loss = loss;
            this.optimizer = optimizer;
            this.rate = rate;
        }

        /** A row for each step from 0: the loss, which row 0 lacks, and the norms. */
        List<double[]> rows() throws IOException {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                    TrajectoryTest.class.getResourceAsStream("trajectories/" + file + ".csv"), StandardCharsets.UTF_8))) {
                return lines.lines().filter(line -> Character.isDigit(line.charAt(0)))
                        .map(line -> Stream.of(line.split(",", -1)).skip(1)
                                .mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell)).toArray())
                        .toList();
            }
        }

        /** The same steps in double on the CPU; computed once for all tests. */
        synchronized List<double[]> exact() {
            exact = exact == null ? train(DataType.FLOAT64, 0) : exact;
            return exact;
        }

        /** The same in double, disturbed as much as arithmetic in single precision may; computed once for all tests. */
        synchronized List<double[]> disturbedAsInSingle() {
            disturbed = disturbed == null ? train(DataType.FLOAT64, gamma(longestSum(), DataType.FLOAT32)) : disturbed;
            return disturbed;
        }

        /** The same steps with JConv on the CPU. */
        List<double[]> train(DataType type, double disturbance) {
            try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open()) {
                return train(engine, type, disturbance);
            }
        }

        /** The same steps on an engine; on the CPU alone disturbed. */
        List<double[]> train(ConvEngine engine, DataType type, double disturbance) {
            try (Network network = Network.on(engine, SEED).type(type).input(1, EDGE, EDGE)
                    .build(disturbance == 0 ? layers : disturbed(layers, disturbance))) {
                List<double[]> rows = new ArrayList<>(List.of(row(network, Double.NaN)));
                disturb(network, disturbance, 0);
                Trainer.of(network).loss(loss).optimizer(optimizer).schedule(Schedule.constant(rate)).batch(BATCH).seed(SEED)
                        .listener(new Trainer.Listener() {
                            @Override
                            public void onBatch(int epoch, int batch, int batches, double batchLoss) {
                                rows.add(row(network, batchLoss));
                                disturb(network, disturbance, batch);
                            }
                        }).fit(IMAGES, 1);
                return rows;
            }
        }

        /** The longest sum in a step. */
        long longestSum() {
            try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                    Network network = Network.on(engine, SEED).input(1, EDGE, EDGE).build(layers)) {
                return network.layers().stream().flatMap(TrajectoryTest::problem)
                        .flatMapToLong(problem -> Stream.of(ConvOperation.values())
                                .mapToLong(operation -> operation.accumulationLength(problem.withBatch(BATCH))))
                        .max().orElseThrow();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Recording.class)
    void everyStepAgreesWithPyTorchs(Recording recording) throws IOException {
        List<double[]> expected = recording.rows();
        assertEquals(STEPS + 1, expected.size());
        long terms = recording.longestSum();
        List<double[]> exact = recording.exact();
        assertClose(recording, expected, exact, exact, recording.train(DataType.FLOAT64, gamma(terms, DataType.FLOAT64)), DataType.FLOAT64,
                terms);
        assertClose(recording, expected, recording.train(DataType.FLOAT32, 0), exact, recording.disturbedAsInSingle(), DataType.FLOAT32,
                terms);
    }

    static void assertClose(Recording recording, List<double[]> expected, List<double[]> actual, List<double[]> exact,
                            List<double[]> disturbed, DataType type, long terms) {
        double gamma = gamma(terms, type);
        double sumOfLoss = gamma(IMAGES.imageShape().elements(), type);
        double[] largest = new double[expected.get(0).length];
        for (int step = 0; step <= STEPS; step++) {
            for (int i = step == 0 ? 1 : 0; i < largest.length; i++) {
                largest[i] = Math.max(largest[i], Math.abs(disturbed.get(step)[i] - exact.get(step)[i]));
                double want = expected.get(step)[i];
                double bound = largest[i] + Math.abs(want) * (i == 0 ? sumOfLoss : (step + 1) * gamma);
                double got = actual.get(step)[i];
                String what = recording + " in " + type + ", step " + step + (i == 0 ? ", loss" : ", norm of parameter " + i);
                assertTrue(Math.abs(got - want) <= bound, () -> what + ": " + got + " instead of " + want + ", bound " + bound);
            }
        }
    }

    private static double gamma(long terms, DataType type) {
        return 5 * Math.sqrt(terms) * (type == DataType.FLOAT32 ? 0x1p-24 : 0x1p-53);
    }

    private static Stream<ConvProblem> problem(Layer layer) {
        return layer instanceof Conv conv ? Stream.of(conv.problem())
                : layer instanceof ConvTranspose transposed ? Stream.of(transposed.problem().equivalent()) : Stream.empty();
    }

    private static double[] row(Network network, double loss) {
        List<Double> row = new ArrayList<>(List.of(loss));
        network.values().values().forEach(value -> row.add(norm(value)));
        return row.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double norm(HostTensor values) {
        return Math.sqrt(LongStream.range(0, values.length()).mapToDouble(i -> values.get(i) * values.get(i)).sum());
    }

    /** The layers, with a disturbance of what goes from one to the next and back. */
    private static LayerSpec[] disturbed(LayerSpec[] layers, double share) {
        return Stream.of(layers)
                .flatMap(layer -> Stream.<LayerSpec>of((context, input) -> new Disturbance(context, input, share), layer))
                .toArray(LayerSpec[]::new);
    }

    /** Hands everything on with each value changed by the given share of itself. */
    private static final class Disturbance extends Layer {

        private final double share;
        private long calls;

        Disturbance(NetworkContext context, TensorShape shape, double share) {
            super(context, "disturbance", shape, shape);
            this.share = share;
        }

        @Override
        public Tensor forward(Tensor x, Mode mode) {
            Tensor y = output(x.shape().size(0));
            context().ops().copy(x, y);
            disturbValues((HostTensor) y, share, calls++, 0);
            return y;
        }

        @Override
        public Tensor backward(Tensor dy, boolean wantInput) {
            disturbValues((HostTensor) dy, share, calls++, 1);
            return dy;
        }
    }

    /** Changes every weight by the given share of itself, up or down as chance will have it. */
    private static void disturb(Network network, double share, long step) {
        List<Parameter> parameters = network.parameters();
        for (int p = 0; share != 0 && p < parameters.size(); p++) {
            disturbValues((HostTensor) parameters.get(p).value(), share, step, p + 2);
        }
    }

    private static void disturbValues(HostTensor values, double share, long seed, long stream) {
        for (int i = 0; i < values.length(); i++) {
            boolean up = CounterRandom.bits(seed, stream, i) < 0;
            values.set(i, values.get(i) * (up ? 1 + share : 1 - share));
        }
    }
}
