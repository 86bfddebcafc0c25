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

    /**
     * Runs a subject and returns its output.
     *
     * @param start the values to accumulate onto, or null to overwrite
     * @throws SubjectFailure   when the subject throws
     * @throws HygieneViolation when the run damaged memory, changed an input or left an output element unwritten
     */
    HostTensor run(ConvolutionUnderTest subject, HostTensor start) {
        prepareInputs();
        GuardedTensor output = start == null ? GuardedTensor.poisoned(operands.request().dataType(), operands.outputShape())
                : GuardedTensor.copyOf(start);
        try {
            call(subject, output.tensor(), start == null ? WriteMode.OVERWRITE : WriteMode.ACCUMULATE);
            requireIntact(output, start == null);
        } catch (RuntimeException e) {
            forgetInputs();
            throw e;
        }
        return output.tensor();
    }

    private void call(ConvolutionUnderTest subject, HostTensor output, WriteMode mode) {
        ConvOperation operation = operands.request().operation();
        try {
            subject.run(operands.request().problem(), operation,
                    operation == ConvOperation.BACKWARD_DATA ? output : x.tensor(),
                    operation == ConvOperation.BACKWARD_FILTER ? output : w.tensor(),
                    operation == ConvOperation.FORWARD ? output : y.tensor(), mode);
        } catch (RuntimeException | AssertionError | LinkageError | StackOverflowError e) {
            throw new SubjectFailure(e);
        }
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
        String damage = output.damage();
        if (damage != null) {
            throw new HygieneViolation("wrote outside its output: " + damage);
        }
        if (overwritten) {
            requireWritten(output);
        }
    }

    private static void requireUnchanged(String name, GuardedTensor guarded, HostTensor original) {
        if (guarded == null) {
            return;
        }
        String damage = guarded.damage();
        if (damage != null) {
            throw new HygieneViolation("wrote beside its input " + name + ": " + damage);
        }
        int changed = Bits.firstDifference(original, guarded.tensor());
        if (changed >= 0) {
            throw new HygieneViolation("changed its input " + name + ": element " + Positions.of(original.shape(), changed) + " was "
                    + original.get(changed) + " and is now " + guarded.tensor().get(changed));
        }
    }

    private static void requireWritten(GuardedTensor output) {
        int length = output.tensor().length();
        int unwritten = 0;
        int first = -1;
        for (int i = 0; i < length; i++) {
            if (output.isPoison(i)) {
                unwritten++;
                first = first < 0 ? i : first;
            }
        }
        if (unwritten > 0) {
            throw new HygieneViolation("left " + unwritten + " of " + length + " output elements unwritten, the first at "
                    + Positions.of(output.tensor().shape(), first));
        }
    }

    private static GuardedTensor guarded(HostTensor tensor) {
        return tensor == null ? null : GuardedTensor.copyOf(tensor);
    }
}
