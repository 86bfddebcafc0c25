package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles with the Vector API in one width; defined like {@link VectorProvider}, and written like it: every sum a local variable. The left
 * factor advances by a constant, so that its bounds are tested once for a whole loop; of the right one a single index is alive. Eight rows
 * of three vectors load less for each product than twelve of two or six of four do.
 */
final class VectorTapTiles implements TapTiles {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    /** Eight rows of three vectors fit the 32 registers that come with 512-bit vectors only; of narrower ones, half of them at a time. */
    private static final boolean EIGHT_ROWS = SPECIES.vectorBitSize() == 512;

    VectorTapTiles() {
    }

    @Override
    public void multiply(int vectors, int depth, float[] a, int aOffset, float[] b, int bOffset, int[] bShifts, float[] start,
                         int startOffset, int startRowStride, float[] c, int cOffset, int cRowStride) {
        if (EIGHT_ROWS) {
            switch (vectors) {
                case 3 -> tile8x3(depth, a, aOffset, b, bOffset, bShifts, start, startOffset, startRowStride, c, cOffset, cRowStride);
                case 2 -> tile8x2(depth, a, aOffset, b, bOffset, bShifts, start, startOffset, startRowStride, c, cOffset, cRowStride);
                default -> tile8x1(depth, a, aOffset, b, bOffset, bShifts, start, startOffset, startRowStride, c, cOffset, cRowStride);
            }
            return;
        }
        for (int row = 0; row < 8; row += 4) {
            int from = startOffset + row * startRowStride;
            int to = cOffset + row * cRowStride;
            switch (vectors) {
                case 3 -> tile4x3(depth, a, aOffset + row, b, bOffset, bShifts, start, from, startRowStride, c, to, cRowStride);
                case 2 -> tile4x2(depth, a, aOffset + row, b, bOffset, bShifts, start, from, startRowStride, c, to, cRowStride);
                default -> tile4x1(depth, a, aOffset + row, b, bOffset, bShifts, start, from, startRowStride, c, to, cRowStride);
            }
        }
    }

