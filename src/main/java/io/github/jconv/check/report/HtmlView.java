package io.github.jconv.check.report;

import static io.github.jconv.check.report.HtmlNumbers.count;
import static io.github.jconv.check.report.HtmlNumbers.ratio;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A report as the HTML template shows it: every number already a text. */
record HtmlView(String verdict, boolean agrees, boolean incomplete, String ending, String problems, String checks, String sampled,
                boolean anySampled, String worst, String seed, String seconds, String environment, List<String> notes, List<Suite> suites,
                MismatchView.Both mismatches, List<ErrorView> errors, List<SpeedView> speeds, String agreement, List<Skip> skips,
                boolean anySkips) {

    /** One row of the table of suites. */
    record Suite(String name, String problems, String checks, String mismatches, boolean agrees, String worst, String worstProblem,
                 String seconds, List<Row> subjects) {
    }

    /** One subject of a suite. */
    record Row(String name, String checks, String failed, boolean agrees, String skipped, String worst, String seconds) {
    }

    /** What was not checked. */
    record Skip(String subject, String reason, String checks, String example) {
    }

    static HtmlView of(CheckReport report) {
        return new HtmlView(verdict(report), report.agrees() && !report.checkedNothing(),
                report.ending() != CheckReport.Ending.COMPLETE, ending(report.ending()), count(report.problems()),
                count(report.checks()), count(report.sampledChecks()), report.sampledChecks() > 0, ratio(report.worst()),
                String.valueOf(report.seed()), HtmlNumbers.seconds(report.seconds()), report.environment(), notes(report),
                report.suites().stream().map(HtmlView::suite).toList(), MismatchView.of(report),
                ErrorView.of(report), SpeedView.of(report), AgreementPlot.svg(report, "agreement"),
                skips(report), report.skipped().findAny().isPresent());
    }

    private static String verdict(CheckReport report) {
        int mismatches = report.mismatches().size();
        return report.checkedNothing() ? "Nothing was checked"
                : mismatches == 0 ? "All agree" : mismatches == 1 ? "1 mismatch" : mismatches + " mismatches";
    }

    private static Suite suite(SuiteReport suite) {
        return new Suite(suite.suite(), suite.done() == suite.problems() ? count(suite.problems())
                : count(suite.done()) + " of " + count(suite.problems()), count(suite.checks()), count(suite.mismatches().size()),
                suite.agrees(), ratio(suite.worst()), suite.worst() == null ? "" : suite.worst().operation().text() + " "
                + suite.worst().problem(), HtmlNumbers.seconds(suite.seconds()), suite.subjects().stream()
                        .filter(subject -> !subject.saysNothing()).map(HtmlView::row).toList());
    }

    private static Row row(SubjectReport subject) {
        return new Row(subject.subject(), count(subject.checks()), count(subject.failed()), subject.failed() == 0,
                count(subject.skipped()), ratio(subject.worst()), HtmlNumbers.seconds(subject.seconds()));
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
}
