package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Activation;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.algorithm.PadMode;
import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceOps;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;

/**
 * The network operations of a backend against their definitions on the same tensors: one list of cases for every backend.
 *
 * <p>On fp32 tensors, operations that compute in double round once into fp32, as the definition does: the two differ by at most two
 * roundings of the value, and by what cancellation leaves of double's own rounding, which is below 2^-40 of the largest value involved.
 * Operations that compute in fp32 round after each of their up to eight steps, so they differ by at most {@code 9 * 2^-24} times the
 * largest intermediate value. On fp64 tensors everything is computed in double, in another order than the definition's: what
 * cancellation leaves is all. All values of these cases lie below 8 and so do the intermediate ones of every operation.
 *
 * <p>A backend may also compute functions in fp32, where others compute in double and round once. Sigmoid and tanh are then off by 5
 * units of 2^-24 (see the CPU's elementary functions) and the definition by one; what is made of them takes a few steps in fp32.
 */
public final class OperationCases {

    private static final double LARGEST = 8;
    private static final TensorShape SHAPE = TensorShape.of(3, 5, 7, 6);
    private static final double PER_IMAGE = 5 * 7 * 6;
    private static final TensorShape CHANNELS = TensorShape.of(5);
    private static final TensorShape IMAGES = TensorShape.of(3);
    private static final int CLASSES = 9;
    private static final double[] LABELS = {8, 0, 4};

    /** Of one, two and three axes, and the usual 2x2 that has loops of its own. */
    private static final List<ConvProblem> WINDOWS = List.of(
            ConvProblem.parse("n2c3w11k3s3_sw2_pw1_dw2_g3"),
            ConvProblem.parse("n3c5h7w6k5r3s2_sh2sw1_ph1pw1_g5"),
            ConvProblem.parse("n2c2d4h5w6k2t2r3s2_sd2sh1sw2_pd0ph1pw1_g2"),
            ConvProblem.parse("n3c5h7w8k5r2s2_sh2sw3_g5"));

    /** How an operation computes on fp32 tensors. */
    private enum Arithmetic {
        EXACT(0, 0),
        DOUBLE(2 * 0x1p-24, 0x1p-40 * LARGEST),
        FLOAT(0, 9 * 0x1p-24 * LARGEST),
        FUNCTION(6 * 0x1p-24, 0x1p-149),
        /** Of an image's cross entropies, which lie below 4 with their parts. */
        SUM_OF_FUNCTIONS(0, 9 * 0x1p-24 * 4 * PER_IMAGE);

        private final double relative;
        private final double absolute;

        Arithmetic(double relative, double absolute) {
            this.relative = relative;
            this.absolute = absolute;
        }

        double bound(DataType type, double reference) {
            return this == EXACT ? 0 : type == DataType.FLOAT64 ? 0x1p-40 * LARGEST : relative * Math.abs(reference) + absolute;
        }
    }

    /** One operation on tensors made from a seed; returns what it wrote. */
    private interface Body {
        List<Tensor> run(Place on);
    }

    /** A case; {@link #toString} is its name. */
    public static final class Case {

        private final String name;
        private final Arithmetic arithmetic;
        private final List<Arithmetic> withFunctionsInSingle;
        private final Body body;

        private Case(String name, Arithmetic arithmetic, List<Arithmetic> withFunctionsInSingle, Body body) {
            this.name = name;
            this.arithmetic = arithmetic;
            this.withFunctionsInSingle = withFunctionsInSingle;
            this.body = body;
        }

        /** What a backend makes of it. */
        public List<HostTensor> on(Backend backend, DataType type) {
            Place place = new Place(backend.networkOps().orElseThrow(), type, values -> {
                Tensor tensor = backend.newTensor(values.dataType(), values.shape());
                if (tensor instanceof HostTensor) {
                    return values;
                }
                backend.upload(values, tensor);
                return tensor;
            });
            List<HostTensor> outputs = body.run(place).stream().map(output -> {
                HostTensor copy = HostTensor.zeros(output.dataType(), output.shape());
                backend.download(output, copy);
                return copy;
            }).toList();
            place.made.forEach(Tensor::close);
            return outputs;
        }

        /** Fails unless these are the definition's outputs within the bound. */
        public void assertWithinItsRounding(List<HostTensor> outputs, DataType type) {
            assertWithin(outputs, type, List.of());
        }