    private static void tile8x3(int depth, float[] a, int a0, float[] b, int bOffset, int[] bShifts, float[] from, int f0, int fRow,
                                float[] c, int c0, int cRow) {
        int f1 = f0 + fRow;
        int f2 = f1 + fRow;
        int f3 = f2 + fRow;
        int f4 = f3 + fRow;
        int f5 = f4 + fRow;
        int f6 = f5 + fRow;
        int f7 = f6 + fRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, from, f0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, from, f0 + LANES);
        FloatVector s0v2 = FloatVector.fromArray(SPECIES, from, f0 + 2 * LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, from, f1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, from, f1 + LANES);
        FloatVector s1v2 = FloatVector.fromArray(SPECIES, from, f1 + 2 * LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, from, f2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, from, f2 + LANES);
        FloatVector s2v2 = FloatVector.fromArray(SPECIES, from, f2 + 2 * LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, from, f3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, from, f3 + LANES);
        FloatVector s3v2 = FloatVector.fromArray(SPECIES, from, f3 + 2 * LANES);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, from, f4);
        FloatVector s4v1 = FloatVector.fromArray(SPECIES, from, f4 + LANES);
        FloatVector s4v2 = FloatVector.fromArray(SPECIES, from, f4 + 2 * LANES);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, from, f5);
        FloatVector s5v1 = FloatVector.fromArray(SPECIES, from, f5 + LANES);
        FloatVector s5v2 = FloatVector.fromArray(SPECIES, from, f5 + 2 * LANES);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, from, f6);
        FloatVector s6v1 = FloatVector.fromArray(SPECIES, from, f6 + LANES);
        FloatVector s6v2 = FloatVector.fromArray(SPECIES, from, f6 + 2 * LANES);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, from, f7);
        FloatVector s7v1 = FloatVector.fromArray(SPECIES, from, f7 + LANES);
        FloatVector s7v2 = FloatVector.fromArray(SPECIES, from, f7 + 2 * LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            s0v2 = x0.fma(v2, s0v2);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 1]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            s1v2 = x1.fma(v2, s1v2);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 2]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            s2v2 = x2.fma(v2, s2v2);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 3]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            s3v2 = x3.fma(v2, s3v2);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 4]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            s4v2 = x4.fma(v2, s4v2);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 5]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
            s5v2 = x5.fma(v2, s5v2);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 6]);
            s6v0 = x6.fma(v0, s6v0);
            s6v1 = x6.fma(v1, s6v1);
            s6v2 = x6.fma(v2, s6v2);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 7]);
            s7v0 = x7.fma(v0, s7v0);
            s7v1 = x7.fma(v1, s7v1);
            s7v2 = x7.fma(v2, s7v2);
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
        s0v2.intoArray(c, c0 + 2 * LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s1v2.intoArray(c, c1 + 2 * LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s2v2.intoArray(c, c2 + 2 * LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
        s3v2.intoArray(c, c3 + 2 * LANES);
        s4v0.intoArray(c, c4);
        s4v1.intoArray(c, c4 + LANES);
        s4v2.intoArray(c, c4 + 2 * LANES);
        s5v0.intoArray(c, c5);
        s5v1.intoArray(c, c5 + LANES);
        s5v2.intoArray(c, c5 + 2 * LANES);
        s6v0.intoArray(c, c6);
        s6v1.intoArray(c, c6 + LANES);
        s6v2.intoArray(c, c6 + 2 * LANES);
        s7v0.intoArray(c, c7);
        s7v1.intoArray(c, c7 + LANES);
        s7v2.intoArray(c, c7 + 2 * LANES);
    }

    private static void tile8x2(int depth, float[] a, int a0, float[] b, int bOffset, int[] bShifts, float[] from, int f0, int fRow,
                                float[] c, int c0, int cRow) {
        int f1 = f0 + fRow;
        int f2 = f1 + fRow;
        int f3 = f2 + fRow;
        int f4 = f3 + fRow;
        int f5 = f4 + fRow;
        int f6 = f5 + fRow;
        int f7 = f6 + fRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, from, f0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, from, f0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, from, f1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, from, f1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, from, f2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, from, f2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, from, f3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, from, f3 + LANES);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, from, f4);
        FloatVector s4v1 = FloatVector.fromArray(SPECIES, from, f4 + LANES);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, from, f5);
        FloatVector s5v1 = FloatVector.fromArray(SPECIES, from, f5 + LANES);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, from, f6);
        FloatVector s6v1 = FloatVector.fromArray(SPECIES, from, f6 + LANES);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, from, f7);
        FloatVector s7v1 = FloatVector.fromArray(SPECIES, from, f7 + LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 1]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 2]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 3]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 4]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 5]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 6]);
            s6v0 = x6.fma(v0, s6v0);
            s6v1 = x6.fma(v1, s6v1);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 7]);
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

    private static void tile8x1(int depth, float[] a, int a0, float[] b, int bOffset, int[] bShifts, float[] from, int f0, int fRow,
                                float[] c, int c0, int cRow) {
        int f1 = f0 + fRow;
        int f2 = f1 + fRow;
        int f3 = f2 + fRow;
        int f4 = f3 + fRow;
        int f5 = f4 + fRow;
        int f6 = f5 + fRow;
        int f7 = f6 + fRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, from, f0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, from, f1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, from, f2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, from, f3);
        FloatVector s4v0 = FloatVector.fromArray(SPECIES, from, f4);
        FloatVector s5v0 = FloatVector.fromArray(SPECIES, from, f5);
        FloatVector s6v0 = FloatVector.fromArray(SPECIES, from, f6);
        FloatVector s7v0 = FloatVector.fromArray(SPECIES, from, f7);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            s0v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8]).fma(v0, s0v0);
            s1v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 1]).fma(v0, s1v0);
            s2v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 2]).fma(v0, s2v0);
            s3v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 3]).fma(v0, s3v0);
            s4v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 4]).fma(v0, s4v0);
            s5v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 5]).fma(v0, s5v0);
            s6v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 6]).fma(v0, s6v0);
            s7v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 7]).fma(v0, s7v0);
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

    private static void tile4x3(int depth, float[] a, int a0, float[] b, int bOffset, int[] bShifts, float[] from, int f0, int fRow,
                                float[] c, int c0, int cRow) {
        int f1 = f0 + fRow;
        int f2 = f1 + fRow;
        int f3 = f2 + fRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, from, f0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, from, f0 + LANES);
        FloatVector s0v2 = FloatVector.fromArray(SPECIES, from, f0 + 2 * LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, from, f1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, from, f1 + LANES);
        FloatVector s1v2 = FloatVector.fromArray(SPECIES, from, f1 + 2 * LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, from, f2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, from, f2 + LANES);
        FloatVector s2v2 = FloatVector.fromArray(SPECIES, from, f2 + 2 * LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, from, f3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, from, f3 + LANES);
        FloatVector s3v2 = FloatVector.fromArray(SPECIES, from, f3 + 2 * LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            s0v2 = x0.fma(v2, s0v2);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 1]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            s1v2 = x1.fma(v2, s1v2);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 2]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            s2v2 = x2.fma(v2, s2v2);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 3]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            s3v2 = x3.fma(v2, s3v2);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        s0v0.intoArray(c, c0);
        s0v1.intoArray(c, c0 + LANES);
        s0v2.intoArray(c, c0 + 2 * LANES);
        s1v0.intoArray(c, c1);
        s1v1.intoArray(c, c1 + LANES);
        s1v2.intoArray(c, c1 + 2 * LANES);
        s2v0.intoArray(c, c2);
        s2v1.intoArray(c, c2 + LANES);
        s2v2.intoArray(c, c2 + 2 * LANES);
        s3v0.intoArray(c, c3);
        s3v1.intoArray(c, c3 + LANES);
        s3v2.intoArray(c, c3 + 2 * LANES);
    }

    private static void tile4x2(int depth, float[] a, int a0, float[] b, int bOffset, int[] bShifts, float[] from, int f0, int fRow,
                                float[] c, int c0, int cRow) {
        int f1 = f0 + fRow;
        int f2 = f1 + fRow;
        int f3 = f2 + fRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, from, f0);
        FloatVector s0v1 = FloatVector.fromArray(SPECIES, from, f0 + LANES);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, from, f1);
        FloatVector s1v1 = FloatVector.fromArray(SPECIES, from, f1 + LANES);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, from, f2);
        FloatVector s2v1 = FloatVector.fromArray(SPECIES, from, f2 + LANES);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, from, f3);
        FloatVector s3v1 = FloatVector.fromArray(SPECIES, from, f3 + LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 1]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 2]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 3]);
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

    private static void tile4x1(int depth, float[] a, int a0, float[] b, int bOffset, int[] bShifts, float[] from, int f0, int fRow,
                                float[] c, int c0, int cRow) {
        int f1 = f0 + fRow;
        int f2 = f1 + fRow;
        int f3 = f2 + fRow;
        FloatVector s0v0 = FloatVector.fromArray(SPECIES, from, f0);
        FloatVector s1v0 = FloatVector.fromArray(SPECIES, from, f1);
        FloatVector s2v0 = FloatVector.fromArray(SPECIES, from, f2);
        FloatVector s3v0 = FloatVector.fromArray(SPECIES, from, f3);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            s0v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8]).fma(v0, s0v0);
            s1v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 1]).fma(v0, s1v0);
            s2v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 2]).fma(v0, s2v0);
            s3v0 = FloatVector.broadcast(SPECIES, a[a0 + k * 8 + 3]).fma(v0, s3v0);
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
