package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.testing.ForeignTensor;
import org.junit.jupiter.api.Test;

/** Tensors must lie where the engine computes, and an output apart from the inputs. */
class TensorPlaceTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n1c2w4k2s1");

    @Test
    void aTensorFromElsewhereIsRefusedByName() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            Tensor x = new ForeignTensor(PROBLEM.xShape());
            Tensor w = HostTensor.zeros(PROBLEM.wShape());
            var error = assertThrows(InvalidProblemException.class, () -> engine.forward(PROBLEM, x, w));
            assertEquals("x is a ForeignTensor; allowed: a HostTensor on the cpu backend (problem " + PROBLEM + ")", error.getMessage());
            error = assertThrows(InvalidProblemException.class, () -> engine.forward(PROBLEM, HostTensor.zeros(PROBLEM.xShape()), null));
            assertTrue(error.getMessage().startsWith("w is null; allowed: a tensor"), error::getMessage);
        }
    }

    @Test
    void anOutputThatOverlapsAnInputIsRefused() {
        float[] memory = new float[40];
        HostTensor x = HostTensor.wrap(PROBLEM.xShape(), memory, 0);
        HostTensor touching = HostTensor.wrap(PROBLEM.yShape(), memory, x.length());
        HostTensor overlapping = HostTensor.wrap(PROBLEM.yShape(), memory, x.length() - 1);
        assertFalse(x.overlaps(touching));
        assertTrue(x.overlaps(overlapping));
        assertFalse(x.overlaps(new ForeignTensor(PROBLEM.xShape())));
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            HostTensor w = HostTensor.zeros(PROBLEM.wShape());
            engine.forward(PROBLEM, x, w, null, touching);
            assertThrows(InvalidProblemException.class, () -> engine.forward(PROBLEM, x, w, null, overlapping));
        }
    }
}
