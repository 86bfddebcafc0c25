package io.github.jconv.check;

import io.github.jconv.check.cases.RecordedCase;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A problem with what is to be checked on it. */
interface CheckItem {

    ConvProblem problem();

    /** The checks of an operation, in order. */
    List<Check> checks(ConvOperation operation, Set<Tier> tiers);

    /** A problem, with all checks on generated data. */
    static CheckItem of(ConvProblem problem) {
        return new CheckItem() {
            @Override
            public ConvProblem problem() {
                return problem;
            }

            @Override
            public List<Check> checks(ConvOperation operation, Set<Tier> tiers) {
                return CheckCatalog.of(tiers);
            }
        };
    }

    /**
     * A recorded case, with its recordings.
     *
     * @param command the option of the command that reads it again
     */
    static CheckItem of(RecordedCase recorded, String command) {
        List<RecordedCheck> results = recorded.recordings().stream().map(r -> new RecordedCheck(r, command)).toList();
        List<RecordedBiasCheck> biases = recorded.biases().stream().map(b -> new RecordedBiasCheck(b, command)).toList();
        return new CheckItem() {
            @Override
            public ConvProblem problem() {
                return recorded.problem();
            }

            @Override
            public List<Check> checks(ConvOperation operation, Set<Tier> tiers) {
                Stream<Check> ofResults = results.stream().filter(c -> c.operation() == operation).map(c -> c);
                Stream<Check> ofBiases = biases.stream().filter(c -> c.operation() == operation).map(c -> c);
                return Stream.concat(ofResults, ofBiases).filter(c -> tiers.contains(c.tier())).toList();
            }
        };
    }
}
