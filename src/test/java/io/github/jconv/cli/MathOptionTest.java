package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.device.MathMode;
import io.github.jconv.testing.EmulatedDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MathOptionTest {

    private static final String LINE = "n2c3h6w8k5r3s3_ph1pw1";

    @BeforeAll
    static void build() {
        EmulatedDevice.build();
    }

    @Test
    void theArithmeticIsAsAskedAndForgottenAfterwards() {
        CommandRun run = CommandRun.of("algorithms", "--device", "emulated", "--backend", "cudnn", "--math", "bf16", LINE);
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("copies of x, w and y in bf16 with the channels last"), run.out());
        assertNull(System.getProperty(MathMode.PROPERTY));
    }

    @Test
    void ourOwnProductsAreOfItToo() {
        CommandRun run = CommandRun.of("algorithms", "--device", "emulated", "--backend", "cuda", "--math", "fp16", LINE);
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("matrix products in FP16"), run.out());
        assertNull(System.getProperty(MathMode.PROPERTY));
    }

    @Test
    void anotherWordIsRefused() {
        CommandRun run = CommandRun.of("algorithms", "--math", "fp8", LINE);
        assertEquals(2, run.exitCode());
        assertTrue(run.err().contains("math mode is 'fp8'; allowed: fp32, tf32, tf32x3, fp16, bf16"), run.err());
    }
}
