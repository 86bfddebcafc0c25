package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.Problems;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ProblemReductionTest {

    @Test
    void whatIsSmallEnoughStaysAsItIs() {
        ConvProblem problem = ConvProblem.parse("n9c6h7w9k4r3s2_g2");
        assertSame(problem, ProblemReduction.toMacs(problem.macs(), problem));
    }

    @Test
    void theBatchGoesFirstThenChannelsThenGroupsThenTheSecondImage() {
        ConvProblem problem = ConvProblem.parse("n9c15h7w9k20r3s2_g5");
        assertEquals("n5c15h7w9k20r3s2_g5", ProblemReduction.toMacs(problem.macs() - 1, problem).toString());
        assertEquals("n2c15h7w9k10r3s2_g5", ProblemReduction.toMacs(problem.withBatch(2).macs() - 1, problem).toString());
        assertEquals("n2c3h7w9k3r3s2_g3", ProblemReduction.toMacs(ConvProblem.parse("n2c3h7w9k3r3s2_g3").macs(), problem).toString());
        assertEquals("n1c2h7w9k2r3s2_g2", ProblemReduction.toMacs(0, problem).toString());
    }

    @Property(tries = 200)
    void theGeometryStays(@ForAll("problems") ConvProblem problem, @ForAll @LongRange(min = 0, max = 100_000) long most) {
        ConvProblem reduced = ProblemReduction.toMacs(most, problem);
        assertEquals(problem.axes(), reduced.axes());
        assertEquals(problem.groups() > 1, reduced.groups() > 1);
        assertTrue(!problem.isDepthwise() || reduced.isDepthwise());
        assertTrue(reduced.macs() <= Math.max(most, reduced.filterTaps() * reduced.outputPositions() * Math.min(2, problem.groups())
                * Math.min(1, problem.batch())));
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }
}
