package io.github.jconv.check.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.Mutants;
import io.github.jconv.check.report.Tier;
import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.JUnitRun;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvolutionCasesTest {

    private static final String LINE = "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0";
    private static final ConvolutionUnderTest DIRECT = BackendSubject.named(new CpuBackend(1), "direct");

    /** Not a test of its own: named so that it is not found by its name. */
    static class Right {

        @ConvolutionCase(LINE)
        void one(CaseUnderTest each) {
            each.assertAgrees(DIRECT);
        }

        @ConvolutionCase("n1c1w4k1s2")
        @ConvolutionCase("n1c5w40k5s7_g5")
        void two(CaseUnderTest each) {
            each.assertAgrees(DIRECT);
        }

        @ConvolutionSuite("dcgan")
        @RandomConvolutions(value = 30, seed = 3)
        @ConvolutionCase("n1c1w5k1s2")
        void many(CaseUnderTest each) {
            each.check(DIRECT).tiers(Tier.EXACT).assertAgrees();
        }
    }

    static class Wrong {

        @ConvolutionCase(LINE)
        void agrees(CaseUnderTest each) {
            each.assertAgrees(Mutants.named("off by one part in 2^12"));
        }
    }

    static class Unreadable {

        @ConvolutionCase("n1c1")
        void agrees(CaseUnderTest each) {
            each.assertAgrees(DIRECT);
        }
    }

    @Test
    void aMethodIsRunOnceForEachCase() {
        JUnitRun run = JUnitRun.of(Right.class);
        long ofSuite = ProblemSuites.named("dcgan").problems().stream().distinct().count();
        assertEquals(1 + 2 + ofSuite + 30 + 1 + " tests passed, 0 failed", run.toString(), () -> run.causes().toString());
        assertTrue(run.passed().contains(LINE), run.passed().toString());
        String last = RandomProblems.of(30, 3, List.of(DataType.FLOAT32)).list().get(29).problem().toString();
        assertTrue(run.passed().stream().anyMatch(name -> name.startsWith(last)), last);
    }

    @Test
    void aFailureSaysWhatIsWrongAndHowToSeeItAgain() {
        JUnitRun run = JUnitRun.of(Wrong.class);
        assertEquals("0 tests passed, 1 failed", run.toString());
        assertTrue(run.causes().get(0).getMessage().contains("off by one part in 2^12"), run.causes().get(0).getMessage());
        assertTrue(run.causes().get(0).getMessage().contains(".on(\"n"), run.causes().get(0).getMessage());
    }

    @Test
    void aLineThatCannotBeReadFailsTheMethod() {
        JUnitRun run = JUnitRun.of(Unreadable.class);
        assertEquals(1, run.failed().size());
        assertTrue(run.causes().get(0).getMessage().contains("n1c1"), run.causes().get(0).getMessage());
    }
}
