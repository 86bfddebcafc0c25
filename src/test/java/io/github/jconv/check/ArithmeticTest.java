package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A subject is judged by the arithmetic that it declares: what one of them allows, another one convicts. */
class ArithmeticTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2");

    /** The definition, with operands cut to TF32, or with errors of a size relative to the largest result. */
    private record Inexact(Accuracy declared, boolean tf32, double error) implements ConvolutionUnderTest {

        @Override
        public Accuracy accuracy(ConvRequest request) {
            return declared;
        }

        @Override
        public void run(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            HostTensor output = operation.outputOf(x, w, y);
            HostTensor before = output.copy();
            ReferenceConvolution.run(problem, operation, operand(x, output), operand(w, output), operand(y, output), false);
            double largest = 0;
            for (int i = 0; i < output.length(); i++) {
                largest = Math.max(largest, Math.abs(output.get(i)));
            }
            for (int i = 0; i < output.length(); i++) {
                double result = error == 0 ? output.get(i) : output.get(i) + (i % 3 - 1) * error * largest;
                output.set(i, mode == WriteMode.ACCUMULATE ? result + before.get(i) : result);
            }
        }

        private HostTensor operand(HostTensor tensor, HostTensor output) {
            if (!tf32 || tensor == output) {
                return tensor;
            }
            HostTensor cut = tensor.copy();
            for (int i = 0; i < cut.length(); i++) {
                cut.set(i, Float.intBitsToFloat(Float.floatToRawIntBits((float) cut.get(i)) & 0xffffe000));
            }
            return cut;
        }

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            run(problem, ConvOperation.FORWARD, x, w, y, mode);
        }

        @Override
        public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
            run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, mode);
        }

        @Override
        public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
            run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, mode);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SUM_OF_PRODUCTS, false, 0, true",
        "SUM_OF_PRODUCTS, true, 0, false",
        "SUM_OF_PRODUCTS, false, 1e-5, false",
        "TF32_PRODUCTS, true, 0, true",
        "TF32_PRODUCTS, false, 1e-5, false",
        "FOURIER, false, 0, true",
        "FOURIER, false, 1e-3, false",
        "FOURIER, true, 0, false",
        "TRANSFORMED, false, 0, true",
        "TRANSFORMED, false, 1e-5, true",
        "TRANSFORMED, false, 1e-3, false",
        "TRANSFORMED, true, 0, false"})
    void whatIsDeclaredIsWhatIsAllowed(Accuracy declared, boolean tf32, double error, boolean agrees) {
        CheckReport report = CrossCheck.of(new Inexact(declared, tf32, error)).on(PROBLEM).shrink(false).run();
        assertEquals(agrees, report.agrees(), report::toString);
        assertTrue(report.checks() > 0);
    }
}
