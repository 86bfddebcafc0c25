package io.github.jconv.nn;

import io.github.jconv.ConvEngine;
import io.github.jconv.testing.EmulatedDevice;
import org.junit.jupiter.api.Test;

/** The same with the convolutions of cuDNN. */
class CudnnTrainingTest extends DeviceTrainingTest {

    @Override
    String backend() {
        return "cudnn";
    }

    /** In fp64 cuDNN computes them only with algorithms that add in any order. */
    @Override
    @Test
    void theGradientsAreThoseOfTheFunctions() {
        try (ConvEngine varying = ConvEngine.builder().device(EmulatedDevice.request()).backend("cudnn").varying(true).open()) {
            checkGradients(varying);
        }
    }
}
