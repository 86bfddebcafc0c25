package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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

    /** The rates are those of {@code optax.warmup_cosine_decay_schedule(0.0, 8.0, 2, 10)} of optax 0.2.8, in double. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0.5, 2", "1, 4", "1.75, 7", "2, 8", "3, 7.695518130045147", "4.5, 6.222280932078409", "6, 4",
        "9.75, 0.01926109331121273", "10, 0", "12, 0"})
    void theCosineBeginsBehindTheWarmUp(double epoch, double rate) {
        assertEquals(rate, Schedule.warmUp(2, Schedule.cosine(8, 8)).rate(epoch), 8 * ROUNDING);
    }

    /** The rates are those of a {@code linear_schedule} and a staircase of {@code exponential_decay}, put together by optax's join_schedules. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 2.666666666666666", "2.25, 6", "3, 8", "4.99, 8", "5, 2.4", "8, 0.72"})
    void stepsAreCountedFromTheEndOfTheWarmUp(double epoch, double rate) {
        assertEquals(rate, Schedule.warmUp(3, Schedule.step(8, 0.3, 2)).rate(epoch), 8 * ROUNDING);
    }

    /** The rates are those of {@code optax.cosine_decay_schedule(8.0, 2.5)}. */
    @ParameterizedTest
    @CsvSource({"0, 8", "1, 5.23606797749979", "1.5, 2.7639320225002106", "2, 0.7639320225002106",
        "2.25, 0.19577393481938588", "2.5, 0", "3, 0"})
    void aCosineMayEndInTheMiddleOfAnEpoch(double epoch, double rate) {
        assertEquals(rate, Schedule.cosine(8, 2.5).rate(epoch), 8 * ROUNDING);
    }

    @Test
    void aConstantRateStays() {
        assertEquals(8, Schedule.constant(8).rate(0));
        assertEquals(8, Schedule.constant(8).rate(99.5));
    }

    @Test
    void noEpochsAreRefused() {
        assertRefused("epochs between steps are 0; allowed: 1 and up", () -> Schedule.step(1, 0.5, 0));
        assertRefused("epochs are 0.0; allowed: above 0", () -> Schedule.cosine(1, 0));
        assertRefused("epochs of the warm-up are -1.0; allowed: above 0", () -> Schedule.warmUp(-1, Schedule.constant(1)));
        assertRefused("epochs of the warm-up are NaN; allowed: above 0", () -> Schedule.warmUp(Double.NaN, Schedule.constant(1)));
    }

    @Test
    void numbersThatGiveNoRateAreRefused() {
        for (DoubleFunction<Schedule> schedule : List.<DoubleFunction<Schedule>>of(Schedule::constant, rate -> Schedule.step(rate, 0.5, 1),
                rate -> Schedule.cosine(rate, 1))) {
            assertRefused("learning rate is -1.0; allowed: 0 and up", () -> schedule.apply(-1));
            assertRefused("learning rate is Infinity; allowed: 0 and up", () -> schedule.apply(Double.POSITIVE_INFINITY));
        }
        assertRefused("factor of a step is 0.0; allowed: above 0", () -> Schedule.step(1, 0, 1));
    }

    /** A checkpoint tells by them whether training goes on with the same rates. */
    @Test
    void theNumbersAreTold() {
        assertEquals(Map.of("schedule", "step", "schedule.rate", "0.5", "schedule.factor", "0.1", "schedule.every", "3", "schedule.warmup", "1.5"),
                Schedule.warmUp(1.5, Schedule.step(0.5, 0.1, 3)).settings());
        assertEquals(Map.of("schedule", "cosine", "schedule.rate", "0.5", "schedule.epochs", "7.0"), Schedule.cosine(0.5, 7).settings());
        assertEquals(Map.of("schedule", "constant", "schedule.rate", "0.5"), Schedule.constant(0.5).settings());
        Schedule own = epoch -> 1 / (1 + epoch);
        assertEquals(Map.of("schedule", "custom"), own.settings());
    }

    private static void assertRefused(String message, Executable schedule) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, schedule).getMessage());
    }
}
