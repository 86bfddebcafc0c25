package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.ErrorDistribution;
import io.github.jconv.check.report.SubjectReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.cpu.CpuBackend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Correct algorithms never fail, on random problems of every kind: the bound is derived, so there is no luck in it. */
class NoFalseAlarmTest {

    private static final int PROBLEMS_FOR_RESULTS = 500;
    private static final int PROBLEMS_FOR_EVERYTHING = 100;
    private static final long SEED = 20261120;
    /** Filters as wide as their input, which random problems hardly ever have. */
    private static final String FULL_WIDTH = "n2c2h9w17k14r3s17_g2";
    /** And wide ones that move in wide steps. */
    private static final String WIDE_STEPS = "n2c2h5w112k8r3s32_sw16";

    @Test
    void resultsOfEveryAlgorithmAgreeOnRandomProblems(TestReporter reporter) {
        check(PROBLEMS_FOR_RESULTS, reporter, Tier.EXACT, Tier.REAL);
    }

    @Test
    void everyCheckOfEveryAlgorithmPasses(TestReporter reporter) {
        check(PROBLEMS_FOR_EVERYTHING, reporter, Tier.EXACT, Tier.REAL, Tier.IDENTITIES, Tier.HYGIENE);
    }

    private static void check(int problems, TestReporter reporter, Tier first, Tier... more) {
        RandomProblems random = RandomProblems.of(problems, SEED);
        try (CpuBackend backend = new CpuBackend(2)) {
            List<ConvolutionUnderTest> subjects = new ArrayList<>(BackendSubject.allOf(backend));
            subjects.add(new Loops("plain loops"));
            CheckReport report = CrossCheck.of(subjects).tiers(first, more).on(random).on(FULL_WIDTH).on(WIDE_STEPS).run();
            assertTrue(report.agrees(), () -> Mismatches.describe(report.mismatches()));
            assertEquals(CheckReport.Ending.COMPLETE, report.ending());
            assertEquals(0, report.sampledChecks(), "random problems are small enough for the whole reference");
            Set<String> compared = new HashSet<>();
            for (SubjectReport subject : report.suites().stream().flatMap(suite -> suite.subjects().stream()).toList()) {
                ErrorDistribution distribution = subject.distribution();
                reporter.publishEntry(subject.subject(), distribution.toString());
                assertEquals(0, distribution.outside());
                if (distribution.elements() > 0) {
                    compared.add(subject.subject());
                }
            }
            for (ConvolutionUnderTest subject : subjects) {
                assertTrue(compared.contains(subject.name()), subject.name() + " was never compared within a bound");
            }
        }
    }
}
