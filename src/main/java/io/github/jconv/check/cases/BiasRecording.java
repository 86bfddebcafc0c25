package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;

/**
 * One recorded gradient of a bias.
 *
 * @param caseName  the case it belongs to, and the tensor: {@code case 17, gb}
 * @param problem   the convolution of the case; of a transposed layer the equivalent one
 * @param operation the operation that the bias was added to: FORWARD, or BACKWARD_DATA for a transposed layer
 * @param gradient  the gradient of the layer's output, {@code [N, channels, positions...]}
 * @param expected  its sum over images and positions, {@code [channels]}
 * @param accuracy  of the recorded result
 */
public record BiasRecording(String caseName, ConvProblem problem, ConvOperation operation, HostTensor gradient,
                            HostTensor expected, Recording.Accuracy accuracy) {
}
