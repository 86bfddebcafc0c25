package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.ErrorDistribution;
import io.github.jconv.check.report.SubjectReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.testing.Problems;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Correct algorithms never fail, on thousands of random problems: the bound is derived, so there is no luck in it. */
class NoFalseAlarmTest {

    private static final int PROBLEMS_FOR_RESULTS = 1_500;
    private static final int PROBLEMS_FOR_EVERYTHING = 100;

    @Test
    void resultsOfEveryAlgorithmAgreeOnThousandsOfProblems(TestReporter reporter) {
        check(PROBLEMS_FOR_RESULTS, reporter, Tier.EXACT, Tier.REAL);
    }

    @Test
    void everyCheckOfEveryAlgorithmPasses(TestReporter reporter) {
        check(PROBLEMS_FOR_EVERYTHING, reporter, Tier.EXACT, Tier.REAL, Tier.IDENTITIES, Tier.HYGIENE);
    }

    private static void check(int problems, TestReporter reporter, Tier first, Tier... more) {
        List<ConvProblem> random = Problems.any().list().ofSize(problems).sample();
        try (CpuBackend backend = new CpuBackend(2)) {
            List<ConvolutionUnderTest> subjects = new ArrayList<>(BackendSubject.allOf(backend));
            subjects.add(new Loops("plain loops"));
            CheckReport report = CrossCheck.of(subjects).tiers(first, more).on("random", random).run();
            assertTrue(report.agrees(), () -> Mismatches.describe(report.mismatches()));
            assertEquals(CheckReport.Ending.COMPLETE, report.ending());
            assertEquals(0, report.sampledChecks(), "random problems are small enough for the whole reference");
            for (SubjectReport subject : report.suites().get(0).subjects()) {
                ErrorDistribution distribution = subject.distribution();
                reporter.publishEntry(subject.subject(), distribution.toString());
                assertTrue(distribution.elements() > 0, subject.subject() + " was never compared within a bound");
                assertEquals(0, distribution.outside());
            }
        }
    }
}
