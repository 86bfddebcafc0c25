package io.github.jconv.cli;

import io.github.jconv.check.CheckListener;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.ErrorDistribution;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SubjectReport;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.WorstError;
import io.github.jconv.explain.Units;
import io.github.jconv.problem.ConvProblem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the user sees of a run of checks: progress, a row per suite as it is done, what is wrong, and a summary. */
final class CheckDisplay implements CheckListener, AutoCloseable {

    private static final int MISMATCHES_SHOWN = 20;
    private static final long FINISHING_SECONDS = 20;

    private final Console console;
    private final TextTable table = new TextTable().left("suite").right("problems").right("checks").right("sampled")
            .right("wrong").right("time").right("worst").left("error/bound, where");
    private final Progress progress;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Interruption interruption;
    private volatile boolean interrupted;
    private final AtomicInteger problemsRun = new AtomicInteger();
    private final Set<List<Object>> shownMismatches = new HashSet<>();

    /**
     * @param task   what the progress is of
     * @param suites names and numbers of problems
     */
    CheckDisplay(Console console, String task, Map<String, Integer> suites) {
        this.console = console;
        // Before anything is seen: who sees the heading may interrupt.
        interruption = new Interruption(this::interrupt);
        suites.keySet().forEach(suite -> table.reserve(suite, "12345", "1234567", "1234567", "1234", "1 min 00 s", "0.123", ""));
        table.printHeading(console.out());
        progress = new Progress(console, task, suites.values().stream().mapToInt(Integer::intValue).sum());
    }

    /** Whether the user wants the run to end. */
    boolean interrupted() {
        return interrupted;
    }

    /** A line of results among the others. */
    void println(String line) {
        progress.println(line);
    }

    @Override
    public void running(String suite, ConvProblem problem) {
        progress.at(problemsRun.get(), suite + " " + problem);
    }

    @Override
    public void ran(String suite, ConvProblem problem) {
        progress.at(problemsRun.incrementAndGet());
    }

    /** Shows the first mismatch of each request and subject: the others tell the same once more. */
    @Override
    public void mismatched(Mismatch mismatch) {
        boolean first = shownMismatches.add(List.of(mismatch.subject(), mismatch.operation(), mismatch.problem()));
        if (first && shownMismatches.size() <= MISMATCHES_SHOWN) {
            progress.println("");
            progress.println("WRONG " + mismatch.operation().text() + " " + mismatch.problem() + ", " + mismatch.tier().text() + " "
                    + mismatch.check() + ": " + mismatch.verdict());
            progress.println("  " + mismatch.finding());
            if (mismatch.shrunk() != null) {
                progress.println("  the smallest problem that still fails: " + mismatch.shrunk());
            }
            progress.println("  " + mismatch.reproduce());
            progress.println("");
        }
    }

    @Override
    public void suiteDone(SuiteReport suite) {
        WorstError worst = suite.worst();
        progress.println(table.line(suite.suite(),
                suite.done() == suite.problems() ? suite.problems() : suite.done() + " of " + suite.problems(),
                suite.checks(), suite.sampled(), suite.mismatches().size(), Units.seconds(suite.seconds()),
                worst == null ? "" : ratio(worst.ratio()),
                worst == null ? "" : worst.subject() + " " + worst.operation().text() + " " + worst.problem()));
    }

    /** A row per algorithm over all suites, and the verdict. */
    void summary(CheckReport report) {
        progress.close();
        console.out().println();
        Map<String, SubjectTotal> totals = totals(report);
        subjects(totals).print(console.out());
        console.out().println();
        showDistributions(totals);
        if (shownMismatches.size() > MISMATCHES_SHOWN) {
            console.out().println("Of " + shownMismatches.size() + " wrong results the first " + MISMATCHES_SHOWN
                    + " are shown above; --report FILE.html shows all.");
        }
        if (report.sampledChecks() > 0) {
            console.out().println(plural(report.sampledChecks(), "check") + " compared whole outputs between the algorithms and a sample"
                    + " with the definition; --full compares everything.");
        }
        if (report.thinnedProblems() > 0) {
            console.out().println(plural(report.thinnedProblems(), "large problem") + " got most checks with fewer channels, geometry"
                    + " whole" + (report.thinnedOnlyProblems() == 0 ? "" : ", " + report.thinnedOnlyProblems()
                    + " of them all checks") + "; --full checks them as they are.");
        }
        if (report.uncheckedProblems() > 0) {
            console.out().println(plural(report.uncheckedProblems(), "problem") + " could not be checked by any of the algorithms;"
                    + " --report FILE.html says why.");
        }
        console.out().println(verdict(report));
    }

