package io.github.jconv.check.report;

import java.util.Locale;

/** The kinds of evidence that the harness collects. */
public enum Tier {

    /** Small integers, so that every sum is exact in any order: results must equal the definition's bit for bit. */
    EXACT,

    /** Real numbers: every element must lie within its error bound of the definition. */
    REAL,

    /** Relations between results that need no reference: adjoint, splits, deltas, linearity, ... */
    IDENTITIES,

    /** What a result does not show: memory left alone, nothing uninitialised read, the same bits twice. */
    HYGIENE;

    /** The name used on command lines and in reports. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
