package io.github.jconv.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {

    private static final int RECORD = 3073;

    @TempDir
    private Path dir;

    /** Records with the labels 0, 1, ... (from {@code first} on), whose bytes are told by {@link #value}. */
    private byte[] write(String name, int first, int count) throws IOException {
        byte[] bytes = new byte[count * RECORD];
        for (int n = 0; n < count; n++) {
            bytes[n * RECORD] = (byte) (first + n);
            for (int i = 0; i < 3 * 1024; i++) {
                bytes[n * RECORD + 1 + i] = (byte) value(first + n, i);
            }
        }
        Files.write(dir.resolve(name), bytes);
        return bytes;
    }

    /** Of byte i of red, green and blue: no two that lie near each other are the same. */
    private static int value(int label, int i) {
        return (7 * i + 10 * label + i / 1024) % 256;
    }

    @Test
    void theFilesThatAreThereFollowOneAnother() throws IOException {
        assertFalse(Cifar10.hasTraining(dir));
        write("data_batch_1.bin", 0, 3);
        write("data_batch_4.bin", 7, 2);
        write("test_batch.bin", 4, 1);
        assertTrue(Cifar10.hasTraining(dir));
        Dataset training = Cifar10.readTraining(dir);
        assertEquals(5, training.size());
        assertEquals(TensorShape.of(3, 32, 32), training.imageShape());
        assertEquals(8, training.label(4));
        float[] image = new float[3 * 1024 + 1];
        training.image(4, image, 1);
        float[] expected = new float[image.length];
        for (int i = 0; i < 3 * 1024; i++) {
            expected[1 + i] = value(8, i) / 255f;
        }
        assertArrayEquals(expected, image);
        assertEquals(4, Cifar10.readTest(dir).label(0));
    }

    @Test
    void damagedFilesAreRefusedWithTheOffset() throws IOException {
        assertThrows(NoSuchFileException.class, () -> Cifar10.readTraining(dir));
        Path file = dir.resolve("test_batch.bin");
        byte[] bytes = write("test_batch.bin", 0, 4);
        bytes[2 * RECORD] = 10;
        Files.write(file, bytes);
        assertEquals(file + ": label 10 at offset 6146; allowed: 0..9", message());
        Files.write(file, Arrays.copyOf(bytes, 2 * RECORD + 100));
        assertEquals(file + ": cut off at offset 6246; its pictures take 3073 bytes each, and the last one lacks 2973", message());
        Files.write(file, new byte[0]);
        assertEquals(file + ": cut off at offset 0; its pictures take 3073 bytes each, and there is none", message());
    }

    private String message() {
        return assertThrows(DataFormatException.class, () -> Cifar10.readTest(dir)).getMessage();
    }
}
