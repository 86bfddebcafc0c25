package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes with the Vector API in one width; defined like {@link VectorProvider}, and written like it: every row a local variable.
 *
 * <p>A square of as many rows as a vector has lanes is transposed in registers. Of each pair of rows d apart, for d = 1, 2, 4 ..., the
 * lanes whose number has the bit d in the first row change places with those that do not have it in the second.
 */
final class VectorTransposes implements Transposes {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final int LANES = SPECIES.length();

    private static final VectorShuffle<Float> SWAP1 = swap(1);
    private static final VectorShuffle<Float> SWAP2 = swap(2);
    private static final VectorShuffle<Float> SWAP4 = swap(4);
    private static final VectorShuffle<Float> SWAP8 = swap(8);
    private static final VectorMask<Float> UPPER1 = upper(1);
    private static final VectorMask<Float> UPPER2 = upper(2);
    private static final VectorMask<Float> UPPER4 = upper(4);
    private static final VectorMask<Float> UPPER8 = upper(8);

    VectorTransposes() {
    }

    @Override
    public void transpose(float[] src, int srcOffset, int srcStep, int rows, int columns, float[] dst, int dstOffset, int dstStep) {
        boolean readsBehind = columns < LANES && srcOffset + (rows - 1) * srcStep + LANES > src.length;
        if (rows <= 0 || columns <= 0 || readsBehind || rows < LANES && dstStep < LANES) {
            ScalarProvider.transposeElements(src, srcOffset, srcStep, rows, columns, dst, dstOffset, dstStep);
            return;
        }
        int width = Math.min(columns, LANES);
        for (int i = 0; i < rows; i += LANES) {
            // The last squares overlap those before them and write the same once more.
            int row = Math.max(0, Math.min(i, rows - LANES));
            for (int j = 0; j < columns; j += LANES) {
                int column = Math.min(j, columns - width);
                square(src, srcOffset + row * srcStep + column, srcStep, Math.min(rows, LANES) - 1, width, dst,
                        dstOffset + column * dstStep + row, dstStep);
            }
        }
    }

    /**
     * @param last  the last row that there is: what more a square has repeats it
     * @param width columns that there are: what more is read is not written
     */
    private static void square(float[] src, int from, int srcStep, int last, int width, float[] dst, int to, int dstStep) {
        switch (LANES) {
            case 16 -> transpose16(src, from, srcStep, last, width, dst, to, dstStep);
            case 8 -> transpose8(src, from, srcStep, last, width, dst, to, dstStep);
            default -> transpose4(src, from, srcStep, last, width, dst, to, dstStep);
        }
    }

