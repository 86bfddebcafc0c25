package io.github.jconv.check;

/** A subject threw; anything else that is thrown during a check is the harness's own fault. */
final class SubjectFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SubjectFailure(Throwable thrown) {
        super("threw " + thrown, thrown);
    }
}
