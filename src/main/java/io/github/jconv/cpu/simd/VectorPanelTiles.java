package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles with the Vector API in one width; defined like {@link VectorProvider}, and written like it: every sum a local variable. The tiles
 * come in even numbers of rows, of one and of two vectors: twelve rows keep two vectors busy, and one index serves all of them, which
 * advances by a constant, so that the JIT compiler tests its bounds once for a whole loop. More than six rows are for the 32 registers
 * that come with 512-bit vectors.
 */
final class VectorPanelTiles implements PanelTiles {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    /** Of the left factor elements from one row to the next, and whether columns are next to one another. */
    private static final boolean ROWS_APART = VectorProviders.traits(MethodHandles.lookup()).rowsApart();
    private static final int ROW = ROWS_APART ? SimdProvider.ROW_STEP : 1;

    VectorPanelTiles() {
    }

    @Override
    public void multiply(int rows, int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                         float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow) {
        if (vectors == 2) {
            switch (rows) {
                case 12 -> tile12x2(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                case 10 -> tile10x2(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                case 8 -> tile8x2(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                case 6 -> tile6x2(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                default -> tile4x2(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
            }
        } else {
            switch (rows) {
                case 12 -> tile12x1(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                case 10 -> tile10x1(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                case 8 -> tile8x1(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                case 6 -> tile6x1(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
                default -> tile4x1(depth, a, aOffset, b, bOffset, bRow, start, startOffset, startRow, c, cOffset, cRow);
            }
        }
    }

    private static void tile12x2(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                 float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        int start6 = start5 + startRow;
        int start7 = start6 + startRow;
        int start8 = start7 + startRow;
        int start9 = start8 + startRow;
        int start10 = start9 + startRow;
        int start11 = start10 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s4v1 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s5v1 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, start, start6);
        FloatVector s6v1 = FloatVector.fromArray(SPECIES, start, start6 + LANES);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, start, start7);
        FloatVector s7v1 = FloatVector.fromArray(SPECIES, start, start7 + LANES);
        FloatVector s8v0 = FloatVector.fromArray(SPECIES, start, start8);
        FloatVector s8v1 = FloatVector.fromArray(SPECIES, start, start8 + LANES);
        FloatVector s9v0 = FloatVector.fromArray(SPECIES, start, start9);
        FloatVector s9v1 = FloatVector.fromArray(SPECIES, start, start9 + LANES);
        FloatVector s10v0 = FloatVector.fromArray(SPECIES, start, start10);
        FloatVector s10v1 = FloatVector.fromArray(SPECIES, start, start10 + LANES);
        FloatVector s11v0 = FloatVector.fromArray(SPECIES, start, start11);
        FloatVector s11v1 = FloatVector.fromArray(SPECIES, start, start11 + LANES);
        int end = aOffset + depth * (ROWS_APART ? 1 : 12);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 12) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW]);
            s6v0 = x6.fma(v0, s6v0);
            s6v1 = x6.fma(v1, s6v1);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW]);
            s7v0 = x7.fma(v0, s7v0);
            s7v1 = x7.fma(v1, s7v1);
            FloatVector x8 = FloatVector.broadcast(SPECIES, a[at + 8 * ROW]);
            s8v0 = x8.fma(v0, s8v0);
            s8v1 = x8.fma(v1, s8v1);
            FloatVector x9 = FloatVector.broadcast(SPECIES, a[at + 9 * ROW]);
            s9v0 = x9.fma(v0, s9v0);
            s9v1 = x9.fma(v1, s9v1);
            FloatVector x10 = FloatVector.broadcast(SPECIES, a[at + 10 * ROW]);
            s10v0 = x10.fma(v0, s10v0);
            s10v1 = x10.fma(v1, s10v1);
            FloatVector x11 = FloatVector.broadcast(SPECIES, a[at + 11 * ROW]);
            s11v0 = x11.fma(v0, s11v0);
            s11v1 = x11.fma(v1, s11v1);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        int c8 = c7 + cRow;
        int c9 = c8 + cRow;
        int c10 = c9 + cRow;
        int c11 = c10 + cRow;
        s0v0.intoArray(c, c0);
        s0v1.intoArray(c, c0 + LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
        s4v0.intoArray(c, c4);
        s4v1.intoArray(c, c4 + LANES);
        s5v0.intoArray(c, c5);
        s5v1.intoArray(c, c5 + LANES);
        s6v0.intoArray(c, c6);
        s6v1.intoArray(c, c6 + LANES);
        s7v0.intoArray(c, c7);
        s7v1.intoArray(c, c7 + LANES);
        s8v0.intoArray(c, c8);
        s8v1.intoArray(c, c8 + LANES);
        s9v0.intoArray(c, c9);
        s9v1.intoArray(c, c9 + LANES);
        s10v0.intoArray(c, c10);
        s10v1.intoArray(c, c10 + LANES);
        s11v0.intoArray(c, c11);
        s11v1.intoArray(c, c11 + LANES);
    }

    private static void tile12x1(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                 float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        int start6 = start5 + startRow;
        int start7 = start6 + startRow;
        int start8 = start7 + startRow;
        int start9 = start8 + startRow;
        int start10 = start9 + startRow;
        int start11 = start10 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, start, start6);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, start, start7);
        FloatVector s8v0 = FloatVector.fromArray(SPECIES, start, start8);
        FloatVector s9v0 = FloatVector.fromArray(SPECIES, start, start9);
        FloatVector s10v0 = FloatVector.fromArray(SPECIES, start, start10);
        FloatVector s11v0 = FloatVector.fromArray(SPECIES, start, start11);
        int end = aOffset + depth * (ROWS_APART ? 1 : 12);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 12) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW]);
            s6v0 = x6.fma(v0, s6v0);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW]);
            s7v0 = x7.fma(v0, s7v0);
            FloatVector x8 = FloatVector.broadcast(SPECIES, a[at + 8 * ROW]);
            s8v0 = x8.fma(v0, s8v0);
            FloatVector x9 = FloatVector.broadcast(SPECIES, a[at + 9 * ROW]);
            s9v0 = x9.fma(v0, s9v0);
            FloatVector x10 = FloatVector.broadcast(SPECIES, a[at + 10 * ROW]);
            s10v0 = x10.fma(v0, s10v0);
            FloatVector x11 = FloatVector.broadcast(SPECIES, a[at + 11 * ROW]);
            s11v0 = x11.fma(v0, s11v0);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        int c8 = c7 + cRow;
        int c9 = c8 + cRow;
        int c10 = c9 + cRow;
        int c11 = c10 + cRow;
        s0v0.intoArray(c, c0);
        s1v0.intoArray(c, c1);
        s2v0.intoArray(c, c2);
        s3v0.intoArray(c, c3);
        s4v0.intoArray(c, c4);
        s5v0.intoArray(c, c5);
        s6v0.intoArray(c, c6);
        s7v0.intoArray(c, c7);
        s8v0.intoArray(c, c8);
        s9v0.intoArray(c, c9);
        s10v0.intoArray(c, c10);
        s11v0.intoArray(c, c11);
    }

    private static void tile10x2(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                 float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        int start6 = start5 + startRow;
        int start7 = start6 + startRow;
        int start8 = start7 + startRow;
        int start9 = start8 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s4v1 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s5v1 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, start, start6);
        FloatVector s6v1 = FloatVector.fromArray(SPECIES, start, start6 + LANES);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, start, start7);
        FloatVector s7v1 = FloatVector.fromArray(SPECIES, start, start7 + LANES);
        FloatVector s8v0 = FloatVector.fromArray(SPECIES, start, start8);
        FloatVector s8v1 = FloatVector.fromArray(SPECIES, start, start8 + LANES);
        FloatVector s9v0 = FloatVector.fromArray(SPECIES, start, start9);
        FloatVector s9v1 = FloatVector.fromArray(SPECIES, start, start9 + LANES);
        int end = aOffset + depth * (ROWS_APART ? 1 : 10);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 10) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW]);
            s6v0 = x6.fma(v0, s6v0);
            s6v1 = x6.fma(v1, s6v1);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW]);
            s7v0 = x7.fma(v0, s7v0);
            s7v1 = x7.fma(v1, s7v1);
            FloatVector x8 = FloatVector.broadcast(SPECIES, a[at + 8 * ROW]);
            s8v0 = x8.fma(v0, s8v0);
            s8v1 = x8.fma(v1, s8v1);
            FloatVector x9 = FloatVector.broadcast(SPECIES, a[at + 9 * ROW]);
            s9v0 = x9.fma(v0, s9v0);
            s9v1 = x9.fma(v1, s9v1);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        int c8 = c7 + cRow;
        int c9 = c8 + cRow;
        s0v0.intoArray(c, c0);
        s0v1.intoArray(c, c0 + LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
        s4v0.intoArray(c, c4);
        s4v1.intoArray(c, c4 + LANES);
        s5v0.intoArray(c, c5);
        s5v1.intoArray(c, c5 + LANES);
        s6v0.intoArray(c, c6);
        s6v1.intoArray(c, c6 + LANES);
        s7v0.intoArray(c, c7);
        s7v1.intoArray(c, c7 + LANES);
        s8v0.intoArray(c, c8);
        s8v1.intoArray(c, c8 + LANES);
        s9v0.intoArray(c, c9);
        s9v1.intoArray(c, c9 + LANES);
    }

    private static void tile10x1(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                 float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        int start6 = start5 + startRow;
        int start7 = start6 + startRow;
        int start8 = start7 + startRow;
        int start9 = start8 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, start, start6);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, start, start7);
        FloatVector s8v0 = FloatVector.fromArray(SPECIES, start, start8);
        FloatVector s9v0 = FloatVector.fromArray(SPECIES, start, start9);
        int end = aOffset + depth * (ROWS_APART ? 1 : 10);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 10) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW]);
            s6v0 = x6.fma(v0, s6v0);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW]);
            s7v0 = x7.fma(v0, s7v0);
            FloatVector x8 = FloatVector.broadcast(SPECIES, a[at + 8 * ROW]);
            s8v0 = x8.fma(v0, s8v0);
            FloatVector x9 = FloatVector.broadcast(SPECIES, a[at + 9 * ROW]);
            s9v0 = x9.fma(v0, s9v0);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        int c8 = c7 + cRow;
        int c9 = c8 + cRow;
        s0v0.intoArray(c, c0);
        s1v0.intoArray(c, c1);
        s2v0.intoArray(c, c2);
        s3v0.intoArray(c, c3);
        s4v0.intoArray(c, c4);
        s5v0.intoArray(c, c5);
        s6v0.intoArray(c, c6);
        s7v0.intoArray(c, c7);
        s8v0.intoArray(c, c8);
        s9v0.intoArray(c, c9);
    }

    private static void tile8x2(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        int start6 = start5 + startRow;
        int start7 = start6 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s4v1 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s5v1 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, start, start6);
        FloatVector s6v1 = FloatVector.fromArray(SPECIES, start, start6 + LANES);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, start, start7);
        FloatVector s7v1 = FloatVector.fromArray(SPECIES, start, start7 + LANES);
        int end = aOffset + depth * (ROWS_APART ? 1 : 8);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 8) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW]);
            s6v0 = x6.fma(v0, s6v0);
            s6v1 = x6.fma(v1, s6v1);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW]);
            s7v0 = x7.fma(v0, s7v0);
            s7v1 = x7.fma(v1, s7v1);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        s0v0.intoArray(c, c0);
        s0v1.intoArray(c, c0 + LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
        s4v0.intoArray(c, c4);
        s4v1.intoArray(c, c4 + LANES);
        s5v0.intoArray(c, c5);
        s5v1.intoArray(c, c5 + LANES);
        s6v0.intoArray(c, c6);
        s6v1.intoArray(c, c6 + LANES);
        s7v0.intoArray(c, c7);
        s7v1.intoArray(c, c7 + LANES);
    }

    private static void tile8x1(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        int start6 = start5 + startRow;
        int start7 = start6 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, start, start6);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, start, start7);
        int end = aOffset + depth * (ROWS_APART ? 1 : 8);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 8) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6 * ROW]);
            s6v0 = x6.fma(v0, s6v0);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7 * ROW]);
            s7v0 = x7.fma(v0, s7v0);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        s0v0.intoArray(c, c0);
        s1v0.intoArray(c, c1);
        s2v0.intoArray(c, c2);
        s3v0.intoArray(c, c3);
        s4v0.intoArray(c, c4);
        s5v0.intoArray(c, c5);
        s6v0.intoArray(c, c6);
        s7v0.intoArray(c, c7);
    }

    private static void tile6x2(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s4v1 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s5v1 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        int end = aOffset + depth * (ROWS_APART ? 1 : 6);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 6) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        s0v0.intoArray(c, c0);
        s0v1.intoArray(c, c0 + LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
        s4v0.intoArray(c, c4);
        s4v1.intoArray(c, c4 + LANES);
        s5v0.intoArray(c, c5);
        s5v1.intoArray(c, c5 + LANES);
    }

    private static void tile6x1(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        int start4 = start3 + startRow;
        int start5 = start4 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, start, start5);
        int end = aOffset + depth * (ROWS_APART ? 1 : 6);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 6) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4 * ROW]);
            s4v0 = x4.fma(v0, s4v0);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5 * ROW]);
            s5v0 = x5.fma(v0, s5v0);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        s0v0.intoArray(c, c0);
        s1v0.intoArray(c, c1);
        s2v0.intoArray(c, c2);
        s3v0.intoArray(c, c3);
        s4v0.intoArray(c, c4);
        s5v0.intoArray(c, c5);
    }

    private static void tile4x2(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        int end = aOffset + depth * (ROWS_APART ? 1 : 4);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 4) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        s0v0.intoArray(c, c0);
        s0v1.intoArray(c, c0 + LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
    }

    private static void tile4x1(int depth, float[] a, int aOffset, float[] b, int bOffset, int bRow,
                                float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int start2 = start1 + startRow;
        int start3 = start2 + startRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, start, start3);
        int end = aOffset + depth * (ROWS_APART ? 1 : 4);
        int row = bOffset;
        for (int at = aOffset; at < end; at += ROWS_APART ? 1 : 4) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            row += bRow;
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + ROW]);
            s1v0 = x1.fma(v0, s1v0);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2 * ROW]);
            s2v0 = x2.fma(v0, s2v0);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3 * ROW]);
            s3v0 = x3.fma(v0, s3v0);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        s0v0.intoArray(c, c0);
        s1v0.intoArray(c, c1);
        s2v0.intoArray(c, c2);
        s3v0.intoArray(c, c3);
    }
}
