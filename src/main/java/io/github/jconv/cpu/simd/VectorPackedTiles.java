package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles with the Vector API in one width; defined like {@link VectorProvider}, and written like it: every sum a local variable. Where rows
 * of the left factor follow one another, all indices in the loops advance by constants, so that the JIT compiler tests bounds once for
 * a whole loop: that is a third faster than {@link VectorShiftedTiles}.
 */
final class VectorPackedTiles implements PackedTiles {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    VectorPackedTiles() {
    }

    @Override
    public void multiply(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, int aDepth, float[] b, int bOffset,
                         float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow) {
        if (aDepth == 1) {
            multiplyRows(rows, vectors, depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
        } else {
            multiplyColumns(rows, vectors, depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
        }
    }

    private static void multiplyRows(int rows, int vectors, int depth, float[] a, int aOffset, int aRow, float[] b, int bOffset,
                                     float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow) {
        switch (rows == 6 ? vectors : -vectors) {
            case 4 -> rows6x4(depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case 2 -> rows6x2(depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case 1 -> rows6x1(depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case -4 -> rows4x4(depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case -2 -> rows4x2(depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            default -> rows4x1(depth, a, aOffset, aRow, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
        }
    }

    private static void multiplyColumns(int rows, int vectors, int depth, float[] a, int aOffset, int aDepth, float[] b, int bOffset,
                                     float[] start, int startOffset, int startRow, float[] c, int cOffset, int cRow) {
        switch (rows == 6 ? vectors : -vectors) {
            case 4 -> columns6x4(depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case 2 -> columns6x2(depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case 1 -> columns6x1(depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case -4 -> columns4x4(depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            case -2 -> columns4x2(depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
            default -> columns4x1(depth, a, aOffset, aDepth, b, bOffset, start, startOffset, startRow, c, cOffset, cRow);
        }
    }

    private static void rows6x4(int depth, float[] a, int a0, int aRow, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        int start4 = start3 + startRow;
        int c4 = c3 + cRow;
        int start5 = start4 + startRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, start, start0 + 2 * LANES);
        FloatVector s03 = FloatVector.fromArray(SPECIES, start, start0 + 3 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, start, start1 + 2 * LANES);
        FloatVector s13 = FloatVector.fromArray(SPECIES, start, start1 + 3 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, start, start2 + 2 * LANES);
        FloatVector s23 = FloatVector.fromArray(SPECIES, start, start2 + 3 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, start, start3 + 2 * LANES);
        FloatVector s33 = FloatVector.fromArray(SPECIES, start, start3 + 3 * LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s42 = FloatVector.fromArray(SPECIES, start, start4 + 2 * LANES);
        FloatVector s43 = FloatVector.fromArray(SPECIES, start, start4 + 3 * LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        FloatVector s52 = FloatVector.fromArray(SPECIES, start, start5 + 2 * LANES);
        FloatVector s53 = FloatVector.fromArray(SPECIES, start, start5 + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 3 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            s03 = x0.fma(v3, s03);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            s13 = x1.fma(v3, s13);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            s23 = x2.fma(v3, s23);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            s33 = x3.fma(v3, s33);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            s42 = x4.fma(v2, s42);
            s43 = x4.fma(v3, s43);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
            s52 = x5.fma(v2, s52);
            s53 = x5.fma(v3, s53);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s02.intoArray(c, c0 + 2 * LANES);
        s03.intoArray(c, c0 + 3 * LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s12.intoArray(c, c1 + 2 * LANES);
        s13.intoArray(c, c1 + 3 * LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s22.intoArray(c, c2 + 2 * LANES);
        s23.intoArray(c, c2 + 3 * LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s32.intoArray(c, c3 + 2 * LANES);
        s33.intoArray(c, c3 + 3 * LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s42.intoArray(c, c4 + 2 * LANES);
        s43.intoArray(c, c4 + 3 * LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
        s52.intoArray(c, c5 + 2 * LANES);
        s53.intoArray(c, c5 + 3 * LANES);
    }

    private static void rows6x2(int depth, float[] a, int a0, int aRow, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        int start4 = start3 + startRow;
        int c4 = c3 + cRow;
        int start5 = start4 + startRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES) + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
    }

    private static void rows6x1(int depth, float[] a, int a0, int aRow, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        int start4 = start3 + startRow;
        int c4 = c3 + cRow;
        int start5 = start4 + startRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
        for (int k = 0; k < depth; k++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s40 = x4.fma(v0, s40);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s50 = x5.fma(v0, s50);
        }
        s00.intoArray(c, c0);
        s10.intoArray(c, c1);
        s20.intoArray(c, c2);
        s30.intoArray(c, c3);
        s40.intoArray(c, c4);
        s50.intoArray(c, c5);
    }

    private static void rows4x4(int depth, float[] a, int a0, int aRow, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, start, start0 + 2 * LANES);
        FloatVector s03 = FloatVector.fromArray(SPECIES, start, start0 + 3 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, start, start1 + 2 * LANES);
        FloatVector s13 = FloatVector.fromArray(SPECIES, start, start1 + 3 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, start, start2 + 2 * LANES);
        FloatVector s23 = FloatVector.fromArray(SPECIES, start, start2 + 3 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, start, start3 + 2 * LANES);
        FloatVector s33 = FloatVector.fromArray(SPECIES, start, start3 + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 3 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            s03 = x0.fma(v3, s03);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            s13 = x1.fma(v3, s13);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            s23 = x2.fma(v3, s23);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            s33 = x3.fma(v3, s33);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s02.intoArray(c, c0 + 2 * LANES);
        s03.intoArray(c, c0 + 3 * LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s12.intoArray(c, c1 + 2 * LANES);
        s13.intoArray(c, c1 + 3 * LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s22.intoArray(c, c2 + 2 * LANES);
        s23.intoArray(c, c2 + 3 * LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s32.intoArray(c, c3 + 2 * LANES);
        s33.intoArray(c, c3 + 3 * LANES);
    }

    private static void rows4x2(int depth, float[] a, int a0, int aRow, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES) + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
    }

    private static void rows4x1(int depth, float[] a, int a0, int aRow, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        for (int k = 0; k < depth; k++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
        }
        s00.intoArray(c, c0);
        s10.intoArray(c, c1);
        s20.intoArray(c, c2);
        s30.intoArray(c, c3);
    }

    private static void columns6x4(int depth, float[] a, int a0, int aDepth, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        int start4 = start3 + startRow;
        int c4 = c3 + cRow;
        int start5 = start4 + startRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, start, start0 + 2 * LANES);
        FloatVector s03 = FloatVector.fromArray(SPECIES, start, start0 + 3 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, start, start1 + 2 * LANES);
        FloatVector s13 = FloatVector.fromArray(SPECIES, start, start1 + 3 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, start, start2 + 2 * LANES);
        FloatVector s23 = FloatVector.fromArray(SPECIES, start, start2 + 3 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, start, start3 + 2 * LANES);
        FloatVector s33 = FloatVector.fromArray(SPECIES, start, start3 + 3 * LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s42 = FloatVector.fromArray(SPECIES, start, start4 + 2 * LANES);
        FloatVector s43 = FloatVector.fromArray(SPECIES, start, start4 + 3 * LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        FloatVector s52 = FloatVector.fromArray(SPECIES, start, start5 + 2 * LANES);
        FloatVector s53 = FloatVector.fromArray(SPECIES, start, start5 + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            int at = a0 + k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 3 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            s03 = x0.fma(v3, s03);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            s13 = x1.fma(v3, s13);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            s23 = x2.fma(v3, s23);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            s33 = x3.fma(v3, s33);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            s42 = x4.fma(v2, s42);
            s43 = x4.fma(v3, s43);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
            s52 = x5.fma(v2, s52);
            s53 = x5.fma(v3, s53);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s02.intoArray(c, c0 + 2 * LANES);
        s03.intoArray(c, c0 + 3 * LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s12.intoArray(c, c1 + 2 * LANES);
        s13.intoArray(c, c1 + 3 * LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s22.intoArray(c, c2 + 2 * LANES);
        s23.intoArray(c, c2 + 3 * LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s32.intoArray(c, c3 + 2 * LANES);
        s33.intoArray(c, c3 + 3 * LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s42.intoArray(c, c4 + 2 * LANES);
        s43.intoArray(c, c4 + 3 * LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
        s52.intoArray(c, c5 + 2 * LANES);
        s53.intoArray(c, c5 + 3 * LANES);
    }

    private static void columns6x2(int depth, float[] a, int a0, int aDepth, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        int start4 = start3 + startRow;
        int c4 = c3 + cRow;
        int start5 = start4 + startRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
        for (int k = 0; k < depth; k++) {
            int at = a0 + k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES) + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
    }

    private static void columns6x1(int depth, float[] a, int a0, int aDepth, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        int start4 = start3 + startRow;
        int c4 = c3 + cRow;
        int start5 = start4 + startRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
        FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
        for (int k = 0; k < depth; k++) {
            int at = a0 + k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x0.fma(v0, s00);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x1.fma(v0, s10);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x2.fma(v0, s20);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x3.fma(v0, s30);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            s40 = x4.fma(v0, s40);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5]);
            s50 = x5.fma(v0, s50);
        }
        s00.intoArray(c, c0);
        s10.intoArray(c, c1);
        s20.intoArray(c, c2);
        s30.intoArray(c, c3);
        s40.intoArray(c, c4);
        s50.intoArray(c, c5);
    }

    private static void columns4x4(int depth, float[] a, int a0, int aDepth, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, start, start0 + 2 * LANES);
        FloatVector s03 = FloatVector.fromArray(SPECIES, start, start0 + 3 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, start, start1 + 2 * LANES);
        FloatVector s13 = FloatVector.fromArray(SPECIES, start, start1 + 3 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, start, start2 + 2 * LANES);
        FloatVector s23 = FloatVector.fromArray(SPECIES, start, start2 + 3 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, start, start3 + 2 * LANES);
        FloatVector s33 = FloatVector.fromArray(SPECIES, start, start3 + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            int at = a0 + k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, bOffset + k * (4 * LANES) + 3 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            s03 = x0.fma(v3, s03);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            s13 = x1.fma(v3, s13);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            s23 = x2.fma(v3, s23);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            s33 = x3.fma(v3, s33);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s02.intoArray(c, c0 + 2 * LANES);
        s03.intoArray(c, c0 + 3 * LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s12.intoArray(c, c1 + 2 * LANES);
        s13.intoArray(c, c1 + 3 * LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s22.intoArray(c, c2 + 2 * LANES);
        s23.intoArray(c, c2 + 3 * LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s32.intoArray(c, c3 + 2 * LANES);
        s33.intoArray(c, c3 + 3 * LANES);
    }

    private static void columns4x2(int depth, float[] a, int a0, int aDepth, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, start, start0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
        for (int k = 0; k < depth; k++) {
            int at = a0 + k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES));
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, bOffset + k * (2 * LANES) + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
    }

    private static void columns4x1(int depth, float[] a, int a0, int aDepth, float[] b, int bOffset,
                                   float[] start, int start0, int startRow, float[] c, int c0, int cRow) {
        int start1 = start0 + startRow;
        int c1 = c0 + cRow;
        int start2 = start1 + startRow;
        int c2 = c1 + cRow;
        int start3 = start2 + startRow;
        int c3 = c2 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, start, start0);
        FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
        FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
        FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
        for (int k = 0; k < depth; k++) {
            int at = a0 + k * aDepth;
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, bOffset + k * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s00 = x0.fma(v0, s00);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s10 = x1.fma(v0, s10);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s20 = x2.fma(v0, s20);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s30 = x3.fma(v0, s30);
        }
        s00.intoArray(c, c0);
        s10.intoArray(c, c1);
        s20.intoArray(c, c2);
        s30.intoArray(c, c3);
    }
}
