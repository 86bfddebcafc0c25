package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import org.junit.jupiter.api.Test;

/** The front door in use, as short as the documentation promises. */
class ArchitectureSketchTest {

    @Test
    void theInverseLayerRestoresTheInputSize() {
        ConvProblem down = ConvProblem.conv2d().batch(1).input(128, 24, 24).filters(256, 3, 3).stride(2).padding(1).build();
        assertEquals(TensorShape.of(1, 256, 12, 12), down.yShape());
        TransposedConvolution up = TransposedConvolution.inverseOf(down);
        assertEquals(1, up.axes().get(0).outputPadding());
        assertEquals(down.xShape(), up.outputShape());
    }

    @Test
    void forwardAndItsTransposeOnASmallLine() {
        try (ConvEngine engine = ConvEngine.builder().threads(2).open()) {
            ConvProblem problem = ConvProblem.parse("n1c1w4k1s2_sw2");
            HostTensor x = HostTensor.of(problem.xShape(), 1f, 2f, 3f, 4f);
            HostTensor w = HostTensor.of(problem.wShape(), 10f, 1f);
            HostTensor y = engine.forward(problem, x, w);
            assertArrayEquals(new float[] {12, 34}, y.floats());
            HostTensor back = engine.forward(TransposedConvolution.inverseOf(problem), y, w);
            assertArrayEquals(new float[] {120, 12, 340, 34}, back.floats());
        }
    }
}
