package io.github.jconv.peers;

import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.TensorShape;

/** A data set whose images are in memory as numbers, so that reading them is not what is timed. */
final class CachedDataset implements Dataset {

    private final Dataset images;
    private final int length;
    private final float[] values;

    CachedDataset(Dataset images) {
        this.images = images;
        this.length = (int) images.imageShape().elements();
        this.values = new float[Math.multiplyExact(images.size(), length)];
        for (int i = 0; i < images.size(); i++) {
            images.image(i, values, i * length);
        }
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
        System.arraycopy(values, index * length, into, offset, length);
    }

    @Override
    public int label(int index) {
        return images.label(index);
    }
}
