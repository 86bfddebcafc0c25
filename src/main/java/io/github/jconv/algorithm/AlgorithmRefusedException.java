package io.github.jconv.algorithm;

/**
 * An algorithm that said that it serves a request has declined it when it was run. Nothing was written, and from now on the algorithm
 * says no: the caller makes a new plan.
 */
public final class AlgorithmRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param algorithm its name
     * @param because   the rest of the sentence "refused, because ..."
     */
    public AlgorithmRefusedException(String algorithm, String because) {
        super("algorithm " + algorithm + " refused, because " + because);
    }
}
