package io.github.jconv.nn.models;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.inception;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.localResponseNorm;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sequential;
import static io.github.jconv.nn.Layers.sideHead;
import static io.github.jconv.nn.Layers.sigmoid;
import static io.github.jconv.nn.Layers.tanh;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.Initialization;
import io.github.jconv.nn.LayerSpec;
import io.github.jconv.nn.Network;

/**
 * Networks from the literature, ready to train. Each is a function of the engine, the input and the seed; the layers alone can be built
 * into a network of another type or input.
 */
public final class Models {

    private Models() {
    }

    /**
     * Caffe's LeNet for digits, after LeCun et al. 1998: conv 20 5x5, pool, conv 50 5x5, pool, 500, ReLU, one output per class. 431,080
     * parameters for 28x28 grey images and ten classes.
     */
    public static Network leNet(ConvEngine engine, long seed, long channels, long height, long width, int classes) {
        return Network.on(engine, seed).input(channels, height, width).build(leNetLayers(classes));
    }

    /** The layers of {@link #leNet}. */
    public static LayerSpec[] leNetLayers(int classes) {
        return layers(conv(20, 5), maxPool(2), conv(50, 5), maxPool(2), linear(500), relu(),
                linear(classes, Initialization.GLOROT_UNIFORM));
    }

    /**
     * Convolution, sigmoid, transposed convolution: the autoencoder of the request that brought the deconvolution layer to Caffe. The last
     * sigmoid is part of the loss (sigmoid cross entropy on the logits that this network yields).
     */
    public static Network autoencoder(ConvEngine engine, long seed, long channels, long height, long width) {
        return Network.on(engine, seed).input(channels, height, width).build(autoencoderLayers(channels, height, width));
    }

    /** The layers of {@link #autoencoder}. */
    public static LayerSpec[] autoencoderLayers(long channels, long height, long width) {
        return layers(conv(16, 5).stride(2).padding(2).initialization(Initialization.GLOROT_UNIFORM), sigmoid(),
                convTranspose(channels, 5).stride(2).padding(2).outputSize(height, width)
                        .initialization(Initialization.GLOROT_UNIFORM));
    }

    /** Two strided convolutions down and two transposed ones up, each but the last with batch normalisation and ReLU. */
    public static Network deepAutoencoder(ConvEngine engine, long seed, long channels, long height, long width) {
        long halfHeight = (height + 1) / 2;
        long halfWidth = (width + 1) / 2;
        return Network.on(engine, seed).input(channels, height, width).build(
                conv(16, 3).stride(2).padding(1).withoutBias(), batchNorm(), relu(),
                conv(32, 3).stride(2).padding(1).withoutBias(), batchNorm(), relu(),
                convTranspose(16, 3).stride(2).padding(1).outputSize(halfHeight, halfWidth).withoutBias(), batchNorm(), relu(),
                convTranspose(channels, 3).stride(2).padding(1).outputSize(height, width)
                        .initialization(Initialization.GLOROT_UNIFORM));
    }

    /**
     * GoogLeNet (Szegedy et al., CVPR 2015, Table 1) for 224x224 images, with its two auxiliary classifiers weighted 0.3 behind 4a and 4d.
     */
    public static Network googLeNet(ConvEngine engine, long seed, int classes) {
        return Network.on(engine, seed).input(3, 224, 224).build(googLeNetLayers(classes));
    }

    /** The layers of {@link #googLeNet}. */
    public static LayerSpec[] googLeNetLayers(int classes) {
        return layers(conv(64, 7).stride(2).padding(3), relu(), maxPool(3).stride(2).roundUp(), responseNorm(),
                conv(64, 1), relu(), conv(192, 3).padding(1), relu(), responseNorm(), maxPool(3).stride(2).roundUp(),
                inception(64, 96, 128, 16, 32, 32),
                inception(128, 128, 192, 32, 96, 64), maxPool(3).stride(2).roundUp(),
                inception(192, 96, 208, 16, 48, 64),
                auxiliaryHead(classes),
                inception(160, 112, 224, 24, 64, 64),
                inception(128, 128, 256, 24, 64, 64),
                inception(112, 144, 288, 32, 64, 64),
                auxiliaryHead(classes),
                inception(256, 160, 320, 32, 128, 128), maxPool(3).stride(2).roundUp(),
                inception(256, 160, 320, 32, 128, 128),
                inception(384, 192, 384, 48, 128, 128),
                averagePool(7), dropout(0.4), linear(classes, Initialization.GLOROT_UNIFORM));
    }

    /**
     * The generator of DCGAN (Radford, Metz and Chintala, ICLR 2016, Figure 1): 100 numbers to a 64x64 picture through four transposed
     * convolutions of stride 2, each but the last with batch normalisation and ReLU, at the end tanh.
     */
    public static Network dcganGenerator(ConvEngine engine, long seed) {
        return Network.on(engine, seed).input(100, 1, 1).build(
                convTranspose(1024, 4).withoutBias(), batchNorm(), relu(),
                up(512), up(256), up(128),
                convTranspose(3, 4).stride(2).padding(1), tanh());
    }

    private static LayerSpec[] layers(LayerSpec... layers) {
        return layers;
    }

    private static LayerSpec up(long channels) {
        return sequential(convTranspose(channels, 4).stride(2).padding(1).withoutBias(), batchNorm(), relu());
    }

    private static LayerSpec responseNorm() {
        return localResponseNorm(5, 1e-4, 0.75, 1);
    }

    private static LayerSpec auxiliaryHead(int classes) {
        return sideHead(0.3, averagePool(5).stride(3), conv(128, 1), relu(), linear(1024), relu(), dropout(0.7),
                linear(classes, Initialization.GLOROT_UNIFORM));
    }
}
