package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/**
 * Pictures in folders, one folder for each class, in the formats of ImageIO (PNG, JPEG, GIF, BMP). Classes and pictures are numbered in
 * the order of their names; files whose names begin with a dot are passed over. A picture is scaled until it covers the wanted size, and
 * what sticks out on two sides is cut away evenly.
 */
public final class ImageFolder {

    private static final int MAX_CLASSES = 128;

    private ImageFolder() {
    }

    /** The names of the classes: of the folders in this one. */
    public static List<String> classes(Path dir) throws IOException {
        return visible(dir).stream().filter(Files::isDirectory).map(folder -> folder.getFileName().toString()).toList();
    }

    /**
     * Reads all pictures into memory.
     *
     * @param shape {@code [1 or 3, H, W]}: grey or red, green and blue
     * @throws DataFormatException naming the file, and how far it could be read, when one is damaged or no picture; also when there are
     *                             no classes or pictures, or more than fit
     */
    public static Dataset read(Path dir, TensorShape shape) throws IOException {
        return read(dir, classes(dir), shape);
    }

    /** The same with classes that are known already: the names of their folders, in the order of their numbers. */
    public static Dataset read(Path dir, List<String> classes, TensorShape shape) throws IOException {
        if (shape.rank() != 3 || shape.size(0) != 1 && shape.size(0) != 3) {
            throw new IllegalArgumentException("pictures have shape " + shape + "; allowed: [1 or 3, H, W]");
        }
        if (classes.isEmpty() || classes.size() > MAX_CLASSES) {
            throw new DataFormatException(dir + " has " + classes.size() + " folders with pictures; allowed: 1.." + MAX_CLASSES
                    + ", one for each class");
        }
        List<Path> files = new ArrayList<>();
        List<Byte> labels = new ArrayList<>();
        for (int label = 0; label < classes.size(); label++) {
            for (Path file : visible(dir.resolve(classes.get(label)))) {
                files.add(file);
                labels.add((byte) label);
            }
        }
        long bytes = files.size() * shape.elements();
        if (files.isEmpty() || bytes > Integer.MAX_VALUE - 8) {
            throw new DataFormatException(dir + " has " + files.size() + " pictures, " + bytes + " bytes at " + shape
                    + "; allowed: 1 picture and up, and " + (Integer.MAX_VALUE - 8) + " bytes");
        }
        byte[] pixels = new byte[(int) bytes];
        byte[] labelOfEach = new byte[files.size()];
        for (int i = 0; i < files.size(); i++) {
            labelOfEach[i] = labels.get(i);
            store(fitted(picture(files.get(i)), (int) shape.size(2), (int) shape.size(1)), pixels, i * (int) shape.elements(),
                    shape.size(0) == 3);
        }
        return new ByteImages(shape, classes.size(), pixels, labelOfEach);
    }

    private static List<Path> visible(Path dir) throws IOException {
        if (!Files.exists(dir)) {
            throw new NoSuchFileException(dir.toString());
        }
        if (!Files.isDirectory(dir)) {
            throw new NotDirectoryException(dir.toString());
        }
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString())).toList();
        }
    }

    private static BufferedImage picture(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (!Files.isRegularFile(file)) {
            throw new DataFormatException(file + " is " + (Files.isDirectory(file) ? "a folder" : "no file") + "; expected a picture");
        }
        try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataFormatException(file + ": begins like no picture of a known format at offset 0");
            }
            ImageReader reader = readers.next();
            List<String> warnings = new ArrayList<>();
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            reader.setInput(in, true, true);
            try {
                BufferedImage picture = reader.read(0);
                // Of a JPEG that is cut off, the reader makes up the rest and only warns.
                if (!warnings.isEmpty()) {
                    throw new IOException(warnings.get(0));
                }
                return picture;
            } catch (IOException | RuntimeException e) {
                throw new DataFormatException(file + ": damaged or cut off near offset " + in.getStreamPosition() + ": "
                        + e.getMessage(), e);
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
    }

    /** The middle of the picture in the wanted size, without transparency. */
    private static BufferedImage fitted(BufferedImage picture, int width, int height) {
        double factor = Math.max(width / (double) picture.getWidth(), height / (double) picture.getHeight());
        // Cut before it is scaled: what is not wanted of a long and narrow picture would become very large.
        int cutWidth = (int) Math.max(1, Math.min(picture.getWidth(), Math.round(width / factor)));
        int cutHeight = (int) Math.max(1, Math.min(picture.getHeight(), Math.round(height / factor)));
        BufferedImage middle = opaque(picture.getSubimage((picture.getWidth() - cutWidth) / 2, (picture.getHeight() - cutHeight) / 2,
                cutWidth, cutHeight));
        if (cutWidth == width && cutHeight == height) {
            return middle;
        }
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        draw(middle.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), result);
        return result;
    }

    /** The picture on black. */
    private static BufferedImage opaque(BufferedImage picture) {
        BufferedImage result = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        if (isGrey(picture.getColorModel())) {
            copyGrey(picture, result);
        } else {
            draw(picture, result);
        }
        return result;
    }

    private static boolean isGrey(ColorModel model) {
        return model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && (model.getTransferType() == DataBuffer.TYPE_BYTE || model.getTransferType() == DataBuffer.TYPE_USHORT);
    }

    /** Sample by sample: Java's own conversion takes grey for linear light, and makes 188 of 128 when it scales. */
    private static void copyGrey(BufferedImage picture, BufferedImage result) {
        ColorModel model = picture.getColorModel();
        Raster samples = picture.getRaster();
        double largest = (1 << model.getComponentSize(0)) - 1;
        boolean transparent = model.hasAlpha() && !model.isAlphaPremultiplied();
        double most = transparent ? (1 << model.getComponentSize(1)) - 1 : 1;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                double share = transparent ? samples.getSample(x, y, 1) / most : 1;
                int grey = (int) Math.round(255 * samples.getSample(x, y, 0) / largest * share);
                result.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
    }

    private static void draw(Image picture, BufferedImage on) {
        Graphics2D graphics = on.createGraphics();
        try {
            graphics.drawImage(picture, 0, 0, null);
        } finally {
            graphics.dispose();
        }
    }

    private static void store(BufferedImage picture, byte[] pixels, int at, boolean colour) {
        int width = picture.getWidth();
        int plane = width * picture.getHeight();
        for (int i = 0; i < plane; i++) {
            int rgb = picture.getRGB(i % width, i / width);
            int red = rgb >> 16 & 0xFF;
            int green = rgb >> 8 & 0xFF;
            int blue = rgb & 0xFF;
            if (colour) {
                pixels[at + i] = (byte) red;
                pixels[at + plane + i] = (byte) green;
                pixels[at + 2 * plane + i] = (byte) blue;
            } else {
                // The luma of ITU-R BT.601.
                pixels[at + i] = (byte) Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
            }
        }
    }
}
