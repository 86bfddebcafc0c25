package io.github.jconv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.report.Ceilings;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import org.junit.jupiter.api.Test;

class ConvBenchmarkTest {

    @Test
    void medianOfOddAndEvenNumbers() {
        assertEquals(2, ConvBenchmark.median(new double[] {1, 2, 9}));
        assertEquals(3, ConvBenchmark.median(new double[] {1, 2, 4, 9}));
    }

    @Test
    void gflopsCountTheProblemsOperationsOverTheMedian() {
        ConvProblem problem = ConvProblem.parse("n1c64h56w56k192r3s3_ph1pw1");
        Measurement row = new Measurement("cpu", "direct", 2, problem, ConvOperation.FORWARD, 10, 8, 12);
        assertEquals(2.0 * 192 * 64 * 9 * 56 * 56 / 0.010 / 1e9, row.gflops(), 1e-9);
        assertEquals("cpu,direct,2,n1c64h56w56k192r3s3_ph1pw1,forward,10.000000,8.000000,12,69.363,,,", row.csv(null));
    }

    /** 0.6936 GFLOP in 10 ms; x, w and y have 3.65 MB. */
    @Test
    void theFloorIsTheLongerOfComputingAndMoving() {
        ConvProblem problem = ConvProblem.parse("n1c64h56w56k192r3s3_ph1pw1");
        Measurement row = new Measurement("cpu", "direct", 2, problem, ConvOperation.FORWARD, 10, 8, 12);
        Floor arithmetic = Floor.of(problem, new Ceilings("cpu", 100e9, 10e9));
        assertEquals(problem.flops() / 100e9, arithmetic.seconds(), 1e-12);
        assertEquals(69.363, arithmetic.percentOf(row), 1e-3);
        Floor memory = Floor.of(problem, new Ceilings("cpu", 100e9, 0.4e9));
        assertEquals(4.0 * (64 * 56 * 56 + 64 * 192 * 9 + 192 * 56 * 56) / 0.4e9, memory.seconds(), 1e-12);
        assertFalse(arithmetic.ofMemory());
        assertTrue(memory.ofMemory());
        assertTrue(row.csv(memory).endsWith(",12,69.363,9.134080,91.34,memory"), row.csv(memory));
    }

    @Test
    void effortIsChecked() {
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(-1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(1, Double.NaN, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(1, 1, 0, 1));
    }
}
