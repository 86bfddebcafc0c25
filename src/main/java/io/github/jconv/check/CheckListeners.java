package io.github.jconv.check;

import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.TimeRecord;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.List;

/** Tells several followers, in order. */
final class CheckListeners implements CheckListener {

    private final List<CheckListener> followers = new ArrayList<>();

    void add(CheckListener follower) {
        followers.add(follower);
    }

    @Override
    public void suiteStarted(String suite, int problems) {
        followers.forEach(f -> f.suiteStarted(suite, problems));
    }

    @Override
    public void running(String suite, ConvProblem problem) {
        followers.forEach(f -> f.running(suite, problem));
    }

    @Override
    public void ran(String suite, ConvProblem problem) {
        followers.forEach(f -> f.ran(suite, problem));
    }

    @Override
    public void problemStarted(String suite, ConvProblem problem, int index) {
        followers.forEach(f -> f.problemStarted(suite, problem, index));
    }

    @Override
    public void checked(CheckRecord check) {
        followers.forEach(f -> f.checked(check));
    }

    @Override
    public void timed(TimeRecord time) {
        followers.forEach(f -> f.timed(time));
    }

    @Override
    public void mismatched(Mismatch mismatch) {
        followers.forEach(f -> f.mismatched(mismatch));
    }

    @Override
    public void problemDone(String suite, ConvProblem problem, int index) {
        followers.forEach(f -> f.problemDone(suite, problem, index));
    }

    @Override
    public void suiteDone(SuiteReport suite) {
        followers.forEach(f -> f.suiteDone(suite));
    }
}
