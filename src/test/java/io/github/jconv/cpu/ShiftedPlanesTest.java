package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvProblem;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShiftedPlanesTest {

    /**
     * Both residue classes of a stride of 2, cut into blocks of a few columns: numbers of columns for which the last block of the second
     * class is empty (25), or one shorter than that of the first, or as long.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 8, 16, 24, 25, 26, 27, 31, 32, 33})
    void mergedRowsHoldEachOutputOnce(int width) {
        ConvProblem problem = ConvProblem.parse("n1c1w" + width + "k1s2_sw2");
        AxisWalk depth = ShiftedPlanes.walks(problem.axis3(0), false).get(0);
        AxisWalk height = ShiftedPlanes.walks(problem.axis3(1), false).get(0);
        List<List<AxisWalk>> rows = ShiftedPlanes.rows(ShiftedPlanes.walks(problem.axis3(2), false));
        assertEquals(1, rows.size());
        List<ShiftedPlanes> classes = ShiftedPlanes.within(1 << 10, 4, depth, height, rows.get(0), ShiftedPlanes.outputSizes(problem));
        ShiftedPlanes evens = classes.get(0);
        ShiftedPlanes odds = classes.get(1);
        assertEquals(evens.blocks(), odds.blocks());
        float[] expected = new float[width];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = i + 1;
        }
        for (SimdProvider simd : SimdProvider.all()) {
            float[] out = new float[expected.length];
            for (int block = 0; block < evens.blocks(); block++) {
                float[] flat = new float[2 * evens.flatLength()];
                take(evens, block, 0, expected, flat, 0);
                take(odds, block, 1, expected, flat, evens.flatLength());
                evens.storeMerged(simd, odds, flat, 0, evens.flatLength(), block, out, 0, 1, width);
            }
            assertArrayEquals(expected, out, simd.name());
        }
    }

    /** What a block of a class holds of the output, at the beginning of its flat sequence. */
    private static void take(ShiftedPlanes planes, int block, int remainder, float[] output, float[] flat, int at) {
        int ofBlock = ((output.length + 1) / 2 + planes.blocks() - 1) / planes.blocks();
        int columns = (output.length + 1 - remainder) / 2;
        int first = block * ofBlock;
        for (int i = 0; i < Math.min(ofBlock, columns - first); i++) {
            flat[at + i] = output[2 * (first + i) + remainder];
        }
    }
}
