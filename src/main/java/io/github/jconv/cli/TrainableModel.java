package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Activation;
import io.github.jconv.nn.Loss;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.data.CodedPictures;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.FittedImages;
import io.github.jconv.nn.models.Models;
import io.github.jconv.tensor.TensorShape;
import java.util.Iterator;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The models of the command line, each with what it learns from pictures. */
enum TrainableModel {

    /** Learns the classes of pictures of any size. */
    LENET(Loss.SOFTMAX_CROSS_ENTROPY, 64, null) {
        @Override
        Network network(ConvEngine engine, long seed, Dataset images) {
            TensorShape shape = images.imageShape();
            return Models.leNet(engine, seed, shape.size(0), shape.size(1), shape.size(2), images.classes());
        }
    },

    /** Learns pictures of any size themselves. */
    AUTOENCODER(Loss.SIGMOID_CROSS_ENTROPY, 64, null) {
        @Override
        Network network(ConvEngine engine, long seed, Dataset images) {
            TensorShape shape = images.imageShape();
            return Models.autoencoder(engine, seed, shape.size(0), shape.size(1), shape.size(2));
        }
    },

    DEEP_AUTOENCODER(Loss.SIGMOID_CROSS_ENTROPY, 64, null) {
        @Override
        Network network(ConvEngine engine, long seed, Dataset images) {
            TensorShape shape = images.imageShape();
            return Models.deepAutoencoder(engine, seed, shape.size(0), shape.size(1), shape.size(2));
        }
    },

    /** Learns the classes of pictures in the size of the paper. */
    GOOGLENET(Loss.SOFTMAX_CROSS_ENTROPY, 8, TensorShape.of(3, 224, 224)) {
        @Override
        Network network(ConvEngine engine, long seed, Dataset images) {
            return Models.googLeNet(engine, seed, images.classes());
        }
    },

    /** Learns to make a picture from its code. */
    DCGAN_GENERATOR(Loss.SQUARED_ERROR, 16, TensorShape.of(3, 64, 64)) {
        @Override
        Network network(ConvEngine engine, long seed, Dataset images) {
            return Models.dcganGenerator(engine, seed);
        }
    };

    private static final int CODE = 100;

    private final Loss loss;
    private final int usualBatch;
    private final TensorShape pictureShape;

    TrainableModel(Loss loss, int usualBatch, TensorShape pictureShape) {
        this.loss = loss;
        this.usualBatch = usualBatch;
        this.pictureShape = pictureShape;
    }

    abstract Network network(ConvEngine engine, long seed, Dataset images);

    Loss loss() {
        return loss;
    }

    int usualBatch() {
        return usualBatch;
    }

    /** Whether pictures come out that can be looked at. */
    boolean makesPictures() {
        return loss != Loss.SOFTMAX_CROSS_ENTROPY;
    }

    /** Whether it takes pictures, in which its layers find something. */
    boolean takesPictures() {
        return this != DCGAN_GENERATOR;
    }

    /** The shape of the pictures that it takes, or the given one when it takes any. */
    TensorShape pictureShape(TensorShape otherwise) {
        return pictureShape == null ? otherwise : pictureShape;
    }

    /** What the model is trained with, out of pictures in any shape. */
    Dataset examples(Dataset pictures, long seed) {
        Dataset fitted = FittedImages.of(pictures, pictureShape(pictures.imageShape()));
        return this == DCGAN_GENERATOR ? new CodedPictures(fitted, CODE, seed) : fitted;
    }

    /** A value that comes out as a value of a picture, in [0, 1]. */
    double outputToPicture(double output) {
        return loss == Loss.SIGMOID_CROSS_ENTROPY ? Activation.SIGMOID.apply(output, 0) : targetToPicture(output);
    }

    /** A value that is to come out as a value of a picture, in [0, 1]. */
    double targetToPicture(double target) {
        return this == DCGAN_GENERATOR ? (target + 1) / 2 : target;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The names for help and completion. */
    static final class Names implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return Stream.of(values()).map(TrainableModel::toString).iterator();
        }
    }

    /** Those of models that take pictures. */
    static final class NamesOfTakers implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return Stream.of(values()).filter(TrainableModel::takesPictures).map(TrainableModel::toString).iterator();
        }
    }

    /** Reads a name, in which an underscore is as good as a hyphen. */
    static final class ByName implements ITypeConverter<TrainableModel> {

        @Override
        public TrainableModel convert(String text) {
            return of(text, new Names());
        }
    }

    /** The same of a model that takes pictures. */
    static final class TakerByName implements ITypeConverter<TrainableModel> {

        @Override
        public TrainableModel convert(String text) {
            TrainableModel model = of(text, new NamesOfTakers());
            if (!model.takesPictures()) {
                throw new TypeConversionException("'" + text + "' takes codes; allowed, as they take pictures: "
                        + String.join(", ", new NamesOfTakers()));
            }
            return model;
        }
    }

    private static TrainableModel of(String text, Iterable<String> allowed) {
        return Stream.of(values()).filter(model -> model.name().equalsIgnoreCase(text.replace('-', '_'))).findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is no model; allowed: " + String.join(", ", allowed)));
    }
}
