package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.cpu.simd.SimdProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows and columns cut into tiles and panels: each one is in exactly one of them, and few are to spare. */
class PackedTilesTest {

    @Test
    void tilesFollowOneAnotherAndFromTwentyRowsOnNoneIsToSpare() {
        for (int count = 0; count <= 200; count++) {
            RowTiles rows = RowTiles.of(count);
            int next = 0;
            int valid = 0;
            for (int tile = 0; tile < rows.tiles(); tile++) {
                assertEquals(next, rows.first(tile));
                assertTrue(rows.height(tile) == SimdProvider.TILE_ROWS || rows.height(tile) == SimdProvider.TILE_ROWS - 1);
                assertTrue(rows.valid(tile) > 0, "rows of tile " + tile + " of " + count);
                next += rows.height(tile);
                valid += rows.valid(tile);
            }
            assertEquals(next, rows.padded());
            assertEquals(count, valid);
            assertTrue(rows.padded() == count || count < 20, count + " rows");
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
                assertTrue(columns.width(panel) <= columns.widest() && columns.widest() <= simd.widestShiftedTile() * simd.lanes());
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
