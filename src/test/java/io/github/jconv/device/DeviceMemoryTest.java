package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory, tensors and copies. */
class DeviceMemoryTest extends OnEmulatedDevice {

    /** Elements of fp32 that one chunk of the staging holds. */
    private static final int CHUNK = 1 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"immediate", "deferred"})
    void valuesComeBackAsTheyWere(String streams) {
        EmulatedDevice.command("streams " + streams);
        try (DeviceContext context = EmulatedDevice.open()) {
            for (int length : new int[] {0, 1, 7, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3, 3 * CHUNK}) {
                HostTensor values = counting(DataType.FLOAT32, length + 5);
                HostTensor window = HostTensor.wrap(TensorShape.of(length), values.floats(), 5);
                try (DeviceTensor tensor = context.upload(window)) {
                    HostTensor back = tensor.toHost();
                    assertArrayEquals(Arrays.copyOfRange(values.floats(), 5, length + 5), back.floats(), () -> length + " elements");
                }
            }
            HostTensor doubles = counting(DataType.FLOAT64, CHUNK + 1);
            try (DeviceTensor tensor = context.upload(doubles)) {
                assertArrayEquals(doubles.doubles(), tensor.toHost().doubles());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"immediate", "deferred"})
    void theArrayMayBeChangedAsSoonAsTheCopyReturns(String streams) {
        EmulatedDevice.command("streams " + streams);
        try (DeviceContext context = EmulatedDevice.open()) {
            HostTensor values = counting(DataType.FLOAT32, 3 * CHUNK + 1);
            float[] before = values.floats().clone();
            try (DeviceTensor tensor = context.upload(values)) {
                values.fill(-1);
                assertArrayEquals(before, tensor.toHost().floats());
            }
        }
    }

    @Test
    void newTensorsAreZeroThoughFreshMemoryIsNot() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(true))) {
            for (int round = 0; round < 2; round++) {
                try (DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(3, 5))) {
                    assertArrayEquals(new float[15], tensor.toHost().floats());
                    tensor.copyFrom(counting(DataType.FLOAT32, 15, TensorShape.of(3, 5)));
                }
            }
        }
    }

    @Test
    void tensorsAreCopiedOnTheDevice() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope()) {
            DeviceTensor from = scope.upload(counting(DataType.FLOAT32, 11));
            DeviceTensor to = from.newTensor(from.shape());
            to.copyFrom(from);
            assertArrayEquals(from.toHost().floats(), to.toHost().floats());
            assertTrue(from.overlaps(from.view(TensorShape.of(1))));
            assertFalse(from.overlaps(to));
            var error = assertThrows(IllegalArgumentException.class, () -> to.copyFrom(scope.upload(counting(DataType.FLOAT32, 12))));
            assertEquals("copy between FLOAT32 [12] and FLOAT32 [11]; allowed: the same type, layout and shape", error.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"immediate", "deferred"})
    void pageLockedBuffersAreCopiedWhileTheHostGoesOn(String streams) {
        EmulatedDevice.command("streams " + streams);
        try (DeviceContext context = EmulatedDevice.open();
                PinnedBuffer buffer = context.newPinnedBuffer(44);
                DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(11));
                DeviceEvent done = context.newEvent()) {
            for (int i = 0; i < 11; i++) {
                buffer.bytes().putFloat(4 * i, i + 0.5f);
            }
            tensor.copyFrom(buffer);
            done.record(context.stream());
            done.synchronize();
            for (int i = 0; i < 11; i++) {
                buffer.bytes().putFloat(4 * i, 0);
            }
            tensor.copyTo(buffer);
            context.stream().synchronize();
            assertEquals(10.5f, buffer.bytes().getFloat(40));
            assertThrows(IllegalArgumentException.class, () -> buffer.copyTo(tensor.address(), 45, context.stream()));
        }
    }

    @Test
    void freedMemoryIsGivenOutAgainAndGivenBackWhenTheDeviceIsFull() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(true))) {
            DeviceMemory first = context.allocate(100_000, "first");
            long address = first.address();
            first.close();
            EmulatedDevice.command("forget calls");
            DeviceMemory second = context.allocate(99_999, "second");
            assertEquals(address, second.address(), "the same class of sizes");
            assertEquals(0, EmulatedDevice.calls("cuMemAllocAsync"));
            second.close();
            EmulatedDevice.command("memory 1000000");
            try (DeviceMemory large = context.allocate(950_000, "large")) {
                assertNotEquals(address, large.address());
            }
            EmulatedDevice.command("memory 17179869184");
            context.releaseKeptMemory();
            assertEquals(0, EmulatedDevice.report("allocations"));
        }
    }

    @Test
    void aFullDeviceSaysWhatWasAskedForAndWhatIsInUse() {
        EmulatedDevice.command("memory 1000000");
        try (DeviceContext context = EmulatedDevice.open(); DeviceMemory held = context.allocate(600_000, "held")) {
            var error = assertThrows(DeviceException.class, () -> context.newTensor(DataType.FLOAT32, TensorShape.of(3, 70_000)));
            assertTrue(error.outOfMemory());
            assertFalse(error.contextLost());
            assertEquals("cuMemAllocAsync", error.call());
            for (String part : List.of("CUDA_ERROR_OUT_OF_MEMORY", "FLOAT32 [3, 70000]", "585.9 KiB of 976.6 KiB in use",
                    "1 allocations")) {
                assertTrue(error.getMessage().contains(part), error::getMessage);
            }
            assertEquals(600_000, held.bytes());
            context.newTensor(DataType.FLOAT32, TensorShape.of(3, 7)).close();
        }
    }

    @Test
    void whatOneContextKeepsAnotherOneGets() {
        EmulatedDevice.command("memory 100000000");
        try (DeviceContext first = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(true));
                DeviceContext second = EmulatedDevice.open()) {
            DeviceMemory held = first.allocate(20_000_000, "held");
            first.allocate(60_000_000, "done with").close();
            try (DeviceMemory large = second.allocate(50_000_000, "large")) {
                assertEquals(50_000_000, large.bytes());
                var error = assertThrows(DeviceException.class, () -> second.allocate(40_000_000, "more"));
                assertTrue(error.getMessage().contains("38.1 MiB asked for more, 47.7 MiB of 95.4 MiB in use by this context in 1 allocations,"
                        + " 19.1 MiB by other contexts of this program"), error::getMessage);
            }
            held.close();
        }
    }

    /** During a capture nothing can be given back: it would be recorded. */
    @Test
    void whatCannotBeGivenBackIsNamed() {
        EmulatedDevice.command("memory 100000000");
        try (DeviceContext first = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(true));
                DeviceContext second = EmulatedDevice.open()) {
            first.allocate(60_000_000, "done with").close();
            first.capture(() -> {
                var error = assertThrows(DeviceException.class, () -> second.allocate(50_000_000, "large"));
                assertTrue(error.getMessage().matches("(?s).* 0 bytes of 95.4 MiB in use by this context in 0 allocations,"
                        + " 60[.]0 MiB kept for later allocations, which releaseKeptMemory\\(\\) gives back.*"), error::getMessage);
            }).close();
            second.allocate(50_000_000, "large").close();
        }
    }

    /** What cuBLAS and the compiler of kernels take for themselves. */
    @Test
    void librariesGetWhatIsKeptToo() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(true))) {
            context.allocate(1000, "done with").close();
            EmulatedDevice.command("fail cuModuleLoadDataEx 1 2");
            assertTrue(context.module("elementwise").name().startsWith("elementwise_"));
            context.allocate(1000, "done with").close();
            EmulatedDevice.command("fail cublasCreate 1 3");
            assertEquals(120603, context.cublas().version());
        }
    }

    @Test
    void moreThanAnyDeviceHasIsOutOfMemory() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(true))) {
            var error = assertThrows(DeviceException.class, () -> context.allocate(Long.MAX_VALUE, "too much"));
            assertTrue(error.outOfMemory() && error.getMessage().contains("8.0 EiB asked for too much"), error::getMessage);
            error = assertThrows(DeviceException.class, () -> context.newTensor(DataType.FLOAT32, TensorShape.of(1L << 31, (1L << 30) - 1)));
            assertTrue(error.outOfMemory() && error.getMessage().contains("8.0 EiB asked for FLOAT32 [2147483648, 1073741823]"),
                    error::getMessage);
        }
    }

    @Test
    void deviceWithoutMemoryPoolsWorksAsWell() {
        EmulatedDevice.command("attribute 115 0");
        try (DeviceContext context = EmulatedDevice.open(); DeviceTensor tensor = context.upload(counting(DataType.FLOAT32, 9))) {
            assertFalse(context.info().memoryPools());
            EmulatedDevice.command("forget calls");
            tensor.newTensor(TensorShape.of(2)).close();
            assertEquals(1, EmulatedDevice.calls("cuMemAlloc"));
            assertArrayEquals(counting(DataType.FLOAT32, 9).floats(), tensor.toHost().floats());
        } finally {
            EmulatedDevice.command("attribute 115 1");
        }
    }

    @Test
    void liveAllocationsTellWhereTheyWereMade() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withDebug(true))) {
            DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(3, 5));
            Allocation allocation = context.liveAllocations().get(0);
            assertEquals(60, allocation.bytes());
            assertEquals("FLOAT32 [3, 5]", allocation.what());
            StackTraceElement[] frames = allocation.site().getStackTrace();
            assertTrue(Arrays.stream(frames).anyMatch(frame -> frame.getMethodName().equals("liveAllocationsTellWhereTheyWereMade")));
            assertEquals(60, context.liveBytes());
            tensor.close();
            tensor.close();
            assertEquals(List.of(), context.liveAllocations());
            assertEquals(0, context.liveBytes());
        }
    }

    @Test
    void useAfterTheEndIsRefused() {
        DeviceContext context = EmulatedDevice.open();
        DeviceTensor closed = context.newTensor(DataType.FLOAT32, TensorShape.of(2));
        DeviceTensor left = context.newTensor(DataType.FLOAT32, TensorShape.of(2));
        DeviceTensor view = left.view(TensorShape.of(1));
        closed.close();
        var error = assertThrows(IllegalStateException.class, closed::address);
        assertTrue(error.getMessage().startsWith("use of device memory after its end: allocation 1: FLOAT32 [2]"), error::getMessage);
        view.close();
        left.address();
        context.close();
        assertThrows(IllegalStateException.class, left::address);
        assertThrows(IllegalStateException.class, left::fillZero);
        assertThrows(IllegalStateException.class, () -> context.allocate(1, "late"));
        left.close();
        context.close();
    }

    @Test
    void aScopeEndsWhatWasMadeInIt() {
        try (DeviceContext context = EmulatedDevice.open()) {
            DeviceTensor kept;
            DeviceTensor derived;
            DeviceScope scope = context.newScope();
            try (scope) {
                kept = scope.keep(scope.upload(counting(DataType.FLOAT32, 4)));
                derived = scope.newTensor(DataType.FLOAT64, TensorShape.of(2)).newTensor(TensorShape.of(3));
                scope.newTensor(DataType.FLOAT32, TensorShape.of(9)).close();
                assertEquals(3, context.liveAllocations().size());
            }
            assertThrows(IllegalStateException.class, derived::address);
            assertEquals(1, context.liveAllocations().size());
            assertThrows(IllegalStateException.class, () -> scope.newTensor(DataType.FLOAT32, TensorShape.of(1)));
            assertThrows(IllegalArgumentException.class, () -> scope.keep(kept));
            assertEquals(1, context.liveAllocations().size());
            kept.close();
        }
    }

    /** The garbage collector is a safety net only: what it finds is taken back at the next allocation. */
    @Test
    void memoryThatWasDroppedIsTakenBack() throws InterruptedException {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(false))) {
            dropATensor(context);
            assertEquals(1, context.liveAllocations().size());
            for (int round = 0; round < 200 && context.liveAllocations().stream().anyMatch(a -> a.bytes() == 4_000); round++) {
                System.gc();
                Thread.sleep(10);
                context.allocate(1, "next").close();
            }
            assertEquals(List.of(), context.liveAllocations());
        }
    }

    private static void dropATensor(DeviceContext context) {
        context.newTensor(DataType.FLOAT32, TensorShape.of(1000));
    }

    @Test
    void theWorkspaceGrowsToItsLimitAndNoFurther() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withWorkspaceLimit(10_000))) {
            assertEquals(0, context.workspace(0));
            long small = context.workspace(1000);
            assertEquals(small, context.workspace(500));
            context.workspace(10_000);
            assertEquals(10_000, context.workspaceBytes());
            assertEquals(1, context.liveAllocations().size(), "the smaller one is gone");
            var error = assertThrows(IllegalArgumentException.class, () -> context.workspace(10_001));
            assertEquals("workspace of 10001 bytes asked for; allowed: 0..10000, the limit that the context was opened with",
                    error.getMessage());
            assertThrows(IllegalArgumentException.class, () -> context.workspace(-1));
        }
    }

    private static HostTensor counting(DataType type, int length) {
        return counting(type, length, TensorShape.of(length));
    }

    private static HostTensor counting(DataType type, int length, TensorShape shape) {
        HostTensor values = HostTensor.zeros(type, shape);
        for (int i = 0; i < length; i++) {
            values.set(i, i + 1);
        }
        return values;
    }
}
