package io.github.jconv.check;

import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.TimeRecord;

/** What an earlier run found, so that a run which goes on where that one ended does nothing twice. */
public interface CheckMemory {

    /** Remembers nothing. */
    CheckMemory NONE = new CheckMemory() { };

    /** What the check found, or null when it was not made. */
    default CheckRecord recall(CheckKey key) {
        return null;
    }

    /** The time with the same suite, subject and request as this one, which has no time yet; or null when it was not measured. */
    default TimeRecord recall(TimeRecord untimed) {
        return null;
    }
}
