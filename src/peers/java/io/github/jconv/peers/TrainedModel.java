package io.github.jconv.peers;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.LayerSpec;
import io.github.jconv.nn.Loss;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.models.Models;
import io.github.jconv.tensor.DataType;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** The models of {@link Models} that are trained side by side, written once more in PyTorch; parameters have JConv's names. */
public enum TrainedModel {

    LENET(Loss.SOFTMAX_CROSS_ENTROPY) {
        @Override
        LayerSpec[] layers(Dataset data) {
            return Models.leNetLayers(data.classes());
        }

        @Override
        Tensor output(Map<String, Tensor> p, Tensor x) {
            Tensor features = torch.max_pool2d(convolution(p, "conv", x), 2, 2);
            features = torch.max_pool2d(convolution(p, "conv2", features), 2, 2);
            return linear(p, "linear2", torch.relu(linear(p, "linear", features)));
        }

        @Override
        Tensor loss(Map<String, Tensor> p, Tensor x, Tensor labels) {
            return torch.cross_entropy_loss(output(p, x), labels);
        }
    },

    AUTOENCODER(Loss.SIGMOID_CROSS_ENTROPY) {
        @Override
        LayerSpec[] layers(Dataset data) {
            return Models.autoencoderLayers(data.imageShape().size(0), data.imageShape().size(1), data.imageShape().size(2));
        }

        @Override
        Tensor output(Map<String, Tensor> p, Tensor x) {
            Tensor code = torch.sigmoid(torch.conv2d(x, p.get("conv.weight"), new TensorOptional(p.get("conv.bias")),
                    TWO, TWO, ONE, 1));
            long[] outputPadding = {(x.size(2) + 1) % 2, (x.size(3) + 1) % 2};
            return torch.conv_transpose2d(code, p.get("convTranspose.weight"), new TensorOptional(p.get("convTranspose.bias")),
                    TWO, TWO, outputPadding, 1, ONE);
        }

        @Override
        Tensor loss(Map<String, Tensor> p, Tensor x, Tensor labels) {
            Tensor sum = torch.binary_cross_entropy_with_logits(output(p, x), x, new TensorOptional(), new TensorOptional(),
                    SUM_OF_ALL);
            return sum.div(new Scalar((double) x.size(0)));
        }
    };

    private static final long[] ONE = {1, 1};
    private static final long[] TWO = {2, 2};
    private static final long SUM_OF_ALL = 2;

    private final Loss loss;

    TrainedModel(Loss loss) {
        this.loss = loss;
    }

    /** What JConv trains it with. */
    public Loss loss() {
        return loss;
    }

    /** The model in JConv. */
    public Network network(ConvEngine engine, long seed, Dataset data, DataType type) {
        return Network.on(engine, seed).type(type).input(data.imageShape().sizes()).build(layers(data));
    }

    abstract LayerSpec[] layers(Dataset data);

    abstract Tensor output(Map<String, Tensor> parameters, Tensor x);

    /** The mean loss of a batch. */
    abstract Tensor loss(Map<String, Tensor> parameters, Tensor x, Tensor labels);

    private static Tensor convolution(Map<String, Tensor> p, String layer, Tensor x) {
        return torch.conv2d(x, p.get(layer + ".weight"), new TensorOptional(p.get(layer + ".bias")), ONE, new long[] {0, 0}, ONE, 1);
    }

    /** A fully connected layer, whose weight JConv keeps as a filter as large as its input. */
    private static Tensor linear(Map<String, Tensor> p, String layer, Tensor x) {
        return torch.linear(torch.flatten(x, 1, -1), torch.flatten(p.get(layer + ".weight"), 1, -1),
                new TensorOptional(p.get(layer + ".bias")));
    }
}
