package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several problems at the same time, each on subjects of its own. */
class LanesTest {

    private static final RandomProblems PROBLEMS = RandomProblems.of(24, 3);

    /** What a listener hears, in order. */
    private static final class Heard implements CheckListener {

        private final List<String> events = new ArrayList<>();
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicInteger ran = new AtomicInteger();

        @Override
        public void running(String suite, ConvProblem problem) {
            running.incrementAndGet();
        }

        @Override
        public void ran(String suite, ConvProblem problem) {
            ran.incrementAndGet();
        }

        @Override
        public void problemStarted(String suite, ConvProblem problem, int index) {
            events.add("begin " + index + " " + problem);
        }

        @Override
        public void checked(CheckRecord check) {
            events.add(check.key() + " " + check.results().stream().map(r -> r.subject() + " " + r.outcome() + " " + r.worstRatio()).toList());
        }

        @Override
        public void mismatched(Mismatch mismatch) {
            events.add("wrong " + mismatch.subject() + " " + mismatch.problem() + " " + mismatch.finding());
        }

        @Override
        public void problemDone(String suite, ConvProblem problem, int index) {
            events.add("end " + index);
        }
    }

    private static List<ConvolutionUnderTest> subjects() {
        return List.of(new Loops("right"), new Loops("wrong") {
            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                return index == 7 && problem.dimensions() == 2 ? sum + 1 : sum;
            }
        });
    }

    private static CrossCheck check(Heard heard) {
        return CrossCheck.of(subjects()).on(PROBLEMS).tiers(Tier.EXACT, Tier.REAL).shrink(false).listener(heard);
    }

    @Test
    void findTheSameInTheSameOrder() {
        Heard one = new Heard();
        CheckReport expected = check(one).run();
        assertFalse(expected.agrees());
        assertEquals(24, one.running.get());
        assertEquals(24, one.ran.get());
        for (int more = 1; more <= 3; more++) {
            Heard several = new Heard();
            CrossCheck check = check(several);
            for (int lane = 0; lane < more; lane++) {
                check.beside(subjects());
            }
            CheckReport report = check.run();
            assertEquals(one.events, several.events);
            assertEquals(one.running.get(), several.running.get());
            assertEquals(one.ran.get(), several.ran.get());
            assertEquals(expected.checks(), report.checks());
            assertEquals(expected.mismatches(), report.mismatches());
            assertEquals(CheckReport.Ending.COMPLETE, report.ending());
        }
    }

    /** Each lane's first call waits for one of the other lane. */
    @Test
    void runAtTheSameTime() {
        CyclicBarrier both = new CyclicBarrier(2);
        CheckReport report = CrossCheck.of(meeting(both)).beside(List.of(meeting(both))).on(PROBLEMS).operations(ConvOperation.FORWARD)
                .tiers(Tier.EXACT).run();
        assertTrue(report.agrees(), report.mismatches().toString());
    }

    /** The same where each has a suite of its own, and the smallest problems come first, wherever they stand. */
    @Test
    void waitForNoSuiteAndBeginWithTheSmallest() {
        CyclicBarrier both = new CyclicBarrier(2);
        Set<String> first = ConcurrentHashMap.newKeySet();
        CheckReport report = CrossCheck.of(meeting(both, first)).beside(List.of(meeting(both, first)))
                .on("one", List.of(ConvProblem.parse("n1c4h9w8k3r3s2"), ConvProblem.parse("n1c1h3w4k1r2s2")))
                .on("other", List.of(ConvProblem.parse("n1c3h9w8k3r3s2"), ConvProblem.parse("n1c1h3w3k1r2s2")))
                .operations(ConvOperation.FORWARD).tiers(Tier.EXACT).run();
        assertTrue(report.agrees(), report.mismatches().toString());
        assertEquals(Set.of("n1c1h3w4k1r2s2", "n1c1h3w3k1r2s2"), first);
        assertEquals(List.of("one", "other"), report.suites().stream().map(SuiteReport::suite).toList());
    }

    private static ConvolutionUnderTest meeting(CyclicBarrier barrier) {
        return meeting(barrier, ConcurrentHashMap.newKeySet());
    }

    /** @param first takes the problem of the first call */
    private static ConvolutionUnderTest meeting(CyclicBarrier barrier, Set<String> first) {
        AtomicInteger calls = new AtomicInteger();
        return new Loops("meeting") {
            @Override
            public Support supports(ConvRequest request) {
                if (calls.getAndIncrement() == 0) {
                    first.add(request.problem().toString());
                    meet(barrier);
                }
                return super.supports(request);
            }
        };
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(5, TimeUnit.MINUTES);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("the other lane never came", e);
        }
    }

    @Test
    void endWhenTheRunIsCancelled() {
        AtomicInteger asked = new AtomicInteger();
        CheckReport report = check(new Heard()).beside(subjects()).cancelWhen(() -> asked.incrementAndGet() > 100).run();
        assertEquals(CheckReport.Ending.CANCELLED, report.ending());
        assertTrue(report.suites().get(0).done() < PROBLEMS.list().size());
    }

    @Test
    void failWhereTheHarnessFails() {
        CheckListener broken = new CheckListener() {
            @Override
            public void checked(CheckRecord check) {
                throw new IllegalStateException("no space");
            }
        };
        assertEquals("no space", assertThrows(IllegalStateException.class,
                () -> CrossCheck.of(subjects()).beside(subjects()).on(PROBLEMS).listener(broken).run()).getMessage());
        ConvolutionUnderTest undecided = new Loops("undecided") {
            @Override
            public Support supports(ConvRequest request) {
                throw new IllegalStateException("neither yes nor no");
            }
        };
        assertEquals("neither yes nor no", assertThrows(IllegalStateException.class,
                () -> CrossCheck.of(undecided).beside(List.of(undecided)).on(PROBLEMS).run()).getMessage());
    }

    @Test
    void needTheSameSubjectsAndNoTimes() {
        IllegalArgumentException others = assertThrows(IllegalArgumentException.class,
                () -> CrossCheck.of(subjects()).beside(List.of(new Loops("right"))));
        assertEquals("subjects are [right]; allowed beside the others: [right, wrong]", others.getMessage());
        CrossCheck timed = CrossCheck.of(subjects()).beside(subjects()).on(PROBLEMS)
                .timed((subject, request) -> Optional.empty(), List.of());
        assertTrue(assertThrows(IllegalArgumentException.class, timed::run).getMessage().startsWith("subjects are timed while others run"));
    }
}
