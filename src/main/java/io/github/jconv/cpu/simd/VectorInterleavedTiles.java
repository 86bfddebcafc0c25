package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles with the Vector API in one width; defined like {@link VectorProvider}, and written like it: every sum a local variable. As the
 * rows of the left factor follow one another, one index and one test of bounds serve all twelve, and as many rows are what makes two
 * vectors of columns, or even one, busy enough. The sums begin at zero, so that where they lie in c needs no registers meanwhile.
 */
final class VectorInterleavedTiles implements InterleavedTiles {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    /** Twelve rows of two vectors fit the 32 registers that come with 512-bit vectors only. */
    private static final boolean TWELVE_ROWS = SPECIES.vectorBitSize() == 512;

    VectorInterleavedTiles() {
    }

    @Override
    public void multiply(int rows, int vectors, int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                         float[] c, int cOffset, int cRowStride) {
        if (rows == 12 && TWELVE_ROWS) {
            if (vectors == 2) {
                tile12x2(depth, a, aOffset, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
            } else {
                tile12x1(depth, a, aOffset, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
            }
            return;
        }
        for (int row = 0; row < rows; row += 6) {
            if (vectors == 2) {
                tile6x2(depth, a, aOffset + row, aShifts, b, bOffset, bShifts, c, cOffset + row * cRowStride, cRowStride);
            } else {
                tile6x1(depth, a, aOffset + row, aShifts, b, bOffset, bShifts, c, cOffset + row * cRowStride, cRowStride);
            }
        }
    }

    private static void tile6x1(int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                  float[] c, int c0, int cRow) {
        FloatVector s0v0 = FloatVector.zero(SPECIES);
        FloatVector s1v0 = FloatVector.zero(SPECIES);
        FloatVector s2v0 = FloatVector.zero(SPECIES);
        FloatVector s3v0 = FloatVector.zero(SPECIES);
        FloatVector s4v0 = FloatVector.zero(SPECIES);
        FloatVector s5v0 = FloatVector.zero(SPECIES);
        for (int k = 0; k < depth; k++) {
            int at = aOffset + aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            s0v0 = FloatVector.broadcast(SPECIES, a[at]).fma(v0, s0v0);
            s1v0 = FloatVector.broadcast(SPECIES, a[at + 1]).fma(v0, s1v0);
            s2v0 = FloatVector.broadcast(SPECIES, a[at + 2]).fma(v0, s2v0);
            s3v0 = FloatVector.broadcast(SPECIES, a[at + 3]).fma(v0, s3v0);
            s4v0 = FloatVector.broadcast(SPECIES, a[at + 4]).fma(v0, s4v0);
            s5v0 = FloatVector.broadcast(SPECIES, a[at + 5]).fma(v0, s5v0);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        s0v0.add(FloatVector.fromArray(SPECIES, c, c0)).intoArray(c, c0);
        s1v0.add(FloatVector.fromArray(SPECIES, c, c1)).intoArray(c, c1);
        s2v0.add(FloatVector.fromArray(SPECIES, c, c2)).intoArray(c, c2);
        s3v0.add(FloatVector.fromArray(SPECIES, c, c3)).intoArray(c, c3);
        s4v0.add(FloatVector.fromArray(SPECIES, c, c4)).intoArray(c, c4);
        s5v0.add(FloatVector.fromArray(SPECIES, c, c5)).intoArray(c, c5);
    }

    private static void tile6x2(int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                  float[] c, int c0, int cRow) {
        FloatVector s0v0 = FloatVector.zero(SPECIES);
        FloatVector s0v1 = FloatVector.zero(SPECIES);
        FloatVector s1v0 = FloatVector.zero(SPECIES);
        FloatVector s1v1 = FloatVector.zero(SPECIES);
        FloatVector s2v0 = FloatVector.zero(SPECIES);
        FloatVector s2v1 = FloatVector.zero(SPECIES);
        FloatVector s3v0 = FloatVector.zero(SPECIES);
        FloatVector s3v1 = FloatVector.zero(SPECIES);
        FloatVector s4v0 = FloatVector.zero(SPECIES);
        FloatVector s4v1 = FloatVector.zero(SPECIES);
        FloatVector s5v0 = FloatVector.zero(SPECIES);
        FloatVector s5v1 = FloatVector.zero(SPECIES);
        for (int k = 0; k < depth; k++) {
            int at = aOffset + aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
        }
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        s0v0.add(FloatVector.fromArray(SPECIES, c, c0)).intoArray(c, c0);
        s0v1.add(FloatVector.fromArray(SPECIES, c, c0 + LANES)).intoArray(c, c0 + LANES);
        s1v0.add(FloatVector.fromArray(SPECIES, c, c1)).intoArray(c, c1);
        s1v1.add(FloatVector.fromArray(SPECIES, c, c1 + LANES)).intoArray(c, c1 + LANES);
        s2v0.add(FloatVector.fromArray(SPECIES, c, c2)).intoArray(c, c2);
        s2v1.add(FloatVector.fromArray(SPECIES, c, c2 + LANES)).intoArray(c, c2 + LANES);
        s3v0.add(FloatVector.fromArray(SPECIES, c, c3)).intoArray(c, c3);
        s3v1.add(FloatVector.fromArray(SPECIES, c, c3 + LANES)).intoArray(c, c3 + LANES);
        s4v0.add(FloatVector.fromArray(SPECIES, c, c4)).intoArray(c, c4);
        s4v1.add(FloatVector.fromArray(SPECIES, c, c4 + LANES)).intoArray(c, c4 + LANES);
        s5v0.add(FloatVector.fromArray(SPECIES, c, c5)).intoArray(c, c5);
        s5v1.add(FloatVector.fromArray(SPECIES, c, c5 + LANES)).intoArray(c, c5 + LANES);
    }

    private static void tile12x1(int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                  float[] c, int c0, int cRow) {
        FloatVector s0v0 = FloatVector.zero(SPECIES);
        FloatVector s1v0 = FloatVector.zero(SPECIES);
        FloatVector s2v0 = FloatVector.zero(SPECIES);
        FloatVector s3v0 = FloatVector.zero(SPECIES);
        FloatVector s4v0 = FloatVector.zero(SPECIES);
        FloatVector s5v0 = FloatVector.zero(SPECIES);
        FloatVector s6v0 = FloatVector.zero(SPECIES);
        FloatVector s7v0 = FloatVector.zero(SPECIES);
        FloatVector s8v0 = FloatVector.zero(SPECIES);
        FloatVector s9v0 = FloatVector.zero(SPECIES);
        FloatVector s10v0 = FloatVector.zero(SPECIES);
        FloatVector s11v0 = FloatVector.zero(SPECIES);
        for (int k = 0; k < depth; k++) {
            int at = aOffset + aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            s0v0 = FloatVector.broadcast(SPECIES, a[at]).fma(v0, s0v0);
            s1v0 = FloatVector.broadcast(SPECIES, a[at + 1]).fma(v0, s1v0);
            s2v0 = FloatVector.broadcast(SPECIES, a[at + 2]).fma(v0, s2v0);
            s3v0 = FloatVector.broadcast(SPECIES, a[at + 3]).fma(v0, s3v0);
            s4v0 = FloatVector.broadcast(SPECIES, a[at + 4]).fma(v0, s4v0);
            s5v0 = FloatVector.broadcast(SPECIES, a[at + 5]).fma(v0, s5v0);
            s6v0 = FloatVector.broadcast(SPECIES, a[at + 6]).fma(v0, s6v0);
            s7v0 = FloatVector.broadcast(SPECIES, a[at + 7]).fma(v0, s7v0);
            s8v0 = FloatVector.broadcast(SPECIES, a[at + 8]).fma(v0, s8v0);
            s9v0 = FloatVector.broadcast(SPECIES, a[at + 9]).fma(v0, s9v0);
            s10v0 = FloatVector.broadcast(SPECIES, a[at + 10]).fma(v0, s10v0);
            s11v0 = FloatVector.broadcast(SPECIES, a[at + 11]).fma(v0, s11v0);
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
        s0v0.add(FloatVector.fromArray(SPECIES, c, c0)).intoArray(c, c0);
        s1v0.add(FloatVector.fromArray(SPECIES, c, c1)).intoArray(c, c1);
        s2v0.add(FloatVector.fromArray(SPECIES, c, c2)).intoArray(c, c2);
        s3v0.add(FloatVector.fromArray(SPECIES, c, c3)).intoArray(c, c3);
        s4v0.add(FloatVector.fromArray(SPECIES, c, c4)).intoArray(c, c4);
        s5v0.add(FloatVector.fromArray(SPECIES, c, c5)).intoArray(c, c5);
        s6v0.add(FloatVector.fromArray(SPECIES, c, c6)).intoArray(c, c6);
        s7v0.add(FloatVector.fromArray(SPECIES, c, c7)).intoArray(c, c7);
        s8v0.add(FloatVector.fromArray(SPECIES, c, c8)).intoArray(c, c8);
        s9v0.add(FloatVector.fromArray(SPECIES, c, c9)).intoArray(c, c9);
        s10v0.add(FloatVector.fromArray(SPECIES, c, c10)).intoArray(c, c10);
        s11v0.add(FloatVector.fromArray(SPECIES, c, c11)).intoArray(c, c11);
    }

    private static void tile12x2(int depth, float[] a, int aOffset, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                  float[] c, int c0, int cRow) {
        FloatVector s0v0 = FloatVector.zero(SPECIES);
        FloatVector s0v1 = FloatVector.zero(SPECIES);
        FloatVector s1v0 = FloatVector.zero(SPECIES);
        FloatVector s1v1 = FloatVector.zero(SPECIES);
        FloatVector s2v0 = FloatVector.zero(SPECIES);
        FloatVector s2v1 = FloatVector.zero(SPECIES);
        FloatVector s3v0 = FloatVector.zero(SPECIES);
        FloatVector s3v1 = FloatVector.zero(SPECIES);
        FloatVector s4v0 = FloatVector.zero(SPECIES);
        FloatVector s4v1 = FloatVector.zero(SPECIES);
        FloatVector s5v0 = FloatVector.zero(SPECIES);
        FloatVector s5v1 = FloatVector.zero(SPECIES);
        FloatVector s6v0 = FloatVector.zero(SPECIES);
        FloatVector s6v1 = FloatVector.zero(SPECIES);
        FloatVector s7v0 = FloatVector.zero(SPECIES);
        FloatVector s7v1 = FloatVector.zero(SPECIES);
        FloatVector s8v0 = FloatVector.zero(SPECIES);
        FloatVector s8v1 = FloatVector.zero(SPECIES);
        FloatVector s9v0 = FloatVector.zero(SPECIES);
        FloatVector s9v1 = FloatVector.zero(SPECIES);
        FloatVector s10v0 = FloatVector.zero(SPECIES);
        FloatVector s10v1 = FloatVector.zero(SPECIES);
        FloatVector s11v0 = FloatVector.zero(SPECIES);
        FloatVector s11v1 = FloatVector.zero(SPECIES);
        for (int k = 0; k < depth; k++) {
            int at = aOffset + aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[at]);
            s0v0 = x0.fma(v0, s0v0);
            s0v1 = x0.fma(v1, s0v1);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            s1v0 = x1.fma(v0, s1v0);
            s1v1 = x1.fma(v1, s1v1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            s2v0 = x2.fma(v0, s2v0);
            s2v1 = x2.fma(v1, s2v1);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            s3v0 = x3.fma(v0, s3v0);
            s3v1 = x3.fma(v1, s3v1);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            s4v0 = x4.fma(v0, s4v0);
            s4v1 = x4.fma(v1, s4v1);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[at + 5]);
            s5v0 = x5.fma(v0, s5v0);
            s5v1 = x5.fma(v1, s5v1);
            FloatVector x6 = FloatVector.broadcast(SPECIES, a[at + 6]);
            s6v0 = x6.fma(v0, s6v0);
            s6v1 = x6.fma(v1, s6v1);
            FloatVector x7 = FloatVector.broadcast(SPECIES, a[at + 7]);
            s7v0 = x7.fma(v0, s7v0);
            s7v1 = x7.fma(v1, s7v1);
            FloatVector x8 = FloatVector.broadcast(SPECIES, a[at + 8]);
            s8v0 = x8.fma(v0, s8v0);
            s8v1 = x8.fma(v1, s8v1);
            FloatVector x9 = FloatVector.broadcast(SPECIES, a[at + 9]);
            s9v0 = x9.fma(v0, s9v0);
            s9v1 = x9.fma(v1, s9v1);
            FloatVector x10 = FloatVector.broadcast(SPECIES, a[at + 10]);
            s10v0 = x10.fma(v0, s10v0);
            s10v1 = x10.fma(v1, s10v1);
            FloatVector x11 = FloatVector.broadcast(SPECIES, a[at + 11]);
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
        s0v0.add(FloatVector.fromArray(SPECIES, c, c0)).intoArray(c, c0);
        s0v1.add(FloatVector.fromArray(SPECIES, c, c0 + LANES)).intoArray(c, c0 + LANES);
        s1v0.add(FloatVector.fromArray(SPECIES, c, c1)).intoArray(c, c1);
        s1v1.add(FloatVector.fromArray(SPECIES, c, c1 + LANES)).intoArray(c, c1 + LANES);
        s2v0.add(FloatVector.fromArray(SPECIES, c, c2)).intoArray(c, c2);
        s2v1.add(FloatVector.fromArray(SPECIES, c, c2 + LANES)).intoArray(c, c2 + LANES);
        s3v0.add(FloatVector.fromArray(SPECIES, c, c3)).intoArray(c, c3);
        s3v1.add(FloatVector.fromArray(SPECIES, c, c3 + LANES)).intoArray(c, c3 + LANES);
        s4v0.add(FloatVector.fromArray(SPECIES, c, c4)).intoArray(c, c4);
        s4v1.add(FloatVector.fromArray(SPECIES, c, c4 + LANES)).intoArray(c, c4 + LANES);
        s5v0.add(FloatVector.fromArray(SPECIES, c, c5)).intoArray(c, c5);
        s5v1.add(FloatVector.fromArray(SPECIES, c, c5 + LANES)).intoArray(c, c5 + LANES);
        s6v0.add(FloatVector.fromArray(SPECIES, c, c6)).intoArray(c, c6);
        s6v1.add(FloatVector.fromArray(SPECIES, c, c6 + LANES)).intoArray(c, c6 + LANES);
        s7v0.add(FloatVector.fromArray(SPECIES, c, c7)).intoArray(c, c7);
        s7v1.add(FloatVector.fromArray(SPECIES, c, c7 + LANES)).intoArray(c, c7 + LANES);
        s8v0.add(FloatVector.fromArray(SPECIES, c, c8)).intoArray(c, c8);
        s8v1.add(FloatVector.fromArray(SPECIES, c, c8 + LANES)).intoArray(c, c8 + LANES);
        s9v0.add(FloatVector.fromArray(SPECIES, c, c9)).intoArray(c, c9);
        s9v1.add(FloatVector.fromArray(SPECIES, c, c9 + LANES)).intoArray(c, c9 + LANES);
        s10v0.add(FloatVector.fromArray(SPECIES, c, c10)).intoArray(c, c10);
        s10v1.add(FloatVector.fromArray(SPECIES, c, c10 + LANES)).intoArray(c, c10 + LANES);
        s11v0.add(FloatVector.fromArray(SPECIES, c, c11)).intoArray(c, c11);
        s11v1.add(FloatVector.fromArray(SPECIES, c, c11 + LANES)).intoArray(c, c11 + LANES);
    }
}
