package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Colour pictures of ten kinds of things in the binary format of CIFAR-10 (Krizhevsky 2009): {@code data_batch_1.bin} to
 * {@code data_batch_5.bin} and {@code test_batch.bin}.
 *
 * <p>A file is a row of records of 3,073 bytes: the label, then 32x32 bytes of red, of green and of blue, row by row.
 */
public final class Cifar10 {

    private static final int CLASSES = 10;
    private static final int TRAINING_FILES = 5;
    private static final TensorShape SHAPE = TensorShape.of(3, 32, 32);
    private static final int PIXELS = (int) SHAPE.elements();
    private static final int RECORD = 1 + PIXELS;

    private Cifar10() {
    }

    /** Reads those of the five training files that are there, at least one. */
    public static Dataset readTraining(Path dir) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 1; i <= TRAINING_FILES; i++) {
            Path file = trainingFile(dir, i);
            if (Files.exists(file)) {
                files.add(file);
            }
        }
        if (files.isEmpty()) {
            throw new NoSuchFileException(trainingFile(dir, 1).toString());
        }
        return read(files);
    }

    /** Reads the test file. */
    public static Dataset readTest(Path dir) throws IOException {
        return read(List.of(testFile(dir)));
    }

    /** Whether the directory holds the test file. */
    public static boolean hasTest(Path dir) {
        return Files.exists(testFile(dir));
    }

    /** Whether the directory holds at least one of the training files. */
    public static boolean hasTraining(Path dir) {
        for (int i = 1; i <= TRAINING_FILES; i++) {
            if (Files.exists(trainingFile(dir, i))) {
                return true;
            }
        }
        return false;
    }

    private static Path testFile(Path dir) {
        return dir.resolve("test_batch.bin");
    }

    private static Path trainingFile(Path dir, int number) {
        return dir.resolve("data_batch_" + number + ".bin");
    }

    private static Dataset read(List<Path> files) throws IOException {
        long images = 0;
        for (Path file : files) {
            images += requireWholeRecords(file);
        }
        if (images * PIXELS > Integer.MAX_VALUE - 8) {
            throw new DataFormatException(files + ": " + images + " pictures; allowed: up to " + Integer.MAX_VALUE / PIXELS);
        }
        byte[] pixels = new byte[(int) images * PIXELS];
        byte[] labels = new byte[(int) images];
        int image = 0;
        for (Path file : files) {
            byte[] bytes = bytes(file);
            for (int at = 0; at + RECORD <= bytes.length && image < labels.length; at += RECORD, image++) {
                if (bytes[at] < 0 || bytes[at] >= CLASSES) {
                    throw new DataFormatException(file + ": label " + (bytes[at] & 0xFF) + " at offset " + at + "; allowed: 0.."
                            + (CLASSES - 1));
                }
                labels[image] = bytes[at];
                System.arraycopy(bytes, at + 1, pixels, image * PIXELS, PIXELS);
            }
        }
        return new ByteImages(SHAPE, CLASSES, pixels, labels);
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
    }

    private static long requireWholeRecords(Path file) throws IOException {
        long size = Files.size(file);
        if (size == 0 || size % RECORD != 0) {
            throw new DataFormatException(file + ": cut off at offset " + size + "; its pictures take " + RECORD + " bytes each, and "
                    + (size == 0 ? "there is none" : "the last one lacks " + (RECORD - size % RECORD)));
        }
        return size / RECORD;
    }
}
