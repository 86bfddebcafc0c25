package io.github.jconv.device;

import io.github.jconv.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasAtomicsMode;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * cuBLAS on a context's main stream, with the arithmetic pinned: the context's {@link MathMode}, no atomics, a workspace of its
 * own (so that results do not depend on what else runs, and calls can be captured). Matrices are column-major, as cuBLAS has
 * them; addresses are device addresses. Calls allocate nothing and do not wait. Safe for use from several threads.
 *
 * <p>The functions of cuBLAS that are used here, and by this class alone, have the same C signatures in cuBLAS 11, 12 and 13.
 */
public final class CublasHandle {

    /** What NVIDIA advises for Hopper; enough for every earlier device. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final DeviceContext context;
    private final cublasHandle handle = new cublasHandle();
    private final DeviceMemory workspace;
    private final ByteBuffer scalars = ByteBuffer.allocateDirect(2 * Double.BYTES).order(ByteOrder.nativeOrder());
    private final Pointer alphaPointer = Pointer.to(scalars);
    private final Pointer betaPointer = Pointer.to(scalars).withByteOffset(Double.BYTES);
    private final DevicePointer aPointer = new DevicePointer();
    private final DevicePointer bPointer = new DevicePointer();
    private final DevicePointer cPointer = new DevicePointer();

    CublasHandle(DeviceContext context) {
        this.context = context;
        context.refuseWhileCapturing("opening cuBLAS");
        context.makeCurrent();
        workspace = context.allocate(WORKSPACE_BYTES, Workspace.NAME + " of cuBLAS");
        boolean created = false;
        try {
            check(create(), "cublasCreate");
            created = true;
            check(JCublas2.cublasSetStream(handle, new cudaStream_t(context.stream().handle())), "cublasSetStream");
            check(JCublas2.cublasSetWorkspace(handle, new DevicePointer(workspace.address()), workspace.bytes()), "cublasSetWorkspace");
            check(JCublas2.cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_HOST), "cublasSetPointerMode");
            check(JCublas2.cublasSetAtomicsMode(handle, cublasAtomicsMode.CUBLAS_ATOMICS_NOT_ALLOWED), "cublasSetAtomicsMode");
            check(JCublas2.cublasSetMathMode(handle, mathMode()), "cublasSetMathMode");
        } catch (RuntimeException | Error e) {
            if (created) {
                JCublas2.cublasDestroy(handle);
            }
            workspace.close();
            throw e;
        }
    }

    /** Once more where the device may have been full: cuBLAS takes memory of its own, and has two names for its lack. */
    private int create() {
        int status = JCublas2.cublasCreate(handle);
        boolean maybeFull = status == cublasStatus.CUBLAS_STATUS_ALLOC_FAILED || status == cublasStatus.CUBLAS_STATUS_NOT_INITIALIZED;
        return maybeFull && context.releaseKeptMemoryOfDevice() ? JCublas2.cublasCreate(handle) : status;
    }

    /** Parts of a sum, too, are added in fp32 whatever the type of the result. */
    private int mathMode() {
        int products = switch (context.options().mathMode()) {
            case FP32, TF32X3, FP16, BF16 -> cublasMath.CUBLAS_DEFAULT_MATH;
            case TF32 -> cublasMath.CUBLAS_TF32_TENSOR_OP_MATH;
        };
        return products | cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
    }

    /** The version of the library, as 120603 for 12.6.3. */
    public int version() {
        int[] version = new int[1];
        check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion");
        return version[0];
    }

