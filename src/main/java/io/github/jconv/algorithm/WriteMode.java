package io.github.jconv.algorithm;

/** What happens to the present values of an output. */
public enum WriteMode {
    /** They are never read, and replaced. */
    OVERWRITE,
    /** The result is added to them. */
    ACCUMULATE
}