        /** The same for fp32 outputs of a backend that computes functions in fp32. */
        public void assertWithinItsRoundingInSingle(List<HostTensor> outputs) {
            assertWithin(outputs, DataType.FLOAT32, withFunctionsInSingle);
        }

        private void assertWithin(List<HostTensor> outputs, DataType type, List<Arithmetic> ofOutputs) {
            List<Tensor> expected = body.run(new Place(new ReferenceOps(), type, values -> values));
            assertEquals(expected.size(), outputs.size());
            for (int t = 0; t < outputs.size(); t++) {
                HostTensor references = (HostTensor) expected.get(t);
                Arithmetic ofOutput = t < ofOutputs.size() ? ofOutputs.get(t) : arithmetic;
                for (int i = 0; i < references.length(); i++) {
                    double reference = references.get(i);
                    double actual = outputs.get(t).get(i);
                    double bound = ofOutput.bound(type, reference);
                    assertTrue(actual == reference || Math.abs(actual - reference) <= bound, name + " output " + t + " element " + i
                            + ": " + actual + ", definition " + reference + ", bound " + bound);
                }
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Makes tensors where the operations compute. */
    private record Place(TensorOps ops, DataType type, Function<HostTensor, Tensor> put, List<Tensor> made) {

        Place(TensorOps ops, DataType type, Function<HostTensor, Tensor> put) {
            this(ops, type, put, new ArrayList<>());
        }

        Tensor put(HostTensor values) {
            Tensor tensor = put.apply(values);
            made.add(tensor);
            return tensor;
        }

        /** One number for each image. */
        Tensor perImage(double... numbers) {
            return put(filled(type, TensorShape.of(numbers.length), i -> numbers[(int) i]));
        }

        Tensor number(double value) {
            return put(filled(DataType.FLOAT64, TensorShape.of(1), i -> value));
        }

        /** Uniform in (-1, 1). */
        Tensor random(TensorShape shape, long stream) {
            return put(filled(type, shape, i -> uniform(stream, i)));
        }

        Tensor positive(TensorShape shape, long stream) {
            return put(filled(type, shape, i -> 0.5 + Math.abs(uniform(stream, i))));
        }

        private static double uniform(long stream, long i) {
            return 2 * CounterRandom.uniform(5, stream, i) - 1;
        }

        /** Inside a longer array, so that offsets matter. */
        private static HostTensor filled(DataType type, TensorShape shape, LongToDoubleFunction values) {
            int offset = 3;
            int length = (int) shape.elements() + 2 * offset;
            HostTensor tensor = type == DataType.FLOAT64 ? HostTensor.wrap(shape, new double[length], offset)
                    : HostTensor.wrap(shape, new float[length], offset);
            for (int i = 0; i < tensor.length(); i++) {
                tensor.set(i, values.applyAsDouble(i));
            }
            return tensor;
        }
    }

    private final List<Case> cases = new ArrayList<>();

    private OperationCases() {
    }

    /** Every operation. */
    public static List<Case> all() {
        OperationCases all = new OperationCases();
        all.addElementwise();
        WINDOWS.forEach(all::addWindows);
        all.addNormalisation();
        all.addLossesAndSteps();
        return all.cases;
    }

    private void add(String name, Arithmetic arithmetic, Body body) {
        add(name, arithmetic, List.of(), body);
    }

    /** @param inSingle of the first outputs, where functions are computed in fp32; the others are as everywhere */
    private void add(String name, Arithmetic arithmetic, List<Arithmetic> inSingle, Body body) {
        cases.add(new Case(name, arithmetic, inSingle, body));
    }

    private void addElementwise() {
        add("fill", Arithmetic.EXACT, on -> {
            Tensor y = on.random(SHAPE, 1);
            on.ops().fill(y, 0.25);
            return List.of(y);
        });
        add("copy", Arithmetic.EXACT, on -> {
            Tensor y = on.random(SHAPE, 1);
            on.ops().copy(on.random(SHAPE, 2), y);
            return List.of(y);
        });
        add("addScaled", Arithmetic.FLOAT, on -> {
            Tensor y = on.random(SHAPE, 1);
            on.ops().addScaled(on.random(SHAPE, 2), -0.7, y);
            return List.of(y);
        });
        add("scale", Arithmetic.FLOAT, on -> {
            Tensor y = on.random(SHAPE, 1);
            on.ops().scale(y, 0.3);
            return List.of(y);
        });
        for (Activation f : Activation.values()) {
            List<Arithmetic> inSingle = switch (f) {
                case RELU -> List.of();
                case LEAKY_RELU -> List.of(Arithmetic.FUNCTION, Arithmetic.FUNCTION);
                case SIGMOID, TANH -> List.of(Arithmetic.FUNCTION, Arithmetic.FLOAT);
            };
            add("activation " + f, f == Activation.RELU ? Arithmetic.EXACT : Arithmetic.DOUBLE, inSingle, on -> {
                Tensor y = on.random(SHAPE, 1);
                Tensor dx = on.random(SHAPE, 2);
                on.ops().activation(f, 0.1, on.random(SHAPE, 3), y);
                on.ops().activationBackward(f, 0.1, y, on.random(SHAPE, 4), dx);
                return List.of(y, dx);
            });
        }
        add("dropout", Arithmetic.FLOAT, on -> {
            Tensor y = on.random(SHAPE, 1);
            on.ops().dropout(on.random(SHAPE, 2), 0.4, 17, on.number(3), y);
            return List.of(y);
        });
        add("copyChannels", Arithmetic.EXACT, on -> {
            Tensor y = on.random(TensorShape.of(3, 8, 7, 6), 1);
            on.ops().copyChannels(on.random(SHAPE, 2), 1, y, 4, 3);
            return List.of(y);
        });
        add("addSumOfSquares", Arithmetic.DOUBLE, on -> {
            Tensor sum = on.number(0.5);
            on.ops().addSumOfSquares(on.random(TensorShape.of(9), 1), sum);
            return List.of(sum);
        });
        for (double limit : new double[] {0.7, 70}) {
            add("limitNorm to " + limit, Arithmetic.FLOAT, on -> {
                Tensor y = on.random(SHAPE, 1);
                on.ops().limitNorm(on.number(2.25), limit, y);
                return List.of(y);
            });
        }
    }

    private void addWindows(ConvProblem window) {
        String axes = " of " + window;
        TensorShape shape = window.xShape();
        add("maxPool" + axes, Arithmetic.EXACT, on -> {
            Tensor y = on.random(window.yShape(), 1);
            on.ops().maxPool(window, on.random(shape, 2), y);
            return List.of(y);
        });
        add("maxPoolBackward" + axes, Arithmetic.FLOAT, on -> {
            Tensor dx = on.random(shape, 1);
            on.ops().maxPoolBackward(window, on.random(shape, 2), on.random(window.yShape(), 3), dx);
            return List.of(dx);
        });
        for (boolean countPadding : new boolean[] {false, true}) {
            add("averagePool" + axes + ", padding counted " + countPadding, Arithmetic.DOUBLE, on -> {
                Tensor y = on.random(window.yShape(), 1);
                on.ops().averagePool(window, countPadding, on.random(shape, 2), y);
                return List.of(y);
            });
            add("averagePoolBackward" + axes + ", padding counted " + countPadding, Arithmetic.FLOAT, on -> {
                Tensor dx = on.random(shape, 1);
                on.ops().averagePoolBackward(window, countPadding, on.random(window.yShape(), 2), dx);
                return List.of(dx);
            });
        }
        long[] before = {2, 1, 3};
        long[] sizes = shape.sizes();
        for (int i = 2; i < sizes.length; i++) {
            sizes[i] += before[i - 2] + i - 1;
        }
        TensorShape padded = TensorShape.of(sizes);
        long[] begins = Arrays.copyOf(before, sizes.length - 2);
        for (PadMode mode : PadMode.values()) {
            add("pad" + axes + " " + mode, Arithmetic.EXACT, on -> {
                Tensor y = on.random(padded, 1);
                on.ops().pad(mode, begins, on.random(shape, 2), y);
                return List.of(y);
            });
            add("padBackward" + axes + " " + mode, Arithmetic.FLOAT, on -> {
                Tensor dx = on.random(shape, 1);
                on.ops().padBackward(mode, begins, on.random(padded, 2), dx);
                return List.of(dx);
            });
        }
    }

    private void addNormalisation() {
        add("batchNorm", Arithmetic.DOUBLE, List.of(Arithmetic.FLOAT), on -> {
            Tensor y = on.random(SHAPE, 1);
            Tensor runningMean = on.random(CHANNELS, 2);
            Tensor runningVariance = on.positive(CHANNELS, 3);
            Tensor mean = on.random(CHANNELS, 4);
            Tensor deviation = on.random(CHANNELS, 5);
            on.ops().batchNorm(on.random(SHAPE, 6), on.random(CHANNELS, 7), on.random(CHANNELS, 8), 1e-5, 0.1, runningMean, runningVariance, mean,
                    deviation, y);
            return List.of(y, runningMean, runningVariance, mean, deviation);
        });
        add("batchNormInference", Arithmetic.DOUBLE, List.of(Arithmetic.FLOAT), on -> {
            Tensor y = on.random(SHAPE, 1);
            on.ops().batchNormInference(on.random(SHAPE, 2), on.random(CHANNELS, 3), on.random(CHANNELS, 4), 1e-5, on.random(CHANNELS, 5),
                    on.positive(CHANNELS, 6), y);
            return List.of(y);
        });
        add("batchNormBackward", Arithmetic.DOUBLE, List.of(Arithmetic.FLOAT), on -> {
            Tensor dx = on.random(SHAPE, 1);
            Tensor dgamma = on.random(CHANNELS, 2);
            Tensor dbeta = on.random(CHANNELS, 3);
            on.ops().batchNormBackward(on.random(SHAPE, 4), on.random(CHANNELS, 5), on.random(CHANNELS, 6), on.positive(CHANNELS, 7), on.random(SHAPE, 8),
                    dx, dgamma, dbeta);
            return List.of(dx, dgamma, dbeta);
        });
        for (double beta : new double[] {0.75, 0.6}) {
            add("localResponseNorm, beta " + beta, Arithmetic.DOUBLE, on -> {
                Tensor y = on.random(SHAPE, 1);
                Tensor dx = on.random(SHAPE, 2);
                on.ops().localResponseNorm(on.random(SHAPE, 3), 4, 0.3, beta, 1.5, y);
                on.ops().localResponseNormBackward(on.random(SHAPE, 3), 4, 0.3, beta, 1.5, on.random(SHAPE, 4), dx);
                return List.of(y, dx);
            });
        }
    }

    private void addLossesAndSteps() {
        add("softmaxCrossEntropy", Arithmetic.DOUBLE, on -> {
            Tensor loss = on.random(IMAGES, 1);
            Tensor dx = on.random(TensorShape.of(3, CLASSES), 2);
            on.ops().softmaxCrossEntropy(on.random(TensorShape.of(3, CLASSES), 3), on.perImage(LABELS), 0.5, loss, dx);
            return List.of(loss, dx);
        });
        add("sigmoidCrossEntropy", Arithmetic.DOUBLE, List.of(Arithmetic.SUM_OF_FUNCTIONS, Arithmetic.FLOAT), on -> {
            Tensor loss = on.random(IMAGES, 1);
            Tensor dx = on.random(SHAPE, 2);
            on.ops().sigmoidCrossEntropy(on.random(SHAPE, 3), on.positive(SHAPE, 4), 0.5, loss, dx);
            return List.of(loss, dx);
        });
        add("squaredError", Arithmetic.DOUBLE, on -> {
            Tensor loss = on.random(IMAGES, 1);
            Tensor dx = on.random(SHAPE, 2);
            on.ops().squaredError(on.random(SHAPE, 3), on.random(SHAPE, 4), 0.5, loss, dx);
            return List.of(loss, dx);
        });
        for (boolean nesterov : new boolean[] {false, true}) {
            add("sgdStep" + (nesterov ? " of Nesterov" : ""), Arithmetic.FLOAT, on -> {
                Tensor w = on.random(SHAPE, 1);
                Tensor v = on.random(SHAPE, 2);
                on.ops().sgdStep(w, on.random(SHAPE, 3), v, on.number(0.1), 0.9, 0.01, nesterov);
                return List.of(w, v);
            });
        }
        for (boolean decoupled : new boolean[] {false, true}) {
            add("adamStep" + (decoupled ? ", decay decoupled" : ""), Arithmetic.FLOAT, on -> {
                Tensor w = on.random(SHAPE, 1);
                Tensor m = on.random(SHAPE, 2);
                Tensor v = on.positive(SHAPE, 3);
                on.ops().adamStep(w, on.random(SHAPE, 4), m, v, on.number(7), on.number(0.1), 0.9, 0.999, 1e-8, 0.3, decoupled);
                return List.of(w, m, v);
            });
        }
    }
}
