package io.github.jconv.check;

import io.github.jconv.check.report.CheckReport;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Whether a run goes on. */
final class Deadline {

    private final long begin = System.nanoTime();
    private final Duration timeLimit;
    private final BooleanSupplier cancelled;

    /** @param timeLimit counted from now, or null for none */
    Deadline(Duration timeLimit, BooleanSupplier cancelled) {
        this.timeLimit = timeLimit;
        this.cancelled = cancelled;
    }

    /** How the run would end if it ended now: COMPLETE as long as nothing speaks against going on. */
    CheckReport.Ending ending() {
        if (cancelled.getAsBoolean()) {
            return CheckReport.Ending.CANCELLED;
        }
        boolean late = timeLimit != null && System.nanoTime() - begin > timeLimit.toNanos();
        return late ? CheckReport.Ending.TIME_LIMIT : CheckReport.Ending.COMPLETE;
    }

    boolean over() {
        return ending() != CheckReport.Ending.COMPLETE;
    }

    double seconds() {
        return (System.nanoTime() - begin) * 1e-9;
    }
}
