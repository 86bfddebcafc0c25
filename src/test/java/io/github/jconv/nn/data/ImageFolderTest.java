package io.github.jconv.nn.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.TensorShape;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {

    @TempDir
    private Path dir;

    /** A picture whose left half has one colour and whose right half has another. */
    private Path write(String name, int width, int height, int left, int right) throws IOException {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            picture.setRGB(i % width, i / width, i % width < width / 2 ? left : right);
        }
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(picture, name.substring(name.lastIndexOf('.') + 1), file.toFile());
        return file;
    }

    @Test
    void foldersAreClassesInTheOrderOfTheirNames() throws IOException {
        write("fox/b.png", 6, 4, 0xFF8000, 0x0000FF);
        write("fox/a.bmp", 6, 4, 0x000000, 0xFFFFFF);
        write("cat/z.png", 6, 4, 0x336699, 0x336699);
        Files.writeString(dir.resolve("cat/.hidden"), "");
        Dataset images = ImageFolder.read(dir, TensorShape.of(3, 4, 6));
        assertEquals(List.of("cat", "fox"), ImageFolder.classes(dir));
        assertEquals(2, images.classes());
        assertEquals(List.of(0, 1, 1), List.of(images.label(0), images.label(1), images.label(2)));
        float[] values = new float[72];
        images.image(2, values, 0);
        assertEquals(List.of(1f, 128 / 255f, 0f), List.of(values[0], values[24], values[48]));
        assertEquals(List.of(0f, 0f, 1f), List.of(values[5], values[29], values[53]));
    }

    @Test
    void picturesAreScaledAndTheirMiddleIsTaken() throws IOException {
        write("a/wide.png", 40, 10, 0xFFFFFF, 0x000000);
        Dataset images = ImageFolder.read(dir, TensorShape.of(1, 5, 6));
        float[] values = new float[30];
        images.image(0, values, 0);
        for (int i = 0; i < 30; i++) {
            assertEquals(i % 6 < 3 ? 1 : 0, values[i], "pixel " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void aPictureThatIsCutOffIsRefused(String format) throws IOException {
        Path file = write("a/picture." + format, 64, 48, 0x336699, 0xAA0011);
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(1, ImageFolder.read(dir, TensorShape.of(3, 8, 8)).size());
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        String message = message();
        assertTrue(message.startsWith(file + ": damaged or cut off near offset "), message);
        Files.writeString(file, "no picture");
        assertEquals(file + ": begins like no picture of a known format at offset 0", message());
    }

    @Test
    void foldersWithoutPicturesAreRefused() throws IOException {
        assertEquals(dir + " has 0 folders with pictures; allowed: 1..128, one for each class", message());
        Files.createDirectories(dir.resolve("a/b"));
        assertEquals(dir.resolve("a/b") + " is a folder; expected a picture", message());
        assertThrows(NoSuchFileException.class, () -> ImageFolder.read(dir.resolve("missing"), TensorShape.of(3, 8, 8)));
        assertThrows(IllegalArgumentException.class, () -> ImageFolder.read(dir, TensorShape.of(2, 8, 8)));
    }

    private String message() {
        return assertThrows(DataFormatException.class, () -> ImageFolder.read(dir, TensorShape.of(3, 8, 8))).getMessage();
    }

    /** A picture of one grey value, of a type and with an opacity. */
    private void writeGrey(String name, int edge, int type, double value, double opacity) throws IOException {
        int dataType = type == BufferedImage.TYPE_USHORT_GRAY ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE;
        int largest = dataType == DataBuffer.TYPE_USHORT ? 65535 : 255;
        boolean transparent = opacity < 1;
        ColorModel model = new ComponentColorModel(ColorSpace.getInstance(ColorSpace.CS_GRAY), transparent, false,
                transparent ? Transparency.TRANSLUCENT : Transparency.OPAQUE, dataType);
        WritableRaster samples = model.createCompatibleWritableRaster(edge, edge);
        for (int i = 0; i < edge * edge; i++) {
            samples.setSample(i % edge, i / edge, 0, value * largest);
            if (transparent) {
                samples.setSample(i % edge, i / edge, 1, opacity * largest);
            }
        }
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(new BufferedImage(model, samples, false, null), "png", file.toFile());
    }

    /** Grey is the number in the file, whether the picture is scaled or not. */
    @Test
    void greyStaysTheNumberThatItIs() throws IOException {
        for (int edge : new int[] {8, 16, 4, 11}) {
            writeGrey(edge + "/8.png", edge, BufferedImage.TYPE_BYTE_GRAY, 128 / 255.0, 1);
            writeGrey(edge + "/16.png", edge, BufferedImage.TYPE_USHORT_GRAY, 128 / 255.0, 1);
            writeGrey(edge + "/t8.png", edge, BufferedImage.TYPE_BYTE_GRAY, 1, 128 / 255.0);
            writeGrey(edge + "/t16.png", edge, BufferedImage.TYPE_USHORT_GRAY, 1, 128 / 255.0);
            write(edge + "/colours.png", edge, edge, 0x808080, 0x808080);
        }
        for (int channels : new int[] {1, 3}) {
            Dataset images = ImageFolder.read(dir, TensorShape.of(channels, 8, 8));
            assertEquals(20, images.size());
            for (int i = 0; i < images.size(); i++) {
                float[] values = new float[channels * 64];
                images.image(i, values, 0);
                for (float value : values) {
                    assertEquals(128 / 255f, value, "picture " + i);
                }
            }
        }
    }

    /** Scaled as a whole, it would take 4 GiB. */
    @Test
    void ofALongAndNarrowPictureTheMiddleIsScaled() throws IOException {
        BufferedImage picture = new BufferedImage(1_000_000, 1, BufferedImage.TYPE_BYTE_BINARY);
        picture.setRGB(500_000, 0, 0xFFFFFF);
        Files.createDirectories(dir.resolve("a"));
        ImageIO.write(picture, "png", dir.resolve("a/long.png").toFile());
        Dataset images = ImageFolder.read(dir, TensorShape.of(1, 32, 64));
        float[] values = new float[32 * 64];
        images.image(0, values, 0);
        for (int i = 0; i < values.length; i++) {
            assertEquals(i % 64 < 32 ? 0 : 1, values[i], "pixel " + i);
        }
    }

    @Test
    void aLinkToNothingIsToldAsAMissingFile() throws IOException {
        write("a/z.png", 6, 4, 0x336699, 0x336699);
        Path link = Files.createSymbolicLink(dir.resolve("a/link.png"), dir.resolve("missing.png"));
        assertEquals(link.toString(),
                assertThrows(NoSuchFileException.class, () -> ImageFolder.read(dir, TensorShape.of(3, 8, 8))).getMessage());
    }
}
