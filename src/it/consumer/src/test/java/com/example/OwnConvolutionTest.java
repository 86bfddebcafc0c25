package com.example;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.junit.CaseUnderTest;
import io.github.jconv.check.junit.ConvolutionCase;
import io.github.jconv.check.junit.RandomConvolutions;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;

/** A convolution of the program's own under the harness of the library. */
class OwnConvolutionTest {

    private static class Own implements ConvolutionUnderTest {

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            ReferenceConvolution.run(problem, ConvOperation.FORWARD, x, w, y, mode == WriteMode.ACCUMULATE);
        }

        @Override
        public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
            ReferenceConvolution.run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, mode == WriteMode.ACCUMULATE);
        }

        @Override
        public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
            ReferenceConvolution.run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, mode == WriteMode.ACCUMULATE);
        }
    }

    @ConvolutionCase("n2c6h7w9k4r3s2_sh2sw1_ph1:0")
    @ConvolutionCase("n1c5w40k5s7_g5")
    @RandomConvolutions(5)
    void agrees(CaseUnderTest each) {
        each.assertAgrees(new Own());
    }

    @ConvolutionCase("n1c2h5w4k3r3s2")
    void aWrongOneIsFound(CaseUnderTest each) {
        assertThrows(AssertionError.class, () -> each.assertAgrees(new Own() {
            @Override
            public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
                super.forward(problem, x, w, y, mode);
                y.set(0, y.get(0) + 1);
            }
        }));
    }
}
