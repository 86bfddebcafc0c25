package io.github.jconv.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Data sets made of other ones. */
class DatasetViewsTest {

    /** Five pictures of 2x3 with the values 0, 51, 102, ... plus the number of the picture. */
    private static final Dataset PICTURES = new ByteImages(TensorShape.of(1, 2, 3), 5, pixels(), new byte[] {0, 1, 2, 3, 4});

    private static byte[] pixels() {
        byte[] pixels = new byte[30];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (51 * (i % 6) - (i % 6 == 5 ? i / 6 : -i / 6));
        }
        return pixels;
    }

    @Test
    void someOfTheImages() {
        Dataset odd = PICTURES.where(i -> i % 2 == 1);
        assertEquals(2, odd.size());
        assertEquals(3, odd.label(1));
        Dataset last = PICTURES.range(1, 4).range(2, 3);
        assertEquals(1, last.size());
        assertEquals(3, last.label(0));
        assertFalse(last.hasTargets());
        assertArrayEquals(image(PICTURES, 3), image(last, 0));
        assertThrows(IllegalArgumentException.class, () -> PICTURES.range(2, 6));
    }

    @Test
    void anotherSizeIsInterpolated() {
        Dataset large = FittedImages.of(PICTURES, TensorShape.of(3, 4, 3));
        float[] from = image(PICTURES, 0);
        float[] to = image(large, 0);
        for (int channel = 0; channel < 3; channel++) {
            for (int x = 0; x < 3; x++) {
                int at = channel * 12 + x;
                assertEquals(from[x], to[at]);
                assertEquals(0.75 * from[x] + 0.25 * from[3 + x], to[at + 3], 1e-7);
                assertEquals(0.25 * from[x] + 0.75 * from[3 + x], to[at + 6], 1e-7);
                assertEquals(from[3 + x], to[at + 9]);
            }
        }
        Dataset colour = FittedImages.of(PICTURES, TensorShape.of(3, 2, 3));
        assertArrayEquals(from, image(FittedImages.of(colour, TensorShape.of(1, 2, 3)), 0), 1e-7f);
        assertSame(PICTURES, FittedImages.of(PICTURES, TensorShape.of(1, 2, 3)));
    }

    @Test
    void aCodeBelongsToEachPicture() {
        Dataset coded = new CodedPictures(PICTURES, 4, 9).range(2, 4);
        assertTrue(coded.hasTargets());
        assertEquals(TensorShape.of(4, 1, 1), coded.imageShape());
        assertEquals(TensorShape.of(1, 2, 3), coded.targetShape());
        float[] target = new float[6];
        coded.target(1, target, 0);
        float[] picture = image(PICTURES, 3);
        for (int i = 0; i < 6; i++) {
            assertEquals(2 * picture[i] - 1, target[i]);
        }
        assertArrayEquals(image(coded, 1), image(new CodedPictures(PICTURES, 4, 9), 3));
        assertFalse(Arrays.equals(image(coded, 0), image(coded, 1)));
    }

    private static float[] image(Dataset images, int index) {
        float[] values = new float[(int) images.imageShape().elements()];
        images.image(index, values, 0);
        return values;
    }
}