    /** Whoever interrupted the run waits for this: reports of what there is so far are written before. */
    @Override
    public void close() {
        progress.close();
        closed.countDown();
        interruption.close();
    }

    private void interrupt() {
        interrupted = true;
        try {
            if (!closed.await(FINISHING_SECONDS, TimeUnit.SECONDS)) {
                console.err().println("interrupted in the middle of a long check");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, SubjectTotal> totals(CheckReport report) {
        Map<String, SubjectTotal> totals = new LinkedHashMap<>();
        for (SuiteReport suite : report.suites()) {
            for (SubjectReport subject : suite.subjects()) {
                if (!subject.saysNothing()) {
                    totals.merge(subject.subject(), SubjectTotal.of(subject), SubjectTotal::plus);
                }
            }
        }
        return totals;
    }

    private static TextTable subjects(Map<String, SubjectTotal> totals) {
        TextTable table = new TextTable().left("algorithm").right("checks").right("wrong").right("skipped").right("time")
                .right("worst error/bound");
        totals.forEach((name, total) -> table.row(name, total.checks, total.failed, total.skipped, Units.seconds(total.seconds),
                ratio(total.worst)));
        return table;
    }

    /** Which share of the elements that have a bound lies how far within it. */
    private void showDistributions(Map<String, SubjectTotal> totals) {
        TextTable table = new TextTable().left("error/bound").right("elements").right("0").right("to 1/16").right("to 1/4").right("to 1/2")
                .right("to 1").right("above 1");
        totals.forEach((name, total) -> {
            ErrorDistribution errors = total.distribution;
            if (errors.elements() > 0) {
                table.row(name, errors.elements(), share(errors, errors.exact()), share(errors, errors.upTo(-4) - errors.exact()),
                        share(errors, errors.upTo(-2) - errors.upTo(-4)), share(errors, errors.upTo(-1) - errors.upTo(-2)),
                        share(errors, errors.upTo(0) - errors.upTo(-1)), share(errors, errors.outside()));
            }
        });
        if (!table.isEmpty()) {
            table.print(console.out());
            console.out().println();
        }
    }

    /** As {@code 12.34 %}; 0 only where there is none. */
    private static String share(ErrorDistribution errors, long elements) {
        double percent = 100.0 * elements / errors.elements();
        return elements == 0 ? "0" : percent < 0.01 ? "< 0.01 %" : String.format(Locale.ROOT, "%.2f %%", percent);
    }

    private record SubjectTotal(long checks, long failed, long skipped, double seconds, double worst,
                                ErrorDistribution distribution) {

        static SubjectTotal of(SubjectReport subject) {
            return new SubjectTotal(subject.checks(), subject.failed(), subject.skipped(), subject.seconds(),
                    subject.worst() == null ? 0 : subject.worst().ratio(), subject.distribution());
        }

        SubjectTotal plus(SubjectTotal other) {
            return new SubjectTotal(checks + other.checks, failed + other.failed, skipped + other.skipped,
                    seconds + other.seconds, Math.max(worst, other.worst), distribution.plus(other.distribution));
        }
    }

    private static String verdict(CheckReport report) {
        int done = report.suites().stream().mapToInt(SuiteReport::done).sum();
        boolean complete = report.ending() == CheckReport.Ending.COMPLETE;
        String verdict = !report.agrees() ? report.mismatches().size() + " WRONG: " : report.checkedNothing() ? "Nothing was checked: "
                : complete ? "All agree: " : "All agree so far: ";
        String problems = complete ? plural(done, "problem") : done + " of " + plural(report.problems(), "problem");
        String ending = switch (report.ending()) {
            case COMPLETE -> "";
            case TIME_LIMIT -> " The time limit came before the end.";
            case CANCELLED -> " Interrupted before the end.";
        };
        return verdict + plural(report.checks(), "check") + " of " + problems + " in " + Units.seconds(report.seconds()) + "."
                + ending;
    }

    private static String plural(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    private static String ratio(double ratio) {
        return Double.isInfinite(ratio) ? "inf" : String.format(Locale.ROOT, "%.3f", ratio);
    }
}
