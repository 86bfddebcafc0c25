package io.github.jconv.nn.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.TensorShape;
import java.awt.image.BufferedImage;
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
}
