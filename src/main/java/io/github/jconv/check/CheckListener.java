package io.github.jconv.check;

import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.TimeRecord;
import io.github.jconv.problem.ConvProblem;

/** Follows a run as it goes. Called by the thread that runs the checks, but for {@link #running} and {@link #ran}. */
public interface CheckListener {

    /** A suite begins. */
    default void suiteStarted(String suite, int problems) {
    }

    /**
     * The checks of a problem are being made now, and at {@link #ran} have been. Called by any thread, and in the order in which several
     * problems are checked side by side; what was found is told afterwards, in the order of the suites.
     */
    default void running(String suite, ConvProblem problem) {
    }

    /** See {@link #running}. */
    default void ran(String suite, ConvProblem problem) {
    }

    /** What was found on a problem follows; {@code index} counts from 0. */
    default void problemStarted(String suite, ConvProblem problem, int index) {
    }

    /** All subjects had a check; not called for what {@link CheckMemory} knew. */
    default void checked(CheckRecord check) {
    }

    /** A subject was timed; not called for what {@link CheckMemory} knew. */
    default void timed(TimeRecord time) {
    }

    /** A subject is convicted; follows the record of the failed check. */
    default void mismatched(Mismatch mismatch) {
    }

    /** All that was found on a problem is told, and its checks are complete. */
    default void problemDone(String suite, ConvProblem problem, int index) {
    }

    /** A suite is done, or was broken off by the time limit or a cancellation. */
    default void suiteDone(SuiteReport suite) {
    }
}
