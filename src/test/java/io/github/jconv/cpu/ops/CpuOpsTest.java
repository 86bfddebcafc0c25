package io.github.jconv.cpu.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceOps;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The threaded fp32 operations against their definitions on the same fp32 tensors.
 *
 * <p>Operations that compute in double round once into fp32, as the definition does: the two differ by at most two roundings of the value,
 * and by what cancellation leaves of double's own rounding, which is below 2^-40 of the largest value involved. Operations that compute in
 * fp32 round after each of their up to eight steps, so they differ by at most {@code 9 * 2^-24} times the largest intermediate value. All
 * values of these tests lie below 8 and so do the intermediate ones of every operation.
 */
class CpuOpsTest {

    private static final TensorShape SHAPE = TensorShape.of(3, 5, 7, 6);
    private static final ConvProblem WINDOW = ConvProblem.conv2d().batch(3).input(5, 7, 6).filters(5, 3, 2).stride(2, 1)
            .padding(1).groups(5).build();
    private static final double LARGEST = 8;

    /** One operation on tensors made from a seed; returns what it wrote. */
    private interface Case {
        List<HostTensor> run(TensorOps ops);
    }

    private enum Arithmetic {
        EXACT(0, 0),
        DOUBLE(2 * 0x1p-24, 0x1p-40 * LARGEST),
        FLOAT(0, 9 * 0x1p-24 * LARGEST);

        private final double relative;
        private final double absolute;

        Arithmetic(double relative, double absolute) {
            this.relative = relative;
            this.absolute = absolute;
        }
    }

