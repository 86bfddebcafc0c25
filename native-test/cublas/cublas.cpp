// The matrix products of cuBLAS for the emulated device, behind cuBLAS's own binary interface.
//
// Column-major as cuBLAS is: C = alpha op(A) op(B) + beta C with op(A) m x k, op(B) k x n and C m x n. Products are added in
// ascending k in the type of the result; where beta is 0, C is not read. In the TF32 mode the operands lose their low 13 bits,
// as in the tensor core. Work goes through the streams of the emulated driver, so it can be recorded in a graph, if the handle was given
// a workspace after its stream: cuBLAS would otherwise allocate one while recording, and graphs hold no allocations here.

#include <cmath>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "../driver/extension.h"

namespace {

using emulated::DeviceError;

enum Status : int {
    SUCCESS = 0,
    NOT_INITIALIZED = 1,
    INVALID_VALUE = 7,
    EXECUTION_FAILED = 13,
    NOT_SUPPORTED = 15,
};

enum class Operation : int { NONE = 0, TRANSPOSED = 1, CONJUGATED = 2 };
enum class PointerMode : int { HOST = 0, DEVICE = 1 };

constexpr int VERSION = 120603;
constexpr uintptr_t WORKSPACE_ALIGNMENT = 256;
constexpr int TF32_MATH = 3;         // of cublasMath_t; the higher bits are flags
constexpr int MATH_KIND_MASK = 0xf;
constexpr int REAL_32F = 0;          // of cudaDataType
constexpr int COMPUTE_32F = 68;      // of cublasComputeType_t
constexpr int COMPUTE_32F_PEDANTIC = 69;
constexpr int COMPUTE_32F_FAST_TF32 = 77;

struct Handle {
    CUstream stream = nullptr;
    bool ownWorkspace = false;  // as the user has given it
    int mathMode = 0;
    int atomicsMode = 0;
    PointerMode pointerMode = PointerMode::HOST;
};

// The handles that are alive, guarded by the driver's mutex like everything else.
std::set<Handle*>& handles() {
    static auto* all = new std::set<Handle*>();
    return *all;
}

// One operand: matrices of `rows` x `columns` as stored, a leading dimension, and a step from one matrix to the next.
template <typename T>
struct Matrix {
    T* values;
    int64_t leading;
    int64_t stride;
    int64_t rows;
    int64_t columns;

    T* at(int64_t batch) const { return values + batch * stride; }

