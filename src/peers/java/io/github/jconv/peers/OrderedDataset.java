package io.github.jconv.peers;

import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;

/** A data set that notes in which order its images are read, so that somebody else can read them in the same order. */
public final class OrderedDataset implements Dataset {

    private final Dataset images;
    private int[] order = new int[1024];
    private int read;

    public OrderedDataset(Dataset images) {
        this.images = images;
    }

    /** The images read since the last call. */
    public int[] takeOrder() {
        int[] taken = Arrays.copyOf(order, read);
        read = 0;
        return taken;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public TensorShape imageShape() {
        return images.imageShape();
    }

    @Override
    public int classes() {
        return images.classes();
    }

    @Override
    public void image(int index, float[] into, int offset) {
        if (read == order.length) {
            order = Arrays.copyOf(order, 2 * read);
        }
        order[read++] = index;
        images.image(index, into, offset);
    }

    @Override
    public int label(int index) {
        return images.label(index);
    }
}