    static Stream<Arguments> operations() {
        TensorShape pooled = WINDOW.yShape();
        TensorShape padded = TensorShape.of(3, 5, 11, 9);
        TensorShape channels = TensorShape.of(5);
        TensorShape images = TensorShape.of(3);
        List<Arguments> cases = new ArrayList<>();
        add(cases, "fill", Arithmetic.EXACT, ops -> {
            HostTensor y = random(SHAPE, 1);
            ops.fill(y, 0.25);
            return List.of(y);
        });
        add(cases, "copy", Arithmetic.EXACT, ops -> {
            HostTensor y = random(SHAPE, 1);
            ops.copy(random(SHAPE, 2), y);
            return List.of(y);
        });
        add(cases, "addScaled", Arithmetic.FLOAT, ops -> {
            HostTensor y = random(SHAPE, 1);
            ops.addScaled(random(SHAPE, 2), -0.7, y);
            return List.of(y);
        });
        add(cases, "scale", Arithmetic.FLOAT, ops -> {
            HostTensor y = random(SHAPE, 1);
            ops.scale(y, 0.3);
            return List.of(y);
        });
        for (Activation f : Activation.values()) {
            add(cases, "activation " + f, f == Activation.RELU ? Arithmetic.EXACT : Arithmetic.DOUBLE, ops -> {
                HostTensor y = random(SHAPE, 1);
                HostTensor dx = random(SHAPE, 2);
                ops.activation(f, 0.1, random(SHAPE, 3), y);
                ops.activationBackward(f, 0.1, y, random(SHAPE, 4), dx);
                return List.of(y, dx);
            });
        }
        add(cases, "dropout", Arithmetic.FLOAT, ops -> {
            HostTensor y = random(SHAPE, 1);
            ops.dropout(random(SHAPE, 2), 0.4, 17, 3, y);
            return List.of(y);
        });
        add(cases, "copyChannels", Arithmetic.EXACT, ops -> {
            HostTensor y = random(TensorShape.of(3, 8, 7, 6), 1);
            ops.copyChannels(random(SHAPE, 2), 1, y, 4, 3);
            return List.of(y);
        });
        add(cases, "maxPool", Arithmetic.EXACT, ops -> {
            HostTensor y = random(pooled, 1);
            ops.maxPool(WINDOW, random(SHAPE, 2), y);
            return List.of(y);
        });
        add(cases, "maxPoolBackward", Arithmetic.FLOAT, ops -> {
            HostTensor dx = random(SHAPE, 1);
            ops.maxPoolBackward(WINDOW, random(SHAPE, 2), random(pooled, 3), dx);
            return List.of(dx);
        });
        for (boolean countPadding : new boolean[] {false, true}) {
            add(cases, "averagePool, padding counted " + countPadding, Arithmetic.DOUBLE, ops -> {
                HostTensor y = random(pooled, 1);
                ops.averagePool(WINDOW, countPadding, random(SHAPE, 2), y);
                return List.of(y);
            });
            add(cases, "averagePoolBackward, padding counted " + countPadding, Arithmetic.FLOAT, ops -> {
                HostTensor dx = random(SHAPE, 1);
                ops.averagePoolBackward(WINDOW, countPadding, random(pooled, 2), dx);
                return List.of(dx);
            });
        }
        for (PadMode mode : PadMode.values()) {
            add(cases, "pad " + mode, Arithmetic.EXACT, ops -> {
                HostTensor y = random(padded, 1);
                ops.pad(mode, new long[] {3, 1}, random(SHAPE, 2), y);
                return List.of(y);
            });
            add(cases, "padBackward " + mode, Arithmetic.FLOAT, ops -> {
                HostTensor dx = random(SHAPE, 1);
                ops.padBackward(mode, new long[] {3, 1}, random(padded, 2), dx);
                return List.of(dx);
            });
        }
        add(cases, "batchNorm", Arithmetic.DOUBLE, ops -> {
            HostTensor y = random(SHAPE, 1);
            HostTensor runningMean = random(channels, 2);
            HostTensor runningVariance = positive(channels, 3);
            HostTensor mean = random(channels, 4);
            HostTensor deviation = random(channels, 5);
            ops.batchNorm(random(SHAPE, 6), random(channels, 7), random(channels, 8), 1e-5, 0.1, runningMean, runningVariance, mean,
                    deviation, y);
            return List.of(y, runningMean, runningVariance, mean, deviation);
        });
        add(cases, "batchNormInference", Arithmetic.DOUBLE, ops -> {
            HostTensor y = random(SHAPE, 1);
            ops.batchNormInference(random(SHAPE, 2), random(channels, 3), random(channels, 4), 1e-5, random(channels, 5),
                    positive(channels, 6), y);
            return List.of(y);
        });
        add(cases, "batchNormBackward", Arithmetic.DOUBLE, ops -> {
            HostTensor dx = random(SHAPE, 1);
            HostTensor dgamma = random(channels, 2);
            HostTensor dbeta = random(channels, 3);
            ops.batchNormBackward(random(SHAPE, 4), random(channels, 5), random(channels, 6), positive(channels, 7), random(SHAPE, 8),
                    dx, dgamma, dbeta);
            return List.of(dx, dgamma, dbeta);
        });
        for (double beta : new double[] {0.75, 0.6}) {
            add(cases, "localResponseNorm, beta " + beta, Arithmetic.DOUBLE, ops -> {
                HostTensor y = random(SHAPE, 1);
                HostTensor dx = random(SHAPE, 2);
                ops.localResponseNorm(random(SHAPE, 3), 4, 0.3, beta, 1.5, y);
                ops.localResponseNormBackward(random(SHAPE, 3), 4, 0.3, beta, 1.5, random(SHAPE, 4), dx);
                return List.of(y, dx);
            });
        }
        add(cases, "softmaxCrossEntropy", Arithmetic.DOUBLE, ops -> {
            HostTensor loss = random(images, 1);
            HostTensor dx = random(TensorShape.of(3, 9), 2);
            ops.softmaxCrossEntropy(random(TensorShape.of(3, 9), 3), HostTensor.of(images, 8f, 0f, 4f), 0.5, loss, dx);
            return List.of(loss, dx);
        });
        add(cases, "sigmoidCrossEntropy", Arithmetic.DOUBLE, ops -> {
            HostTensor loss = random(images, 1);
            HostTensor dx = random(SHAPE, 2);
            ops.sigmoidCrossEntropy(random(SHAPE, 3), positive(SHAPE, 4), 0.5, loss, dx);
            return List.of(loss, dx);
        });
        add(cases, "squaredError", Arithmetic.DOUBLE, ops -> {
            HostTensor loss = random(images, 1);
            HostTensor dx = random(SHAPE, 2);
            ops.squaredError(random(SHAPE, 3), random(SHAPE, 4), 0.5, loss, dx);
            return List.of(loss, dx);
        });
        add(cases, "sgdStep", Arithmetic.FLOAT, ops -> {
            HostTensor w = random(SHAPE, 1);
            HostTensor v = random(SHAPE, 2);
            ops.sgdStep(w, random(SHAPE, 3), v, 0.1, 0.9, 0.01);
            return List.of(w, v);
        });
        add(cases, "adamStep", Arithmetic.FLOAT, ops -> {
            HostTensor w = random(SHAPE, 1);
            HostTensor m = random(SHAPE, 2);
            HostTensor v = positive(SHAPE, 3);
            ops.adamStep(w, random(SHAPE, 4), m, v, 7, 0.001, 0.9, 0.999, 1e-8, 0.01);
            return List.of(w, m, v);
        });
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void theFastOperationIsWithinItsRoundingOfTheDefinition(String name, Arithmetic arithmetic, Case operation) {
        List<HostTensor> expected = operation.run(new ReferenceOps());
        try (CpuBackend one = new CpuBackend(1); CpuBackend three = new CpuBackend(3)) {
            List<HostTensor> actual = operation.run(one.networkOps().orElseThrow());
            List<HostTensor> threaded = operation.run(three.networkOps().orElseThrow());
            for (int t = 0; t < expected.size(); t++) {
                assertArrayEquals(actual.get(t).floats(), threaded.get(t).floats(), name + ": depends on the threads");
                for (int i = 0; i < expected.get(t).length(); i++) {
                    double reference = expected.get(t).get(i);
                    double bound = arithmetic.relative * Math.abs(reference) + arithmetic.absolute;
                    double error = Math.abs(actual.get(t).get(i) - reference);
                    assertTrue(error <= bound, name + " output " + t + " element " + i + ": " + actual.get(t).get(i) + ", definition "
                            + reference + ", bound " + bound);
                }
            }
        }
    }

    @Test
    void aMissingTensorIsRefusedAndTheNextOperationRuns() {
        try (CpuBackend backend = new CpuBackend(2)) {
            TensorOps ops = backend.networkOps().orElseThrow();
            HostTensor y = random(SHAPE, 1);
            assertThrows(IllegalArgumentException.class, () -> ops.addScaled(null, 1, y));
            assertDoesNotThrow(() -> CompletableFuture.runAsync(() -> ops.fill(y, 2)).get(10, TimeUnit.SECONDS));
        }
    }

    private static void add(List<Arguments> cases, String name, Arithmetic arithmetic, Case operation) {
        cases.add(Arguments.of(name, arithmetic, operation));
    }

    /** Uniform in (-1, 1), inside a longer array so that offsets matter. */
    private static HostTensor random(TensorShape shape, long stream) {
        int offset = 3;
        HostTensor tensor = HostTensor.wrap(shape, new float[(int) shape.elements() + 2 * offset], offset);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, 2 * CounterRandom.uniform(5, stream, i) - 1);
        }
        return tensor;
    }

    private static HostTensor positive(TensorShape shape, long stream) {
        HostTensor tensor = random(shape, stream);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, 0.5 + Math.abs(tensor.get(i)));
        }
        return tensor;
    }
}
