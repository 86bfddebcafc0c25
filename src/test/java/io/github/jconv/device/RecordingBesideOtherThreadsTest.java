package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.RecordedWork;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** An engine is for several threads: what one of them records does not take up the work of another. */
class RecordingBesideOtherThreadsTest extends OnEmulatedDevice {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c3h5w4k2r1s1");

    private final List<Tensor> tensors = new ArrayList<>();

    @Test
    void otherThreadsWaitUntilTheWorkIsRecorded() throws InterruptedException {
        try (ConvEngine engine = ConvEngine.builder().device(EmulatedDevice.request()).open()) {
            Tensor x = upload(engine, Tensors.integers(PROBLEM.xShape(), 1));
            Tensor w = upload(engine, Tensors.integers(PROBLEM.wShape(), 2));
            Tensor recorded = upload(engine, HostTensor.zeros(PROBLEM.yShape()));
            Tensor computed = upload(engine, HostTensor.zeros(PROBLEM.yShape()));
            engine.forward(PROBLEM, x, w, null, recorded);
            float[] expected = download(engine, recorded);
            RecordedWork earlier = engine.record(() -> engine.forward(PROBLEM, x, w, null, computed)).orElseThrow();
            engine.upload(HostTensor.zeros(PROBLEM.yShape()), recorded);
            AtomicReference<Throwable> failed = new AtomicReference<>();
            AtomicReference<float[]> result = new AtomicReference<>();
            Thread other = new Thread(() -> {
                earlier.run();
                engine.forward(PROBLEM, x, w, null, computed);
                result.set(download(engine, computed));
            });
            other.setUncaughtExceptionHandler((thread, error) -> failed.set(error));
            RecordedWork record = engine.record(() -> {
                engine.forward(PROBLEM, x, w, null, recorded);
                other.start();
                // It waits for this thread, or has done what it could before.
                while (other.getState() != Thread.State.WAITING && other.isAlive()) {
                    Thread.onSpinWait();
                }
            }).orElseThrow();
            other.join();
            assertEquals(null, failed.get());
            assertArrayEquals(expected, result.get(), "done, not recorded");
            assertArrayEquals(new float[expected.length], download(engine, recorded), "recorded, not done");
            engine.upload(HostTensor.zeros(PROBLEM.yShape()), computed);
            record.run();
            assertArrayEquals(expected, download(engine, recorded));
            assertArrayEquals(new float[expected.length], download(engine, computed), "not part of the record");
            record.close();
            earlier.close();
            tensors.forEach(Tensor::close);
        }
    }

    private Tensor upload(ConvEngine engine, HostTensor values) {
        Tensor tensor = engine.newTensor(DataType.FLOAT32, values.shape());
        tensors.add(tensor);
        engine.upload(values, tensor);
        return tensor;
    }

    private static float[] download(ConvEngine engine, Tensor tensor) {
        HostTensor values = HostTensor.zeros(DataType.FLOAT32, tensor.shape());
        engine.download(tensor, values);
        return values.floats();
    }
}
