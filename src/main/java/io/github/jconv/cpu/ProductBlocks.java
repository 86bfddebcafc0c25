package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

/**
 * The blocks of equal products, a task for each: block after block of columns, then of rows, then of products.
 *
 * @param rows       tiles of rows of a product
 * @param columns    panels of columns of a product
 * @param tileBlock  tiles of rows in a block, but for the last
 * @param panelBlock panels of columns in a block, but for the last
 */
record ProductBlocks(RowTiles rows, ColumnPanels columns, int tileBlock, int panelBlock) {

    /** Tasks of a product. */
    int ofProduct() {
        return rowBlocks() * panelBlocks();
    }

    private int rowBlocks() {
        return ceilDiv(rows.tiles(), tileBlock);
    }

    private int panelBlocks() {
        return ceilDiv(columns.panels(), panelBlock);
    }

    /** The number of a task's product. */
    int product(int task) {
        return task / ofProduct();
    }

    int firstTile(int task) {
        return task / panelBlocks() % rowBlocks() * tileBlock;
    }

    int endTile(int task) {
        return Math.min(rows.tiles(), firstTile(task) + tileBlock);
    }

    int firstPanel(int task) {
        return task % panelBlocks() * panelBlock;
    }

    int endPanel(int task) {
        return Math.min(columns.panels(), firstPanel(task) + panelBlock);
    }

    /** Rows of a block with those to spare, at most. */
    int mostRows() {
        return tileBlock * rows.highest();
    }
}
