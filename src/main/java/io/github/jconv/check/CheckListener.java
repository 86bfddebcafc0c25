package io.github.jconv.check;

import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.TimeRecord;
import io.github.jconv.problem.ConvProblem;

/** Follows a run as it goes. Called by the thread that runs the checks. */
public interface CheckListener {

    /** A suite begins. */
    default void suiteStarted(String suite, int problems) {
    }

    /** The checks of a problem begin; {@code index} counts from 0. */
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

    /** All checks of a problem are done. */
    default void problemDone(String suite, ConvProblem problem, int index) {
    }

    /** A suite is done, or was broken off by the time limit or a cancellation. */
    default void suiteDone(SuiteReport suite) {
    }
}
