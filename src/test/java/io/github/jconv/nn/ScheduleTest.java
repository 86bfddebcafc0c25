package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

    private static final double ROUNDING = 0x1p-50;

    @ParameterizedTest
    @CsvSource({"0, 8", "1.99, 8", "2, 2", "3.5, 2", "4, 0.5", "9.9, 0.03125"})
    void stepsAreTakenAfterWholeEpochs(double epoch, double rate) {
        assertEquals(rate, Schedule.step(8, 0.25, 2).rate(epoch));
    }

    @ParameterizedTest
    @CsvSource({"0, 8", "1, 6", "1.5, 4", "2, 2", "3, 0", "4, 0"})
    void theCosineFallsFromTheRateToZero(double epoch, double rate) {
        assertEquals(rate, Schedule.cosine(8, 3).rate(epoch), 8 * ROUNDING);
    }

    @Test
    void aConstantRateStays() {
        assertEquals(8, Schedule.constant(8).rate(0));
        assertEquals(8, Schedule.constant(8).rate(99.5));
    }

    @Test
    void noEpochsAreRefused() {
        assertEquals("epochs between steps are 0; allowed: 1 and up",
                assertThrows(IllegalArgumentException.class, () -> Schedule.step(1, 0.5, 0)).getMessage());
        assertEquals("epochs are 0; allowed: 1 and up",
                assertThrows(IllegalArgumentException.class, () -> Schedule.cosine(1, 0)).getMessage());
    }
}
