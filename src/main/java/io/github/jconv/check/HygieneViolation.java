package io.github.jconv.check;

/** A run touched memory that it must leave alone, or left alone what it must write. */
final class HygieneViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HygieneViolation(String finding) {
        super(finding);
    }
}
