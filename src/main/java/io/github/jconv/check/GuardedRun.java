package io.github.jconv.check;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/**
 * Operands in guarded memory, on which subjects are run one after another. Each run gets an output of its own, and what it did to
 * its surroundings is examined afterwards.
 */
final class GuardedRun {

    private final Operands operands;
    private GuardedTensor x;
    private GuardedTensor w;
    private GuardedTensor y;

    GuardedRun(Operands operands) {
        this.operands = operands;
    }

    /** One call of a subject on the three tensors of the operation. */
    private interface Call {
        void on(HostTensor x, HostTensor w, HostTensor y);
    }

    /**
     * Runs a subject and returns its output.
     *
     * @param start the values to accumulate onto, or null to overwrite
     * @throws SubjectFailure   when the subject throws
     * @throws HygieneViolation when the run damaged memory, changed an input or left an output element unwritten
     */
    HostTensor run(ConvolutionUnderTest subject, HostTensor start) {
        WriteMode mode = start == null ? WriteMode.OVERWRITE : WriteMode.ACCUMULATE;
        return run(start, (boundX, boundW, boundY) ->
                subject.run(operands.request().problem(), operands.request().operation(), boundX, boundW, boundY, mode));
    }

    /** The same with a bias. */
    HostTensor runWithBias(BiasedConvolutionUnderTest subject, HostTensor bias) {
        GuardedTensor guarded = GuardedTensor.copyOf(bias);
        HostTensor output = run(null, (boundX, boundW, boundY) -> subject.runWithBias(operands.request().problem(),
                operands.request().operation(), boundX, boundW, boundY, guarded.tensor()));
        guarded.requireUnchanged("bias", bias);
        return output;
    }

    private HostTensor run(HostTensor start, Call call) {
        prepareInputs();
        GuardedTensor output = start == null ? GuardedTensor.poisoned(operands.request().dataType(),
                operands.request().layout(), operands.outputShape())
                : GuardedTensor.copyOf(start);
        ConvOperation operation = operands.request().operation();
        try {
            SubjectFailure.guard(() -> call.on(operation == ConvOperation.BACKWARD_DATA ? output.tensor() : x.tensor(),
                    operation == ConvOperation.BACKWARD_FILTER ? output.tensor() : w.tensor(),
                    operation == ConvOperation.FORWARD ? output.tensor() : y.tensor()));
            requireIntact(output, start == null);
        } catch (RuntimeException e) {
            forgetInputs();
            throw e;
        }
        return output.tensor();
    }

    private void prepareInputs() {
        if (x == null && w == null && y == null) {
            x = guarded(operands.x());
            w = guarded(operands.w());
            y = guarded(operands.y());
        }
    }

    /** After a run that may have damaged them. */
    private void forgetInputs() {
        x = null;
        w = null;
        y = null;
    }

    private void requireIntact(GuardedTensor output, boolean overwritten) {
        requireUnchanged("x", x, operands.x());
        requireUnchanged("w", w, operands.w());
        requireUnchanged("dy", y, operands.y());
        output.requireUndamaged();
        if (overwritten) {
            output.requireWritten();
        }
    }

    private static void requireUnchanged(String name, GuardedTensor guarded, HostTensor original) {
        if (guarded != null) {
            guarded.requireUnchanged(name, original);
        }
    }

    private static GuardedTensor guarded(HostTensor tensor) {
        return tensor == null ? null : GuardedTensor.copyOf(tensor);
    }
}
