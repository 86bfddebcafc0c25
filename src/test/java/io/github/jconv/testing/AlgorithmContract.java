package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.check.ElementBounds;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What holds for every algorithm in a backend's list whose elements have bounds, whichever it is: new ones are found here by themselves. Each
 * backend has a test that extends this one.
 */
public abstract class AlgorithmContract {

    private static final long NO_LIMIT = Long.MAX_VALUE;
    private static final int GUARD = 16;

    /** The backend. */
    protected abstract Backend backend();

    /** The same backend run otherwise, as with another number of threads: it must give the same bits. */
    protected abstract Backend otherwise();

    /** Whether the list ends with an algorithm that serves every request without any workspace. */
    protected boolean oneServesEverything() {
        return true;
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** Integer data: the sums are exact in fp32, so every order of addition gives the same bits. Scratch memory is full of NaN. */
    @Property(tries = 400)
    void everyAlgorithmIsExactOnIntegers(@ForAll("problems") ConvProblem problem) {
        Arguments arguments = integers(problem);
        for (ConvOperation operation : ConvOperation.values()) {
            TensorShape shape = operation.outputShape(problem);
            HostTensor expected = defined(problem, operation, arguments);
            for (ConvAlgorithm algorithm : supporting(problem, operation)) {
                String what = algorithm.name() + " " + operation.text() + " " + problem;
                HostTensor actual = Tensors.poison(shape);
                run(backend(), algorithm, operation, problem, arguments.with(operation, actual), false);
                assertAgrees(algorithm, operation, problem, arguments, null, expected, actual, what);
                HostTensor start = Tensors.integers(shape, 4);
                HostTensor accumulated = start.copy();
                run(otherwise(), algorithm, operation, problem, arguments.with(operation, accumulated), true);
                assertAgrees(algorithm, operation, problem, arguments, start, plus(expected, start), accumulated, what + " accumulated");
            }
        }
    }

    /** Real data, windows into larger arrays: the same bits however it is run, and nothing outside is touched. */
    @Property(tries = 150)
    void everyAlgorithmGivesTheSameBitsHoweverItIsRunAndStaysInItsWindow(@ForAll("problems") ConvProblem problem) {
        HostTensor x = Tensors.reals(DataType.FLOAT32, problem.xShape(), 1);
        HostTensor w = Tensors.reals(DataType.FLOAT32, problem.wShape(), 2);
        HostTensor y = Tensors.reals(DataType.FLOAT32, problem.yShape(), 3);
        for (ConvOperation operation : ConvOperation.values()) {
            TensorShape shape = operation.outputShape(problem);
            for (ConvAlgorithm algorithm : supporting(problem, operation)) {
                String what = algorithm.name() + " " + operation.text() + " " + problem;
                HostTensor first = window(shape, 5);
                HostTensor second = window(shape, 11);
                run(backend(), algorithm, operation, problem,
                        new Arguments(inWindow(x, 3), inWindow(w, 7), inWindow(y, 2)).with(operation, first), false);
                run(otherwise(), algorithm, operation, problem, new Arguments(x, w, y).with(operation, second), false);
                assertArrayEquals(contents(first), contents(second), what);
                assertGuardsIntact(first, what);
                assertGuardsIntact(second, what);
            }
        }
    }

    /** NaN and infinities in the padded tensor reach exactly the outputs that the definition says, with every algorithm. */
    @Property(tries = 200)
    void whatIsNotFiniteInThePaddedTensorGoesWhereTheDefinitionSays(@ForAll("problems") ConvProblem problem) {
        for (ConvOperation operation : ConvOperation.values()) {
            Arguments arguments = integers(problem);
            makeSomeNonFinite(operation == ConvOperation.BACKWARD_DATA ? arguments.y : arguments.x);
            HostTensor expected = defined(problem, operation, arguments);
            for (ConvAlgorithm algorithm : supporting(problem, operation)) {
                HostTensor actual = computed(algorithm, problem, operation, arguments);
                String what = algorithm.name() + " " + operation.text() + " " + problem;
                switch (algorithm.nonFinite(ConvRequest.fp32(problem, operation))) {
                    case AS_DEFINED, ZEROS_TAKE_PART -> Tensors.assertSameNumbers(expected, actual, what);
                    case SPREADS -> assertAgrees(algorithm, operation, problem, arguments, null, expected, actual, what);
                }
            }
        }
    }

    /** NaN and infinities in the tensor that slides over the padded one: as declared by the algorithm, and never hidden. */
    @Property(tries = 200)
    void whatIsNotFiniteInTheSlidingTensorIsTreatedAsDeclared(@ForAll("problems") ConvProblem problem) {
        for (ConvOperation operation : ConvOperation.values()) {
            Arguments arguments = integers(problem);
            makeSomeNonFinite(operation == ConvOperation.BACKWARD_FILTER ? arguments.y : arguments.w);
            HostTensor expected = defined(problem, operation, arguments);
            for (ConvAlgorithm algorithm : supporting(problem, operation)) {
                HostTensor actual = computed(algorithm, problem, operation, arguments);
                String what = algorithm.name() + " " + operation.text() + " " + problem;
                switch (algorithm.nonFinite(ConvRequest.fp32(problem, operation))) {
                    case AS_DEFINED -> Tensors.assertSameNumbers(expected, actual, what);
                    case ZEROS_TAKE_PART -> assertSameNumbersOrNaN(expected, actual, what);
                    case SPREADS -> assertAgrees(algorithm, operation, problem, arguments, null, expected, actual, what);
                }
            }
        }
    }

    /** What is kept of constant filters gives the same bits as what is made anew, in every call and after they have changed. */
    @Property(tries = 200)
    void constantFiltersGiveTheSameBits(@ForAll("problems") ConvProblem problem) {
        for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
            ConvRequest request = ConvRequest.fp32(problem, operation);
            for (ConvAlgorithm algorithm : supporting(problem, operation)) {
                ConvRequest constant = request.withConstantFilters();
                if (!algorithm.supports(constant).yes() || algorithm.filterForm(constant) == null) {
                    continue;
                }
                assertTrue(algorithm.keepsFilters(), algorithm.name());
                HostTensor x = Tensors.reals(DataType.FLOAT32, problem.xShape(), 1);
                HostTensor y = Tensors.reals(DataType.FLOAT32, problem.yShape(), 3);
                HostTensor w = Tensors.reals(DataType.FLOAT32, problem.wShape(), 2).constant();
                String what = algorithm.name() + " " + constant;
                ConvPlan plan = plan(backend(), algorithm, constant);
                assertEquals(0, plan.keptBytes() % Float.BYTES, what);
                for (int seed = 4; seed < 6; seed++) {
                    Arguments changing = new Arguments(x, w.copy(), y);
                    float[] expected = contents(bits(backend(), plan(backend(), algorithm, request), changing));
                    for (int call = 0; call < 2; call++) {
                        assertArrayEquals(expected, contents(bits(backend(), plan, new Arguments(x, w, y))), what);
                        assertArrayEquals(expected, contents(bits(otherwise(), plan(otherwise(), algorithm, constant),
                                new Arguments(x, w, y))), what);
                    }
                    System.arraycopy(Tensors.reals(DataType.FLOAT32, problem.wShape(), seed).floats(), 0, w.floats(), 0, w.length());
                    w.changed();
                }
            }
        }
    }

