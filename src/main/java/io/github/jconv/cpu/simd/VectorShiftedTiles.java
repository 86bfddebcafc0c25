package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles with the Vector API in one width; defined like {@link VectorProvider}, and written like it: every sum a local variable. The
 * tiles come in one to four vectors, with the left factor consecutive or shifted.
 */
final class VectorShiftedTiles implements ShiftedTiles {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();
    private static final VectorSpecies<Integer> INTEGERS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** All ones for as many lanes as a piece has elements, from {@code LANES} minus these on, and then zeros. */
    private static final int[] KEPT = new int[2 * LANES];

    static {
        Arrays.fill(KEPT, 0, LANES, -1);
    }

    VectorShiftedTiles() {
    }

    /** Twenty-four sums and what is loaded beside them fit the 32 registers that come with 512-bit vectors only. */
    @Override
    public int widest() {
        return SPECIES.vectorBitSize() == 512 ? 4 : 2;
    }

    @Override
    public void multiply(int vectors, int depth, float[] a, int aOffset, int aRowStride, int[] aShifts, float[] b, int bOffset,
                         int[] bShifts, float[] c, int cOffset, int cRowStride) {
        if (aShifts == null) {
            switch (vectors) {
                case 4 -> consecutive4(depth, a, aOffset, aRowStride, b, bOffset, bShifts, c, cOffset, cRowStride);
                case 3 -> consecutive3(depth, a, aOffset, aRowStride, b, bOffset, bShifts, c, cOffset, cRowStride);
                case 2 -> consecutive2(depth, a, aOffset, aRowStride, b, bOffset, bShifts, c, cOffset, cRowStride);
                default -> consecutive1(depth, a, aOffset, aRowStride, b, bOffset, bShifts, c, cOffset, cRowStride);
            }
        } else {
            switch (vectors) {
                case 4 -> shifted4(depth, a, aOffset, aRowStride, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
                case 3 -> shifted3(depth, a, aOffset, aRowStride, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
                case 2 -> shifted2(depth, a, aOffset, aRowStride, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
                default -> shifted1(depth, a, aOffset, aRowStride, aShifts, b, bOffset, bShifts, c, cOffset, cRowStride);
            }
        }
    }

    @Override
    public void tapDots(int pieces, int length, float[] a, int aOffset, int aRowStride, int aStep, float[] b, int bOffset, int bStep,
                        float[] sums, int sumsOffset, int sumsRowStride) {
        IntVector kept = IntVector.fromArray(INTEGERS, KEPT, LANES - length);
        int a1 = aOffset + aRowStride;
        int a2 = a1 + aRowStride;
        int a3 = a2 + aRowStride;
        int a4 = a3 + aRowStride;
        int a5 = a4 + aRowStride;
        int sums1 = sumsOffset + sumsRowStride;
        int sums2 = sums1 + sumsRowStride;
        int sums3 = sums2 + sumsRowStride;
        int sums4 = sums3 + sumsRowStride;
        int sums5 = sums4 + sumsRowStride;
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, sumsOffset);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, sums1);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, sums2);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, sums3);
        FloatVector s4 = FloatVector.fromArray(SPECIES, sums, sums4);
        FloatVector s5 = FloatVector.fromArray(SPECIES, sums, sums5);
        for (int k = 0; k < pieces; k++) {
            int at = k * aStep;
            FloatVector v = FloatVector.fromArray(SPECIES, b, bOffset + k * bStep);
            // What is behind a piece may be no number, so that zeros in the other factor would not do.
            s0 = FloatVector.fromArray(SPECIES, a, aOffset + at).reinterpretAsInts().and(kept).reinterpretAsFloats().fma(v, s0);
            s1 = FloatVector.fromArray(SPECIES, a, a1 + at).reinterpretAsInts().and(kept).reinterpretAsFloats().fma(v, s1);
            s2 = FloatVector.fromArray(SPECIES, a, a2 + at).reinterpretAsInts().and(kept).reinterpretAsFloats().fma(v, s2);
            s3 = FloatVector.fromArray(SPECIES, a, a3 + at).reinterpretAsInts().and(kept).reinterpretAsFloats().fma(v, s3);
            s4 = FloatVector.fromArray(SPECIES, a, a4 + at).reinterpretAsInts().and(kept).reinterpretAsFloats().fma(v, s4);
            s5 = FloatVector.fromArray(SPECIES, a, a5 + at).reinterpretAsInts().and(kept).reinterpretAsFloats().fma(v, s5);
        }
        s0.intoArray(sums, sumsOffset);
        s1.intoArray(sums, sums1);
        s2.intoArray(sums, sums2);
        s3.intoArray(sums, sums3);
        s4.intoArray(sums, sums4);
        s5.intoArray(sums, sums5);
    }

    private static void consecutive1(int depth, float[] a, int a0, int aRow, float[] b, int bOffset, int[] bShifts,
                                     float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s0 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s4 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s5 = FloatVector.fromArray(SPECIES, c, c5);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            s0 = FloatVector.broadcast(SPECIES, a[a0 + k]).fma(v0, s0);
            s1 = FloatVector.broadcast(SPECIES, a[a1 + k]).fma(v0, s1);
            s2 = FloatVector.broadcast(SPECIES, a[a2 + k]).fma(v0, s2);
            s3 = FloatVector.broadcast(SPECIES, a[a3 + k]).fma(v0, s3);
            s4 = FloatVector.broadcast(SPECIES, a[a4 + k]).fma(v0, s4);
            s5 = FloatVector.broadcast(SPECIES, a[a5 + k]).fma(v0, s5);
        }
        s0.intoArray(c, c0);
        s1.intoArray(c, c1);
        s2.intoArray(c, c2);
        s3.intoArray(c, c3);
        s4.intoArray(c, c4);
        s5.intoArray(c, c5);
    }

    private static void consecutive2(int depth, float[] a, int a0, int aRow, float[] b, int bOffset, int[] bShifts,
                                     float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
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

    private static void consecutive3(int depth, float[] a, int a0, int aRow, float[] b, int bOffset, int[] bShifts,
                                     float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, c, c0 + 2 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, c, c1 + 2 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, c, c2 + 2 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, c, c3 + 2 * LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s42 = FloatVector.fromArray(SPECIES, c, c4 + 2 * LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        FloatVector s52 = FloatVector.fromArray(SPECIES, c, c5 + 2 * LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            s42 = x4.fma(v2, s42);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
            s52 = x5.fma(v2, s52);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s02.intoArray(c, c0 + 2 * LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s12.intoArray(c, c1 + 2 * LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s22.intoArray(c, c2 + 2 * LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s32.intoArray(c, c3 + 2 * LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s42.intoArray(c, c4 + 2 * LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
        s52.intoArray(c, c5 + 2 * LANES);
    }

    private static void consecutive4(int depth, float[] a, int a0, int aRow, float[] b, int bOffset, int[] bShifts,
                                     float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, c, c0 + 2 * LANES);
        FloatVector s03 = FloatVector.fromArray(SPECIES, c, c0 + 3 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, c, c1 + 2 * LANES);
        FloatVector s13 = FloatVector.fromArray(SPECIES, c, c1 + 3 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, c, c2 + 2 * LANES);
        FloatVector s23 = FloatVector.fromArray(SPECIES, c, c2 + 3 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, c, c3 + 2 * LANES);
        FloatVector s33 = FloatVector.fromArray(SPECIES, c, c3 + 3 * LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s42 = FloatVector.fromArray(SPECIES, c, c4 + 2 * LANES);
        FloatVector s43 = FloatVector.fromArray(SPECIES, c, c4 + 3 * LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        FloatVector s52 = FloatVector.fromArray(SPECIES, c, c5 + 2 * LANES);
        FloatVector s53 = FloatVector.fromArray(SPECIES, c, c5 + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, row + 3 * LANES);
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

    private static void shifted1(int depth, float[] a, int a0, int aRow, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                 float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s0 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s4 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s5 = FloatVector.fromArray(SPECIES, c, c5);
        for (int k = 0; k < depth; k++) {
            int at = aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            s0 = FloatVector.broadcast(SPECIES, a[a0 + at]).fma(v0, s0);
            s1 = FloatVector.broadcast(SPECIES, a[a1 + at]).fma(v0, s1);
            s2 = FloatVector.broadcast(SPECIES, a[a2 + at]).fma(v0, s2);
            s3 = FloatVector.broadcast(SPECIES, a[a3 + at]).fma(v0, s3);
            s4 = FloatVector.broadcast(SPECIES, a[a4 + at]).fma(v0, s4);
            s5 = FloatVector.broadcast(SPECIES, a[a5 + at]).fma(v0, s5);
        }
        s0.intoArray(c, c0);
        s1.intoArray(c, c1);
        s2.intoArray(c, c2);
        s3.intoArray(c, c3);
        s4.intoArray(c, c4);
        s5.intoArray(c, c5);
    }

    private static void shifted2(int depth, float[] a, int a0, int aRow, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                 float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        for (int k = 0; k < depth; k++) {
            int at = aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + at]);
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

    private static void shifted3(int depth, float[] a, int a0, int aRow, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                 float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, c, c0 + 2 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, c, c1 + 2 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, c, c2 + 2 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, c, c3 + 2 * LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s42 = FloatVector.fromArray(SPECIES, c, c4 + 2 * LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        FloatVector s52 = FloatVector.fromArray(SPECIES, c, c5 + 2 * LANES);
        for (int k = 0; k < depth; k++) {
            int at = aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            s42 = x4.fma(v2, s42);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s50 = x5.fma(v0, s50);
            s51 = x5.fma(v1, s51);
            s52 = x5.fma(v2, s52);
        }
        s00.intoArray(c, c0);
        s01.intoArray(c, c0 + LANES);
        s02.intoArray(c, c0 + 2 * LANES);
        s10.intoArray(c, c1);
        s11.intoArray(c, c1 + LANES);
        s12.intoArray(c, c1 + 2 * LANES);
        s20.intoArray(c, c2);
        s21.intoArray(c, c2 + LANES);
        s22.intoArray(c, c2 + 2 * LANES);
        s30.intoArray(c, c3);
        s31.intoArray(c, c3 + LANES);
        s32.intoArray(c, c3 + 2 * LANES);
        s40.intoArray(c, c4);
        s41.intoArray(c, c4 + LANES);
        s42.intoArray(c, c4 + 2 * LANES);
        s50.intoArray(c, c5);
        s51.intoArray(c, c5 + LANES);
        s52.intoArray(c, c5 + 2 * LANES);
    }

    private static void shifted4(int depth, float[] a, int a0, int aRow, int[] aShifts, float[] b, int bOffset, int[] bShifts,
                                 float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector s02 = FloatVector.fromArray(SPECIES, c, c0 + 2 * LANES);
        FloatVector s03 = FloatVector.fromArray(SPECIES, c, c0 + 3 * LANES);
        FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector s12 = FloatVector.fromArray(SPECIES, c, c1 + 2 * LANES);
        FloatVector s13 = FloatVector.fromArray(SPECIES, c, c1 + 3 * LANES);
        FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector s22 = FloatVector.fromArray(SPECIES, c, c2 + 2 * LANES);
        FloatVector s23 = FloatVector.fromArray(SPECIES, c, c2 + 3 * LANES);
        FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        FloatVector s32 = FloatVector.fromArray(SPECIES, c, c3 + 2 * LANES);
        FloatVector s33 = FloatVector.fromArray(SPECIES, c, c3 + 3 * LANES);
        FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
        FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
        FloatVector s42 = FloatVector.fromArray(SPECIES, c, c4 + 2 * LANES);
        FloatVector s43 = FloatVector.fromArray(SPECIES, c, c4 + 3 * LANES);
        FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
        FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
        FloatVector s52 = FloatVector.fromArray(SPECIES, c, c5 + 2 * LANES);
        FloatVector s53 = FloatVector.fromArray(SPECIES, c, c5 + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            int at = aShifts[k];
            int row = bOffset + bShifts[k];
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, row);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, row + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, row + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, row + 3 * LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s00 = x0.fma(v0, s00);
            s01 = x0.fma(v1, s01);
            s02 = x0.fma(v2, s02);
            s03 = x0.fma(v3, s03);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s10 = x1.fma(v0, s10);
            s11 = x1.fma(v1, s11);
            s12 = x1.fma(v2, s12);
            s13 = x1.fma(v3, s13);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s20 = x2.fma(v0, s20);
            s21 = x2.fma(v1, s21);
            s22 = x2.fma(v2, s22);
            s23 = x2.fma(v3, s23);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s30 = x3.fma(v0, s30);
            s31 = x3.fma(v1, s31);
            s32 = x3.fma(v2, s32);
            s33 = x3.fma(v3, s33);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s40 = x4.fma(v0, s40);
            s41 = x4.fma(v1, s41);
            s42 = x4.fma(v2, s42);
            s43 = x4.fma(v3, s43);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + at]);
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
}
