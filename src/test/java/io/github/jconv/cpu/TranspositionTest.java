package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Matrices of all sizes around the eight rows that are read at once; what lies in the gaps between the rows of the result stays. */
class TranspositionTest {

    @Test
    void matricesAreTurnedAround() {
        for (int rows : new int[] {0, 1, 5, 7, 8, 9, 16, 17}) {
            for (int columns : new int[] {0, 1, 3, 4, 17, 64}) {
                float[] source = random(3 + rows * (columns + 2), 25);
                float[] target = random(1 + columns * (rows + 1) + 1, 26);
                float[] expected = target.clone();
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < columns; j++) {
                        expected[1 + j * (rows + 1) + i] = source[3 + i * (columns + 2) + j];
                    }
                }
                Transposition.transpose(rows, columns, source, 3, columns + 2, target, 1, rows + 1);
                assertArrayEquals(expected, target, rows + " rows of " + columns);
            }
        }
    }

    private static float[] random(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
