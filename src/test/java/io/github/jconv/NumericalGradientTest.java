package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Gradients against central differences, in double, first and second order.
 *
 * <p>Every operation is linear in each of its two arguments, so {@code L = 1/2 * sum of squares of its result} is quadratic in
 * each. The central difference of a quadratic function is exact for every step: what remains is rounding. With n products to a
 * sum and m elements of the result, an evaluation of L is off by at most {@code (2n + m + 4) * 2^-53 * A}, where A is the L of the
 * absolute values at the point and a step away; two evaluations divided by twice the step give {@link #tolerance}.
 */
class NumericalGradientTest {

    private static final double STEP = 0.5;
    private static final double UNIT_ROUNDOFF = 0x1p-53;
    /** Elements of an argument that are varied; all of them when it has no more. */
    private static final int ELEMENTS = 12;

    private static final ConvEngine ENGINE = ConvEngine.builder().backend("cpu").threads(2).open();

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any().filter(problem -> problem.batch() > 0 && problem.macs() < 40_000);
    }

    /** {@code dL/dy = y}, so dx, dw and dbias of L are the backward operations with dy = y. */
    @Property(tries = 40)
    void firstOrder(@ForAll("problems") ConvProblem problem) {
        HostTensor x = reals(problem.xShape(), 1);
        HostTensor w = reals(problem.wShape(), 2);
        HostTensor bias = reals(problem.biasShape(), 3);
        Supplier<HostTensor> result = () -> ENGINE.forward(problem, x, w, bias);
        HostTensor y = result.get();
        long terms = ConvOperation.FORWARD.accumulationLength(problem) + 1;
        check("dx of " + problem, result, terms, x, ENGINE.backwardData(problem, y, w), x, w, bias);
        check("dw of " + problem, result, terms, w, ENGINE.backwardFilter(problem, x, y), x, w, bias);
        check("dbias of " + problem, result, terms, bias, ENGINE.backwardBias(problem, y), x, w, bias);
    }

    @Property(tries = 40)
    void firstOrderTransposed(@ForAll("problems") ConvProblem problem) {
        TransposedConvolution layer = TransposedConvolution.inverseOf(problem);
        HostTensor input = reals(layer.inputShape(), 1);
        HostTensor weight = reals(layer.weightShape(), 2);
        HostTensor bias = reals(layer.biasShape(), 3);
        Supplier<HostTensor> result = () -> ENGINE.forward(layer, input, weight, bias);
        HostTensor output = result.get();
        long terms = ConvOperation.BACKWARD_DATA.accumulationLength(problem) + 1;
        check("input of " + layer, result, terms, input, ENGINE.backwardData(layer, output, weight), input, weight, bias);
        check("weight of " + layer, result, terms, weight, ENGINE.backwardFilter(layer, input, output), input, weight, bias);
        check("bias of " + layer, result, terms, bias, ENGINE.backwardBias(layer, output), input, weight, bias);
    }

    /**
     * Gradients of the gradients are the three operations again: {@code <u, backwardData(dy, w)>} has the gradients
     * {@code forward(u, w)} for dy and {@code backwardFilter(u, dy)} for w; {@code <u, backwardFilter(x, dy)>} has
     * {@code backwardData(dy, u)} for x and {@code forward(x, u)} for dy. Here u is the result itself.
     */
    @Property(tries = 40)
    void secondOrder(@ForAll("problems") ConvProblem problem) {
        HostTensor x = reals(problem.xShape(), 1);
        HostTensor w = reals(problem.wShape(), 2);
        HostTensor dy = reals(problem.yShape(), 3);

        Supplier<HostTensor> dataGradient = () -> ENGINE.backwardData(problem, dy, w);
        HostTensor dx = dataGradient.get();
        long dataTerms = ConvOperation.BACKWARD_DATA.accumulationLength(problem);
        check("dy in dx of " + problem, dataGradient, dataTerms, dy, ENGINE.forward(problem, dx, w), dy, w);
        check("w in dx of " + problem, dataGradient, dataTerms, w, ENGINE.backwardFilter(problem, dx, dy), dy, w);

        Supplier<HostTensor> filterGradient = () -> ENGINE.backwardFilter(problem, x, dy);
        HostTensor dw = filterGradient.get();
        long filterTerms = ConvOperation.BACKWARD_FILTER.accumulationLength(problem);
        check("x in dw of " + problem, filterGradient, filterTerms, x, ENGINE.backwardData(problem, dy, dw), x, dy);
        check("dy in dw of " + problem, filterGradient, filterTerms, dy, ENGINE.forward(problem, x, dw), x, dy);
    }

    /** Varies elements of one argument and compares the central differences of L with its gradient. */
    private static void check(String what, Supplier<HostTensor> result, long terms, HostTensor argument, HostTensor gradient,
                              HostTensor... arguments) {
        var random = new SplittableRandom(7);
        for (int i = 0; i < Math.min(ELEMENTS, argument.length()); i++) {
            int element = argument.length() <= ELEMENTS ? i : random.nextInt(argument.length());
            double value = argument.get(element);
            argument.set(element, value + STEP);
            double above = loss(result.get());
            argument.set(element, value - STEP);
            double below = loss(result.get());
            argument.set(element, value);
            double numerical = (above - below) / (2 * STEP);
            double difference = Math.abs(numerical - gradient.get(element));
            double tolerance = tolerance(result, terms, argument, element, arguments);
            assertTrue(difference <= tolerance, () -> what + ": element " + element + " of " + argument.shape() + " has the gradient "
                    + gradient.get(element) + ", the central difference is " + numerical + ", tolerance " + tolerance);
        }
    }

    /**
     * The bound of the class comment, with A taken where every argument is its absolute value and the varied element a step larger.
     * The gradient under test sums at most m elements of the result, each with its own n products; the sum of their absolute values
     * is at most A / step, since A grows by more than step times its derivative. So its error has the same bound again: the factor 2.
     */
    private static double tolerance(Supplier<HostTensor> result, long terms, HostTensor argument, int element,
                                    HostTensor... arguments) {
        HostTensor[] saved = new HostTensor[arguments.length];
        for (int a = 0; a < arguments.length; a++) {
            saved[a] = arguments[a].copy();
            for (int i = 0; i < arguments[a].length(); i++) {
                arguments[a].set(i, Math.abs(saved[a].get(i)));
            }
        }
        argument.set(element, argument.get(element) + STEP);
        HostTensor absolute = result.get();
        double magnitude = loss(absolute);
        for (int a = 0; a < arguments.length; a++) {
            for (int i = 0; i < arguments[a].length(); i++) {
                arguments[a].set(i, saved[a].get(i));
            }
        }
        return 2 * (2 * terms + absolute.length() + 4) * UNIT_ROUNDOFF * magnitude / STEP;
    }

    private static double loss(HostTensor result) {
        double sum = 0;
        for (int i = 0; i < result.length(); i++) {
            sum += result.get(i) * result.get(i);
        }
        return sum / 2;
    }

    private static HostTensor reals(TensorShape shape, long seed) {
        return Tensors.reals(DataType.FLOAT64, shape, seed);
    }
}
