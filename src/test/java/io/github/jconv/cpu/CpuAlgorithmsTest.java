package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What holds for every algorithm in the CPU backend's list, whichever it is: new ones are found here by themselves. */
class CpuAlgorithmsTest {

    private static final long NO_LIMIT = Long.MAX_VALUE;
    private static final CpuBackend ONE_THREAD = new CpuBackend(1);
    private static final CpuBackend THREE_THREADS = new CpuBackend(3);

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** Integer data: the sums are exact in fp32, so every order of addition gives the same bits. */
    @Property(tries = 400)
    void everyAlgorithmIsExactOnIntegers(@ForAll("problems") ConvProblem problem) {
        HostTensor x = Tensors.integers(problem.xShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor y = Tensors.integers(problem.yShape(), 3);
        for (ConvOperation operation : ConvOperation.values()) {
            TensorShape shape = operation.outputShape(problem);
            HostTensor expected = HostTensor.zeros(shape);
            run(new Arguments(x, w, y).with(operation, expected), problem, operation);
            for (CpuAlgorithm algorithm : ONE_THREAD.algorithms()) {
                if (algorithm.supports(ConvRequest.fp32(problem, operation)).yes()) {
                    String what = algorithm.name() + " " + operation.text() + " " + problem;
                    HostTensor actual = Tensors.poison(shape);
                    run(ONE_THREAD, algorithm, operation, problem, new Arguments(x, w, y).with(operation, actual), false);
                    Tensors.assertSameNumbers(expected, actual, what);
                    HostTensor accumulated = Tensors.integers(shape, 4);
                    run(THREE_THREADS, algorithm, operation, problem, new Arguments(x, w, y).with(operation, accumulated), true);
                    Tensors.assertSameNumbers(plus(expected, Tensors.integers(shape, 4)), accumulated, what + " accumulated");
                }
            }
        }
    }

    /** Real data, windows into larger arrays: the same bits for every number of threads, and nothing outside is touched. */
    @Property(tries = 150)
    void everyAlgorithmGivesTheSameBitsForEveryThreadCountAndStaysInItsWindow(@ForAll("problems") ConvProblem problem) {
        HostTensor x = Tensors.reals(DataType.FLOAT32, problem.xShape(), 1);
        HostTensor w = Tensors.reals(DataType.FLOAT32, problem.wShape(), 2);
        HostTensor y = Tensors.reals(DataType.FLOAT32, problem.yShape(), 3);
        for (ConvOperation operation : ConvOperation.values()) {
            TensorShape shape = operation.outputShape(problem);
            for (CpuAlgorithm algorithm : ONE_THREAD.algorithms()) {
                if (algorithm.supports(ConvRequest.fp32(problem, operation)).yes()) {
                    String what = algorithm.name() + " " + operation.text() + " " + problem;
                    HostTensor one = window(shape, 5);
                    HostTensor three = window(shape, 11);
                    run(ONE_THREAD, algorithm, operation, problem,
                            new Arguments(inWindow(x, 3), inWindow(w, 7), inWindow(y, 2)).with(operation, one), false);
                    run(THREE_THREADS, algorithm, operation, problem, new Arguments(x, w, y).with(operation, three), false);
                    assertArrayEquals(contents(one), contents(three), what);
                    assertGuardsIntact(one, what);
                    assertGuardsIntact(three, what);
                }
            }
        }
    }

    @Test
    void namesDifferAndTheDefinitionIsLast() {
        Set<String> names = new HashSet<>();
        ONE_THREAD.algorithms().forEach(algorithm -> assertTrue(names.add(algorithm.name()), algorithm.name()));
        assertEquals("reference", ONE_THREAD.algorithms().get(ONE_THREAD.algorithms().size() - 1).name());
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

    private static void run(CpuBackend backend, CpuAlgorithm algorithm, ConvOperation operation, ConvProblem problem,
                            Arguments arguments, boolean accumulate) {
        var plan = AlgorithmChooser.fixed(algorithm.name())
                .choose(ConvRequest.fp32(problem, operation), backend.name(), backend.algorithms(), NO_LIMIT);
        backend.run(plan, arguments.x, arguments.w, arguments.y, accumulate);
    }

    private static HostTensor plus(HostTensor a, HostTensor b) {
        HostTensor sum = a.copy();
        for (int i = 0; i < sum.length(); i++) {
            sum.set(i, a.get(i) + b.get(i));
        }
        return sum;
    }

    private static final int GUARD = 16;

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
