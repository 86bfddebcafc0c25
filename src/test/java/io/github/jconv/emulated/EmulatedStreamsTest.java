package io.github.jconv.emulated;

import static io.github.jconv.emulated.DriverSession.check;
import static io.github.jconv.emulated.DriverSession.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.EmulatedDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams, events and graphs of the emulated driver keep the rules of the real one, and break what breaks them. */
class EmulatedStreamsTest {

    private static final int COUNT = 10;
    private static final long BYTES = COUNT * 4L;

    private DriverSession session;
    private CUfunction fill;
    private CUstream stream;
    private CUdeviceptr y;

    @BeforeEach
    void open() {
        session = new DriverSession();
        fill = session.fillKernel();
        stream = session.stream();
        y = session.upload(filled(0, COUNT));
    }

    @AfterEach
    void close() {
        session.close();
    }

    private void enqueueFill(CUstream on, float value) {
        check(session.fill(fill, on, y, value, COUNT));
    }

    @Test
    void deferredWorkIsDoneWhenSomebodyWaitsForIt() {
        EmulatedDevice.command("streams deferred");
        enqueueFill(stream, 4);
        assertArrayEquals(filled(0, COUNT), session.download(y, COUNT), "the legacy stream does not wait for this one");
        check(JCudaDriver.cuStreamSynchronize(stream));
        assertArrayEquals(filled(4, COUNT), session.download(y, COUNT));
    }

