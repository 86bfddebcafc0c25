package io.github.jconv.check.report;

/**
 * How two subjects compare, over all checks that both had.
 *
 * @param one    a subject
 * @param other  another one
 * @param checks checks that both passed or failed
 * @param agreed those among them that both passed, or that both failed with the same result
 */
public record Agreement(String one, String other, long checks, long agreed) {

    /** The checks of both. */
    public Agreement plus(Agreement more) {
        return new Agreement(one, other, checks + more.checks, agreed + more.agreed);
    }
}
