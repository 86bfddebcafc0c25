package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;

/** Images of bytes in memory; a value is its byte divided by 255. */
final class ByteImages implements Dataset {

    private final TensorShape shape;
    private final int classes;
    private final byte[] pixels;
    private final byte[] labels;

    ByteImages(TensorShape shape, int classes, byte[] pixels, byte[] labels) {
        this.shape = shape;
        this.classes = classes;
        this.pixels = pixels;
        this.labels = labels;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public TensorShape imageShape() {
        return shape;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void image(int index, float[] into, int offset) {
        int length = (int) shape.elements();
        int from = index * length;
        for (int i = 0; i < length; i++) {
            into[offset + i] = (pixels[from + i] & 0xFF) / 255f;
        }
    }

    @Override
    public int label(int index) {
        return labels[index];
    }
}
