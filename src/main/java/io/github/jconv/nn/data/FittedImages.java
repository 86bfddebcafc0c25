package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;

/**
 * The images of a data set in another size and number of channels: interpolated between the nearest four values, grey repeated for every
 * colour and colours averaged to grey.
 */
public final class FittedImages implements Dataset {

    private final Dataset images;
    private final TensorShape shape;

    private FittedImages(Dataset images, TensorShape shape) {
        this.images = images;
        this.shape = shape;
    }

    /** @param shape {@code [1 or 3, H, W]} */
    public static Dataset of(Dataset images, TensorShape shape) {
        if (shape.rank() != 3 || shape.size(0) != 1 && shape.size(0) != 3) {
            throw new IllegalArgumentException("images are to have shape " + shape + "; allowed: [1 or 3, H, W]");
        }
        return images.imageShape().equals(shape) ? images : new FittedImages(images, shape);
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public TensorShape imageShape() {
        return shape;
    }

    @Override
    public int classes() {
        return images.classes();
    }

    @Override
    public int label(int index) {
        return images.label(index);
    }

    @Override
    public void image(int index, float[] into, int offset) {
        TensorShape from = images.imageShape();
        float[] source = new float[(int) from.elements()];
        images.image(index, source, 0);
        int plane = (int) (shape.size(1) * shape.size(2));
        for (int c = 0; c < shape.size(0); c++) {
            for (int y = 0; y < shape.size(1); y++) {
                for (int x = 0; x < shape.size(2); x++) {
                    into[offset + c * plane + y * (int) shape.size(2) + x] = value(source, from, c, y, x);
                }
            }
        }
    }

    private float value(float[] source, TensorShape from, int channel, int y, int x) {
        double atY = position(y, shape.size(1), from.size(1));
        double atX = position(x, shape.size(2), from.size(2));
        int channels = (int) from.size(0);
        if (channels == shape.size(0)) {
            return (float) interpolated(source, from, channel, atY, atX);
        }
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            sum += interpolated(source, from, c, atY, atX);
        }
        return (float) (sum / channels);
    }

    /** Where the middle of a pixel of the new size lies in the old one, kept between the middles of its first and last pixel. */
    private static double position(int pixel, long size, long from) {
        return Math.min(from - 1.0, Math.max(0, (pixel + 0.5) * from / size - 0.5));
    }

    private static double interpolated(float[] source, TensorShape from, int channel, double atY, double atX) {
        int height = (int) from.size(1);
        int width = (int) from.size(2);
        int top = (int) atY;
        int left = (int) atX;
        int below = Math.min(height - 1, top + 1);
        int right = Math.min(width - 1, left + 1);
        int plane = channel * height * width;
        double upper = mix(source[plane + top * width + left], source[plane + top * width + right], atX - left);
        double lower = mix(source[plane + below * width + left], source[plane + below * width + right], atX - left);
        return mix(upper, lower, atY - top);
    }

    private static double mix(double a, double b, double share) {
        return a + share * (b - a);
    }
}
