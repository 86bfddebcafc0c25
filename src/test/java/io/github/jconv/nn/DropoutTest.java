package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.dropout;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.ConvEngine;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {

    private static final int VALUES = 10_000;

    private static float[] run(Network network, long step, Mode mode) {
        HostTensor ones = HostTensor.zeros(TensorShape.of(1, 1, VALUES));
        ones.fill(1);
        network.setStep(step);
        return ((HostTensor) network.forward(ones, mode)).floats().clone();
    }

    /** The share of the dropped lies within five standard deviations of the rate; all others are divided by 1 - rate. */
    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5, 0.75})
    void whatIsKeptMakesUpForWhatIsDropped(double rate) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open();
                Network network = Network.on(engine, 1).input(1, VALUES).build(dropout(rate))) {
            float[] y = run(network, 0, Mode.TRAINING);
            int dropped = 0;
            for (float value : y) {
                dropped += value == 0 ? 1 : 0;
                assertEquals(value == 0 ? 0 : (float) (1 / (1 - rate)), value);
            }
            assertEquals(rate, dropped / (double) VALUES, 5 * Math.sqrt(rate * (1 - rate) / VALUES));
            float[] ones = new float[VALUES];
            Arrays.fill(ones, 1);
            assertArrayEquals(ones, run(network, 0, Mode.INFERENCE));
        }
    }

    @Test
    void everyStepAndLayerDropsOthers() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open();
                Network one = Network.on(engine, 1).input(1, VALUES).build(dropout(0.5));
                Network two = Network.on(engine, 1).input(1, VALUES).build(dropout(0.5), dropout(0.5));
                Network seeded = Network.on(engine, 2).input(1, VALUES).build(dropout(0.5))) {
            float[] first = run(one, 1, Mode.TRAINING);
            assertArrayEquals(first, run(one, 1, Mode.TRAINING));
            assertFalse(Arrays.equals(first, run(one, 2, Mode.TRAINING)));
            assertFalse(Arrays.equals(first, run(seeded, 1, Mode.TRAINING)));
            // What two layers keep is a quarter; were they the same, it would be a half.
            long kept = 0;
            for (float value : run(two, 1, Mode.TRAINING)) {
                kept += value == 0 ? 0 : 1;
            }
            assertEquals(0.25, kept / (double) VALUES, 5 * Math.sqrt(0.25 * 0.75 / VALUES));
            assertEquals("step is -1; allowed: 0 and up",
                    assertThrows(IllegalArgumentException.class, () -> one.setStep(-1)).getMessage());
        }
    }
}
