package io.github.jconv.check.report;

import java.util.List;
import java.util.stream.Stream;

/**
 * The result of a run, as plain values.
 *
 * @param seed        the seed of all data
 * @param subjects    what was checked
 * @param environment the machine and the JVM, in a sentence
 * @param notes       what else a reader must know, such as problems that were run in a reduced size
 * @param ceilings    what the backends reach at best; empty when nothing was timed
 * @param suites      one report per suite
 * @param ending      whether everything was run
 * @param seconds     time of the run
 */
public record CheckReport(long seed, List<String> subjects, String environment, List<String> notes, List<Ceilings> ceilings,
                          List<SuiteReport> suites, Ending ending, double seconds) {

    /** How a run can end. */
    public enum Ending {
        /** Every check was run. */
        COMPLETE,
        /** The time limit came first. */
        TIME_LIMIT,
        /** The caller broke it off. */
        CANCELLED
    }

    public CheckReport {
        subjects = List.copyOf(subjects);
        notes = List.copyOf(notes);
        ceilings = List.copyOf(ceilings);
        suites = List.copyOf(suites);
    }

    /** Whether no check failed; says nothing about checks that were skipped or not reached. */
    public boolean agrees() {
        return suites.stream().allMatch(SuiteReport::agrees);
    }

    /** Whether the run came to its end without a single check: nothing agrees then, and nothing disagrees. */
    public boolean checkedNothing() {
        return ending == Ending.COMPLETE && checks() == 0;
    }

    /** Why subjects were spared checks, each reason once. */
    public Stream<String> reasons() {
        return skipped().map(skipped -> skipped.subject() + ": " + skipped.reason()).distinct();
    }

    public List<Mismatch> mismatches() {
        return suites.stream().flatMap(s -> s.mismatches().stream()).toList();
    }

    public long checks() {
        return suites.stream().mapToLong(SuiteReport::checks).sum();
    }

    public long sampledChecks() {
        return suites.stream().mapToLong(SuiteReport::sampled).sum();
    }

    /** Problems of which most checks were made on a thinner relative; see {@link SuiteReport#thinned()}. */
    public int thinnedProblems() {
        return suites.stream().mapToInt(SuiteReport::thinned).sum();
    }

    /** Those among them that were not run as they are at all. */
    public int thinnedOnlyProblems() {
        return suites.stream().mapToInt(SuiteReport::thinnedOnly).sum();
    }

    /** Problems that none of the subjects could be checked on. */
    public int uncheckedProblems() {
        return suites.stream().mapToInt(SuiteReport::unchecked).sum();
    }

    public int problems() {
        return suites.stream().mapToInt(SuiteReport::problems).sum();
    }

    /** The largest error/bound of all suites, or null. */
    public WorstError worst() {
        return suites.stream().map(SuiteReport::worst).filter(w -> w != null)
                .reduce((a, b) -> b.ratio() > a.ratio() ? b : a).orElse(null);
    }

    /** All records of what was skipped. */
    public Stream<Skipped> skipped() {
        return suites.stream().flatMap(s -> s.skipped().stream());
    }
}
