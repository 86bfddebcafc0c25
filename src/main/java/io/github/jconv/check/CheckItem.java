package io.github.jconv.check;

import io.github.jconv.check.cases.RecordedCase;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemReduction;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A problem of a suite with what is to be checked on it. */
interface CheckItem {

    /**
     * Checks on one problem: that of the suite, or a relative of it.
     *
     * @param problem what the checks are made on
     * @param checks  in order
     * @param large   whether subjects that do not suit it are spared
     */
    record Round(ConvProblem problem, List<Check> checks, boolean large) {

        Round(ConvProblem problem, List<Check> checks) {
            this(problem, checks, false);
        }
    }

    /** How many times a limit the work on a problem may be, where its geometry alone makes it so, before subjects are spared. */
    long FAR_BEYOND = 16;

    /** Multiply-adds in one run of one subject that no check is worth: minutes. */
    long HOPELESS = 1L << 40;

    /**
     * Whether a subject that does not suit a problem may need far more than the limit: backward-data that visits every tap for
     * every input, or multiplies inserted zeros, does {@code inputs / outputs} times the work.
     */
    private static boolean isFarBeyond(long limit, ConvProblem problem) {
        double work = (double) problem.macs() * Math.max(1, (double) problem.inputPositions() / problem.outputPositions());
        return work > Math.min((double) limit * FAR_BEYOND, HOPELESS);
    }

    /** The suite's problem. */
    ConvProblem problem();

    /** The checks of an operation. */
    List<Round> rounds(ConvOperation operation, CheckSettings settings);

    /** The operations that it is checked in. */
    default Set<ConvOperation> operations(CheckSettings settings) {
        return settings.operations();
    }

    /** The types of tensors that it is checked in. */
    default Set<DataType> dataTypes(CheckSettings settings) {
        return settings.dataTypes();
    }

    /** Their layouts. */
    default Set<Layout> layouts(CheckSettings settings) {
        return settings.layouts();
    }

    /** A problem, with all checks on generated data. */
    static CheckItem of(ScopedProblem scoped) {
        ConvProblem problem = scoped.problem();
        return new CheckItem() {
            @Override
            public ConvProblem problem() {
                return problem;
            }

            @Override
            public Set<ConvOperation> operations(CheckSettings settings) {
                return scoped.operations().isEmpty() ? settings.operations() : EnumSet.copyOf(scoped.operations());
            }

            @Override
            public Set<DataType> dataTypes(CheckSettings settings) {
                return scoped.dataTypes().isEmpty() ? settings.dataTypes() : EnumSet.copyOf(scoped.dataTypes());
            }

            @Override
            public Set<Layout> layouts(CheckSettings settings) {
                return scoped.layouts().isEmpty() ? settings.layouts() : EnumSet.copyOf(scoped.layouts());
            }

            @Override
            public List<Round> rounds(ConvOperation operation, CheckSettings settings) {
                Effort effort = settings.effort();
                ConvProblem main = ProblemReduction.toMacs(effort.problem(), problem);
                List<Round> rounds = new ArrayList<>();
                rounds.add(new Round(main, CheckCatalog.results(settings.tiers()), isFarBeyond(effort.problem(), main)));
                ConvProblem thin = ProblemReduction.toMacs(effort.identities(), main);
                rounds.add(new Round(thin, CheckCatalog.identities(settings.tiers()), isFarBeyond(effort.identities(), thin)));
                if (!main.equals(problem) && problem.macs() <= effort.whole()) {
                    rounds.add(new Round(problem, CheckCatalog.whole(settings.tiers()), true));
                }
                return rounds;
            }
        };
    }

    /**
     * A recorded case, with its recordings: in NCHW, and not in types of 16 bits, which its numbers would first have to be rounded to.
     *
     * @param command the option of the command that reads it again
     */
    static CheckItem of(RecordedCase recorded, String command) {
        List<RecordedCheck> checks = Stream.<RecordedCheck>concat(
                recorded.recordings().stream().map(r -> new RecordedResultCheck(r, command)),
                recorded.biases().stream().map(b -> new RecordedBiasCheck(b, command))).toList();
        return new CheckItem() {
            @Override
            public ConvProblem problem() {
                return recorded.problem();
            }

            @Override
            public Set<DataType> dataTypes(CheckSettings settings) {
                return settings.dataTypes().stream().filter(type -> !type.isNarrow()).collect(Collectors.toSet());
            }

            @Override
            public Set<Layout> layouts(CheckSettings settings) {
                return settings.layouts().contains(Layout.NCHW) ? Set.of(Layout.NCHW) : Set.of();
            }

            @Override
            public List<Round> rounds(ConvOperation operation, CheckSettings settings) {
                return List.of(new Round(recorded.problem(), checks.stream().filter(c -> c.operation() == operation)
                        .filter(c -> settings.tiers().contains(c.tier())).map(Check.class::cast).toList()));
            }
        };
    }
}