    // Whether all matrices lie in memory that the device may use.
    bool onDevice(int64_t batches) const {
        int64_t first = std::min<int64_t>(0, (batches - 1) * stride);
        int64_t last = std::max<int64_t>(0, (batches - 1) * stride);
        int64_t elements = rows == 0 || columns == 0 ? 0 : last - first + (columns - 1) * leading + rows;
        return elements == 0 || emulated::driver::isDeviceMemory(values + first, static_cast<size_t>(elements) * sizeof(T));
    }
};

// One call, with everything that a launch needs later.
template <typename T>
struct Product {
    Operation operationA, operationB;
    int64_t m, n, k;
    Matrix<const T> a, b;
    Matrix<T> c;
    int64_t batches;
    bool tf32;
    PointerMode pointerMode;
    T alpha, beta;                  // in the host mode, read when the call is made
    const T *alphaAddress, *betaAddress;  // in the device mode, read when the work is done
};

float withoutLowBits(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits &= 0xffffe000u;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
}

// op(X) as a dense column-major matrix with `rows` rows, in the arithmetic of the math mode.
template <typename T>
std::vector<T> gathered(const T* values, int64_t leading, Operation operation, int64_t rows, int64_t columns, bool tf32) {
    std::vector<T> dense(static_cast<size_t>(rows * columns));
    for (int64_t column = 0; column < columns; column++) {
        for (int64_t row = 0; row < rows; row++) {
            T value = operation == Operation::NONE ? values[column * leading + row] : values[row * leading + column];
            dense[static_cast<size_t>(column * rows + row)] = tf32 ? static_cast<T>(withoutLowBits(static_cast<float>(value))) : value;
        }
    }
    return dense;
}

template <typename T>
void multiplyOne(const Product<T>& product, int64_t batch, T alpha, T beta) {
    int64_t m = product.m;
    std::vector<T> a = gathered(product.a.at(batch), product.a.leading, product.operationA, m, product.k, product.tf32);
    std::vector<T> b = gathered(product.b.at(batch), product.b.leading, product.operationB, product.k, product.n, product.tf32);
    std::vector<T> sums(static_cast<size_t>(m));
    for (int64_t column = 0; column < product.n; column++) {
        std::fill(sums.begin(), sums.end(), T{0});
        for (int64_t inner = 0; inner < product.k; inner++) {
            const T* from = &a[static_cast<size_t>(inner * m)];
            T factor = b[static_cast<size_t>(column * product.k + inner)];
            for (int64_t row = 0; row < m; row++) {
                sums[static_cast<size_t>(row)] += from[row] * factor;
            }
        }
        T* to = product.c.at(batch) + column * product.c.leading;
        for (int64_t row = 0; row < m; row++) {
            T value = alpha * sums[static_cast<size_t>(row)];
            to[row] = beta == 0 ? value : value + beta * to[row];
        }
    }
}

template <typename T>
std::optional<DeviceError> multiply(const Product<T>& product) {
    bool device = product.pointerMode == PointerMode::DEVICE;
    if (device && !(emulated::driver::isDeviceMemory(product.alphaAddress, sizeof(T))
                    && emulated::driver::isDeviceMemory(product.betaAddress, sizeof(T)))) {
        return DeviceError{emulated::Fault::ILLEGAL_ADDRESS, "gemm: alpha or beta is not in device memory"};
    }
    if (!product.a.onDevice(product.batches) || !product.b.onDevice(product.batches) || !product.c.onDevice(product.batches)) {
        return DeviceError{emulated::Fault::ILLEGAL_ADDRESS,
                           "gemm of m " + std::to_string(product.m) + ", n " + std::to_string(product.n) + ", k "
                               + std::to_string(product.k) + ", batch " + std::to_string(product.batches)
                               + ": a matrix does not lie in one device allocation"};
    }
    T alpha = device ? *product.alphaAddress : product.alpha;
    T beta = device ? *product.betaAddress : product.beta;
    for (int64_t batch = 0; batch < product.batches; batch++) {
        multiplyOne(product, batch, alpha, beta);
    }
    return std::nullopt;
}

// Runs a cuBLAS function: counted and made to fail like the driver's own, with a status for an answer.
template <typename Body>
int call(const char* function, void* handle, Body body) {
    return emulated::driver::foreignCall(function, NOT_INITIALIZED, EXECUTION_FAILED, [&]() -> int {
        auto* living = static_cast<Handle*>(handle);
        return handles().count(living) == 0 ? static_cast<int>(NOT_INITIALIZED) : static_cast<int>(body(*living));
    });
}

template <typename T>
int gemm(const char* function, void* handle, Operation operationA, Operation operationB, int64_t m, int64_t n, int64_t k,
         const T* alpha, const T* a, int64_t lda, int64_t strideA, const T* b, int64_t ldb, int64_t strideB, const T* beta, T* c,
         int64_t ldc, int64_t strideC, int64_t batches, int computeType = COMPUTE_32F) {
    return call(function, handle, [&](Handle& blas) -> int {
        bool plainA = operationA == Operation::NONE;
        bool plainB = operationB == Operation::NONE;
        Matrix<const T> matrixA{a, lda, strideA, plainA ? m : k, plainA ? k : m};
        Matrix<const T> matrixB{b, ldb, strideB, plainB ? k : n, plainB ? n : k};
        Matrix<T> matrixC{c, ldc, strideC, m, n};
        if (m < 0 || n < 0 || k < 0 || batches < 0 || alpha == nullptr || beta == nullptr
            || lda < std::max<int64_t>(1, matrixA.rows) || ldb < std::max<int64_t>(1, matrixB.rows)
            || ldc < std::max<int64_t>(1, m)) {
            return INVALID_VALUE;
        }
        if (m == 0 || n == 0 || batches == 0) {
            return SUCCESS;
        }
        if (!blas.ownWorkspace && emulated::driver::isRecording(blas.stream)) {
            emulated::driver::foreignAllocation("the allocation of cuBLAS's workspace");
        }
        bool host = blas.pointerMode == PointerMode::HOST;
        bool tf32 = sizeof(T) == sizeof(float) && computeType != COMPUTE_32F_PEDANTIC
                    && ((blas.mathMode & MATH_KIND_MASK) == TF32_MATH || computeType == COMPUTE_32F_FAST_TF32);
        Product<T> product{operationA, operationB, m, n, k, matrixA, matrixB, matrixC, batches, tf32, blas.pointerMode,
                           host ? *alpha : T{0}, host ? *beta : T{0}, alpha, beta};
        emulated::driver::enqueueForeign(blas.stream, [product] { return multiply(product); });
        return SUCCESS;
    });
}

}  // namespace

