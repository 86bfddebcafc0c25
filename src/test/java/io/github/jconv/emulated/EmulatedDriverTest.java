package io.github.jconv.emulated;

import static io.github.jconv.emulated.DriverSession.check;
import static io.github.jconv.emulated.DriverSession.explain;
import static io.github.jconv.emulated.DriverSession.filled;
import static io.github.jconv.emulated.DriverSession.ptx;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.EmulatedDevice;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The emulated driver under JCuda's own natives: modules, launches, and what it says when something is wrong. */
class EmulatedDriverTest {

    private DriverSession session;

    @BeforeEach
    void open() {
        session = new DriverSession();
    }

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void aKernelRunsOnTheCpu() {
        CUdeviceptr y = session.upload(filled(7, 100));
        check(session.fill(session.fillKernel(), null, y, 2.5f, 99));
        float[] expected = filled(2.5f, 100);
        expected[99] = 7;
        assertArrayEquals(expected, session.download(y, 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascending", "descending", "random 1", "random 99"})
    void theOrderOfThreadsDoesNotChangeTheResult(String order) {
        EmulatedDevice.command("schedule " + order);
        CUdeviceptr y = session.upload(filled(1, 420));
        check(session.launch(session.fillKernel(), null, 7, 32, 0, Pointer.to(y),
                Pointer.to(new float[] {3}), Pointer.to(new long[] {420})));
        assertArrayEquals(filled(3, 420), session.download(y, 420));
    }

    @Test
    void newMemoryIsFullOfNan() {
        for (float value : session.download(session.allocate(4000), 1000)) {
            assertTrue(Float.isNaN(value));
        }
    }

    @Test
    void anAccessOutsideAnAllocationIsAnErrorThatNamesKernelThreadAndAllocation() {
        CUdeviceptr y = session.allocate(1024);
        check(session.fill(session.fillKernel(), null, y, 1, 100_000));
        int result = JCudaDriver.cuCtxSynchronize();
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, result);
        assertEquals("an illegal memory access was encountered (kernel jconv_fill, block (0,0,0), thread (0,0,0): writes address ",
                explain(result).replaceAll("0x.*", ""));
        assertTrue(explain(result).endsWith(", 0 bytes after the end of an allocation of 1024 bytes)"), explain(result));
    }

    @Test
    void aWriteIntoTheBytesThatAlignmentLeavesIsSeen() {
        CUdeviceptr y = session.allocate(400);
        check(session.fill(session.fillKernel(), null, y, 1, 101));
        int result = JCudaDriver.cuCtxSynchronize();
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, result);
        assertTrue(explain(result).contains("kernel jconv_fill wrote behind the end of an allocation of 400 bytes"), explain(result));
    }

    @Test
    void theVirtualMachinesOwnFaultsStillReachIt() {
        anAccessOutsideAnAllocationIsAnErrorThatNamesKernelThreadAndAllocation();
        int caught = 0;
        for (int i = 0; i < 200_000; i++) {
            String maybe = i % 10 == 0 ? null : "x";
            try {
                caught += maybe.length() - 1;
            } catch (NullPointerException e) {
                caught++;
            }
        }
        assertEquals(20_000, caught);
        assertThrows(StackOverflowError.class, () -> descend(0));
    }

    private static int descend(int depth) {
        return descend(depth + 1) + depth;
    }

    @Test
    void aDeviceErrorSticksToItsContextAndEndsWithIt() {
        CUdeviceptr y = session.allocate(1024);
        check(session.fill(session.fillKernel(), null, y, 1, 100_000));
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, JCudaDriver.cuMemFree(y));
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
        try (DriverSession other = new DriverSession()) {
            assertArrayEquals(filled(1, 3), other.download(other.upload(1, 1, 1), 3));
        }
        session.makeCurrent();
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, JCudaDriver.cuCtxSynchronize());
    }

    @Test
    void aPointerThatIsNoLongerMemoryIsAnError() {
        CUdeviceptr y = session.allocate(1024);
        CUfunction fill = session.fillKernel();
        check(JCudaDriver.cuMemFree(y));
        check(session.fill(fill, null, y, 1, 0));
        int result = JCudaDriver.cuCtxSynchronize();
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, result);
        assertTrue(explain(result).contains("argument 0 is address"), explain(result));
    }

    @ParameterizedTest
    @CsvSource({
        "65536, 1, 0, the grid's y is 65536",
        "1, 1025, 0, the block's x is 1025",
        "1, 64, 49153, 49153 bytes of dynamic shared memory",
    })
    void aLaunchBeyondTheDevicesLimitsIsRefused(int gridY, int threads, int sharedBytes, String reason) {
        CUdeviceptr y = session.allocate(4);
        Pointer arguments = Pointer.to(Pointer.to(y), Pointer.to(new float[] {1}), Pointer.to(new long[] {1}));
        int result = JCudaDriver.cuLaunchKernel(session.fillKernel(), 1, gridY, 1, threads, 1, 1, sharedBytes, null, arguments, null);
        assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, result);
        assertTrue(explain(result).contains(reason), explain(result));
    }

    @Test
    void moreSharedMemoryMustBeAskedFor() {
        CUfunction fill = session.fillKernel();
        CUdeviceptr y = session.allocate(4);
        int attribute = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        check(JCudaDriver.cuFuncSetAttribute(fill, attribute, 232448));
        check(session.launch(fill, null, 1, 1, 232448, Pointer.to(y), Pointer.to(new float[] {1}), Pointer.to(new long[] {1})));
        check(JCudaDriver.cuCtxSynchronize());
        assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, JCudaDriver.cuFuncSetAttribute(fill, attribute, 232449));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        ".param .u64 jconv_fill_param_2 | .param .u32 jconv_fill_param_2 | parameter 2 has 4 bytes aligned to 4 in the PTX and 8",
        ".entry jconv_fill( | .entry jconv_fill( .param .u64 more, | jconv_fill has 4 parameters in the PTX and 3 in its source",
        ".entry jconv_fill( | .entry jconv_fell( | jconv_fell has no emulation",
    })
    void ptxThatIsNotOfTheSameSourceIsRefused(String original, String replacement, String reason) {
        byte[] wrong = (ptx("elementwise_sm75.ptx").replace(original, replacement) + '\0').getBytes(StandardCharsets.UTF_8);
        JITOptions options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[1000]);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, 1000);
        int result = JCudaDriver.cuModuleLoadDataJIT(new CUmodule(), Pointer.to(wrong), options);
        assertEquals(CUresult.CUDA_ERROR_INVALID_PTX, result);
        String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER);
        assertTrue(log.contains(reason), log);
    }

    @Test
    void ptxIsHeldAgainstTheDriversVersionAndTheDevicesCapability() {
        EmulatedDevice.command("driver-version 11010");
        check(JCudaDriver.cuModuleLoadData(new CUmodule(), ptx("targets_sm80.ptx")));
        assertEquals(CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                JCudaDriver.cuModuleLoadData(new CUmodule(), ptx("targets_sm90.ptx")));
        EmulatedDevice.command("driver-version 12060; compute-capability 75");
        check(JCudaDriver.cuModuleLoadData(new CUmodule(), ptx("targets_sm75.ptx")));
        assertEquals(CUresult.CUDA_ERROR_INVALID_PTX, JCudaDriver.cuModuleLoadData(new CUmodule(), ptx("targets_sm80.ptx")));
    }

    @Test
    void aCallFailsWhenATestAsksForIt() {
        EmulatedDevice.command("fail cuMemAlloc 2 2");
        session.allocate(4);
        assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
        session.allocate(4);
    }

    @Test
    void aKernelFailsLaterWhenATestAsksForIt() {
        CUdeviceptr y = session.allocate(4);
        CUfunction fill = session.fillKernel();
        EmulatedDevice.command("fail kernel jconv_fill 2 719");
        check(session.fill(fill, null, y, 1, 1));
        check(session.fill(fill, null, y, 1, 1));
        assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, JCudaDriver.cuCtxSynchronize());
    }

    @Test
    void theDeviceRunsOutOfMemory() {
        EmulatedDevice.command("memory 1000");
        CUdeviceptr first = session.allocate(600);
        assertEquals(CUresult.CUDA_ERROR_OUT_OF_MEMORY, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 600));
        check(JCudaDriver.cuMemFree(first));
        session.allocate(600);
    }

    @Test
    void whatAContextOwnsGoesWithIt() {
        long before = EmulatedDevice.report("allocations") + EmulatedDevice.report("streams") + EmulatedDevice.report("modules");
        try (DriverSession other = new DriverSession()) {
            other.allocate(100);
            other.stream();
            other.fillKernel();
            assertEquals(before + 3, EmulatedDevice.report("allocations") + EmulatedDevice.report("streams")
                    + EmulatedDevice.report("modules"));
        }
        assertEquals(before, EmulatedDevice.report("allocations") + EmulatedDevice.report("streams") + EmulatedDevice.report("modules"));
    }

    @Test
    void anotherDevicesMemoryCannotBeUsed() {
        EmulatedDevice.command("devices 2");
        CUdeviceptr elsewhere = session.upload(filled(0, 100));
        try (DriverSession second = new DriverSession(1)) {
            check(second.fill(second.fillKernel(), null, elsewhere, 1, 100));
            int result = JCudaDriver.cuCtxSynchronize();
            assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, result);
            assertTrue(explain(result).contains("of another device"), explain(result));
        }
    }

    @Test
    void callsAreCounted() {
        EmulatedDevice.command("forget calls");
        session.allocate(4);
        session.allocate(4);
        assertEquals(2, EmulatedDevice.calls("cuMemAlloc"));
    }

    @Test
    void whatIsNotEmulatedSaysSo() {
        int result = JCudaDriver.cuMemAllocManaged(new CUdeviceptr(), 4, 1);
        assertEquals(CUresult.CUDA_ERROR_NOT_SUPPORTED, result);
        assertTrue(explain(result).contains("cuMemAllocManaged"), explain(result));
    }

    @Test
    void severalThreadsMayUseOneContext() throws Exception {
        CUfunction fill = session.fillKernel();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<float[]> work = () -> {
                session.makeCurrent();
                CUdeviceptr y = session.allocate(400);
                for (int i = 0; i < 50; i++) {
                    check(session.fill(fill, null, y, i, 100));
                }
                return session.download(y, 100);
            };
            for (Future<float[]> result : threads.invokeAll(List.of(work, work, work, work))) {
                assertArrayEquals(filled(49, 100), result.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
