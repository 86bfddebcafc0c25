package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bound of convolutions by Fourier transforms: its numbers, and that what is wrong lies outside. */
class FourierSumsTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c4h6w9k6r3s4_ph1pw2_g2");

    /** With all elements 1 a norm is the root of their number, and every norm and length can be written down. */
    @ParameterizedTest
    @EnumSource(ConvOperation.class)
    void itIsWhatTheFormulaSays(ConvOperation operation) {
        HostTensor x = ones(PROBLEM.xShape());
        HostTensor w = ones(PROBLEM.wShape());
        HostTensor y = ones(PROBLEM.yShape());
        double[] bounds = ElementBounds.of(Accuracy.FOURIER, ConvRequest.fp32(PROBLEM, operation), x, w, y, null, true);
        double bits = Math.log(2.0 * (7 + 1) * 2.0 * (11 + 1)) / Math.log(2);
        double ofX = Math.sqrt(6 * 9);
        double ofW = Math.sqrt(3 * 4);
        double ofY = Math.sqrt(6 * 10);
        // Two channels of a group, three filters of a group, two images; tiles of at least 4 positions in y.
        long terms = operation == ConvOperation.FORWARD ? 2 : operation == ConvOperation.BACKWARD_DATA ? 3 : 2 * 2 * 3;
        double norms = switch (operation) {
            case FORWARD -> 2 * ofX * ofW;
            case BACKWARD_DATA -> 3 * ofY * ofW;
            case BACKWARD_FILTER -> 2 * ofX * ofY * 2;
        };
        double roundings = Math.ceil(26.3 * bits + Math.sqrt(2) * (2 * terms + 1) + 3);
        double ofReference = 2 * (Math.ceil(Math.pow(2, bits) * terms) + 1) * 0x1p-53;
        double expected = (roundings * 0x1p-24 / (1 - roundings * 0x1p-24) + ofReference) * norms;
        for (double bound : bounds) {
            assertEquals(expected, bound, 1e-9 * expected);
        }
    }

    private static HostTensor ones(TensorShape shape) {
        HostTensor ones = HostTensor.zeros(shape);
        ones.fill(1);
        return ones;
    }

    /** The product of one tap, in one channel, at one position. */
    @ParameterizedTest
    @ValueSource(strings = {"n1c1w900k1s65_pw32", "n1c8h20w21k8r11s9_ph5pw4_g8", "n2c3h24w20k4r9s9_ph4pw4"})
    void aProductTooManyIsFound(String line) {
        try (CpuBackend backend = new CpuBackend(2)) {
            BackendSubject right = BackendSubject.named(backend, "fft");
            assertTrue(CrossCheck.of(right).on(line).shrink(false).run().agrees());
            assertFalse(CrossCheck.of(new OneProductTooMany(right)).on(line).shrink(false).run().agrees());
        }
    }

    /** Where nothing can be said, an element may be what it likes, but not finite where the definition's is not. */
    @Test
    void norIsAnythingSaidOfWhatIsNotFinite() {
        HostTensor x = ones(PROBLEM.xShape());
        x.set(0, Double.POSITIVE_INFINITY);
        double[] bounds = ElementBounds.of(Accuracy.FOURIER, ConvRequest.fp32(PROBLEM, ConvOperation.FORWARD), x, ones(PROBLEM.wShape()),
                ones(PROBLEM.yShape()), null, true);
        int perImage = bounds.length / 2;
        assertTrue(Double.isInfinite(bounds[0]) && Double.isInfinite(bounds[perImage / 2 - 1]));
        assertTrue(Double.isFinite(bounds[perImage / 2]) && Double.isFinite(bounds[perImage]));
    }

    private record OneProductTooMany(ConvolutionUnderTest right) implements ConvolutionUnderTest {

        @Override
        public String name() {
            return "one product too many";
        }

        @Override
        public Accuracy accuracy(ConvRequest request) {
            return Accuracy.FOURIER;
        }

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            right.forward(problem, x, w, y, mode);
            add(x, w, y);
        }

        @Override
        public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
            right.backwardData(problem, dy, w, dx, mode);
            add(dy, w, dx);
        }

        @Override
        public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
            right.backwardFilter(problem, x, dy, dw, mode);
            add(x, dy, dw);
        }

        /** The largest elements of both, so that it is a product that counts. */
        private static void add(HostTensor a, HostTensor b, HostTensor out) {
            int at = out.length() / 2;
            out.set(at, out.get(at) + largest(a) * largest(b));
        }

        private static double largest(HostTensor tensor) {
            double largest = 0;
            for (int i = 0; i < tensor.length(); i++) {
                largest = Math.max(largest, Math.abs(tensor.get(i)));
            }
            return largest;
        }
    }
}