    @Example
    void namesDiffer() {
        Set<String> names = new HashSet<>();
        backend().algorithms().forEach(algorithm -> assertTrue(names.add(algorithm.name()), algorithm.name()));
    }

    @Property(tries = 200)
    void theLastAlgorithmServesEveryRequest(@ForAll("problems") ConvProblem problem) {
        if (!oneServesEverything()) {
            return;
        }
        ConvAlgorithm last = backend().algorithms().get(backend().algorithms().size() - 1);
        for (ConvOperation operation : ConvOperation.values()) {
            for (DataType type : DataType.values()) {
                ConvRequest request = new ConvRequest(problem, operation, type);
                assertTrue(last.supports(request).yes(), request::toString);
                if (!Conversion.isNeeded(request)) {
                    assertEquals(0, last.workspaceBytes(request), request::toString);
                }
            }
        }
    }

    /** x, w and y of a call, one of them written. */
    private record Arguments(HostTensor x, HostTensor w, HostTensor y) {

        Arguments with(ConvOperation operation, HostTensor output) {
            return switch (operation) {
                case FORWARD -> new Arguments(x, w, output);
                case BACKWARD_DATA -> new Arguments(output, w, y);
                case BACKWARD_FILTER -> new Arguments(x, output, y);
            };
        }
    }

    private static void run(Arguments arguments, ConvProblem problem, ConvOperation operation) {
        ReferenceConvolution.run(problem, operation, arguments.x, arguments.w, arguments.y, false);
    }

    private static void run(Backend backend, ConvAlgorithm algorithm, ConvOperation operation, ConvProblem problem,
                            Arguments arguments, boolean accumulate) {
        ConvPlan plan = plan(backend, algorithm, ConvRequest.fp32(problem, operation));
        backend.poisonWorkspace(plan);
        backend.run(plan, arguments.x, arguments.w, arguments.y, accumulate);
    }

    private static ConvPlan plan(Backend backend, ConvAlgorithm algorithm, ConvRequest request) {
        return AlgorithmChooser.fixed(algorithm.name()).choose(request, backend.name(), backend.algorithms(), NO_LIMIT);
    }

