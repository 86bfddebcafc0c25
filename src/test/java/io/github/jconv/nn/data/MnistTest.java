package io.github.jconv.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.TensorShape;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {

    @TempDir
    private Path dir;

    private static byte[] idx(int magic, int[] sizes, int... bytes) throws IOException {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(buffer)) {
            out.writeInt(magic);
            for (int size : sizes) {
                out.writeInt(size);
            }
            for (int value : bytes) {
                out.writeByte(value);
            }
        }
        return buffer.toByteArray();
    }

    private void write(byte[] images, byte[] labels) throws IOException {
        Files.write(dir.resolve("t10k-images-idx3-ubyte"), images);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(dir.resolve("t10k-labels-idx1-ubyte.gz")))) {
            out.write(labels);
        }
    }

    private static byte[] twoImages() throws IOException {
        return idx(0x803, new int[] {2, 2, 3}, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6);
    }

    private static byte[] twoLabels() throws IOException {
        return idx(0x801, new int[] {2}, 7, 0);
    }

    @Test
    void plainAndGzippedFilesAreRead() throws IOException {
        write(twoImages(), twoLabels());
        Dataset digits = Mnist.read(dir);
        assertEquals(2, digits.size());
        assertEquals(TensorShape.of(1, 2, 3), digits.imageShape());
        float[] pixels = new float[7];
        digits.image(0, pixels, 1);
        assertArrayEquals(new float[] {0, 0, 0.2f, 0.4f, 0.6f, 0.8f, 1}, pixels, 1e-7f);
        assertEquals(7, digits.label(0));
        assertEquals(0, digits.range(1, 2).label(0));
    }

    @Test
    void damagedFilesAreRefusedWithTheOffset() throws IOException {
        assertThrows(NoSuchFileException.class, () -> Mnist.read(dir));
        write(Arrays.copyOf(twoImages(), 20), twoLabels());
        refused("cut off at offset 20; 8 bytes are missing");
        write(Arrays.copyOf(twoImages(), 29), twoLabels());
        refused("from offset 28");
        write(idx(0x801, new int[] {2, 2, 3}), twoLabels());
        refused("begins with 0x00000801 at offset 0");
        write(idx(0x803, new int[] {2, 0, 3}), twoLabels());
        refused("size 0 at offset 8");
        write(idx(0x803, new int[] {1000000, 1000000, 1000000}), twoLabels());
        refused("at offset 8 is out of range");
        write(twoImages(), idx(0x801, new int[] {2}, 7, 10));
        refused("label 10 at offset 9");
        write(twoImages(), idx(0x801, new int[] {1}, 7));
        refused("has 2 images");
        Files.write(dir.resolve("t10k-images-idx3-ubyte"), new byte[] {0, 0});
        refused("cut off at offset 2, before the end of its data");
        write(twoImages(), twoLabels());
        Path gzipped = dir.resolve("t10k-labels-idx1-ubyte.gz");
        byte[] whole = Files.readAllBytes(gzipped);
        Files.write(gzipped, Arrays.copyOf(whole, whole.length - 9));
        refused("t10k-labels-idx1-ubyte.gz: cut off at offset " + (whole.length - 9) + ", before the end of its data");
        byte[] damaged = whole.clone();
        damaged[10] = 7;
        Files.write(gzipped, damaged);
        refused("t10k-labels-idx1-ubyte.gz: damaged gzip data before offset " + whole.length + ": ");
        Files.write(gzipped, new byte[] {1, 2, 3});
        refused("t10k-labels");
    }

    @Test
    void aFolderInThePlaceOfAFileIsNamed() throws IOException {
        write(twoImages(), twoLabels());
        Path images = dir.resolve("t10k-images-idx3-ubyte");
        Files.delete(images);
        Files.createDirectory(images);
        String message = assertThrows(IOException.class, () -> Mnist.read(dir)).getMessage();
        assertTrue(message.startsWith(images + ": "), message);
    }

    private void refused(String complaint) {
        String message = assertThrows(DataFormatException.class, () -> Mnist.read(dir)).getMessage();
        assertTrue(message.contains(complaint), message);
    }
}
