package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels, streams, graphs, cuBLAS, threads, devices and the end. */
class DeviceContextTest extends OnEmulatedDevice {

    private static final int THREADS = 64;
    private static final DataType FP32 = DataType.FLOAT32;

    // --- kernels ----------------------------------------------------------------------------------------------------------

    @Test
    void aKernelIsLaunchedWithItsArguments() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(100))) {
            fill(context, tensor, 2.5f, 90);
            float[] values = tensor.toHost().floats();
            assertEquals(2.5f, values[89]);
            assertEquals(0f, values[90]);
            Kernel kernel = context.module("elementwise").kernel("jconv_fill");
            assertSame(kernel, context.module("elementwise").kernel("jconv_fill"));
            assertTrue(kernel.maxThreadsPerBlock() >= THREADS);
            assertTrue(kernel.registers() > 0);
            assertTrue(kernel.blocksPerMultiprocessor(THREADS, 0) > 0);
        }
    }

    @Test
    void argumentsThatDoNotFitThePtxAreRefused() {
        try (DeviceContext context = EmulatedDevice.open()) {
            KernelModule module = context.module("elementwise");
            Kernel kernel = module.kernel("jconv_fill");
            KernelArguments arguments = kernel.newArguments();
            assertMessage("parameter 1 of kernel jconv_fill has 4 bytes, and the argument has 8", () -> arguments.set(1, 1L));
            assertMessage("parameter 0 of kernel jconv_fill has 8 bytes, and the argument has 4", () -> arguments.set(0, 1f));
            assertMessage("parameter 2 of kernel jconv_fill has 8 bytes, and the argument has 4", () -> arguments.set(2, 1));
            assertMessage("parameter 1 of kernel jconv_fill has 4 bytes, and the argument has 8", () -> arguments.set(1, 1.0));
            assertMessage("parameter 0 of kernel jconv_fill has 8 bytes, and the argument has 12",
                    () -> arguments.set(0, ByteBuffer.allocate(12)));
            assertMessage("parameter 0 of kernel jconv_fill has 8 bytes, and the argument has 16", () -> arguments.struct(0, 16));
            assertMessage("kernel jconv_fill has 3 parameters; there is no number 3", () -> arguments.set(3, 1));
            assertMessage("kernel jconv_fill launched with the arguments of kernel jconv_add_bias",
                    () -> kernel.launch(1, 1, module.kernel("jconv_add_bias").newArguments()));
            assertMessage("kernel jconv_fill launched with grid [0, 1, 1]; allowed: [1..2147483647, 1..65535, 1..65535]",
                    () -> kernel.launch(0, 1, arguments));
            assertThrows(IllegalArgumentException.class, () -> module.kernel("jconv_nothing"));
            assertThrows(IllegalArgumentException.class, () -> context.module("nothing"));
        }
    }

    @Test
    void dynamicSharedMemoryBeyond48KibIsAskedForAndItsLimitNamed() {
        try (DeviceContext context = EmulatedDevice.open();
                DeviceTensor dy = context.upload(HostTensor.of(TensorShape.of(1, 1, 3), 1f, 2f, 4f));
                DeviceTensor dbias = context.newTensor(DataType.FLOAT32, TensorShape.of(1))) {
            Kernel kernel = context.module("elementwise").kernel("jconv_bias_gradient");
            KernelArguments arguments = kernel.newArguments().set(0, dy).set(1, dbias).set(2, 1L).set(3, 1).set(4, 3L).set(5, 0);
            kernel.launch(1, 1, 1, THREADS, 1, 1, 60 << 10, arguments);
            assertEquals(7f, dbias.toHost().floats()[0]);
            var error = assertThrows(DeviceException.class, () -> kernel.launch(1, 1, 1, THREADS, 1, 1, 300 << 10, arguments));
            assertTrue(error.getMessage().contains("kernel jconv_bias_gradient asks for 307200 bytes of dynamic shared memory; this"
                    + " device has " + context.info().sharedBytesPerBlock()), error::getMessage);
            kernel.launch(1, 1, 1, THREADS, 1, 1, 512, arguments);
            assertEquals(7f, dbias.toHost().floats()[0]);
        }
    }

    @ParameterizedTest
    @CsvSource({"75, sm75", "80, sm80", "86, sm80", "89, sm80", "90, sm90", "100, sm90", "120, sm90"})
    void theHighestTargetThatTheDeviceHasIsTaken(int capability, String target) {
        EmulatedDevice.command("compute-capability " + capability);
        try (DeviceContext context = EmulatedDevice.open()) {
            assertEquals("targets_" + target + ".ptx", context.module("targets").name());
        }
    }

    @Test
    void whatTheDriverRefusesIsReplacedByTheNextLowerTarget() {
        EmulatedDevice.command("driver-version 11000");
        try (DeviceContext context = EmulatedDevice.open()) {
            assertEquals("targets_sm80.ptx", context.module("targets").name());
        }
    }

    @Test
    void whatTheDriverRefusesAltogetherComesWithItsLog() {
        try (DeviceContext context = EmulatedDevice.open()) {
            var error = assertThrows(DeviceException.class,
                    () -> context.loadModule("mine", ".version 8.0\n.target sm_90\n.address_size 64\n.visible .entry mine() { ret; }"));
            assertEquals("cuModuleLoadDataEx", error.call());
            assertTrue(error.getMessage().contains("mine"), error::getMessage);
            EmulatedDevice.command("compute-capability 70");
        }
        try (DeviceContext old = EmulatedDevice.open()) {
            var error = assertThrows(DeviceException.class, () -> old.module("targets"));
            assertTrue(error.getMessage().contains("has none of the targets of [targets_sm90.ptx, targets_sm80.ptx, targets_sm75.ptx]"), error::getMessage);
        }
    }

    // --- steady state -----------------------------------------------------------------------------------------------------

    @Test
    void repeatedWorkAllocatesNothingOnTheHeap() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope()) {
            DeviceTensor a = scope.upload(HostTensor.of(TensorShape.of(2, 2), 1f, 2f, 3f, 4f));
            DeviceTensor c = a.newTensor(a.shape());
            Kernel kernel = context.module("elementwise").kernel("jconv_fill");
            KernelArguments arguments = kernel.newArguments();
            CublasHandle cublas = context.cublas();
            Runnable step = () -> {
                kernel.launch(1, THREADS, arguments.set(0, c).set(1, 1f).set(2, 4L));
                cublas.gemm(FP32, FP32, false, true, 2, 2, 2, 1, a.address(), 2, a.address(), 2, 1, c.address(), 2);
                cublas.gemmStridedBatched(FP32, FP32, false, false, 2, 1, 2, 1, a.address(), 2, 0, a.address(), 2, 0, 0, c.address(), 2, 2,
                        2);
                cublas.gemm(DataType.FLOAT16, DataType.FLOAT32, false, true, 1, 1, 2, 1, a.address(), 2, a.address(), 2, 0, c.address(), 2);
                cublas.gemmStridedBatched(DataType.FLOAT16, DataType.FLOAT16, false, true, 1, 1, 2, 1, a.address(), 2, 2, a.address(), 2, 2, 0,
                        c.address(), 2, 2, 2);
                context.workspace(0);
            };
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < 20 && allocated > 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 100; i++) {
                    step.run();
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, allocated, "bytes in 100 steps, in the best of 20 rounds");
        }
    }

    // --- streams, graphs, cuBLAS --------------------------------------------------------------------------------------------

    @Test
    void streamsWaitForEachOther() {
        EmulatedDevice.command("streams deferred");
        try (DeviceContext context = EmulatedDevice.open();
                DeviceStream other = context.newStream();
                DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(8));
                PinnedBuffer buffer = context.newPinnedBuffer(32)) {
            fill(context, tensor, 3, 8);
            assertFalse(context.stream().isIdle());
            other.waitFor(context.stream());
            buffer.copyFrom(tensor.address(), 32, other);
            other.synchronize();
            assertEquals(3f, buffer.bytes().getFloat(28));
            context.synchronize();
            assertTrue(context.stream().isIdle());
        }
    }

    @Test
    void eventsTellTheTimeBetween() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceEvent begin = context.newEvent(); DeviceEvent end = context.newEvent()) {
            begin.record(context.stream());
            end.record(context.stream());
            end.synchronize();
            assertTrue(end.isDone());
            assertTrue(end.millisSince(begin) >= 0);
        }
    }

    @Test
    void aCapturedGraphDoesTheWorkWhenItIsLaunched() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope()) {
            DeviceTensor a = scope.upload(HostTensor.of(TensorShape.of(2, 2), 1f, 2f, 3f, 4f));
            DeviceTensor c = a.newTensor(a.shape());
            CublasHandle cublas = context.cublas();
            Runnable work = () -> {
                fill(context, c, 10, 4);
                cublas.gemm(FP32, FP32, false, false, 2, 2, 2, 1, a.address(), 2, a.address(), 2, 1, c.address(), 2);
            };
            work.run();
            c.fillZero();
            try (CapturedGraph graph = context.capture(work)) {
                assertArrayEquals(new float[4], c.toHost().floats(), "recorded, not done");
                for (int i = 0; i < 2; i++) {
                    graph.run();
                    assertArrayEquals(new float[] {17, 20, 25, 32}, c.toHost().floats());
                }
                a.copyFrom(HostTensor.of(TensorShape.of(2, 2), 1f, 0f, 0f, 1f));
                graph.run();
                assertArrayEquals(new float[] {11, 10, 10, 11}, c.toHost().floats(), "it reads what the tensors hold now");
            }
        }
    }

    @Test
    void whatCannotBeCapturedIsRefusedAndTheContextStaysUsable() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(4))) {
            List<Runnable> impossible = List.of(
                    () -> context.allocate(1, "more"),
                    () -> tensor.toHost(),
                    () -> tensor.copyFrom(HostTensor.zeros(TensorShape.of(4))),
                    context::synchronize,
                    () -> context.stream().synchronize(),
                    () -> context.module("im2col"),
                    () -> context.cublas(),
                    () -> context.workspace(100),
                    () -> context.newPinnedBuffer(1),
                    () -> context.capture(() -> { }));
            for (Runnable work : impossible) {
                var error = assertThrows(IllegalStateException.class, () -> context.capture(work));
                assertTrue(error.getMessage().contains("capture"), error::getMessage);
                fill(context, tensor, 5, 4);
                assertEquals(5f, tensor.toHost().floats()[3]);
            }
            fill(context, tensor, 6, 4);
            try (CapturedGraph graph = context.capture(() -> fill(context, tensor, 7, 4))) {
                graph.run();
                assertEquals(7f, tensor.toHost().floats()[3]);
            }
        }
    }

    /** It would be recorded instead of done. */
    @Test
    void workOfOtherThreadsIsRefusedDuringACapture() throws Exception {
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope();
                DeviceEvent event = context.newEvent(); PinnedBuffer buffer = context.newPinnedBuffer(16)) {
            DeviceTensor tensor = scope.newTensor(FP32, TensorShape.of(4));
            DeviceTensor another = scope.newTensor(FP32, TensorShape.of(4));
            DeviceTensor closedElsewhere = scope.newTensor(FP32, TensorShape.of(4));
            HostTensor values = HostTensor.of(TensorShape.of(4), 1f, 2f, 3f, 4f);
            CublasHandle cublas = context.cublas();
            fill(context, tensor, 3, 4);
            CapturedGraph other = context.capture(() -> fill(context, tensor, 3, 4));
            List<Runnable> uses = List.of(() -> fill(context, tensor, 5, 4), tensor::fillZero, () -> tensor.copyFrom(another),
                    () -> tensor.copyFrom(values), tensor::toHost, () -> tensor.copyFrom(buffer), () -> tensor.copyTo(buffer),
                    () -> cublas.gemm(FP32, FP32, false, false, 1, 1, 1, 1, tensor.address(), 1, tensor.address(), 1, 0, tensor.address(), 1),
                    other::run, () -> event.record(context.stream()), () -> context.stream().waitFor(event), () -> context.stream().isIdle(),
                    () -> context.stream().synchronize(), context::synchronize, context::releaseKeptMemory,
                    () -> context.allocate(4, "more").close());
            List<String> refusals = new ArrayList<>();
            CapturedGraph graph = context.capture(() -> {
                fill(context, tensor, 7, 4);
                onThread(() -> {
                    closedElsewhere.close();
                    for (Runnable use : uses) {
                        refusals.add(assertThrows(IllegalStateException.class, use::run).getMessage());
                    }
                });
            });
            assertEquals(uses.size(), refusals.size());
            String thread = Thread.currentThread().getName();
            for (String refusal : refusals) {
                assertTrue(refusal.endsWith(" is not possible while thread '" + thread + "' captures work of this context; let the threads"
                        + " take turns"), refusal);
            }
            assertEquals(3f, tensor.toHost().floats()[3], "nothing has been done yet");
            graph.run();
            assertEquals(7f, tensor.toHost().floats()[3]);
        }
    }

    @Test
    void ofACaptureThatLosesTheContextTheFirstErrorIsTold() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceTensor tensor = context.newTensor(FP32, TensorShape.of(4))) {
            fill(context, tensor, 1, 4);
            EmulatedDevice.command("fail cuLaunchKernel 1 719");
            var error = assertThrows(DeviceException.class, () -> context.capture(() -> fill(context, tensor, 2, 4)));
            assertTrue(error.getMessage().contains("cuLaunchKernel failed with CUDA_ERROR_LAUNCH_FAILED")
                    && error.getMessage().contains("kernel jconv_fill"), error::getMessage);
        }
    }

    @Test
    void aGraphKeepsTheWorkspaceThatItWasRecordedWith() {
        try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(false));
                DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(4))) {
            long workspace = context.workspace(16);
            fill(context, tensor, 1, 4);
            CapturedGraph graph = context.capture(() -> {
                fill(context, workspace, 8, 4);
                context.copy(workspace, tensor.address(), 16);
            });
            context.workspace(1600);
            assertEquals(3, context.liveAllocations().size(), "the outgrown one is kept");
            graph.run();
            assertEquals(8f, tensor.toHost().floats()[3]);
            graph.close();
            graph.close();
            assertEquals(2, context.liveAllocations().size(), "and freed with the graph");
        }
    }

    @Test
    void matrixProductsAreThoseOfColumnMajorMatrices() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope()) {
            DeviceTensor a = scope.upload(HostTensor.of(TensorShape.of(6), 1f, 2f, 3f, 4f, 5f, 6f));
            DeviceTensor b = scope.upload(HostTensor.of(TensorShape.of(3), 1f, 10f, 100f));
            DeviceTensor c = scope.upload(HostTensor.of(TensorShape.of(4), Float.NaN, Float.NaN, 1f, 1f));
            context.cublas().gemm(FP32, FP32, false, false, 2, 1, 3, 2, a.address(), 2, b.address(), 3, 0, c.address(), 2);
            assertArrayEquals(new float[] {1062, 1284, 1, 1}, c.toHost().floats(), "2 (A b); with beta 0, C is not read");
            context.cublas().gemm(FP32, FP32, true, false, 2, 1, 3, 1, a.address(), 3, b.address(), 3, 1, c.address() + 8, 2);
            assertArrayEquals(new float[] {1062, 1284, 322, 655}, c.toHost().floats(), "C + (A' b)");
            context.cublas().gemmStridedBatched(FP32, FP32, false, false, 1, 1, 2, 1, a.address(), 1, 3, b.address(), 2, 1, 0, c.address(), 1,
                    1, 2);
            assertArrayEquals(new float[] {21, 540}, java.util.Arrays.copyOf(c.toHost().floats(), 2), "[1 2] [1 10]', [4 5] [10 100]'");
            context.cublas().gemm(FP32, FP32, false, false, 0, 1, 3, 1, a.address(), 1, b.address(), 3, 0, c.address(), 1);
            assertEquals(120603, context.cublas().version());
        }
    }

    /** Of operands of 16 bits, with sums that are no numbers of the type. */
    @ParameterizedTest
    @EnumSource(value = DataType.class, names = {"FLOAT16", "BFLOAT16"})
    void matrixProductsOfOperandsOf16Bits(DataType type) {
        float first = type == DataType.FLOAT16 ? 2048 : 256;
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope()) {
            DeviceTensor a = scope.upload(HostTensor.of(TensorShape.of(4), first, 1f, 0f, 2f).to(type));
            DeviceTensor b = scope.upload(HostTensor.of(TensorShape.of(8), 1f, 1f, 1f, 1f, 3f, 2f, 1f, 1f).to(type));
            DeviceTensor wide = scope.upload(HostTensor.of(TensorShape.of(2), 4f, Float.NaN));
            DeviceTensor narrow = scope.upload(HostTensor.of(TensorShape.of(2), 4f, Float.NaN).to(type));
            CublasHandle cublas = context.cublas();
            cublas.gemm(type, DataType.FLOAT32, true, false, 1, 1, 4, 1, a.address(), 4, b.address(), 4, 1, wide.address(), 1);
            assertEquals(first + 7, wide.toHost().floats()[0]);
            cublas.gemm(type, type, true, false, 1, 1, 4, 1, a.address(), 4, b.address(), 4, 1, narrow.address(), 1);
            assertEquals(type.round(first + 7), narrow.toHost().get(0), "rounded once, in the end");
            cublas.gemmStridedBatched(type, type, true, false, 1, 1, 4, 1, a.address(), 4, 0, b.address(), 4, 4, 0, narrow.address(), 1, 1, 2);
            assertEquals(type.round(first + 3), narrow.toHost().get(0));
            assertEquals(type.round(3 * first + 4), narrow.toHost().get(1));
            cublas.gemmStridedBatched(type, DataType.FLOAT32, true, false, 1, 1, 4, 1, a.address(), 4, 0, b.address(), 4, 4, 0, wide.address(),
                    1, 1, 2);
            assertArrayEquals(new float[] {first + 3, 3 * first + 4}, wide.toHost().floats());
            long calls = EmulatedDevice.calls("cublasGemmEx");
            cublas.gemm(type, type, true, false, 1, 0, 4, 1, 0, 4, 0, 4, 1, 0, 1);
            assertEquals(calls, EmulatedDevice.calls("cublasGemmEx"), "nothing is asked for where there is nothing to write");
        }
    }

    @Test
    void otherTypesOfMatricesAreRefused() {
        try (DeviceContext context = EmulatedDevice.open()) {
            var error = assertThrows(IllegalArgumentException.class, () -> context.cublas().gemm(DataType.FLOAT16, DataType.BFLOAT16, false,
                    false, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1));
            assertEquals("types are FLOAT16 for operands and BFLOAT16 for the result; allowed: operands of FLOAT32, FLOAT16 or BFLOAT16, "
                    + "and results of the same type or of FLOAT32", error.getMessage());
            assertThrows(IllegalArgumentException.class, () -> context.cublas().gemmStridedBatched(DataType.FLOAT64, DataType.FLOAT64, false,
                    false, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1));
        }
    }

    // --- threads and devices ------------------------------------------------------------------------------------------------

    @Test
    void severalThreadsShareAContext() throws Exception {
        try (DeviceContext context = EmulatedDevice.open()) {
            onThreads(4, number -> work(context, number));
            assertEquals(List.of("workspace of cuBLAS"), context.liveAllocations().stream().map(Allocation::what).toList());
        }
    }

    @Test
    void eachThreadMayHaveAContextOfItsOwnOnOneDeviceOrOnSeveral() throws Exception {
        EmulatedDevice.command("devices 2");
        onThreads(4, number -> {
            try (DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withOrdinal(number % 2))) {
                assertEquals(number % 2, context.info().ordinal());
                work(context, number);
            }
        });
    }

    @Test
    void oneThreadMayWorkWithSeveralDevicesInTurn() {
        EmulatedDevice.command("devices 2");
        assertEquals(2, DeviceContext.devices(LibrarySource.EMULATED).size());
        try (DeviceContext first = EmulatedDevice.open(); DeviceContext second = EmulatedDevice.open(DeviceOptions.defaults().withOrdinal(1));
                DeviceTensor onFirst = first.newTensor(DataType.FLOAT32, TensorShape.of(3));
                DeviceTensor onSecond = second.newTensor(DataType.FLOAT32, TensorShape.of(3))) {
            for (int round = 1; round < 4; round++) {
                fill(first, onFirst, round, 3);
                fill(second, onSecond, -round, 3);
                assertEquals(round, onFirst.toHost().get(2));
                assertEquals(-round, onSecond.toHost().get(2));
            }
            assertFalse(onFirst.overlaps(onSecond));
            assertMessage("copy between two device contexts, FLOAT32 [3] on device 0 and FLOAT32 [3] on device 1; allowed: tensors of one"
                    + " context", () -> onSecond.copyFrom(onFirst));
        }
    }

    @Test
    void aDeviceThatThereIsNotIsNamed() {
        var error = assertThrows(DeviceException.class, () -> EmulatedDevice.open(DeviceOptions.defaults().withOrdinal(3)));
        assertTrue(error.getMessage().contains("device ordinal is 3; this host has 1 device, counted from 0"), error::getMessage);
        EmulatedDevice.command("devices 0");
        error = assertThrows(DeviceException.class, () -> EmulatedDevice.open());
        assertEquals("CUDA_ERROR_NO_DEVICE", error.errorName());
    }

    // --- errors and the end -------------------------------------------------------------------------------------------------

    @Test
    void anAccessOutsideLosesTheContextAndANewOneWorks() {
        DeviceContext context = EmulatedDevice.open(DeviceOptions.defaults().withReuseMemory(false));
        DeviceTensor tensor = context.newTensor(DataType.FLOAT32, TensorShape.of(4));
        fill(context, tensor, 1, 100_000);
        var error = assertThrows(DeviceException.class, () -> context.stream().synchronize());
        assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", error.errorName());
        assertTrue(error.contextLost());
        assertTrue(error.getMessage().contains("jconv_fill"), error::getMessage);
        for (Runnable use : List.<Runnable>of(() -> context.allocate(1, "more"), tensor::toHost, context::synchronize, tensor::fillZero)) {
            var again = assertThrows(DeviceException.class, use::run);
            assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", again.errorName());
            assertTrue(again.getMessage().contains("lost the device context; close it and open a new one"), again::getMessage);
        }
        tensor.close();
        context.close();
        try (DeviceContext fresh = EmulatedDevice.open()) {
            work(fresh, 1);
        }
    }

    @Test
    void closingFreesWhatWasForgotten() {
        DeviceContext context = EmulatedDevice.open();
        context.newTensor(DataType.FLOAT32, TensorShape.of(4));
        DeviceStream stream = context.newStream();
        DeviceEvent event = context.newEvent();
        PinnedBuffer buffer = context.newPinnedBuffer(10);
        context.workspace(100);
        context.cublas();
        CapturedGraph graph = context.capture(() -> { });
        context.close();
        stream.close();
        event.close();
        buffer.close();
        graph.close();
        assertThrows(IllegalStateException.class, buffer::bytes);
        assertThrows(IllegalStateException.class, graph::run);
        assertThrows(IllegalStateException.class, () -> event.record(stream));
    }

    @Test
    void whatIsClosedIsNotUsed() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceEvent open = context.newEvent();
                DeviceTensor tensor = context.newTensor(FP32, TensorShape.of(4))) {
            DeviceStream stream = context.newStream();
            DeviceEvent event = context.newEvent();
            CapturedGraph graph = context.capture(() -> { });
            Kernel kernel = context.module("elementwise").kernel("jconv_fill");
            KernelArguments arguments = kernel.newArguments().set(0, tensor).set(1, 1f).set(2, 4L);
            for (AutoCloseable resource : List.of(stream, event, graph)) {
                assertDoesNotThrow(resource::close);
                assertDoesNotThrow(resource::close, "a second time");
            }
            EmulatedDevice.command("forget calls");
            for (Runnable use : List.<Runnable>of(stream::synchronize, stream::isIdle, () -> stream.waitFor(open),
                    () -> stream.waitFor(context.stream()), stream::handle, () -> open.record(stream),
                    () -> context.stream().waitFor(stream), () -> kernel.launch(stream, 1, 1, 1, 1, 1, 1, 0, arguments))) {
                assertEquals("use of a stream after its end", assertThrows(IllegalStateException.class, use::run).getMessage());
            }
            for (Runnable use : List.<Runnable>of(event::synchronize, event::isDone, () -> event.record(context.stream()),
                    () -> event.millisSince(open), () -> open.millisSince(event), () -> context.stream().waitFor(event))) {
                assertEquals("use of an event after its end", assertThrows(IllegalStateException.class, use::run).getMessage());
            }
            assertEquals("use of a captured graph after its end", assertThrows(IllegalStateException.class, graph::run).getMessage());
            for (String call : List.of("cuStreamSynchronize", "cuStreamQuery", "cuStreamWaitEvent", "cuEventRecord", "cuEventSynchronize",
                    "cuEventQuery", "cuEventElapsedTime", "cuGraphLaunch", "cuLaunchKernel")) {
                assertEquals(0, EmulatedDevice.calls(call), call);
            }
        }
    }

    @Test
    void theMainStreamIsClosedWithTheContextAlone() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceTensor tensor = context.newTensor(FP32, TensorShape.of(4))) {
            var error = assertThrows(IllegalStateException.class, () -> context.stream().close());
            assertEquals("the main stream of a context cannot be closed by itself; close the context", error.getMessage());
            fill(context, tensor, 5, 4);
            assertEquals(5f, tensor.toHost().floats()[3]);
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        assertMessage("device options is null; allowed: a value", () -> DeviceContext.open(null));
        try (DeviceContext context = EmulatedDevice.open()) {
            assertMessage("type is null; allowed: a value", () -> context.newTensor(null, TensorShape.of(4)));
            assertMessage("layout is null; allowed: a value", () -> context.newTensor(FP32, null, TensorShape.of(4)));
            assertMessage("shape is null; allowed: a value", () -> context.newTensor(FP32, null));
        }
    }

    /** Uploads, fills, multiplies and downloads, many times, with values of its own. */
    private static void work(DeviceContext context, int number) {
        for (int round = 0; round < 10; round++) {
            int length = 50 + 7 * number;
            float value = 100 * number + round;
            try (DeviceScope scope = context.newScope()) {
                DeviceTensor tensor = scope.newTensor(DataType.FLOAT32, TensorShape.of(length));
                fill(context, tensor, value, length - 1);
                DeviceTensor copy = scope.upload(tensor.toHost());
                DeviceTensor product = scope.newTensor(DataType.FLOAT32, TensorShape.of(1));
                context.cublas().gemm(FP32, FP32, false, false, 1, 1, 2, 1, copy.address(), 1, copy.address(), 2, 0, product.address(), 1);
                assertEquals(value, copy.toHost().get(length - 2));
                assertEquals(0, copy.toHost().get(length - 1));
                assertEquals(2 * value * value, product.toHost().floats()[0]);
            }
        }
    }

    private static void fill(DeviceContext context, DeviceTensor tensor, float value, long count) {
        fill(context, tensor.address(), value, count);
    }

    private static void fill(DeviceContext context, long address, float value, long count) {
        Kernel kernel = context.module("elementwise").kernel("jconv_fill");
        kernel.launch(1, THREADS, kernel.newArguments().set(0, address).set(1, value).set(2, count));
    }

    @FunctionalInterface
    private interface NumberedWork {
        void run(int number);
    }

    private static void onThread(Runnable work) {
        try {
            onThreads(1, number -> work.run());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void onThreads(int count, NumberedWork work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i + 1;
                tasks.add(() -> {
                    work.run(number);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void assertMessage(String message, Runnable refused) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, refused::run).getMessage());
    }
}
