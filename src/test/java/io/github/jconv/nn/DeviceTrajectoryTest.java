package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.TrajectoryTest.Recording;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.EmulatedDevice;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fifty training steps on the device against those of PyTorch, within the bounds of {@link TrajectoryTest}. */
class DeviceTrajectoryTest {

    String backend() {
        return "cuda";
    }

    /** On the emulated device one of each network and each optimiser, as it takes long. */
    static Stream<Recording> recordings() {
        return EmulatedDevice.isReal() ? Stream.of(Recording.values()) : Stream.of(Recording.LENET_SGD, Recording.AUTOENCODER_ADAM);
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void everyStepAgreesWithPyTorchs(Recording recording) throws IOException {
        List<double[]> expected = recording.rows();
        try (ConvEngine engine = ConvEngine.builder().device(EmulatedDevice.request()).backend(backend()).open()) {
            List<double[]> actual = recording.train(engine, DataType.FLOAT32, 0);
            assertEquals(expected.size(), actual.size());
            TrajectoryTest.assertClose(recording, expected, actual, recording.exact(), recording.disturbedAsInSingle(), DataType.FLOAT32,
                    recording.longestSum());
        }
    }
}
