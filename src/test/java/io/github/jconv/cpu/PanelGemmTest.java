package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packed product is one chain of fused multiply-adds for each element, at every size around the edges of its tiles. */
class PanelGemmTest {

    private static final float GUARD = 7.25f;

    static List<SimdProvider> providers() {
        return SimdProvider.all();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void everyElementIsTheChainOfItsProducts(SimdProvider simd) {
        int lanes = simd.lanes();
        for (int rows : new int[] {1, 2, 5, 6, 7, 11, 12, 13}) {
            for (int columns : new int[] {1, lanes - 1, lanes, lanes + 1, 2 * lanes - 1, 2 * lanes, 2 * lanes + 1, 3 * lanes, 5 * lanes + 2}) {
                for (int depth : new int[] {0, 1, 3, 4, 9}) {
                    check(simd, rows, columns, depth, columns % 2 == 0);
                }
            }
        }
    }

    private static void check(SimdProvider simd, int rows, int columns, int depth, boolean byRows) {
        var random = new SplittableRandom(rows * 1000L + columns * 10L + depth);
        int aRow = depth + 3;
        int aDepth = 2;
        float[] a = random(random, 5 + rows * aRow + depth * aDepth + 1);
        float[] b = random(random, depth * columns + 1);
        int cRow = columns + 4;
        float[] c = random(random, 2 + rows * cRow);
        float[] expected = c.clone();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < depth; k++) {
                    int at = 2 + i * cRow + j;
                    expected[at] = Math.fma(a[5 + i * aRow + k * aDepth], b[k * columns + j], expected[at]);
                }
            }
        }
        int panels = 3;
        int scratch = panels + PanelGemm.panelsLength(simd, depth, columns);
        float[] workspace = new float[scratch + PanelGemm.scratchLength(simd, depth) + 1];
        Arrays.fill(workspace, Float.NaN);
        workspace[workspace.length - 1] = GUARD;
        pack(simd, b, columns, depth, workspace, panels, byRows);
        PanelGemm.multiply(simd, rows, columns, depth, a, 5, aRow, aDepth, workspace, panels, c, 2, cRow, workspace, scratch);
        assertArrayEquals(expected, c, () -> rows + " x " + columns + " x " + depth);
        assertEquals(GUARD, workspace[workspace.length - 1], "what lies behind the scratch memory");
    }

    private static void pack(SimdProvider simd, float[] b, int columns, int depth, float[] panels, int at, boolean byRows) {
        if (byRows) {
            for (int k = 0; k < depth; k++) {
                PanelGemm.packRow(simd, b, k * columns, columns, panels, at, k, depth);
            }
            return;
        }
        float[] column = new float[depth];
        for (int j = 0; j < columns; j++) {
            for (int k = 0; k < depth; k++) {
                column[k] = b[k * columns + j];
            }
            PanelGemm.packColumn(simd, column, 0, depth, panels, at, j, columns);
        }
    }

    private static float[] random(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
