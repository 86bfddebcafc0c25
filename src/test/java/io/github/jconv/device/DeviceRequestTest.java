package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceRequestTest {

    @ParameterizedTest
    @CsvSource({"auto, PREFER_GPU, INSTALLED, 0", "cpu, CPU, INSTALLED, 0", "gpu, REQUIRE_GPU, INSTALLED, 0",
        "emulated, REQUIRE_GPU, EMULATED, 0", "3, REQUIRE_GPU, INSTALLED, 3"})
    void readsWhatItWrites(String text, DevicePolicy policy, LibrarySource source, int ordinal) {
        DeviceRequest request = DeviceRequest.parse(text);
        assertEquals(new DeviceRequest(policy, source, ordinal), request);
        assertEquals(text, request.toString());
    }

    @Test
    void theNumberOfTheFirstDeviceAsksForTheGpu() {
        assertEquals(DeviceRequest.parse("gpu"), DeviceRequest.parse("0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GPU", "cuda", "1.5", "99999999999"})
    void anythingElseIsRefusedWithWhatIsAllowed(String text) {
        var error = assertThrows(IllegalArgumentException.class, () -> DeviceRequest.parse(text));
        assertEquals("device is '" + text + "'; allowed: auto, cpu, gpu, emulated, or the number of a device", error.getMessage());
    }

    @Test
    void aNegativeNumberIsRefused() {
        var error = assertThrows(IllegalArgumentException.class, () -> DeviceRequest.parse("-1"));
        assertEquals("device ordinal is -1; allowed: 0 and up", error.getMessage());
    }
}
