package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudnnVersionTest {

    @ParameterizedTest
    @CsvSource({"8907, 8.9.7", "8005, 8.0.5", "90000, 9.0.0", "90501, 9.5.1", "91401, 9.14.1", "100200, 10.2.0"})
    void numbersAsVersions(long number, String text) {
        assertEquals(text, CudnnVersion.text(number));
    }
}
