package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializationTest {

    /**
     * The mean of n weights lies within five of its standard deviations of zero, their mean square within five of its own of the variance
     * that the paper asks for, and no uniform weight beyond its limit.
     */
    @ParameterizedTest
    @CsvSource({"GLOROT_UNIFORM, 6, 36, 288", "HE_UNIFORM, 6, 36, 0", "HE_NORMAL, 2, 36, 0"})
    void weightsHaveTheirVariance(Initialization rule, double numerator, double fanIn, double fanOut) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(8, 6, 7).build(
                        conv(64, 3).groups(2).initialization(rule), conv(64, 3).groups(2).initialization(rule))) {
            HostTensor weight = network.values().get("conv.weight");
            int n = weight.length();
            assertEquals(64 * 4 * 9, n);
            double limit = Math.sqrt(numerator / (fanIn + fanOut));
            boolean normal = rule == Initialization.HE_NORMAL;
            double variance = normal ? limit * limit : limit * limit / 3;
            double largest = 0;
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < n; i++) {
                largest = Math.max(largest, Math.abs(weight.get(i)));
                sum += weight.get(i);
                squares += weight.get(i) * weight.get(i);
            }
            assertEquals(0, sum / n, 5 * Math.sqrt(variance / n));
            // Of squares, a normal number has the variance 2 sigma^4, a uniform one 4/45 limit^4.
            assertEquals(variance, squares / n, 5 * limit * limit * Math.sqrt((normal ? 2 : 4.0 / 45) / n));
            assertTrue(normal || largest <= limit * (1 + 0x1p-24), () -> "above the limit " + limit);
            assertNotEquals(weight.get(0), network.values().get("conv2.weight").get(0));
            assertEquals(0, network.values().get("conv.bias").get(0));
        }
    }

    /** A plane that rises evenly is reproduced between its points, by a dense layer and by a depthwise one. */
    @ParameterizedTest
    @CsvSource({"2, 1", "3, 1", "4, 1", "2, 2", "3, 2"})
    void bilinearWeightsInterpolate(int factor, int groups) {
        int padding = factor / 2;
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(2, 6, 7).build(convTranspose(2, 2 * factor - factor % 2).stride(factor)
                        .padding(padding).groups(groups).initialization(Initialization.BILINEAR))) {
            HostTensor x = HostTensor.zeros(TensorShape.of(1, 2, 6, 7));
            for (int i = 0; i < x.length(); i++) {
                x.set(i, plane(i / 42, i / 7 % 6, i % 7));
            }
            Tensor y = network.forward(x, Mode.INFERENCE);
            TensorShape shape = y.shape();
            // Where the neighbours are whole: the edges mix with the zeros outside.
            for (int c = 0; c < 2; c++) {
                for (int p = factor; p < 5 * factor; p++) {
                    for (int q = factor; q < 6 * factor; q++) {
                        double want = plane(c, (p + 0.5) / factor - 0.5, (q + 0.5) / factor - 0.5);
                        assertEquals(want, ((HostTensor) y).get((c * shape.size(2) + p) * shape.size(3) + q), 1e-5);
                    }
                }
            }
        }
    }

    private static double plane(int channel, double row, double column) {
        return (channel == 0 ? 1 : -3) + 0.5 * row - 0.25 * column;
    }
}
