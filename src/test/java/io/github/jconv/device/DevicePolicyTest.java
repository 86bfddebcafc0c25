package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.testing.EmulatedDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where an engine computes under each policy, and what it says about it. */
class DevicePolicyTest extends OnEmulatedDevice {

    @Test
    void aRequiredDeviceIsUsed() {
        try (ConvEngine engine = open(DevicePolicy.REQUIRE_GPU)) {
            assertEquals("cuda", engine.deviceChoice().backend());
            assertTrue(engine.deviceChoice().toString().endsWith(", because a device was required"), engine.deviceChoice()::toString);
            assertTrue(engine.deviceChoice().libraries().complete());
        }
    }

    @Test
    void aPreferredDeviceIsUsedWhereItCanBe() {
        try (ConvEngine engine = open(DevicePolicy.PREFER_GPU)) {
            assertEquals("cuda", engine.deviceChoice().backend());
        }
    }

    @Test
    void aHostWithADriverAndNoDeviceUsesTheCpuAndSaysWhy() {
        EmulatedDevice.command("devices 0");
        try (ConvEngine engine = open(DevicePolicy.PREFER_GPU)) {
            assertEquals("cpu", engine.deviceChoice().backend());
            assertTrue(engine.deviceChoice().reason().startsWith("no GPU can be used: cuInit failed with CUDA_ERROR_NO_DEVICE"),
                    engine.deviceChoice()::toString);
        }
        assertThrows(DeviceException.class, () -> open(DevicePolicy.REQUIRE_GPU));
        assertEquals("JConv computes on the CPU, because that was asked for",
                Doctor.examine(new DeviceRequest(DevicePolicy.CPU, LibrarySource.EMULATED, 0), false).verdict());
        Doctor.Findings findings = Doctor.examine(DeviceRequest.parse("emulated"), false);
        assertFalse(findings.healthy());
        assertTrue(findings.verdict().contains("CUDA_ERROR_NO_DEVICE"), findings::verdict);
    }

    @Test
    void underTheCpuPolicyNothingOfCudaIsTouched() {
        EmulatedDevice.command("forget calls");
        try (ConvEngine engine = open(DevicePolicy.CPU)) {
            assertEquals("cpu", engine.deviceChoice().backend());
            assertNull(engine.deviceChoice().libraries());
        }
        assertEquals(0, EmulatedDevice.calls("cuInit"));
    }

    /** A process has either NVIDIA's libraries or the emulated ones. */
    @Test
    void theOtherLibrariesAreRefusedWithTheReason() {
        var error = assertThrows(NativeLibraryException.class, () -> NativeLibraries.load(LibrarySource.INSTALLED));
        assertTrue(error.report().problem().matches("CUDA driver: (this process has already loaded the emulated libraries|libcuda.*)"
                + "(?s).*"), error::getMessage);
    }

    @Test
    void theDoctorDescribesTheDevices() {
        EmulatedDevice.command("devices 2");
        List<String> told = new ArrayList<>();
        Doctor.Findings findings = Doctor.examine(DeviceRequest.parse("emulated"), true, told::add);
        assertTrue(findings.healthy());
        assertEquals(2, findings.devices().size());
        assertEquals(findings.toString(), String.join(System.lineSeparator(), told));
        assertEquals(List.of("host", "CUDA driver", "cuBLAS", "cuDNN", "device 0", "device 1", "verdict"),
                told.stream().map(part -> part.substring(0, part.indexOf(':'))).toList());
        assertTrue(findings.devices().get(1).contains("device 1: Emulated device 1"), findings::toString);
        assertTrue(findings.devices().get(0).contains("cuBLAS 12.6.3, cuDNN 8.9.7; emulated, so its speed says nothing"), findings::toString);
        assertEquals("JConv computes on device 0", findings.verdict());
        EmulatedDevice.command("fail cuDevicePrimaryCtxRetain 1 2");
        findings = Doctor.examine(DeviceRequest.parse("emulated"), true);
        assertTrue(findings.devices().get(0).contains("cannot be used: cuDevicePrimaryCtxRetain failed with CUDA_ERROR_OUT_OF_MEMORY"),
                findings::toString);
        assertFalse(findings.healthy());
        assertTrue(findings.verdict().startsWith("JConv cannot compute on device 0: cuDevicePrimaryCtxRetain failed"), findings::verdict);
    }

    /** A cuDNN that is found, and whose parts are not, is no reason to leave the device alone. */
    @Test
    void theDoctorTriesCudnn() {
        EmulatedDevice.command("fail cudnnCreate 1 1");
        Doctor.Findings findings = Doctor.examine(DeviceRequest.parse("emulated"), true);
        assertTrue(findings.healthy());
        assertTrue(findings.devices().get(0).contains("cuDNN 8.9.7, which cannot be used: CUDNN_STATUS_NOT_INITIALIZED"), findings::toString);
    }

    private static ConvEngine open(DevicePolicy policy) {
        return ConvEngine.builder().threads(1).device(new DeviceRequest(policy, LibrarySource.EMULATED, 0)).open();
    }
}
