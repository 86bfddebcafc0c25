package io.github.jconv.check;

/**
 * Two subjects agree with the reference on the sample and not with one another elsewhere. Who is right is found by comparing these
 * elements with the reference too, for all subjects.
 */
final class Disagreement extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long[] indices;

    /** @param indices elements where they differ */
    Disagreement(long[] indices) {
        super(null, null, false, false);
        this.indices = indices;
    }

    long[] indices() {
        return indices;
    }
}