    /** The output of a run whose workspace and output are full of NaN. */
    private static HostTensor bits(Backend backend, ConvPlan plan, Arguments arguments) {
        ConvOperation operation = plan.request().operation();
        HostTensor output = Tensors.poison(operation.outputShape(plan.request().problem()));
        Arguments all = arguments.with(operation, output);
        backend.poisonWorkspace(plan);
        backend.run(plan, all.x, all.w, all.y, false);
        return output;
    }

    private static Arguments integers(ConvProblem problem) {
        return new Arguments(Tensors.integers(problem.xShape(), 1), Tensors.integers(problem.wShape(), 2),
                Tensors.integers(problem.yShape(), 3));
    }

    /** One element in eight, in turn NaN, infinity and minus infinity. */
    private static void makeSomeNonFinite(HostTensor tensor) {
        double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (int i = 3; i < tensor.length(); i += 8) {
            tensor.set(i, values[i / 8 % values.length]);
        }
    }

    private static HostTensor defined(ConvProblem problem, ConvOperation operation, Arguments arguments) {
        HostTensor output = HostTensor.zeros(operation.outputShape(problem));
        run(arguments.with(operation, output), problem, operation);
        return output;
    }

    private HostTensor computed(ConvAlgorithm algorithm, ConvProblem problem, ConvOperation operation, Arguments arguments) {
        HostTensor output = HostTensor.zeros(operation.outputShape(problem));
        run(backend(), algorithm, operation, problem, arguments.with(operation, output), false);
        return output;
    }

    private List<ConvAlgorithm> supporting(ConvProblem problem, ConvOperation operation) {
        ConvRequest request = ConvRequest.fp32(problem, operation);
        return backend().algorithms().stream().filter(algorithm -> algorithm.supports(request).yes()
                        && algorithm.accuracy(request) != Accuracy.TRANSFORMED)
                .map(ConvAlgorithm.class::cast).toList();
    }

    /**
     * Within the bound of the algorithm's arithmetic, which is 0 for sums of products of integers; not finite where it is not in the
     * definition, or, where bounds are those of tiles, something has been mixed in that is not.
     */
    private static void assertAgrees(ConvAlgorithm algorithm, ConvOperation operation, ConvProblem problem, Arguments arguments,
                                     HostTensor start, HostTensor expected, HostTensor actual, String what) {
        ConvRequest request = ConvRequest.fp32(problem, operation);
        Accuracy accuracy = algorithm.accuracy(request);
        if (!accuracy.hasTransforms()) {
            Tensors.assertSameNumbers(expected, actual, what);
            return;
        }
        double[] bounds = ElementBounds.of(accuracy, request, arguments.x, arguments.w, arguments.y, start, true);
        for (int i = 0; i < bounds.length; i++) {
            double got = actual.get(i);
            boolean unknown = Double.isInfinite(bounds[i]);
            boolean notFinite = unknown && accuracy.isWinograd() || !Double.isFinite(expected.get(i));
            boolean right = notFinite ? !Double.isFinite(got) : unknown || Math.abs(got - expected.get(i)) <= bounds[i];
            assertTrue(right, what + ": element " + i + " is " + got + " instead of " + expected.get(i) + ", bound " + bounds[i]);
        }
    }

    private static void assertSameNumbersOrNaN(HostTensor expected, HostTensor actual, String what) {
        HostTensor lenient = expected.copy();
        for (int i = 0; i < actual.length(); i++) {
            if (Double.isNaN(actual.get(i))) {
                lenient.set(i, Double.NaN);
            }
        }
        Tensors.assertSameNumbers(lenient, actual, what);
    }

    private static HostTensor plus(HostTensor a, HostTensor b) {
        HostTensor sum = a.copy();
        for (int i = 0; i < sum.length(); i++) {
            sum.set(i, a.get(i) + b.get(i));
        }
        return sum;
    }

    /** A tensor of NaN in the middle of an array whose other elements are their own index. */
    private static HostTensor window(TensorShape shape, int offset) {
        float[] array = new float[(int) shape.elements() + offset + GUARD];
        for (int i = 0; i < array.length; i++) {
            array[i] = i;
        }
        HostTensor tensor = HostTensor.wrap(shape, array, offset);
        tensor.fill(Double.NaN);
        return tensor;
    }

    private static HostTensor inWindow(HostTensor values, int offset) {
        HostTensor tensor = window(values.shape(), offset);
        System.arraycopy(values.floats(), 0, tensor.floats(), offset, values.length());
        return tensor;
    }

    private static float[] contents(HostTensor tensor) {
        return tensor.copy().floats();
    }

    private static void assertGuardsIntact(HostTensor tensor, String what) {
        for (int i = 0; i < tensor.floats().length; i++) {
            if (i < tensor.offset() || i >= tensor.offset() + tensor.length()) {
                assertEquals(i, tensor.floats()[i], what + ": element " + i + " outside the output");
            }
        }
    }
}