    /**
     * {@code C = alpha op(A) op(B) + beta C}, column-major, op(A) m x k, op(B) k x n, C m x n. Products and sums are of fp32 whatever the
     * types; operands of fp32 are multiplied in the context's {@link MathMode}. With beta 0, C is not read.
     *
     * @param operands   the type of A and B: FLOAT32, FLOAT16 or BFLOAT16
     * @param result     the type of C: FLOAT32, or that of the operands, to which elements are then rounded once
     * @param transposeA whether op(A) is the transpose of A
     * @param lda        distance in elements between columns of A as stored; likewise ldb, ldc
     */
    public void gemm(DataType operands, DataType result, boolean transposeA, boolean transposeB, long m, long n, long k, float alpha, long a,
                     long lda, long b, long ldb, float beta, long c, long ldc) {
        gemmStridedBatched(operands, result, transposeA, transposeB, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
    }

    /**
     * {@link #gemm} for {@code batch} matrices each, {@code strideA} elements from one A to the next; likewise B and C. A stride of 0 uses
     * the same matrix for all. One product alone is asked for as such: cuBLAS has more ways to compute it.
     */
    public synchronized void gemmStridedBatched(DataType operands, DataType result, boolean transposeA, boolean transposeB, long m,
                                                long n, long k, float alpha, long a, long lda, long strideA, long b, long ldb,
                                                long strideB, float beta, long c, long ldc, long strideC, long batch) {
        requireTypes(operands, result);
        if (m == 0 || n == 0 || batch == 0) {
            return;
        }
        context.makeCurrentToEnqueue();
        scalars.putFloat(0, alpha);
        scalars.putFloat(Double.BYTES, beta);
        aPointer.pointTo(a);
        bPointer.pointTo(b);
        cPointer.pointTo(c);
        int opA = operation(transposeA);
        int opB = operation(transposeB);
        int from = number(operands);
        int to = number(result);
        int compute = computeType(operands);
        int algorithm = cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
        boolean alone = batch == 1;
        boolean small = fitsInt(m, n, k) && fitsInt(lda, ldb, ldc) && batch <= Integer.MAX_VALUE;
        if (operands == DataType.FLOAT32 && !context.options().mathMode().isNarrow()) {
            if (alone) {
                requireSuccess(small
                        ? JCublas2.cublasSgemm(handle, opA, opB, (int) m, (int) n, (int) k, alphaPointer, aPointer, (int) lda, bPointer,
                                (int) ldb, betaPointer, cPointer, (int) ldc)
                        : JCublas2.cublasSgemm_v2_64(handle, opA, opB, m, n, k, alphaPointer, aPointer, lda, bPointer, ldb, betaPointer,
                                cPointer, ldc), "cublasSgemm", m, n, k, batch);
            } else {
                requireSuccess(small
                        ? JCublas2.cublasSgemmStridedBatched(handle, opA, opB, (int) m, (int) n, (int) k, alphaPointer, aPointer, (int) lda,
                                strideA, bPointer, (int) ldb, strideB, betaPointer, cPointer, (int) ldc, strideC, (int) batch)
                        : JCublas2.cublasSgemmStridedBatched_64(handle, opA, opB, m, n, k, alphaPointer, aPointer, lda, strideA, bPointer,
                                ldb, strideB, betaPointer, cPointer, ldc, strideC, batch), "cublasSgemmStridedBatched", m, n, k, batch);
            }
        } else if (alone) {
            requireSuccess(small
                    ? JCublas2.cublasGemmEx_new(handle, opA, opB, (int) m, (int) n, (int) k, alphaPointer, aPointer, from, (int) lda,
                            bPointer, from, (int) ldb, betaPointer, cPointer, to, (int) ldc, compute, algorithm)
                    : JCublas2.cublasGemmEx_64_new(handle, opA, opB, m, n, k, alphaPointer, aPointer, from, lda, bPointer, from, ldb,
                            betaPointer, cPointer, to, ldc, compute, algorithm), "cublasGemmEx", m, n, k, batch);
        } else {
            requireSuccess(small
                    ? JCublas2.cublasGemmStridedBatchedEx_new(handle, opA, opB, (int) m, (int) n, (int) k, alphaPointer, aPointer, from,
                            (int) lda, strideA, bPointer, from, (int) ldb, strideB, betaPointer, cPointer, to, (int) ldc, strideC, (int) batch,
                            compute, algorithm)
                    : JCublas2.cublasGemmStridedBatchedEx_64_new(handle, opA, opB, m, n, k, alphaPointer, aPointer, from, lda, strideA,
                            bPointer, from, ldb, strideB, betaPointer, cPointer, to, ldc, strideC, batch, compute, algorithm),
                    "cublasGemmStridedBatchedEx", m, n, k, batch);
        }
    }

    private static void requireTypes(DataType operands, DataType result) {
        if (operands == DataType.FLOAT64 || result != operands && result != DataType.FLOAT32) {
            throw new IllegalArgumentException("types are " + operands + " for operands and " + result + " for the result; allowed: "
                    + "operands of FLOAT32, FLOAT16 or BFLOAT16, and results of the same type or of FLOAT32");
        }
    }

    /** Of cublasComputeType, which JCuda's methods with "new" in their names take; sums are of fp32 in each of them. */
    private int computeType(DataType operands) {
        if (operands.isNarrow()) {
            return cublasComputeType.CUBLAS_COMPUTE_32F;
        }
        return switch (context.options().mathMode()) {
            case FP32, TF32, TF32X3 -> cublasComputeType.CUBLAS_COMPUTE_32F;
            case FP16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16F;
            case BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF;
        };
    }

    /** Of cudaDataType. */
    private static int number(DataType type) {
        return switch (type) {
            case FLOAT32 -> cudaDataType.CUDA_R_32F;
            case FLOAT64 -> cudaDataType.CUDA_R_64F;
            case FLOAT16 -> cudaDataType.CUDA_R_16F;
            case BFLOAT16 -> cudaDataType.CUDA_R_16BF;
        };
    }

    private static int operation(boolean transpose) {
        return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    private static boolean fitsInt(long first, long second, long third) {
        return Math.max(first, Math.max(second, third)) <= Integer.MAX_VALUE;
    }

    private void requireSuccess(int status, String call, long m, long n, long k, long batch) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw context.libraryFailure(call, cublasStatus.stringFor(status), "m " + m + ", n " + n + ", k " + k + ", batch " + batch);
        }
    }

    private void check(int status, String call) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw CudaCall.blasFailure(status, call, "cuBLAS on " + context.info());
        }
    }

    /** Called by the context, which is current. */
    void close() {
        JCublas2.cublasDestroy(handle);
        workspace.close();
    }
}
