package io.github.jconv.cli;

import io.github.jconv.nn.data.Cifar10;
import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.nn.data.ImageFolder;
import io.github.jconv.nn.data.Mnist;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Pictures to train and to test with.
 *
 * @param training the first four fifths, or of folders four out of five, where the source has no part for training
 */
record Pictures(Dataset training, Dataset test) {

    /** What {@link #read} can read, for help texts. */
    static final String SOURCES = "Folder with MNIST files, plain or gzipped, with CIFAR-10's binary files, or with a folder of pictures"
            + " for each class, in train and test or by themselves; generated shapes unless given. Where nothing is set apart to test,"
            + " one fifth is.";

    private static final int GENERATED_SMALL = 5_000;
    private static final int GENERATED_LARGE = 200;
    private static final int SMALL_EDGE = 28;
    private static final TensorShape FOLDER_SHAPE = TensorShape.of(3, 32, 32);

    /** @param data the folder, or null for generated shapes */
    static Pictures read(Path data, TrainableModel model, long seed) throws IOException {
        Pictures pictures = data == null ? generated(model) : of(data, model);
        return new Pictures(model.examples(pictures.training, seed), model.examples(pictures.test, seed));
    }

    private static Pictures generated(TrainableModel model) {
        int edge = (int) model.pictureShape(TensorShape.of(1, SMALL_EDGE, SMALL_EDGE)).size(1);
        return inOrder(new GeneratedShapes(edge == SMALL_EDGE ? GENERATED_SMALL : GENERATED_LARGE, edge, 1));
    }

    private static Pictures of(Path data, TrainableModel model) throws IOException {
        if (Mnist.hasTraining(data)) {
            return Mnist.hasTest(data) ? new Pictures(Mnist.readTraining(data), Mnist.readTest(data))
                    : inOrder(data, Mnist.readTraining(data));
        }
        if (Mnist.hasTest(data)) {
            return inOrder(data, Mnist.readTest(data));
        }
        if (Cifar10.hasTraining(data)) {
            return Cifar10.hasTest(data) ? new Pictures(Cifar10.readTraining(data), Cifar10.readTest(data))
                    : inOrder(data, Cifar10.readTraining(data));
        }
        TensorShape shape = model.pictureShape(FOLDER_SHAPE);
        Path train = data.resolve("train");
        Path test = data.resolve("test");
        if (Files.isDirectory(train) && Files.isDirectory(test)) {
            List<String> classes = ImageFolder.classes(train);
            List<String> tested = ImageFolder.classes(test);
            if (!classes.equals(tested)) {
                throw new DataFormatException(train + " has the classes " + classes + " and " + test + " has " + tested
                        + "; they must be the same");
            }
            return new Pictures(ImageFolder.read(train, classes, shape), ImageFolder.read(test, classes, shape));
        }
        Dataset all = ImageFolder.read(data, shape);
        requireEnough(data, all);
        return new Pictures(all.where(i -> i % 5 != 4), all.where(i -> i % 5 == 4));
    }

    private static Pictures inOrder(Path data, Dataset all) throws DataFormatException {
        requireEnough(data, all);
        return inOrder(all);
    }

    private static Pictures inOrder(Dataset all) {
        return new Pictures(all.range(0, all.size() / 5 * 4), all.range(all.size() / 5 * 4, all.size()));
    }

    private static void requireEnough(Path data, Dataset all) throws DataFormatException {
        if (all.size() < 5) {
            throw new DataFormatException(data + " has " + all.size() + " pictures; allowed: 5 and up, as one fifth is set apart to test");
        }
    }
}
