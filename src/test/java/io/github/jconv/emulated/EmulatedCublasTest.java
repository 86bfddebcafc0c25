package io.github.jconv.emulated;

import static io.github.jconv.emulated.DriverSession.check;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.testing.EmulatedDevice;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The emulated cuBLAS against loops, on integers, where every fp32 sum is exact. */
class EmulatedCublasTest {

    private DriverSession session;
    private cublasHandle handle;

    @BeforeEach
    void open() {
        session = new DriverSession();
        handle = new cublasHandle();
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasCreate(handle));
    }

    @AfterEach
    void close() {
        JCublas2.cublasDestroy(handle);
        session.close();
    }

    /** A column-major matrix with unused rows below, which hold NaN: nothing may read them. */
    private static float[] matrix(int rows, int columns, int leading, int seed) {
        float[] values = new float[leading * columns];
        Arrays.fill(values, Float.NaN);
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                values[column * leading + row] = (row * 7 + column * 3 + seed) % 9 - 4;
            }
        }
        return values;
    }

    private static int operation(boolean transposed) {
        return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    }

    @ParameterizedTest
    @CsvSource({"false, false, 0", "true, false, 0", "false, true, 1", "true, true, -2"})
    void productsOfEveryTransposition(boolean transposedA, boolean transposedB, float beta) {
        int m = 5;
        int n = 3;
        int k = 7;
        int lda = 9;
        int ldb = 8;
        int ldc = 6;
        float[] a = transposedA ? matrix(k, m, lda, 1) : matrix(m, k, lda, 1);
        float[] b = transposedB ? matrix(n, k, ldb, 2) : matrix(k, n, ldb, 2);
        float[] c = beta == 0 ? new float[ldc * n] : matrix(m, n, ldc, 3);
        if (beta == 0) {
            Arrays.fill(c, Float.NaN);
        }
        CUdeviceptr deviceC = session.upload(c);
        int status = JCublas2.cublasSgemm(handle, operation(transposedA), operation(transposedB), m, n, k, scalar(3), session.upload(a),
                lda, session.upload(b), ldb, scalar(beta), deviceC, ldc);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, status);
        float[] expected = c.clone();
        for (int column = 0; column < n; column++) {
            for (int row = 0; row < m; row++) {
                float sum = 0;
                for (int inner = 0; inner < k; inner++) {
                    sum += a[transposedA ? row * lda + inner : inner * lda + row] * b[transposedB ? inner * ldb + column : column * ldb + inner];
                }
                expected[column * ldc + row] = 3 * sum + (beta == 0 ? 0 : beta * c[column * ldc + row]);
            }
        }
        assertArrayEquals(expected, session.download(deviceC, c.length));
    }

    @Test
    void aBatchWhoseSecondOperandStaysTheSame() {
        float[] a = {1, 2, 3, 4};
        CUdeviceptr c = session.allocate(8);
        int status = JCublas2.cublasSgemmStridedBatched(handle, operation(false), operation(false), 1, 1, 2, scalar(1), session.upload(a), 1,
                2, session.upload(10, 1), 2, 0, scalar(0), c, 1, 1, 2);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, status);
        assertArrayEquals(new float[] {12, 34}, session.download(c, 2));
    }

    @Test
    void tf32DropsTheLowBitsAndOnlyWhenAskedFor() {
        float full = 1 + 0x1p-12f;
        for (int mode : new int[] {cublasMath.CUBLAS_DEFAULT_MATH, cublasMath.CUBLAS_TF32_TENSOR_OP_MATH}) {
            JCublas2.cublasSetMathMode(handle, mode);
            CUdeviceptr c = session.allocate(4);
            JCublas2.cublasSgemm(handle, operation(false), operation(false), 1, 1, 1, scalar(1), session.upload(full), 1, session.upload(1), 1,
                    scalar(0), c, 1);
            float expected = mode == cublasMath.CUBLAS_DEFAULT_MATH ? full : 1;
            assertArrayEquals(new float[] {expected}, session.download(c, 1));
        }
    }

    @Test
    void aMatrixThatReachesBeyondItsAllocationIsAnError() {
        CUdeviceptr small = session.allocate(4 * 4);
        int status = JCublas2.cublasSgemm(handle, operation(false), operation(false), 2, 2, 2, scalar(1), small, 3, small, 2, scalar(0), small, 2);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, status);
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, JCudaDriver.cuCtxSynchronize());
    }

    @Test
    void workGoesToTheHandlesStream() {
        EmulatedDevice.command("streams deferred");
        CUstream stream = session.stream();
        JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
        CUdeviceptr c = session.upload(-1);
        JCublas2.cublasSgemm(handle, operation(false), operation(false), 1, 1, 1, scalar(1), session.upload(2), 1, session.upload(3), 1,
                scalar(0), c, 1);
        assertArrayEquals(new float[] {-1}, session.download(c, 1));
        check(JCudaDriver.cuStreamSynchronize(stream));
        assertArrayEquals(new float[] {6}, session.download(c, 1));
    }

    @Test
    void wrongSizesAreRefused() {
        CUdeviceptr a = session.allocate(100);
        assertEquals(cublasStatus.CUBLAS_STATUS_INVALID_VALUE, JCublas2.cublasSgemm(handle, operation(false), operation(false), 3, 2, 2,
                scalar(1), a, 2, a, 2, scalar(0), a, 3));
    }

    @Test
    void aProductFailsWhenATestAsksForIt() {
        CUdeviceptr a = session.allocate(4);
        EmulatedDevice.command("fail cublasSgemm 1 13");
        int status = JCublas2.cublasSgemm(handle, operation(false), operation(false), 1, 1, 1, scalar(1), a, 1, a, 1, scalar(0), a, 1);
        assertEquals(cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED, status);
    }

    private static Pointer scalar(float value) {
        return Pointer.to(new float[] {value});
    }
}
