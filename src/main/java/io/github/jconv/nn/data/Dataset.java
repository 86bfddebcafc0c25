package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;

/** Images with class numbers. Values lie in [0, 1]. Reading is safe from several threads and the same every time. */
public interface Dataset {

    int size();

    /** {@code [C, H, W]}. */
    TensorShape imageShape();

    /** Labels lie in {@code [0, classes)}. */
    int classes();

    /** Writes the values of one image, row-major, from {@code offset} on. */
    void image(int index, float[] into, int offset);

    int label(int index);

    /** The images from {@code begin} up to and without {@code end}, numbered from zero. */
    default Dataset range(int begin, int end) {
        if (begin < 0 || end < begin || end > size()) {
            throw new IllegalArgumentException("range " + begin + ".." + end + " of a data set of " + size() + " images");
        }
        Dataset all = this;
        return new Dataset() {
            @Override
            public int size() {
                return end - begin;
            }

            @Override
            public TensorShape imageShape() {
                return all.imageShape();
            }

            @Override
            public int classes() {
                return all.classes();
            }

            @Override
            public void image(int index, float[] into, int offset) {
                all.image(begin + index, into, offset);
            }

            @Override
            public int label(int index) {
                return all.label(begin + index);
            }
        };
    }
}