    private static void transpose4(float[] src, int from, int srcStep, int last, int width, float[] dst, int to, int dstStep) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, src, from);
        FloatVector a1 = FloatVector.fromArray(SPECIES, src, from + Math.min(1, last) * srcStep);
        FloatVector a2 = FloatVector.fromArray(SPECIES, src, from + Math.min(2, last) * srcStep);
        FloatVector a3 = FloatVector.fromArray(SPECIES, src, from + Math.min(3, last) * srcStep);
        FloatVector b0 = a0.blend(a1.rearrange(SWAP1), UPPER1);
        FloatVector b1 = a0.rearrange(SWAP1).blend(a1, UPPER1);
        FloatVector b2 = a2.blend(a3.rearrange(SWAP1), UPPER1);
        FloatVector b3 = a2.rearrange(SWAP1).blend(a3, UPPER1);
        FloatVector c0 = b0.blend(b2.rearrange(SWAP2), UPPER2);
        FloatVector c2 = b0.rearrange(SWAP2).blend(b2, UPPER2);
        FloatVector c1 = b1.blend(b3.rearrange(SWAP2), UPPER2);
        FloatVector c3 = b1.rearrange(SWAP2).blend(b3, UPPER2);
        c0.intoArray(dst, to);
        if (width > 1) {
            c1.intoArray(dst, to + dstStep);
        }
        if (width > 2) {
            c2.intoArray(dst, to + 2 * dstStep);
        }
        if (width > 3) {
            c3.intoArray(dst, to + 3 * dstStep);
        }
    }

    private static void transpose8(float[] src, int from, int srcStep, int last, int width, float[] dst, int to, int dstStep) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, src, from);
        FloatVector a1 = FloatVector.fromArray(SPECIES, src, from + Math.min(1, last) * srcStep);
        FloatVector a2 = FloatVector.fromArray(SPECIES, src, from + Math.min(2, last) * srcStep);
        FloatVector a3 = FloatVector.fromArray(SPECIES, src, from + Math.min(3, last) * srcStep);
        FloatVector a4 = FloatVector.fromArray(SPECIES, src, from + Math.min(4, last) * srcStep);
        FloatVector a5 = FloatVector.fromArray(SPECIES, src, from + Math.min(5, last) * srcStep);
        FloatVector a6 = FloatVector.fromArray(SPECIES, src, from + Math.min(6, last) * srcStep);
        FloatVector a7 = FloatVector.fromArray(SPECIES, src, from + Math.min(7, last) * srcStep);
        FloatVector b0 = a0.blend(a1.rearrange(SWAP1), UPPER1);
        FloatVector b1 = a0.rearrange(SWAP1).blend(a1, UPPER1);
        FloatVector b2 = a2.blend(a3.rearrange(SWAP1), UPPER1);
        FloatVector b3 = a2.rearrange(SWAP1).blend(a3, UPPER1);
        FloatVector b4 = a4.blend(a5.rearrange(SWAP1), UPPER1);
        FloatVector b5 = a4.rearrange(SWAP1).blend(a5, UPPER1);
        FloatVector b6 = a6.blend(a7.rearrange(SWAP1), UPPER1);
        FloatVector b7 = a6.rearrange(SWAP1).blend(a7, UPPER1);
        FloatVector c0 = b0.blend(b2.rearrange(SWAP2), UPPER2);
        FloatVector c2 = b0.rearrange(SWAP2).blend(b2, UPPER2);
        FloatVector c1 = b1.blend(b3.rearrange(SWAP2), UPPER2);
        FloatVector c3 = b1.rearrange(SWAP2).blend(b3, UPPER2);
        FloatVector c4 = b4.blend(b6.rearrange(SWAP2), UPPER2);
        FloatVector c6 = b4.rearrange(SWAP2).blend(b6, UPPER2);
        FloatVector c5 = b5.blend(b7.rearrange(SWAP2), UPPER2);
        FloatVector c7 = b5.rearrange(SWAP2).blend(b7, UPPER2);
        FloatVector d0 = c0.blend(c4.rearrange(SWAP4), UPPER4);
        FloatVector d4 = c0.rearrange(SWAP4).blend(c4, UPPER4);
        FloatVector d1 = c1.blend(c5.rearrange(SWAP4), UPPER4);
        FloatVector d5 = c1.rearrange(SWAP4).blend(c5, UPPER4);
        FloatVector d2 = c2.blend(c6.rearrange(SWAP4), UPPER4);
        FloatVector d6 = c2.rearrange(SWAP4).blend(c6, UPPER4);
        FloatVector d3 = c3.blend(c7.rearrange(SWAP4), UPPER4);
        FloatVector d7 = c3.rearrange(SWAP4).blend(c7, UPPER4);
        d0.intoArray(dst, to);
        if (width > 1) {
            d1.intoArray(dst, to + dstStep);
        }
        if (width > 2) {
            d2.intoArray(dst, to + 2 * dstStep);
        }
        if (width > 3) {
            d3.intoArray(dst, to + 3 * dstStep);
        }
        if (width > 4) {
            d4.intoArray(dst, to + 4 * dstStep);
        }
        if (width > 5) {
            d5.intoArray(dst, to + 5 * dstStep);
        }
        if (width > 6) {
            d6.intoArray(dst, to + 6 * dstStep);
        }
        if (width > 7) {
            d7.intoArray(dst, to + 7 * dstStep);
        }
    }

    private static void transpose16(float[] src, int from, int srcStep, int last, int width, float[] dst, int to, int dstStep) {
        FloatVector a0 = FloatVector.fromArray(SPECIES, src, from);
        FloatVector a1 = FloatVector.fromArray(SPECIES, src, from + Math.min(1, last) * srcStep);
        FloatVector a2 = FloatVector.fromArray(SPECIES, src, from + Math.min(2, last) * srcStep);
        FloatVector a3 = FloatVector.fromArray(SPECIES, src, from + Math.min(3, last) * srcStep);
        FloatVector a4 = FloatVector.fromArray(SPECIES, src, from + Math.min(4, last) * srcStep);
        FloatVector a5 = FloatVector.fromArray(SPECIES, src, from + Math.min(5, last) * srcStep);
        FloatVector a6 = FloatVector.fromArray(SPECIES, src, from + Math.min(6, last) * srcStep);
        FloatVector a7 = FloatVector.fromArray(SPECIES, src, from + Math.min(7, last) * srcStep);
        FloatVector a8 = FloatVector.fromArray(SPECIES, src, from + Math.min(8, last) * srcStep);
        FloatVector a9 = FloatVector.fromArray(SPECIES, src, from + Math.min(9, last) * srcStep);
        FloatVector a10 = FloatVector.fromArray(SPECIES, src, from + Math.min(10, last) * srcStep);
        FloatVector a11 = FloatVector.fromArray(SPECIES, src, from + Math.min(11, last) * srcStep);
        FloatVector a12 = FloatVector.fromArray(SPECIES, src, from + Math.min(12, last) * srcStep);
        FloatVector a13 = FloatVector.fromArray(SPECIES, src, from + Math.min(13, last) * srcStep);
        FloatVector a14 = FloatVector.fromArray(SPECIES, src, from + Math.min(14, last) * srcStep);
        FloatVector a15 = FloatVector.fromArray(SPECIES, src, from + Math.min(15, last) * srcStep);
        FloatVector b0 = a0.blend(a1.rearrange(SWAP1), UPPER1);
        FloatVector b1 = a0.rearrange(SWAP1).blend(a1, UPPER1);
        FloatVector b2 = a2.blend(a3.rearrange(SWAP1), UPPER1);
        FloatVector b3 = a2.rearrange(SWAP1).blend(a3, UPPER1);
        FloatVector b4 = a4.blend(a5.rearrange(SWAP1), UPPER1);
        FloatVector b5 = a4.rearrange(SWAP1).blend(a5, UPPER1);
        FloatVector b6 = a6.blend(a7.rearrange(SWAP1), UPPER1);
        FloatVector b7 = a6.rearrange(SWAP1).blend(a7, UPPER1);
        FloatVector b8 = a8.blend(a9.rearrange(SWAP1), UPPER1);
        FloatVector b9 = a8.rearrange(SWAP1).blend(a9, UPPER1);
        FloatVector b10 = a10.blend(a11.rearrange(SWAP1), UPPER1);
        FloatVector b11 = a10.rearrange(SWAP1).blend(a11, UPPER1);
        FloatVector b12 = a12.blend(a13.rearrange(SWAP1), UPPER1);
        FloatVector b13 = a12.rearrange(SWAP1).blend(a13, UPPER1);
        FloatVector b14 = a14.blend(a15.rearrange(SWAP1), UPPER1);
        FloatVector b15 = a14.rearrange(SWAP1).blend(a15, UPPER1);
        FloatVector c0 = b0.blend(b2.rearrange(SWAP2), UPPER2);
        FloatVector c2 = b0.rearrange(SWAP2).blend(b2, UPPER2);
        FloatVector c1 = b1.blend(b3.rearrange(SWAP2), UPPER2);
        FloatVector c3 = b1.rearrange(SWAP2).blend(b3, UPPER2);
        FloatVector c4 = b4.blend(b6.rearrange(SWAP2), UPPER2);
        FloatVector c6 = b4.rearrange(SWAP2).blend(b6, UPPER2);
        FloatVector c5 = b5.blend(b7.rearrange(SWAP2), UPPER2);
        FloatVector c7 = b5.rearrange(SWAP2).blend(b7, UPPER2);
        FloatVector c8 = b8.blend(b10.rearrange(SWAP2), UPPER2);
        FloatVector c10 = b8.rearrange(SWAP2).blend(b10, UPPER2);
        FloatVector c9 = b9.blend(b11.rearrange(SWAP2), UPPER2);
        FloatVector c11 = b9.rearrange(SWAP2).blend(b11, UPPER2);
        FloatVector c12 = b12.blend(b14.rearrange(SWAP2), UPPER2);
        FloatVector c14 = b12.rearrange(SWAP2).blend(b14, UPPER2);
        FloatVector c13 = b13.blend(b15.rearrange(SWAP2), UPPER2);
        FloatVector c15 = b13.rearrange(SWAP2).blend(b15, UPPER2);
        FloatVector d0 = c0.blend(c4.rearrange(SWAP4), UPPER4);
        FloatVector d4 = c0.rearrange(SWAP4).blend(c4, UPPER4);
        FloatVector d1 = c1.blend(c5.rearrange(SWAP4), UPPER4);
        FloatVector d5 = c1.rearrange(SWAP4).blend(c5, UPPER4);
        FloatVector d2 = c2.blend(c6.rearrange(SWAP4), UPPER4);
        FloatVector d6 = c2.rearrange(SWAP4).blend(c6, UPPER4);
        FloatVector d3 = c3.blend(c7.rearrange(SWAP4), UPPER4);
        FloatVector d7 = c3.rearrange(SWAP4).blend(c7, UPPER4);
        FloatVector d8 = c8.blend(c12.rearrange(SWAP4), UPPER4);
        FloatVector d12 = c8.rearrange(SWAP4).blend(c12, UPPER4);
        FloatVector d9 = c9.blend(c13.rearrange(SWAP4), UPPER4);
        FloatVector d13 = c9.rearrange(SWAP4).blend(c13, UPPER4);
        FloatVector d10 = c10.blend(c14.rearrange(SWAP4), UPPER4);
        FloatVector d14 = c10.rearrange(SWAP4).blend(c14, UPPER4);
        FloatVector d11 = c11.blend(c15.rearrange(SWAP4), UPPER4);
        FloatVector d15 = c11.rearrange(SWAP4).blend(c15, UPPER4);
        FloatVector e0 = d0.blend(d8.rearrange(SWAP8), UPPER8);
        FloatVector e8 = d0.rearrange(SWAP8).blend(d8, UPPER8);
        FloatVector e1 = d1.blend(d9.rearrange(SWAP8), UPPER8);
        FloatVector e9 = d1.rearrange(SWAP8).blend(d9, UPPER8);
        FloatVector e2 = d2.blend(d10.rearrange(SWAP8), UPPER8);
        FloatVector e10 = d2.rearrange(SWAP8).blend(d10, UPPER8);
        FloatVector e3 = d3.blend(d11.rearrange(SWAP8), UPPER8);
        FloatVector e11 = d3.rearrange(SWAP8).blend(d11, UPPER8);
        FloatVector e4 = d4.blend(d12.rearrange(SWAP8), UPPER8);
        FloatVector e12 = d4.rearrange(SWAP8).blend(d12, UPPER8);
        FloatVector e5 = d5.blend(d13.rearrange(SWAP8), UPPER8);
        FloatVector e13 = d5.rearrange(SWAP8).blend(d13, UPPER8);
        FloatVector e6 = d6.blend(d14.rearrange(SWAP8), UPPER8);
        FloatVector e14 = d6.rearrange(SWAP8).blend(d14, UPPER8);
        FloatVector e7 = d7.blend(d15.rearrange(SWAP8), UPPER8);
        FloatVector e15 = d7.rearrange(SWAP8).blend(d15, UPPER8);
        e0.intoArray(dst, to);
        if (width > 1) {
            e1.intoArray(dst, to + dstStep);
        }
        if (width > 2) {
            e2.intoArray(dst, to + 2 * dstStep);
        }
        if (width > 3) {
            e3.intoArray(dst, to + 3 * dstStep);
        }
        if (width > 4) {
            e4.intoArray(dst, to + 4 * dstStep);
        }
        if (width > 5) {
            e5.intoArray(dst, to + 5 * dstStep);
        }
        if (width > 6) {
            e6.intoArray(dst, to + 6 * dstStep);
        }
        if (width > 7) {
            e7.intoArray(dst, to + 7 * dstStep);
        }
        if (width > 8) {
            e8.intoArray(dst, to + 8 * dstStep);
        }
        if (width > 9) {
            e9.intoArray(dst, to + 9 * dstStep);
        }
        if (width > 10) {
            e10.intoArray(dst, to + 10 * dstStep);
        }
        if (width > 11) {
            e11.intoArray(dst, to + 11 * dstStep);
        }
        if (width > 12) {
            e12.intoArray(dst, to + 12 * dstStep);
        }
        if (width > 13) {
            e13.intoArray(dst, to + 13 * dstStep);
        }
        if (width > 14) {
            e14.intoArray(dst, to + 14 * dstStep);
        }
        if (width > 15) {
            e15.intoArray(dst, to + 15 * dstStep);
        }
    }

    /** Lanes that differ in one bit of their number change places. */
    private static VectorShuffle<Float> swap(int bit) {
        int[] lanes = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = (lane ^ bit) % LANES;
        }
        return VectorShuffle.fromArray(SPECIES, lanes, 0);
    }

    private static VectorMask<Float> upper(int bit) {
        boolean[] lanes = new boolean[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = (lane & bit) != 0;
        }
        return VectorMask.fromArray(SPECIES, lanes, 0);
    }
}
