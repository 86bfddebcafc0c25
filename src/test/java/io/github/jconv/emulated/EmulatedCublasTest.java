package io.github.jconv.emulated;

import static io.github.jconv.emulated.DriverSession.check;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
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
import org.junit.jupiter.params.provider.EnumSource;

/** The emulated cuBLAS against loops, on integers, where every fp32 sum is exact. */
class EmulatedCublasTest {

    private static final int ALGORITHM = cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;

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
    @CsvSource({
        "FLOAT32, FLOAT32, false, false, 0", "FLOAT32, FLOAT32, true, false, 0", "FLOAT32, FLOAT32, false, true, 1",
        "FLOAT32, FLOAT32, true, true, -2", "FLOAT16, FLOAT16, false, false, 0", "FLOAT16, FLOAT16, true, false, 1",
        "FLOAT16, FLOAT32, false, true, -2", "BFLOAT16, BFLOAT16, true, true, 1", "BFLOAT16, BFLOAT16, false, false, 0",
        "BFLOAT16, FLOAT32, true, true, 0"
    })
    void productsOfEveryTransposition(DataType operands, DataType result, boolean transposedA, boolean transposedB, float beta) {
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
        CUdeviceptr deviceC = upload(result, c);
        int opA = operation(transposedA);
        int opB = operation(transposedB);
        int status = operands == DataType.FLOAT32
                ? JCublas2.cublasSgemm(handle, opA, opB, m, n, k, scalar(3), session.upload(a), lda, session.upload(b), ldb, scalar(beta),
                        deviceC, ldc)
                : JCublas2.cublasGemmEx_new(handle, opA, opB, m, n, k, scalar(3), upload(operands, a), number(operands), lda,
                        upload(operands, b), number(operands), ldb, scalar(beta), deviceC, number(result), ldc,
                        cublasComputeType.CUBLAS_COMPUTE_32F, ALGORITHM);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, status);
        float[] expected = c.clone();
        for (int column = 0; column < n; column++) {
            for (int row = 0; row < m; row++) {
                float sum = 0;
                for (int inner = 0; inner < k; inner++) {
                    sum += a[transposedA ? row * lda + inner : inner * lda + row] * b[transposedB ? inner * ldb + column : column * ldb + inner];
                }
                expected[column * ldc + row] = (float) result.round(3 * sum + (beta == 0 ? 0 : beta * c[column * ldc + row]));
            }
        }
        assertArrayEquals(expected, download(result, deviceC, c.length));
    }

    /** Of matrices with one column, which may have any leading dimension. */
    @ParameterizedTest
    @EnumSource(value = DataType.class, names = {"FLOAT16", "BFLOAT16"})
    void distancesThatAnIntDoesNotHold(DataType type) {
        long far = 1L << 31;
        CUdeviceptr a = upload(type, 1, 2, 3, 4);
        CUdeviceptr b = upload(type, 10, 100);
        CUdeviceptr c = session.allocate(4 * Short.BYTES);
        int none = operation(false);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasGemmStridedBatchedEx_64_new(handle, none, none, 2, 1, 1, scalar(1), a,
                number(type), far, 2, b, number(type), far, 1, scalar(0), c, number(type), far, 2, 2, cublasComputeType.CUBLAS_COMPUTE_32F,
                ALGORITHM));
        assertArrayEquals(new float[] {10, 20, 300, 400}, download(type, c, 4));
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasGemmEx_64_new(handle, none, none, 2, 1, 1, scalar(1), a, number(type),
                far, b, number(type), far, scalar(1), c, number(type), far, cublasComputeType.CUBLAS_COMPUTE_32F, ALGORITHM));
        assertArrayEquals(new float[] {20, 40, 300, 400}, download(type, c, 4));
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

    /** 2^11 + 1 lies between two numbers of fp16, 2^8 + 1 between two of bfloat16; ties go to the even one. */
    @ParameterizedTest
    @CsvSource({"FLOAT16, 2048", "BFLOAT16, 256"})
    void sumsAreRoundedOnceAtTheEnd(DataType type, float first) {
        JCublas2.cublasSetMathMode(handle, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION);
        assertEquals(first + 2, product(type, new float[] {first, 1, 1}));
        assertEquals(first, product(type, new float[] {first, 1}));
        assertEquals(first + 4, product(type, new float[] {first, 2, 1}), "the tie above goes up");
        assertEquals(first + 2, product(type, new float[] {first, 1, 0, 1}), "whatever half of the sum is");
        JCublas2.cublasSetMathMode(handle, cublasMath.CUBLAS_DEFAULT_MATH);
        assertEquals(first, product(type, new float[] {first, 1, 0, 1}), "which is a number of the type where that is allowed");
    }

    /** The sum of the numbers, as the product with a vector of ones. */
    private float product(DataType type, float[] numbers) {
        float[] ones = new float[numbers.length];
        Arrays.fill(ones, 1);
        CUdeviceptr c = session.allocate(4);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasGemmStridedBatchedEx_new(handle, operation(false), operation(false), 1,
                1, numbers.length, scalar(1), upload(type, numbers), number(type), 1, 0, upload(type, ones), number(type), numbers.length, 0,
                scalar(0), c, number(type), 1, 0, 1, cublasComputeType.CUBLAS_COMPUTE_32F, ALGORITHM));
        return download(type, c, 1)[0];
    }

    /** Operands of fp32 that are rounded before they are multiplied; the product has 22 bits, and is not rounded to the type. */
    @ParameterizedTest
    @CsvSource({"74, FLOAT16", "75, BFLOAT16"})
    void factorsAreRoundedWhereTheComputeTypeSaysSo(int computeType, DataType type) {
        float factor = 1.2345678f;
        CUdeviceptr c = session.allocate(4);
        CUdeviceptr factors = session.upload(factor);
        assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, ofTypes(DataType.FLOAT32, DataType.FLOAT32, DataType.FLOAT32, computeType, factors, c));
        float rounded = (float) type.round(factor);
        assertArrayEquals(new float[] {rounded * rounded}, session.download(c, 1));
    }

    /** By NVIDIA's table of supported types; 74, 75 and 77 are FAST_16F, FAST_16BF and FAST_TF32. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT16, BFLOAT16, FLOAT32, 68", "FLOAT16, FLOAT16, BFLOAT16, 68", "FLOAT16, FLOAT16, FLOAT64, 68", "FLOAT32, FLOAT32, FLOAT16, 68",
        "FLOAT16, FLOAT16, FLOAT16, 74", "BFLOAT16, BFLOAT16, FLOAT32, 75", "FLOAT16, FLOAT16, FLOAT32, 77", "FLOAT64, FLOAT64, FLOAT64, 68"
    })
    void otherTypesAreRefused(DataType a, DataType b, DataType c, int computeType) {
        CUdeviceptr memory = session.allocate(8);
        assertEquals(cublasStatus.CUBLAS_STATUS_NOT_SUPPORTED, ofTypes(a, b, c, computeType, memory, memory));
    }

    private int ofTypes(DataType a, DataType b, DataType c, int computeType, CUdeviceptr factors, CUdeviceptr target) {
        return JCublas2.cublasGemmEx_new(handle, operation(false), operation(false), 1, 1, 1, scalar(1), factors, number(a), 1, factors,
                number(b), 1, scalar(0), target, number(c), 1, computeType, ALGORITHM);
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

    private static int number(DataType type) {
        return switch (type) {
            case FLOAT32 -> cudaDataType.CUDA_R_32F;
            case FLOAT64 -> cudaDataType.CUDA_R_64F;
            case FLOAT16 -> cudaDataType.CUDA_R_16F;
            case BFLOAT16 -> cudaDataType.CUDA_R_16BF;
        };
    }

    private CUdeviceptr upload(DataType type, float... values) {
        HostTensor converted = HostTensor.of(TensorShape.of(values.length), values).to(type, Layout.NCHW);
        return type.isNarrow() ? session.upload(converted.shorts()) : session.upload(values);
    }

    private float[] download(DataType type, CUdeviceptr address, int count) {
        return type.isNarrow()
                ? HostTensor.wrap(type, Layout.NCHW, TensorShape.of(count), session.downloadShorts(address, count), 0).to(DataType.FLOAT32).floats()
                : session.download(address, count);
    }

    private static Pointer scalar(float value) {
        return Pointer.to(new float[] {value});
    }
}
