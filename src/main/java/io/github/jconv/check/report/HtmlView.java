package io.github.jconv.check.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as the HTML template shows it: every number already a text. */
record HtmlView(String verdict, boolean agrees, boolean incomplete, String ending, String problems, String checks, String sampled,
                boolean anySampled, String worst, String seed, String seconds, String environment, List<String> notes, List<Suite> suites,
                List<MismatchView> mismatches, List<Chart> charts, List<SpeedView> speeds, String agreement, List<Skip> skips,
                boolean anySkips) {

    /** One row of the table of suites. */
    record Suite(String name, String problems, String checks, String mismatches, boolean agrees, String worst, String worstProblem,
                 String seconds, List<Row> subjects) {
    }

    /** One subject of a suite. */
    record Row(String name, String checks, String failed, boolean agrees, String skipped, String worst, String seconds) {
    }

    /** One mismatch. */
    record MismatchView(String subject, String operation, String problem, String check, String finding, String verdict, String shrunk,
                        String reproduce) {
    }

    /** What was not checked. */
    record Skip(String subject, String reason, String checks, String example) {
    }

    /** The distribution of error/bound of one subject. */
    record Chart(String subject, String elements, String exact, String worst, String svg) {
    }

    static HtmlView of(CheckReport report) {
        int mismatches = report.mismatches().size();
        return new HtmlView(mismatches == 0 ? "All agree" : mismatches == 1 ? "1 mismatch" : mismatches + " mismatches", mismatches == 0,
                report.ending() != CheckReport.Ending.COMPLETE, ending(report.ending()), count(report.problems()),
                count(report.checks()), count(report.sampledChecks()), report.sampledChecks() > 0, ratio(report.worst()),
                String.valueOf(report.seed()), seconds(report.seconds()), report.environment(), notes(report),
                report.suites().stream().map(HtmlView::suite).toList(), report.mismatches().stream().map(HtmlView::mismatch).toList(),
                charts(report), SpeedView.of(report), report.subjects().size() > 1 ? AgreementPlot.svg(report, "agreement") : null,
                skips(report), report.skipped().findAny().isPresent());
    }

    private static Suite suite(SuiteReport suite) {
        return new Suite(suite.suite(), suite.done() == suite.problems() ? count(suite.problems())
                : count(suite.done()) + " of " + count(suite.problems()), count(suite.checks()), count(suite.mismatches().size()),
                suite.agrees(), ratio(suite.worst()), suite.worst() == null ? "" : suite.worst().operation().text() + " "
                + suite.worst().problem(), seconds(suite.seconds()), suite.subjects().stream().map(HtmlView::row).toList());
    }

    private static Row row(SubjectReport subject) {
        return new Row(subject.subject(), count(subject.checks()), count(subject.failed()), subject.failed() == 0,
                count(subject.skipped()), ratio(subject.worst()), seconds(subject.seconds()));
    }

    private static MismatchView mismatch(Mismatch mismatch) {
        return new MismatchView(mismatch.subject(), mismatch.operation().text(), mismatch.problem(), mismatch.tier().text() + "/"
                + mismatch.check(), mismatch.finding(), mismatch.verdict(), mismatch.shrunk(), mismatch.reproduce());
    }

    /** One chart per subject that was ever compared within a bound, over all suites. */
    private static List<Chart> charts(CheckReport report) {
        Map<String, ErrorDistribution> distributions = new LinkedHashMap<>();
        Map<String, WorstError> worst = new LinkedHashMap<>();
        for (SuiteReport suite : report.suites()) {
            for (SubjectReport subject : suite.subjects()) {
                distributions.merge(subject.subject(), subject.distribution(), ErrorDistribution::plus);
                if (subject.worst() != null) {
                    worst.merge(subject.subject(), subject.worst(), (a, b) -> b.ratio() > a.ratio() ? b : a);
                }
            }
        }
        List<Chart> charts = new ArrayList<>();
        distributions.forEach((subject, distribution) -> {
            if (distribution.elements() > 0) {
                charts.add(new Chart(subject, count(distribution.elements()), percent((double) distribution.exact() / distribution.elements()),
                        ratio(worst.get(subject)), ErrorPlot.svg(distribution, "errors-" + charts.size(), subject)));
            }
        });
        return charts;
    }

    private static List<Skip> skips(CheckReport report) {
        Map<String, Skip> merged = new LinkedHashMap<>();
        Map<String, Long> counts = new LinkedHashMap<>();
        report.skipped().forEach(s -> {
            String key = s.subject() + "\n" + s.reason();
            counts.merge(key, s.checks(), Long::sum);
            merged.put(key, new Skip(s.subject(), s.reason(), count(counts.get(key)), s.example()));
        });
        return List.copyOf(merged.values());
    }

    /** What was done to the problems, by the caller and by the run itself. */
    private static List<String> notes(CheckReport report) {
        List<String> notes = new ArrayList<>(report.notes());
        if (report.thinnedProblems() > 0) {
            notes.add(count(report.thinnedProblems()) + " large problems got most checks with fewer channels, geometry whole; "
                    + count(report.thinnedOnlyProblems()) + " of them all checks.");
        }
        return notes;
    }

    private static String ending(CheckReport.Ending ending) {
        return switch (ending) {
            case COMPLETE -> "complete";
            case TIME_LIMIT -> "broken off by the time limit";
            case CANCELLED -> "broken off";
        };
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String ratio(WorstError worst) {
        return worst == null ? "–" : String.format(Locale.ROOT, "%.3g", worst.ratio());
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.0f s", seconds);
    }
}
