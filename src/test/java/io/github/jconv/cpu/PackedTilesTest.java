package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.cpu.simd.SimdProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows and columns cut into tiles and panels: each one is in exactly one of them, and few are to spare. */
class PackedTilesTest {

    @ParameterizedTest
    @MethodSource("io.github.jconv.cpu.simd.SimdProvider#all")
    void tilesFollowOneAnotherAndNoEvenNumberOfRowsHasAnyToSpare(SimdProvider simd) {
        for (int count = 0; count <= 200; count++) {
            RowTiles rows = RowTiles.of(count, simd);
            int next = 0;
            int valid = 0;
            for (int tile = 0; tile < rows.tiles(); tile++) {
                assertEquals(next, rows.first(tile));
                assertTrue(rows.height(tile) % 2 == 0 && rows.height(tile) >= SimdProvider.LOW_TILE_ROWS
                        && rows.height(tile) <= simd.panelTileRows());
                assertTrue(rows.height(tile) <= rows.highest() && rows.height(tile) >= rows.highest() - 2, "as even as can be");
                assertTrue(rows.valid(tile) > 0, "rows of tile " + tile + " of " + count);
                next += rows.height(tile);
                valid += rows.valid(tile);
            }
            assertEquals(next, rows.padded());
            assertEquals(count, valid);
            assertEquals(count == 0 ? 0 : Math.max(SimdProvider.LOW_TILE_ROWS, (count + 1) / 2 * 2), rows.padded());
            assertEquals((rows.padded() + simd.panelTileRows() - 1) / simd.panelTileRows(), rows.tiles(), "as few as can be");
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.jconv.cpu.simd.SimdProvider#all")
    void panelsFollowOneAnotherAndFillTheirVectors(SimdProvider simd) {
        for (int count = 1; count <= 30 * simd.lanes(); count++) {
            ColumnPanels columns = ColumnPanels.of(count, simd);
            int next = 0;
            int valid = 0;
            for (int panel = 0; panel < columns.panels(); panel++) {
                assertEquals(next, columns.first(panel));
                assertTrue(columns.width(panel) <= columns.widest() && columns.widest() <= SimdProvider.TILE_VECTORS * simd.lanes());
                assertTrue(columns.width(panel) >= columns.widest() - simd.lanes(), "as even as can be");
                assertTrue(columns.valid(panel) > columns.width(panel) - simd.lanes(), "no vector to spare");
                next += columns.width(panel);
                valid += columns.valid(panel);
            }
            assertEquals(next, columns.padded());
            assertEquals(count, valid);
        }
    }
}
