package io.github.jconv.device;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * What is known of a device.
 *
 * @param ordinal             CUDA's number of it, from 0
 * @param name                as {@code NVIDIA H200}
 * @param computeCapability   major times ten plus minor, as 90
 * @param multiprocessors     how many
 * @param memoryBytes         global memory
 * @param l2Bytes             level-2 cache
 * @param sharedBytesPerBlock the most dynamic shared memory that a kernel may ask for
 * @param memoryPools         whether memory can be allocated and freed in stream order
 * @param driverVersion       the CUDA version of the driver, major times 1000 plus minor times ten, as 13000
 */
public record DeviceInfo(int ordinal, String name, int computeCapability, int multiprocessors, long memoryBytes, int l2Bytes,
                         int sharedBytesPerBlock, boolean memoryPools, int driverVersion) {

    private static final int NAME_BYTES = 256;

    static DeviceInfo of(int ordinal, CUdevice device) {
        byte[] name = new byte[NAME_BYTES];
        CudaCall.check(JCudaDriver.cuDeviceGetName(name, NAME_BYTES, device), "cuDeviceGetName");
        long[] memory = new long[1];
        CudaCall.check(JCudaDriver.cuDeviceTotalMem(memory, device), "cuDeviceTotalMem");
        int capability = 10 * attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        return new DeviceInfo(ordinal, text(name), capability, attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                memory[0], attribute(device, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE),
                attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                attribute(device, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) != 0, queryDriverVersion());
    }

    private static int queryDriverVersion() {
        int[] version = new int[1];
        CudaCall.check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
        return version[0];
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        CudaCall.check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
        return value[0];
    }

    private static String text(byte[] zeroTerminated) {
        int length = 0;
        while (length < zeroTerminated.length && zeroTerminated[length] != 0) {
            length++;
        }
        return new String(zeroTerminated, 0, length, StandardCharsets.UTF_8);
    }

    /** As {@code device 0: NVIDIA H200, compute capability 9.0, 132 multiprocessors, 139.8 GiB, driver for CUDA 13.0}. */
    @Override
    public String toString() {
        return "device " + ordinal + ": " + name + ", compute capability " + computeCapability / 10 + "." + computeCapability % 10
                + ", " + multiprocessors + " multiprocessors, " + Sizes.text(memoryBytes) + ", driver for CUDA "
                + driverVersion / 1000 + "." + driverVersion % 1000 / 10;
    }
}
