package io.github.jconv.explain;

import static io.github.jconv.testing.Tensors.assertSameNumbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** z = s-1 inserted zeros, p' = k-p-1, d' = d and the rotated filter: an identity that is executed. */
class OrdinaryFormTest {

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    private static HostTensor dataGradient(ConvProblem problem, HostTensor dy, HostTensor w) {
        HostTensor dx = HostTensor.zeros(problem.xShape());
        ReferenceConvolution.run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, false);
        return dx;
    }

    /** On integers the two agree exactly, whatever stride, padding (also negative p'), dilation, groups and dimension. */
    @Property(tries = 400)
    void isBackwardData(@ForAll("problems") ConvProblem problem, @ForAll long seed) {
        HostTensor dy = Tensors.integers(problem.yShape(), seed);
        HostTensor w = Tensors.integers(problem.wShape(), seed + 1);
        HostTensor dx = new OrdinaryForm(problem).dataGradient(dy, w, true);
        assertSameNumbers(dataGradient(problem, dy, w), dx, problem.toString());
    }

    /** Its convolution has stride 1 and no padding left, the same dilation, and exactly x's size. */
    @Property(tries = 200)
    void isAValidConvolutionWithStride1(@ForAll("problems") ConvProblem problem) {
        ConvProblem ordinary = new OrdinaryForm(problem).convolution();
        assertEquals(problem.xShape(), ordinary.yShape());
        for (int i = 0; i < problem.dimensions(); i++) {
            SpatialAxis axis = ordinary.axes().get(i);
            assertEquals(new SpatialAxis(axis.input(), axis.filter(), 1, 0, 0, problem.axes().get(i).dilation()), axis);
        }
    }

    /** Without the rotation the sizes are right and the numbers are wrong. */
    @Test
    void forgettingTheRotationShows() {
        ConvProblem problem = ConvProblem.parse("n1c2h5w6k3r3s2_sh2sw1_ph1pw0");
        HostTensor dy = Tensors.integers(problem.yShape(), 1);
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor forgotten = new OrdinaryForm(problem).dataGradient(dy, w, false);
        HostTensor dx = dataGradient(problem, dy, w);
        assertEquals(dx.shape(), forgotten.shape());
        int wrong = 0;
        for (int i = 0; i < dx.length(); i++) {
            wrong += dx.get(i) == forgotten.get(i) ? 0 : 1;
        }
        assertNotEquals(0, wrong);
    }

    /** 1 2 3 with stride 2, three taps and padding 1: the map is 0 1 0 2 0 3 0 before the end takes its one more. */
    @Test
    void theMapByHand() {
        ConvProblem problem = ConvProblem.parse("n1c1w6k1s3_sw2_pw1");
        HostTensor dy = HostTensor.of(problem.yShape(), 1f, 2f, 3f);
        HostTensor map = new OrdinaryForm(problem).map(dy);
        HostTensor expected = HostTensor.of(map.shape(), 0f, 1f, 0f, 2f, 0f, 3f, 0f, 0f);
        assertSameNumbers(expected, map, "map");
    }
}
