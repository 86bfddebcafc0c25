package io.github.jconv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.report.Ceilings;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConvBenchmarkTest {

    @Test
    void medianOfOddAndEvenNumbers() {
        assertEquals(2, ConvBenchmark.median(new double[] {1, 2, 9}));
        assertEquals(3, ConvBenchmark.median(new double[] {1, 2, 4, 9}));
    }

    private static final ConvProblem PROBLEM = ConvProblem.parse("n1c64h56w56k192r3s3_ph1pw1");

    private static Measurement row(DataType type, String operandType) {
        return row(type, operandType, false);
    }

    private static Measurement row(DataType type, String operandType, boolean fused) {
        return new Measurement("cpu", "direct", 2, PROBLEM, ConvOperation.FORWARD, fused, type, Layout.NHWC, operandType, 10, 8, 12);
    }

    @Test
    void gflopsCountTheProblemsOperationsOverTheMedian() {
        Measurement row = row(DataType.FLOAT32, "tf32");
        assertEquals(2.0 * 192 * 64 * 9 * 56 * 56 / 0.010 / 1e9, row.gflops(), 1e-9);
        assertEquals("cpu,direct,2,n1c64h56w56k192r3s3_ph1pw1,forward,float32,nhwc,tf32,10.000000,8.000000,12,69.363,,,", row.csv(null));
        assertEquals(row, Measurement.ofCsv(row.csv(null)));
    }

    /** 0.6936 GFLOP in 10 ms; x, w and y have 3.65 MB. */
    @Test
    void theFloorIsTheLongerOfComputingAndMoving() {
        Measurement row = row(DataType.FLOAT32, "fp32");
        Floor arithmetic = Floor.of(row, new Ceilings("cpu", Map.of("fp32", 100e9), 10e9));
        assertEquals(PROBLEM.flops() / 100e9, arithmetic.seconds(), 1e-12);
        assertEquals(69.363, arithmetic.percentOf(row), 1e-3);
        Floor memory = Floor.of(row, new Ceilings("cpu", Map.of("fp32", 100e9), 0.4e9));
        assertEquals(4.0 * (64 * 56 * 56 + 64 * 192 * 9 + 192 * 56 * 56) / 0.4e9, memory.seconds(), 1e-12);
        assertFalse(arithmetic.ofMemory());
        assertTrue(memory.ofMemory());
        assertTrue(row.csv(memory).endsWith(",12,69.363,9.134080,91.34,memory"), row.csv(memory));
    }

    /** Elements of two bytes are moved in half the time; how long products take depends on what they are multiplied in. */
    @Test
    void theFloorIsThatOfTheTypeAndOfTheArithmetic() {
        double bytes = 2.0 * (64 * 56 * 56 + 64 * 192 * 9 + 192 * 56 * 56);
        var slowMemory = new Ceilings("cuda", Map.of("fp32", 1e15, "bf16", 1e15), 0.4e9);
        assertEquals(bytes / 0.4e9, Floor.of(row(DataType.BFLOAT16, "bf16"), slowMemory).seconds(), 1e-12);
        assertEquals(2 * bytes / 0.4e9, Floor.of(row(DataType.FLOAT32, "bf16"), slowMemory).seconds(), 1e-12);
        var fastMemory = new Ceilings("cuda", Map.of("fp32", 100e9, "bf16", 800e9), 1e15);
        assertEquals(PROBLEM.flops() / 800e9, Floor.of(row(DataType.BFLOAT16, "bf16"), fastMemory).seconds(), 1e-12);
        assertEquals(PROBLEM.flops() / 100e9, Floor.of(row(DataType.BFLOAT16, "fp32"), fastMemory).seconds(), 1e-12);
    }

    /** The bias is moved besides, in the type of the tensors; what is computed counts as before. */
    @Test
    void theFloorOfAFusedForwardIsThatOfItsBytes() {
        Measurement row = row(DataType.BFLOAT16, "bf16", true);
        double bytes = 2.0 * (64 * 56 * 56 + 64 * 192 * 9 + 192 * 56 * 56 + 192);
        assertEquals(bytes / 0.4e9, Floor.of(row, new Ceilings("cuda", Map.of("bf16", 1e15), 0.4e9)).seconds(), 1e-12);
        assertEquals(PROBLEM.flops() / 100e9, Floor.of(row, new Ceilings("cuda", Map.of("bf16", 100e9), 1e15)).seconds(), 1e-12);
        assertTrue(row.csv(null).startsWith("cpu,direct,2,n1c64h56w56k192r3s3_ph1pw1,forward_bias_relu,bfloat16,nhwc,bf16,"), row.csv(null));
        assertEquals(row, Measurement.ofCsv(row.csv(null)));
    }

    @Test
    void whatHasNoCeilingHasNoFloor() {
        assertNull(Floor.of(row(DataType.FLOAT32, "tf32"), new Ceilings("cuda", Map.of("fp32", 1e12), 1e12)));
        assertNull(Floor.of(row(DataType.FLOAT32, "fp32"), null));
    }

    @Test
    void effortIsChecked() {
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(-1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(1, Double.NaN, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new ConvBenchmark.Effort(1, 1, 0, 1));
    }
}
