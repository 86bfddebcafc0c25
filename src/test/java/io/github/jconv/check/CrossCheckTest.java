package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.report.Agreement;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrossCheckTest {

    private static final String LINE = "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2";

    /** Right, and as short as a user's own would be. */
    private static class Mine implements ConvolutionUnderTest {

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            ReferenceConvolution.run(problem, ConvOperation.FORWARD, x, w, y, mode == WriteMode.ACCUMULATE);
        }

        @Override
        public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
            ReferenceConvolution.run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, mode == WriteMode.ACCUMULATE);
        }

        @Override
        public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
            ReferenceConvolution.run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, mode == WriteMode.ACCUMULATE);
        }
    }

    private static class WrongLastElement extends Mine {

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            super.forward(problem, x, w, y, mode);
            y.set(y.length() - 1, y.get(y.length() - 1) + 1);
        }
    }

    @Test
    void aCorrectConvolutionAgrees() {
        CrossCheck.of(new Mine()).on(LINE).on("suite", List.of(ConvProblem.parse("n1c1w4k1s2_sw2"))).assertAgrees();
    }

    @Test
    void everyAlgorithmOfABackendAgrees() {
        try (CpuBackend backend = new CpuBackend(2)) {
            CheckReport report = CrossCheck.ofBackends(backend).on(LINE).run();
            assertTrue(report.agrees());
            assertTrue(report.checks() > 0);
            assertEquals(CheckReport.Ending.COMPLETE, report.ending());
        }
    }

    @Test
    void aWrongOneIsConvictedAndTheRightOneIsNot() {
        CheckReport report = CrossCheck.of(new Mine(), new WrongLastElement()).on(LINE).tiers(Tier.EXACT).run();
        assertFalse(report.agrees());
        Mismatch mismatch = report.mismatches().get(0);
        assertEquals("WrongLastElement", mismatch.subject());
        assertEquals(List.of("WrongLastElement"), mismatch.outside());
        assertEquals(List.of("Mine"), mismatch.inside());
        assertEquals(1, mismatch.wrongElements());
        assertEquals("[1, 3, 2, 6]", mismatch.worst().position());
    }

    /** A problem that it does not serve at all is no smaller one with the same mistake. */
    @Test
    void aWrongResultIsNotReducedToSomethingThatIsThrown() {
        ConvolutionUnderTest twoDimensionsOnly = new WrongLastElement() {
            @Override
            public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
                if (problem.dimensions() != 2) {
                    throw new UnsupportedOperationException("2-d only");
                }
                super.forward(problem, x, w, y, mode);
            }
        };
        Mismatch mismatch = CrossCheck.of(twoDimensionsOnly).on(LINE).operations(ConvOperation.FORWARD).tiers(Tier.EXACT).run().mismatches()
                .get(0);
        ConvProblem shrunk = ConvProblem.parse(mismatch.shrunk());
        assertEquals(2, shrunk.dimensions());
        assertEquals(1, shrunk.macs(), mismatch::shrunk);
    }

    /** Two with the same mistake agree with one another, one with another mistake with nobody. */
    @Test
    void whoIsWrongInTheSameWayIsTold() {
        ConvolutionUnderTest right = new Loops("right");
        CheckReport report = CrossCheck.of(right, wrongBy("a", 1), wrongBy("b", 1), wrongBy("c", 2)).on(LINE)
                .operations(ConvOperation.FORWARD).tiers(Tier.EXACT, Tier.REAL).shrink(false).run();
        for (Mismatch mismatch : report.mismatches().stream().filter(m -> !m.check().startsWith("bias")).toList()) {
            assertEquals(List.of("a", "b", "c"), mismatch.outside());
            assertEquals(List.of(List.of("a", "b")), mismatch.alike(), mismatch.check());
            assertEquals("a, b, c wrong; a, b wrong in the same way; right right", mismatch.verdict());
        }
        List<Agreement> agreements = report.suites().get(0).agreements();
        assertEquals(6, agreements.size());
        for (Agreement agreement : agreements) {
            boolean alike = agreement.one().equals("a") && agreement.other().equals("b");
            assertTrue(alike ? agreement.agreed() >= 4 : agreement.agreed() < agreement.checks(), agreement.toString());
        }
    }

    private static ConvolutionUnderTest wrongBy(String name, double difference) {
        return new Loops(name) {
            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                return index == 3 ? sum + difference : sum;
            }
        };
    }

    @Test
    void theAssertionNamesSubjectProblemElementAndHowToReproduce() {
        AssertionError error = assertThrows(AssertionError.class,
                () -> CrossCheck.of(new WrongLastElement()).on(LINE).tiers(Tier.EXACT).assertAgrees());
        for (String part : List.of("WrongLastElement", LINE, "forward", "[1, 3, 2, 6]", "expected", "seed(1)")) {
            assertTrue(error.getMessage().contains(part), part + " in " + error.getMessage());
        }
    }

    @Test
    void aRunCanBeCancelledAndLimitedInTime() {
        assertEquals(CheckReport.Ending.CANCELLED, CrossCheck.of(new Mine()).on(LINE).cancelWhen(() -> true).run().ending());
        assertEquals(CheckReport.Ending.TIME_LIMIT,
                CrossCheck.of(new Mine()).on(LINE).timeLimit(Duration.ofNanos(1)).run().ending());
    }

    @Test
    void wrongUseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> CrossCheck.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> CrossCheck.of(new Mine(), new Mine()));
        assertThrows(IllegalArgumentException.class, () -> CrossCheck.of(new Mine()).run());
        assertThrows(IllegalArgumentException.class, () -> Effort.thorough().withReference(0));
        assertThrows(IllegalArgumentException.class, () -> CrossCheck.of(new Mine()).timeLimit(Duration.ZERO));
    }
}
