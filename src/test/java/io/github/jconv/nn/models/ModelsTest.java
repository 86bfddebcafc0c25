package io.github.jconv.nn.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.nn.Concat;
import io.github.jconv.nn.Layer;
import io.github.jconv.nn.Mode;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Parameter;
import io.github.jconv.nn.SideHead;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelsTest {

    @Test
    void leNetHasCaffesParameters() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            assertEquals(431_080, Models.leNet(engine, 1, 1, 28, 28, 10).parameterCount());
        }
    }

    /**
     * Table 1 of the paper prints parameters in units of 1024 and multiplications in millions, rounded now up, now down. Where a printed
     * figure does not follow from the widths in its own row ({@code ProblemSuitesTest} has the list), none is asked for here.
     */
    @Test
    void googLeNetsModulesHaveThePapersParametersAndOperations() {
        Integer[] parameters = {159, 380, null, 437, null, null, null, null, null};
        Integer[] operations = {128, 304, 73, 88, 100, 119, 170, null, 71};
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            Network network = Models.googLeNet(engine, 1, 1000);
            List<Layer> modules = network.layers().stream().filter(Concat.class::isInstance).toList();
            for (int i = 0; i < parameters.length; i++) {
                if (parameters[i] != null) {
                    assertEquals(parameters[i], weights(modules.get(i)) / 1024.0, 1, modules.get(i).name());
                }
                if (operations[i] != null) {
                    assertEquals(operations[i], modules.get(i).macsPerImage() / 1e6, 1, modules.get(i).name());
                }
            }
            long suite = ProblemSuites.googlenet().problems().stream().mapToLong(ConvProblem::macs).sum();
            long heads = network.sideHeads().stream().mapToLong(Layer::macsPerImage).sum();
            assertEquals(suite + 1024 * 1000, network.root().macsPerImage() - heads);
            assertEquals(List.of("[256, 28, 28]", "[480, 28, 28]", "[512, 14, 14]", "[512, 14, 14]", "[512, 14, 14]", "[528, 14, 14]",
                    "[832, 14, 14]", "[832, 7, 7]", "[1024, 7, 7]"),
                    modules.stream().map(module -> module.outputShape().toString()).toList());
            assertEquals(2, network.sideHeads().size());
            assertTrue(network.sideHeads().stream().allMatch(head -> head.weight() == 0.3));
            assertEquals(List.of("[512, 14, 14]", "[528, 14, 14]"),
                    network.sideHeads().stream().map(SideHead::inputShape).map(TensorShape::toString).toList());
        }
    }

    @Test
    void theDcganGeneratorMakesPicturesFromNumbers() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(2).open()) {
            Network generator = Models.dcganGenerator(engine, 1);
            assertEquals(TensorShape.of(3, 64, 64), generator.outputShape());
            HostTensor z = HostTensor.zeros(TensorShape.of(2, 100, 1, 1));
            for (int i = 0; i < z.length(); i++) {
                z.set(i, CounterRandom.normal(1, 0, i));
            }
            Tensor pictures = generator.forward(z, Mode.TRAINING);
            generator.zeroGradients();
            HostTensor ones = HostTensor.zeros(pictures.shape());
            ones.fill(1);
            generator.backward(ones);
            for (Parameter parameter : generator.parameters()) {
                HostTensor squares = HostTensor.zeros(DataType.FLOAT64, TensorShape.of(1));
                engine.networkOps().addSumOfSquares(parameter.gradient(), squares);
                assertTrue(squares.get(0) > 0 && Double.isFinite(squares.get(0)), parameter.name());
            }
        }
    }

    @Test
    void theAutoencodersRestoreOddSizesToo() {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open()) {
            for (long width : new long[] {27, 28, 29, 30}) {
                TensorShape image = TensorShape.of(1, 28, width);
                assertEquals(image, Models.autoencoder(engine, 1, 1, 28, width).outputShape());
                assertEquals(image, Models.deepAutoencoder(engine, 1, 1, 28, width).outputShape());
            }
        }
    }

    private static long weights(Layer module) {
        return module.parameters().stream().filter(p -> p.name().endsWith(".weight")).mapToLong(p -> p.value().shape().elements()).sum();
    }
}
