package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Images with class numbers. Values lie in [0, 1] unless a data set says otherwise. Reading is safe from several threads and the same
 * every time.
 */
public interface Dataset {

    int size();

    /** {@code [C, H, W]}. */
    TensorShape imageShape();

    /** Labels lie in {@code [0, classes)}. */
    int classes();

    /** Writes the values of one image, row-major, from {@code offset} on. */
    void image(int index, float[] into, int offset);

    int label(int index);

    /** Whether there is something else than the image itself that a network is to make of an image. */
    default boolean hasTargets() {
        return false;
    }

    /** The shape of what a network is to make of an image; that of the image unless a data set has targets of its own. */
    default TensorShape targetShape() {
        return imageShape();
    }

    /** Writes what a network is to make of an image: the image itself, unless a data set has targets of its own. */
    default void target(int index, float[] into, int offset) {
        image(index, into, offset);
    }

    /** The images from {@code begin} up to and without {@code end}, numbered from zero. */
    default Dataset range(int begin, int end) {
        if (begin < 0 || end < begin || end > size()) {
            throw new IllegalArgumentException("range " + begin + ".." + end + " of a data set of " + size() + " images");
        }
        return new PickedImages(this, IntStream.range(begin, end).toArray());
    }

    /** The images whose numbers fulfil a condition, numbered from zero. */
    default Dataset where(IntPredicate number) {
        return new PickedImages(this, IntStream.range(0, size()).filter(number).toArray());
    }
}
