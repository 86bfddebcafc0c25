package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.tensor.HostTensor;

/** Runs the gradient of a bias in guarded memory. */
final class GuardedBiasRun {

    private GuardedBiasRun() {
    }

    /**
     * @param start the values to accumulate onto, or null to overwrite
     * @throws SubjectFailure   when the subject throws
     * @throws HygieneViolation when the run damaged memory, changed the gradient or left an element unwritten
     */
    static HostTensor backwardBias(BiasedConvolutionUnderTest subject, ConvRequest request, HostTensor gradient, HostTensor start) {
        GuardedTensor guarded = GuardedTensor.copyOf(gradient);
        GuardedTensor dbias = start != null ? GuardedTensor.copyOf(start)
                : GuardedTensor.poisoned(gradient.dataType(), gradient.layout(), Biases.shape(gradient.shape()));
        SubjectFailure.guard(() -> subject.backwardBias(request.problem(), request.operation(), guarded.tensor(), dbias.tensor(),
                start == null ? WriteMode.OVERWRITE : WriteMode.ACCUMULATE));
        guarded.requireUnchanged("gradient", gradient);
        dbias.requireUndamaged();
        if (start == null) {
            dbias.requireWritten();
        }
        return dbias.tensor();
    }
}
