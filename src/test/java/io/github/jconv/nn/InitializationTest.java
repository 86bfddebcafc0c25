package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.convTranspose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.ConvEngine;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializationTest {

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