#define CUBLAS_CALL(name, ...) extern "C" __attribute__((visibility("default"))) int name(__VA_ARGS__)

// --- handles -------------------------------------------------------------------------------------------------------------

CUBLAS_CALL(cublasCreate_v2, void** handle) {
    return emulated::driver::foreignCall("cublasCreate", NOT_INITIALIZED, EXECUTION_FAILED, [&]() -> int {
        emulated::driver::foreignAllocation("cublasCreate");
        auto* created = new Handle();
        handles().insert(created);
        emulated::driver::countForeign("cublas-handles", 1);
        *handle = created;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasDestroy_v2, void* handle) {
    return emulated::driver::foreignEnd("cublasDestroy", NOT_INITIALIZED, EXECUTION_FAILED, [&]() -> int {
        auto* blas = static_cast<Handle*>(handle);
        if (handles().erase(blas) == 0) {
            return NOT_INITIALIZED;
        }
        delete blas;
        emulated::driver::countForeign("cublas-handles", -1);
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasGetVersion_v2, void* handle, int* version) {
    return call("cublasGetVersion", handle, [&](Handle&) {
        *version = VERSION;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasSetStream_v2, void* handle, CUstream stream) {
    return call("cublasSetStream", handle, [&](Handle& blas) {
        blas.stream = stream;
        blas.ownWorkspace = false;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasGetStream_v2, void* handle, CUstream* stream) {
    return call("cublasGetStream", handle, [&](Handle& blas) {
        *stream = blas.stream;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasSetWorkspace_v2, void* handle, void* workspace, size_t bytes) {
    return call("cublasSetWorkspace", handle, [&](Handle& blas) {
        if (reinterpret_cast<uintptr_t>(workspace) % WORKSPACE_ALIGNMENT != 0
            || (bytes > 0 && !emulated::driver::isDeviceMemory(workspace, bytes))) {
            return INVALID_VALUE;
        }
        blas.ownWorkspace = true;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasSetPointerMode_v2, void* handle, PointerMode mode) {
    return call("cublasSetPointerMode", handle, [&](Handle& blas) {
        blas.pointerMode = mode;
        return mode == PointerMode::HOST || mode == PointerMode::DEVICE ? SUCCESS : INVALID_VALUE;
    });
}

CUBLAS_CALL(cublasGetPointerMode_v2, void* handle, PointerMode* mode) {
    return call("cublasGetPointerMode", handle, [&](Handle& blas) {
        *mode = blas.pointerMode;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasSetMathMode, void* handle, int mode) {
    return call("cublasSetMathMode", handle, [&](Handle& blas) {
        blas.mathMode = mode;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasGetMathMode, void* handle, int* mode) {
    return call("cublasGetMathMode", handle, [&](Handle& blas) {
        *mode = blas.mathMode;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasSetAtomicsMode, void* handle, int mode) {
    return call("cublasSetAtomicsMode", handle, [&](Handle& blas) {
        blas.atomicsMode = mode;
        return SUCCESS;
    });
}

CUBLAS_CALL(cublasGetAtomicsMode, void* handle, int* mode) {
    return call("cublasGetAtomicsMode", handle, [&](Handle& blas) {
        *mode = blas.atomicsMode;
        return SUCCESS;
    });
}

// --- products, with 32-bit and with 64-bit sizes -------------------------------------------------------------------------

#define GEMM(name, label, T, Int)                                                                                         \
    CUBLAS_CALL(name, void* handle, Operation opA, Operation opB, Int m, Int n, Int k, const T* alpha, const T* a, Int lda, \
                const T* b, Int ldb, const T* beta, T* c, Int ldc) {                                                      \
        return gemm(label, handle, opA, opB, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);                   \
    }

#define GEMM_STRIDED_BATCHED(name, label, T, Int)                                                                         \
    CUBLAS_CALL(name, void* handle, Operation opA, Operation opB, Int m, Int n, Int k, const T* alpha, const T* a, Int lda, \
                long long strideA, const T* b, Int ldb, long long strideB, const T* beta, T* c, Int ldc,                  \
                long long strideC, Int batches) {                                                                         \
        return gemm(label, handle, opA, opB, m, n, k, alpha, a, lda, strideA, b, ldb, strideB, beta, c, ldc, strideC,     \
                    batches);                                                                                             \
    }

GEMM(cublasSgemm_v2, "cublasSgemm", float, int)
GEMM(cublasSgemm_v2_64, "cublasSgemm", float, int64_t)
GEMM(cublasDgemm_v2, "cublasDgemm", double, int)
GEMM(cublasDgemm_v2_64, "cublasDgemm", double, int64_t)
GEMM_STRIDED_BATCHED(cublasSgemmStridedBatched, "cublasSgemmStridedBatched", float, int)
GEMM_STRIDED_BATCHED(cublasSgemmStridedBatched_64, "cublasSgemmStridedBatched", float, int64_t)
GEMM_STRIDED_BATCHED(cublasDgemmStridedBatched, "cublasDgemmStridedBatched", double, int)
GEMM_STRIDED_BATCHED(cublasDgemmStridedBatched_64, "cublasDgemmStridedBatched", double, int64_t)

// The Ex forms, for fp32 data only.
static bool isSinglePrecision(int typeA, int typeB, int typeC, int computeType) {
    return typeA == REAL_32F && typeB == REAL_32F && typeC == REAL_32F
           && (computeType == COMPUTE_32F || computeType == COMPUTE_32F_PEDANTIC || computeType == COMPUTE_32F_FAST_TF32);
}

CUBLAS_CALL(cublasGemmEx, void* handle, Operation opA, Operation opB, int m, int n, int k, const float* alpha,
            const float* a, int typeA, int lda, const float* b, int typeB, int ldb, const float* beta, float* c, int typeC,
            int ldc, int computeType, int) {
    if (!isSinglePrecision(typeA, typeB, typeC, computeType)) {
        return NOT_SUPPORTED;
    }
    return gemm("cublasGemmEx", handle, opA, opB, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1, computeType);
}

CUBLAS_CALL(cublasGemmStridedBatchedEx, void* handle, Operation opA, Operation opB, int m, int n, int k, const float* alpha,
            const float* a, int typeA, int lda, long long strideA, const float* b, int typeB, int ldb, long long strideB,
            const float* beta, float* c, int typeC, int ldc, long long strideC, int batches, int computeType, int) {
    if (!isSinglePrecision(typeA, typeB, typeC, computeType)) {
        return NOT_SUPPORTED;
    }
    return gemm("cublasGemmStridedBatchedEx", handle, opA, opB, m, n, k, alpha, a, lda, strideA, b, ldb, strideB, beta, c,
                ldc, strideC, batches, computeType);
}
