package io.github.jconv.check;

import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Skipped;
import io.github.jconv.check.report.SubjectReport;
import io.github.jconv.check.report.SubjectResult;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.check.report.TimeRecord;
import io.github.jconv.check.report.WorstError;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Adds up the checks of one suite. */
final class SuiteTally {

    private record Reason(String subject, String because) {
    }

    private record SkipCount(long checks, String example) {
    }

    private final String suite;
    private final int problems;
    private final AtomicLong nanos = new AtomicLong();
    private final Map<String, SubjectTally> subjects = new LinkedHashMap<>();
    private final Map<Reason, SkipCount> skipped = new LinkedHashMap<>();
    private final List<Mismatch> mismatches = new ArrayList<>();
    private final List<TimeRecord> times = new ArrayList<>();
    private final AgreementTally agreements = new AgreementTally();
    private long sampled;
    private int done;
    private String problem;
    private boolean thinned;
    private boolean whole;
    private boolean checked;
    private int thinner;
    private int thinnerOnly;
    private int unchecked;

    SuiteTally(String suite, int problems, List<String> subjectNames) {
        this.suite = suite;
        this.problems = problems;
        subjectNames.forEach(name -> subjects.put(name, new SubjectTally(name)));
    }

    /** The suite's checks took so long; from any thread. */
    void addTime(long nanoseconds) {
        nanos.addAndGet(nanoseconds);
    }

    /** The records that follow are about this problem of the suite, or thinner relatives. */
    void begin(ConvProblem ofSuite) {
        problem = ofSuite.toString();
        thinned = false;
        whole = false;
        checked = false;
    }

    void add(CheckRecord check) {
        CheckKey key = check.key();
        for (SubjectResult result : check.results()) {
            checked |= result.outcome() != CheckRecord.Outcome.SKIPPED;
            boolean ofResults = key.tier() != Tier.IDENTITIES && result.outcome() != CheckRecord.Outcome.SKIPPED;
            thinned |= ofResults && !key.problem().equals(problem);
            whole |= ofResults && key.problem().equals(problem);
            subjects.get(result.subject()).add(key, result);
            if (result.outcome() == CheckRecord.Outcome.SKIPPED) {
                skipped.merge(new Reason(result.subject(), result.detail()), new SkipCount(1, key.problem()),
                        (a, b) -> new SkipCount(a.checks + b.checks, a.example));
            } else if (result.sampled()) {
                sampled++;
            }
        }
        mismatches.addAll(check.mismatches());
        agreements.add(check);
    }

    void add(TimeRecord time) {
        times.add(time);
    }

    void problemDone() {
        done++;
        thinner += thinned ? 1 : 0;
        thinnerOnly += thinned && !whole ? 1 : 0;
        unchecked += checked ? 0 : 1;
    }

    SuiteReport report() {
        List<SubjectReport> reports = subjects.values().stream().map(SubjectTally::report).toList();
        WorstError worst = reports.stream().map(SubjectReport::worst).filter(Objects::nonNull)
                .reduce((a, b) -> b.ratio() > a.ratio() ? b : a).orElse(null);
        List<Skipped> skips = skipped.entrySet().stream()
                .map(e -> new Skipped(e.getKey().subject, e.getKey().because, e.getValue().checks, e.getValue().example)).toList();
        return new SuiteReport(suite, problems, done, thinner, thinnerOnly, unchecked,
                reports.stream().mapToLong(SubjectReport::checks).sum(), sampled, worst, reports, mismatches, skips, times, agreements.list(), nanos.get() * 1e-9);
    }

    /** Adds up the checks of one subject. */
    private static final class SubjectTally {

        private final String name;
        private final RatioHistogram ratios = new RatioHistogram();
        private long checks;
        private long failed;
        private long skipped;
        private WorstError worst;
        private double seconds;

        SubjectTally(String name) {
            this.name = name;
        }

        void add(CheckKey key, SubjectResult result) {
            seconds += result.seconds();
            if (result.outcome() == CheckRecord.Outcome.SKIPPED) {
                skipped++;
                return;
            }
            checks++;
            failed += result.outcome() == CheckRecord.Outcome.FAILED ? 1 : 0;
            if (result.distribution() != null) {
                ratios.add(result.distribution());
            }
            if (result.worstRatio() > 0 && (worst == null || result.worstRatio() > worst.ratio())) {
                worst = new WorstError(result.worstRatio(), name, key.problem(), key.operation(), key.checkText());
            }
        }

        SubjectReport report() {
            return new SubjectReport(name, checks, failed, skipped, worst, ratios.distribution(), seconds);
        }
    }
}
