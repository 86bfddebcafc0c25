package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvProblem;
import java.util.List;

/**
 * A layer with data and recorded results.
 *
 * @param name       as the file names it
 * @param problem    the convolution; of a transposed layer the equivalent one
 * @param recordings one per recorded tensor, bias gradients excepted
 * @param biases     the recorded bias gradients: one or none
 */
public record RecordedCase(String name, ConvProblem problem, List<Recording> recordings, List<BiasRecording> biases) {

    public RecordedCase {
        recordings = List.copyOf(recordings);
        biases = List.copyOf(biases);
    }
}
