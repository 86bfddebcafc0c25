package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.EmulatedDevice;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** That the right products are measured; how fast an emulated device is says nothing. */
class DeviceCeilingsTest extends OnEmulatedDevice {

    private static final int SIZE = 40;

    /** Three products to warm up and nine that are timed. */
    private static final int PRODUCTS = 12;

    private static Map<MathMode, Double> measured() {
        EmulatedDevice.command("forget calls");
        return DeviceCeilings.flops(DeviceOptions.defaults().withSource(LibrarySource.EMULATED).withMathMode(MathMode.TF32), SIZE);
    }

    @Test
    void everyArithmeticOfTheDeviceIsMeasured() {
        Map<MathMode, Double> flops = measured();
        assertEquals(Set.of(MathMode.values()), flops.keySet());
        assertTrue(flops.values().stream().allMatch(rate -> rate > 0), flops.toString());
        assertEquals(2 * PRODUCTS, EmulatedDevice.calls("cublasSgemm"), "in fp32 and in TF32");
        assertEquals(2 * PRODUCTS, EmulatedDevice.calls("cublasGemmEx"), "in both types of 16 bits");
        assertEquals(2, EmulatedDevice.calls("kernel jconv_round_fp16"), "factors in fp16");
        assertEquals(2, EmulatedDevice.calls("kernel jconv_round_bf16"), "factors in bfloat16");
    }

    /** cuBLAS would compute TF32 in fp32 there. */
    @Test
    void whatAnOlderDeviceHasNotIsNotMeasured() {
        EmulatedDevice.command("compute-capability 75");
        assertEquals(Set.of(MathMode.FP32, MathMode.FP16), measured().keySet());
    }

    @Test
    void theyAreToldInTheirOwnUnits() {
        Map<MathMode, Double> flops = new EnumMap<>(Map.of(MathMode.TF32, 4.041e14, MathMode.FP32, 4.73e13));
        assertEquals("copies 4300 GB/s, fp32 47.3 TFLOP/s, tf32 404.1 TFLOP/s", new DeviceCeilings(4.3e12, flops).toString());
    }
}
