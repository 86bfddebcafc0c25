package io.github.jconv.cuda;

import io.github.jconv.device.CublasHandle;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.tensor.DataType;

/**
 * Products of row-major matrices for every image and group of a convolution:
 *
 * <pre>
 *   C[image, group] [m, n] = op(A[image, group]) [m, k] * op(B[image, group]) [k, n]     (+ C when accumulating)
 * </pre>
 *
 * <p>The three operands are described one after another, then {@link #multiply} enqueues; nothing is allocated. cuBLAS counts in
 * columns: a row-major matrix is its transpose, so the product is asked for as {@code C' = op(B)' * op(A)'}.
 */
final class RowMajorGemm {

    /** One of the three matrices. Lengths and strides count elements. */
    private static final class Operand {

        private DataType type;
        private long address;
        private long rowLength;
        private long imageStride;
        private long groupStride;
        private boolean transposed;

        void set(long newAddress, long newRowLength, long newImageStride, long newGroupStride, boolean newTransposed) {
            address = newAddress;
            rowLength = newRowLength;
            imageStride = newImageStride;
            groupStride = newGroupStride;
            transposed = newTransposed;
        }

        long at(long image, long group) {
            return address + (image * imageStride + group * groupStride) * type.bytes();
        }

        /** Whether the matrices of all images and groups lie at one distance. */
        boolean isUniform(long groups) {
            return imageStride == groups * groupStride;
        }
    }

    private final DeviceContext context;
    private final Operand a = new Operand();
    private final Operand b = new Operand();
    private final Operand c = new Operand();

    RowMajorGemm(DeviceContext context) {
        this.context = context;
    }

    /** Those to come have operands of one type, and results of that or of fp32; products and sums are of fp32 in any case. */
    RowMajorGemm of(DataType operands, DataType result) {
        a.type = operands;
        b.type = operands;
        c.type = result;
        return this;
    }

    /**
     * The left matrix as it is stored.
     *
     * @param rowLength  elements from one row to the next
     * @param transposed whether op transposes it
     */
    RowMajorGemm a(long address, long rowLength, long imageStride, long groupStride, boolean transposed) {
        a.set(address, rowLength, imageStride, groupStride, transposed);
        return this;
    }

    /** The right matrix as it is stored. */
    RowMajorGemm b(long address, long rowLength, long imageStride, long groupStride, boolean transposed) {
        b.set(address, rowLength, imageStride, groupStride, transposed);
        return this;
    }

    /** The matrix that is written. */
    RowMajorGemm c(long address, long rowLength, long imageStride, long groupStride) {
        c.set(address, rowLength, imageStride, groupStride, false);
        return this;
    }

    /** One batch for everything where the distances allow it, otherwise one per group or per image, whichever are fewer. */
    void multiply(long m, long n, long k, long images, long groups, boolean accumulate) {
        CublasHandle cublas = context.cublas();
        float beta = accumulate ? 1 : 0;
        if (images == 1 || groups == 1 || a.isUniform(groups) && b.isUniform(groups) && c.isUniform(groups)) {
            boolean alongGroups = groups > 1;
            batch(cublas, m, n, k, beta, 0, 0, images * groups, alongGroups);
        } else if (images >= groups) {
            for (long group = 0; group < groups; group++) {
                batch(cublas, m, n, k, beta, 0, group, images, false);
            }
        } else {
            for (long image = 0; image < images; image++) {
                batch(cublas, m, n, k, beta, image, 0, groups, true);
            }
        }
    }

    private void batch(CublasHandle cublas, long m, long n, long k, float beta, long image, long group, long count,
                       boolean alongGroups) {
        cublas.gemmStridedBatched(a.type, c.type, b.transposed, a.transposed, n, m, k, 1,
                b.at(image, group), b.rowLength, alongGroups ? b.groupStride : b.imageStride,
                a.at(image, group), a.rowLength, alongGroups ? a.groupStride : a.imageStride,
                beta, c.at(image, group), c.rowLength, alongGroups ? c.groupStride : c.imageStride, count);
    }
}
