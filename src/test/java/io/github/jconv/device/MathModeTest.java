package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MathModeTest {

    @AfterEach
    void clear() {
        System.clearProperty(MathMode.PROPERTY);
    }

    @Test
    void thePropertySaysItWhereTheProgramDoesNot() {
        assertEquals(MathMode.FP32, DeviceOptions.defaults().mathMode());
        for (MathMode mode : MathMode.values()) {
            System.setProperty(MathMode.PROPERTY, mode.text());
            assertEquals(mode, DeviceOptions.defaults().mathMode());
        }
    }

    @Test
    void anythingElseIsRefused() {
        assertEquals("math mode is 'fp8'; allowed: fp32, tf32, tf32x3, fp16, bf16",
                assertThrows(IllegalArgumentException.class, () -> MathMode.parse("fp8")).getMessage());
    }
}
