package io.github.jconv.testing;

import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.TensorShape;

/** Data sets for tests. */
public final class Datasets {

    private Datasets() {
    }

    /** What happens to an image when it is asked for. */
    public interface Hook {

        /** @param offset where in {@code into} the image begins */
        void image(int index, float[] into, int offset);
    }

    /** The same images and labels, with something done to each image behind its copy. */
    public static Dataset with(Dataset data, Hook hook) {
        return new Dataset() {
            @Override
            public int size() {
                return data.size();
            }

            @Override
            public TensorShape imageShape() {
                return data.imageShape();
            }

            @Override
            public int classes() {
                return data.classes();
            }

            @Override
            public void image(int index, float[] into, int offset) {
                data.image(index, into, offset);
                hook.image(index, into, offset);
            }

            @Override
            public int label(int index) {
                return data.label(index);
            }
        };
    }
}
