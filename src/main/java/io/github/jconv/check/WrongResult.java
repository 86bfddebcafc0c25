package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;

/**
 * A result outside its bound, kept to see who else has the same one.
 *
 * @param output      the whole output
 * @param expectation what it should have been
 */
record WrongResult(HostTensor output, Expectation expectation) {

    /**
     * Whether two results could come from one formula: nowhere further apart than twice the bound, where equality is demanded
     * not at all.
     */
    boolean isLike(WrongResult other) {
        for (int i = 0; i < expectation.size(); i++) {
            long index = expectation.index(i);
            if (Comparison.ratio(output.get(index), other.output.get(index), 2 * expectation.bound(i)) > 1) {
                return false;
            }
        }
        return true;
    }
}
