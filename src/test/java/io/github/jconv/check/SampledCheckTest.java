package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Skipped;
import io.github.jconv.check.report.SubjectResult;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the reference covers a sample only, whole outputs are compared between subjects, and the reference decides who is wrong. */
class SampledCheckTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n1c3h40w50k4r3s3_ph1pw1");
    private static final Effort SAMPLED = Effort.thorough().withReference(5_000);
    private static final int NOT_IN_SAMPLE = notInSample();

    private static class WrongAt extends Loops {

        private final int element;

        WrongAt(String name, int element) {
            super(name);
            this.element = element;
        }

        @Override
        double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
            return operation == ConvOperation.FORWARD && index == element ? sum + 1 : sum;
        }
    }

    private static CrossCheck check(ConvolutionUnderTest... subjects) {
        return CrossCheck.of(subjects).on(PROBLEM).operations(ConvOperation.FORWARD).effort(SAMPLED).shrink(false);
    }

    private static int notInSample() {
        long[] sample = SampleChooser.choose(PROBLEM.yShape(), 5_000 / 27, CrossCheck.DEFAULT_SEED);
        int element = 100;
        while (java.util.Arrays.binarySearch(sample, element) >= 0) {
            element++;
        }
        return element;
    }

    @Test
    void correctSubjectsAgreeAndTheRecordsSayWhatWasCompared() {
        List<CheckRecord> records = new ArrayList<>();
        CheckReport report = check(new Loops("a"), new Loops("b")).tiers(Tier.EXACT, Tier.REAL).listener(new CheckListener() {
            @Override
            public void checked(CheckRecord check) {
                records.add(check);
            }
        }).run();
        assertTrue(report.agrees());
        assertTrue(report.sampledChecks() > 0);
        List<CheckRecord> overwriting = records.stream().filter(r -> r.key().check().equals("overwrite")).toList();
        assertEquals(2, overwriting.size());
        for (SubjectResult result : overwriting.stream().flatMap(record -> record.results().stream()).toList()) {
            assertTrue(result.sampled());
            assertEquals(PROBLEM.yShape().elements(), result.elements());
            assertEquals(result.subject().equals("a") ? null : "a", result.pivot());
        }
    }

    @Test
    void anErrorOutsideTheSampleIsFoundByTheOthersAndConvictsTheRightOne() {
        for (Tier tier : List.of(Tier.EXACT, Tier.REAL)) {
            for (boolean wrongFirst : new boolean[] {true, false}) {
                Loops wrong = new WrongAt("wrong", NOT_IN_SAMPLE);
                Loops right = new Loops("right");
                CheckReport report = check(wrongFirst ? wrong : right, wrongFirst ? right : wrong).tiers(tier).run();
                assertTrue(!report.agrees(), tier + (wrongFirst ? ", the wrong one is the pivot" : ", the right one is the pivot"));
                for (Mismatch mismatch : report.mismatches()) {
                    assertEquals(List.of("wrong"), mismatch.outside());
                    assertEquals(List.of("right"), mismatch.inside());
                    assertEquals(NOT_IN_SAMPLE, mismatch.worst().index());
                }
            }
        }
    }

    @Test
    void twoThatShareAnErrorAreBothConvictedByTheThird() {
        CheckReport report = check(new WrongAt("wrong 1", NOT_IN_SAMPLE), new WrongAt("wrong 2", NOT_IN_SAMPLE), new Loops("right"),
                new WrongAt("wrong elsewhere", PROBLEM.yShape().sizes().length + 3000)).tiers(Tier.EXACT).run();
        List<String> wrong = report.mismatches().stream().filter(m -> m.check().equals("overwrite")).map(Mismatch::subject).toList();
        assertEquals(List.of("wrong 1", "wrong 2", "wrong elsewhere"), wrong);
    }

    @Test
    void thinnerRelativesAreReportedAsSuch() {
        Effort quick = new Effort(5_000, 20_000, 100_000, 20_000, 5_000);
        ConvProblem middle = ConvProblem.parse("n1c8h10w12k8r3s2");
        ConvProblem large = ConvProblem.parse("n1c16h30w12k8r3s2");
        CheckReport report = CrossCheck.of(new Loops("a")).on("suite", List.of(ConvProblem.parse("n1c1w9k2s2"), middle, large))
                .effort(quick).run();
        assertTrue(middle.macs() > 20_000 && middle.macs() <= 100_000 && large.macs() > 100_000, middle.macs() + " " + large.macs());
        assertTrue(report.agrees());
        assertEquals(2, report.thinnedProblems());
        assertEquals(1, report.thinnedOnlyProblems());
    }

    /** No smaller relative: its geometry alone makes backward-data 300 times as much work as forward for a slow subject. */
    @Test
    void aGeometryThatIsLargeByItselfIsForThoseWhomItSuits() {
        ConvProblem full = ConvProblem.parse("n1c1h20w15k1r20s15");
        ConvolutionUnderTest suited = new Loops("suited");
        ConvolutionUnderTest slow = new Loops("slow") {
            @Override
            public Support suits(ConvRequest request) {
                return Support.no("it visits every tap");
            }
        };
        CheckReport report = CrossCheck.of(suited, slow).on(full).effort(new Effort(5_000, 5_000, 5_000, 5_000, 5_000)).run();
        assertTrue(report.agrees() && report.checks() > 0);
        assertEquals(List.of("slow"), report.skipped().filter(s -> s.reason().endsWith("it visits every tap"))
                .map(Skipped::subject).distinct().toList());
    }
}
