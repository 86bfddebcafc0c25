package io.github.jconv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
        assertEquals("cpu,direct,2,n1c64h56w56k192r3s3_ph1pw1,forward,10.000000,8.000000,12,69.363", row.csv());
    }

    @Test
    void effortIsChecked() {
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(-1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(1, Double.NaN, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(1, 1, 0, 1));
    }
}
