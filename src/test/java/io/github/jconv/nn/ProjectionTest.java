package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.ConvEngine;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    /** Behind one convolution a projection is the filter itself, at the place of the strongest activation and as strong as that. */
    @Test
    void theFilterAppearsWhereItAnsweredThroughPoolingAndReLU() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(1, 7, 8).build(conv(2, 2, 3), relu(), maxPool(2), linear(3))) {
            Map<String, HostTensor> values = network.values();
            float[] filters = {1, 2, 3, 4, 5, 6, 0, -1, 0, 1, 0, -1};
            values.put("conv.weight", HostTensor.of(TensorShape.of(2, 1, 2, 3), filters));
            values.put("conv.bias", HostTensor.zeros(TensorShape.of(2)));
            network.setValues(values);
            HostTensor picture = HostTensor.zeros(TensorShape.of(1, 1, 7, 8));
            picture.set(3 * 8 + 4, 2);

            Projection projection = Projection.of(network, "maxPool");
            double[] strongest = projection.strongest(picture);
            assertEquals(12, strongest[0], "the largest weight, 6, times 2");
            assertEquals(2, strongest[1]);
            float[] expected = new float[56];
            for (int r = 0; r < 2; r++) {
                for (int s = 0; s < 3; s++) {
                    expected[(2 + r) * 8 + 2 + s] = 12 * filters[r * 3 + s];
                }
            }
            assertArrayEquals(expected, projection.project(picture, 0).floats());
            // The next pooling window has its largest activation two columns further on: the weight 4, times 2.
            for (int i = 0; i < filters.length / 2; i++) {
                expected[(2 + i / 3) * 8 + 4 + i % 3] += 8 * filters[i];
            }
            assertArrayEquals(expected, projection.project(picture, 0, 2).floats());
            assertEquals("activations is 0; allowed: 1 and up", assertThrows(IllegalArgumentException.class,
                    () -> projection.project(picture, 0, 0)).getMessage());
            network.parameters().forEach(p -> ((HostTensor) p.gradient()).fill(7));
            projection.project(picture, 0);
            network.parameters().forEach(p -> assertEquals(7, ((HostTensor) p.gradient()).get(0), "gradient of " + p.name()));
        }
    }

    /** Two 1x1 convolutions: what comes back is the product of the weights, but for the branch whose weight is negative. */
    @Test
    void whatAReluWouldNotPassIsCutOnTheWayBack() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(1, 1, 2).build(conv(2, 1), relu(), conv(1, 1))) {
            network.setValues(Map.of("conv.weight", HostTensor.of(TensorShape.of(2, 1, 1, 1), 3f, 5f),
                    "conv.bias", HostTensor.zeros(TensorShape.of(2)), "conv2.weight", HostTensor.of(TensorShape.of(1, 2, 1, 1), 2f, -1f),
                    "conv2.bias", HostTensor.zeros(TensorShape.of(1))));
            HostTensor picture = HostTensor.of(TensorShape.of(1, 1, 1, 2), 1f, 7f);
            assertArrayEquals(new float[] {0, (2 * 3 - 5) * 7 * 2 * 3}, Projection.of(network, "conv2").project(picture, 0).floats());
        }
    }

    @Test
    void otherLayersAreRefused() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(1, 7, 8).build(conv(2, 3), relu(), sigmoid(), conv(2, 3))) {
            assertEquals("layer is 'conv2'; allowed: conv, relu; through sigmoid behind them nothing can go back",
                    assertThrows(IllegalArgumentException.class, () -> Projection.of(network, "conv2")).getMessage());
            Projection projection = Projection.of(network, "relu");
            assertEquals("channel is 2; allowed: 0..1", assertThrows(IllegalArgumentException.class,
                    () -> projection.project(HostTensor.zeros(TensorShape.of(1, 1, 7, 8)), 2)).getMessage());
            assertEquals("the picture has shape [1, 1, 7, 7]; the network needs [1, 1, 7, 8]", assertThrows(IllegalArgumentException.class,
                    () -> projection.strongest(HostTensor.zeros(TensorShape.of(1, 1, 7, 7)))).getMessage());
        }
    }
}
