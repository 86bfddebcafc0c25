package io.github.jconv.check;

import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.TimeRecord;
import java.util.ArrayList;
import java.util.List;

/** What the checks of a problem find, told at once, or when the problem's turn has come where several are checked at the same time. */
final class Findings {

    private final SuiteTally tally;
    private final CheckListener listener;

    /** What is to be told, or null where that is done at once. */
    private final List<Runnable> held;

    private Findings(SuiteTally tally, CheckListener listener, List<Runnable> held) {
        this.tally = tally;
        this.listener = listener;
        this.held = held;
    }

    static Findings toldAtOnce(SuiteTally tally, CheckListener listener) {
        return new Findings(tally, listener, null);
    }

    /** Told by {@link #tell}, from the thread that calls it. */
    static Findings held(SuiteTally tally, CheckListener listener) {
        return new Findings(tally, listener, new ArrayList<>());
    }

    /** @param known whether an earlier run found it, or it is not finished: then it only counts */
    void checked(CheckRecord record, boolean known) {
        say(() -> {
            if (!known) {
                listener.checked(record);
            }
            tally.add(record);
        });
    }

    void mismatched(Mismatch mismatch) {
        say(() -> listener.mismatched(mismatch));
    }

    /** @param known whether an earlier run measured it */
    void timed(TimeRecord time, boolean known) {
        say(() -> {
            tally.add(time);
            if (!known) {
                listener.timed(time);
            }
        });
    }

    /** Tells what was held, and holds it no longer. */
    void tell() {
        held.forEach(Runnable::run);
        held.clear();
    }

    private void say(Runnable finding) {
        if (held == null) {
            finding.run();
        } else {
            held.add(finding);
        }
    }
}
