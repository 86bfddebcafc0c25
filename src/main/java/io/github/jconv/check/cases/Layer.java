package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/**
 * A convolution or a transposed convolution, seen as a layer with an input, a weight and an output: which operation of which problem
 * computes what.
 *
 * @param problem    the convolution; of a transposed layer the equivalent one
 * @param transposed whether the layer is the transposed one
 */
record Layer(ConvProblem problem, boolean transposed) {

    /** The recording of the layer's output. */
    Recording output(String name, HostTensor input, HostTensor weight, HostTensor bias, HostTensor expected,
                     Recording.Accuracy accuracy) {
        return transposed
                ? new Recording(name, problem, ConvOperation.BACKWARD_DATA, null, weight, input, bias, expected, accuracy)
                : new Recording(name, problem, ConvOperation.FORWARD, input, weight, null, bias, expected, accuracy);
    }

    /** The recording of the gradient with respect to the layer's input. */
    Recording inputGradient(String name, HostTensor outputGradient, HostTensor weight, HostTensor expected,
                            Recording.Accuracy accuracy) {
        return transposed
                ? new Recording(name, problem, ConvOperation.FORWARD, outputGradient, weight, null, null, expected, accuracy)
                : new Recording(name, problem, ConvOperation.BACKWARD_DATA, null, weight, outputGradient, null, expected, accuracy);
    }

    /** The recording of the gradient with respect to the layer's weight. */
    Recording weightGradient(String name, HostTensor input, HostTensor outputGradient, HostTensor expected,
                             Recording.Accuracy accuracy) {
        HostTensor x = transposed ? outputGradient : input;
        HostTensor dy = transposed ? input : outputGradient;
        return new Recording(name, problem, ConvOperation.BACKWARD_FILTER, x, null, dy, null, expected, accuracy);
    }

    /** The recording of the gradient with respect to the layer's bias. */
    BiasRecording biasGradient(String name, HostTensor outputGradient, HostTensor expected, Recording.Accuracy accuracy) {
        return new BiasRecording(name, problem, transposed ? ConvOperation.BACKWARD_DATA : ConvOperation.FORWARD, outputGradient, expected,
                accuracy);
    }
}