    @Test
    void aQuestionLetsDeferredWorkGoOnUntilItIsDone() {
        EmulatedDevice.command("streams deferred");
        enqueueFill(stream, 4);
        enqueueFill(stream, 5);
        assertEquals(CUresult.CUDA_ERROR_NOT_READY, JCudaDriver.cuStreamQuery(stream));
        assertEquals(CUresult.CUDA_ERROR_NOT_READY, JCudaDriver.cuStreamQuery(stream));
        assertEquals(CUresult.CUDA_SUCCESS, JCudaDriver.cuStreamQuery(stream));
        assertArrayEquals(filled(5, COUNT), session.download(y, COUNT));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherStreamSeesTheResultOnlyIfItWaits(boolean waiting) {
        EmulatedDevice.command("streams deferred");
        CUstream other = session.stream();
        CUdeviceptr copy = session.upload(filled(-1, COUNT));
        enqueueFill(stream, 4);
        CUevent filled = event();
        check(JCudaDriver.cuEventRecord(filled, stream));
        if (waiting) {
            check(JCudaDriver.cuStreamWaitEvent(other, filled, 0));
        }
        check(JCudaDriver.cuMemcpyDtoDAsync(copy, y, BYTES, other));
        check(JCudaDriver.cuStreamSynchronize(other));
        assertArrayEquals(filled(waiting ? 4 : 0, COUNT), session.download(copy, COUNT));
    }

    @Test
    void pinnedMemoryIsReadWhenTheCopyIsDoneAndOtherMemoryAtOnce() {
        EmulatedDevice.command("streams deferred");
        Pointer pinned = new Pointer();
        check(JCudaDriver.cuMemHostAlloc(pinned, BYTES, 0));
        ByteBuffer pinnedBytes = pinned.getByteBuffer(0, BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer ordinary = ByteBuffer.allocateDirect((int) BYTES).order(ByteOrder.nativeOrder());
        CUdeviceptr fromPinned = session.allocate(BYTES);
        CUdeviceptr fromOrdinary = session.allocate(BYTES);
        for (int i = 0; i < COUNT; i++) {
            pinnedBytes.putFloat(4 * i, 1);
            ordinary.putFloat(4 * i, 1);
        }
        check(JCudaDriver.cuMemcpyHtoDAsync(fromPinned, pinned, BYTES, stream));
        check(JCudaDriver.cuMemcpyHtoDAsync(fromOrdinary, Pointer.to(ordinary), BYTES, stream));
        for (int i = 0; i < COUNT; i++) {
            pinnedBytes.putFloat(4 * i, 2);
            ordinary.putFloat(4 * i, 2);
        }
        check(JCudaDriver.cuStreamSynchronize(stream));
        assertArrayEquals(filled(2, COUNT), session.download(fromPinned, COUNT));
        assertArrayEquals(filled(1, COUNT), session.download(fromOrdinary, COUNT));
    }

    @Test
    void memoryThatIsFreedBeforeItsTurnIsAnError() {
        EmulatedDevice.command("streams deferred");
        CUstream other = session.stream();
        CUdeviceptr freedEarly = new CUdeviceptr();
        check(JCudaDriver.cuMemAllocAsync(freedEarly, BYTES, stream));
        check(session.fill(fill, other, freedEarly, 1, COUNT));
        check(JCudaDriver.cuMemFreeAsync(freedEarly, stream));
        check(JCudaDriver.cuStreamSynchronize(stream));
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, JCudaDriver.cuStreamSynchronize(other));
    }

    @Test
    void eventsTellTheTimeBetweenThem() {
        CUevent start = event();
        CUevent end = event();
        check(JCudaDriver.cuEventRecord(start, stream));
        enqueueFill(stream, 1);
        check(JCudaDriver.cuEventRecord(end, stream));
        check(JCudaDriver.cuEventSynchronize(end));
        float[] milliseconds = {-1};
        check(JCudaDriver.cuEventElapsedTime(milliseconds, start, end));
        assertTrue(milliseconds[0] > 0, () -> milliseconds[0] + " ms");
    }

    @Test
    void aGraphRepeatsWhatWasRecorded() {
        begin(CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL);
        enqueueFill(stream, 6);
        CUgraph graph = new CUgraph();
        check(JCudaDriver.cuStreamEndCapture(stream, graph));
        assertArrayEquals(filled(0, COUNT), session.download(y, COUNT), "recording does nothing");
        CUgraphExec executable = new CUgraphExec();
        check(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
        check(JCudaDriver.cuGraphDestroy(graph));
        for (int i = 0; i < 2; i++) {
            check(JCudaDriver.cuMemsetD8(y, (byte) 0, BYTES));
            check(JCudaDriver.cuGraphLaunch(executable, stream));
            check(JCudaDriver.cuStreamSynchronize(stream));
            assertArrayEquals(filled(6, COUNT), session.download(y, COUNT));
        }
        check(JCudaDriver.cuGraphExecDestroy(executable));
    }

    @Test
    void aSecondStreamJoinsARecordingThroughAnEventAndMustComeBack() {
        for (boolean comesBack : new boolean[] {true, false}) {
            CUstream side = session.stream();
            CUevent fork = event();
            CUevent join = event();
            begin(CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
            check(JCudaDriver.cuEventRecord(fork, stream));
            check(JCudaDriver.cuStreamWaitEvent(side, fork, 0));
            enqueueFill(side, 8);
            check(JCudaDriver.cuEventRecord(join, side));
            if (comesBack) {
                check(JCudaDriver.cuStreamWaitEvent(stream, join, 0));
            }
            assertEquals(comesBack ? CUresult.CUDA_SUCCESS : CUresult.CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
                    JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
        }
    }

    @Test
    void allocatingOrWaitingSpoilsARecording() {
        assertSpoils(() -> JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
        assertSpoils(() -> JCudaDriver.cuMemFree(y));
        assertSpoils(() -> JCudaDriver.cuStreamSynchronize(stream));
        assertSpoils(JCudaDriver::cuCtxSynchronize);
        assertSpoils(() -> JCudaDriver.cuMemcpyDtoH(Pointer.to(new float[COUNT]), y, BYTES));
    }

    private void assertSpoils(IntSupplier call) {
        begin(CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, call.getAsInt());
        assertEquals(CUresult.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
    }

    @Test
    void anotherThreadMayAllocateDuringAThreadLocalRecording() throws InterruptedException {
        begin(CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        int[] result = {-1};
        Thread other = new Thread(() -> {
            session.makeCurrent();
            result[0] = JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4);
        });
        other.start();
        other.join();
        check(result[0]);
        check(JCudaDriver.cuStreamEndCapture(stream, new CUgraph()));
    }

    private void begin(int mode) {
        check(JCudaDriver.cuStreamBeginCapture(stream, mode));
    }

    private CUevent event() {
        CUevent event = new CUevent();
        check(JCudaDriver.cuEventCreate(event, 0));
        return event;
    }
}
