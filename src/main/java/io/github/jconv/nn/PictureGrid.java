package io.github.jconv.nn;

import io.github.jconv.nn.data.FileFailures;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Required;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Pictures side by side in a PNG file, for people to look at. */
public final class PictureGrid {

    private static final int GAP = 2;
    private static final int GROUND = 0x808080;
    private static final int SMALLEST_EDGE = 56;

    private PictureGrid() {
    }

    /**
     * Writes the images of each tensor as one row of pictures; small ones are enlarged by a whole factor.
     *
     * @param rows one and up: tensors {@code [N, C, H, W]} of one shape with C = 1 (grey) or 3 (red, green, blue); values from 0 to 1,
     *             others clipped
     */
    public static void write(List<HostTensor> rows, Path file) throws IOException {
        if (Required.eachGiven(rows, "rows").isEmpty()) {
            throw new IllegalArgumentException("rows are none; allowed: 1 and up");
        }
        HostTensor first = rows.get(0);
        if (first.shape().rank() != 4 || first.shape().size(1) != 1 && first.shape().size(1) != 3) {
            throw new IllegalArgumentException("pictures have shape " + first.shape() + "; allowed: [N, 1 or 3, H, W]");
        }
        int height = (int) first.shape().size(2);
        int width = (int) first.shape().size(3);
        int factor = Math.max(1, (SMALLEST_EDGE + Math.min(height, width) - 1) / Math.min(height, width));
        int columns = (int) first.shape().size(0);
        BufferedImage image = new BufferedImage(GAP + columns * (width * factor + GAP), GAP + rows.size() * (height * factor + GAP),
                BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, GROUND);
            }
        }
        for (int row = 0; row < rows.size(); row++) {
            if (!rows.get(row).shape().equals(first.shape())) {
                throw new IllegalArgumentException("rows of pictures have shapes " + first.shape() + " and " + rows.get(row).shape());
            }
            for (int n = 0; n < columns; n++) {
                draw(rows.get(row), n, factor, image, GAP + n * (width * factor + GAP), GAP + row * (height * factor + GAP));
            }
        }
        // Not to the file itself: ImageIO prints a stack trace when it cannot open one.
        try (OutputStream out = Files.newOutputStream(file)) {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
    }

    private static void draw(HostTensor pictures, int n, int factor, BufferedImage image, int left, int top) {
        int channels = (int) pictures.shape().size(1);
        int height = (int) pictures.shape().size(2);
        int width = (int) pictures.shape().size(3);
        for (int y = 0; y < height * factor; y++) {
            for (int x = 0; x < width * factor; x++) {
                int colour = 0;
                for (int c = 0; c < 3; c++) {
                    long plane = (long) n * channels + (channels == 1 ? 0 : c);
                    double value = pictures.get((plane * height + y / factor) * width + x / factor);
                    colour = colour << 8 | (int) Math.round(255 * Math.min(1, Math.max(0, value)));
                }
                image.setRGB(left + x, top + y, colour);
            }
        }
    }
}
