package io.github.jconv.check;

/** A subject threw; anything else that is thrown during a check is the harness's own fault. */
final class SubjectFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SubjectFailure(Throwable thrown) {
        super("threw " + thrown, thrown);
    }

    /** Calls a subject; whatever it throws, out of memory excepted, becomes a failure of the subject. */
    static void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | AssertionError | LinkageError | StackOverflowError e) {
            throw new SubjectFailure(e);
        }
    }
}
