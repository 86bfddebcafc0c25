// The matrix products of cuBLAS for the emulated device, behind cuBLAS's own binary interface.
//
// Column-major as cuBLAS is: C = alpha op(A) op(B) + beta C with op(A) m x k, op(B) k x n and C m x n. Products are added in
// ascending k in the type of alpha and beta, which is fp32 for matrices of 16 bits, and rounded once when they are stored; where beta
// is 0, C is not read. In the TF32 mode the operands lose their low 13 bits, as in the tensor core; the compute types FAST_16F and
// FAST_16BF round them to the nearest. Unless the math mode disallows it, the first half of a sum is rounded to a narrower type of C on
// its way, as when parts of sums meet in C. Work goes through the streams of the emulated driver, so it can be recorded in a graph, if
// the handle was given a workspace after its stream: cuBLAS would otherwise allocate one while recording, and graphs hold no
// allocations here.

#include <set>
#include <vector>

#include "../driver/extension.h"
#include "../emulation/sixteen_bits.h"

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
constexpr int DISALLOW_REDUCED_PRECISION_REDUCTION = 16;

// Of cudaDataType.
enum class Number : int { FP32 = 0, FP64 = 1, FP16 = 2, BF16 = 14 };

// Of cublasComputeType_t.
constexpr int COMPUTE_32F = 68;
constexpr int COMPUTE_32F_PEDANTIC = 69;
constexpr int COMPUTE_32F_FAST_16F = 74;
constexpr int COMPUTE_32F_FAST_16BF = 75;
constexpr int COMPUTE_32F_FAST_TF32 = 77;

// What becomes of factors before they are multiplied, and of the first part of a sum.
enum class Rounding { NONE, TF32, FP16, BF16 };

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

size_t bytesOf(Number type) {
    switch (type) {
        case Number::FP32: return sizeof(float);
        case Number::FP64: return sizeof(double);
        default: return sizeof(uint16_t);
    }
}

// One operand: matrices of `rows` x `columns` as stored, a leading dimension, and a step from one matrix to the next.
struct Matrix {
    char* values;
    Number type;
    int64_t leading;
    int64_t stride;
    int64_t rows;
    int64_t columns;

    void* at(int64_t batch, int64_t index) const {
        return values + (batch * stride + index) * static_cast<int64_t>(bytesOf(type));
    }

    template <typename T>
    T load(int64_t batch, int64_t index) const {
        const void* place = at(batch, index);
        switch (type) {
            case Number::FP32: return static_cast<T>(*static_cast<const float*>(place));
            case Number::FP64: return static_cast<T>(*static_cast<const double*>(place));
            case Number::FP16: return emulated::fromHalf(*static_cast<const uint16_t*>(place));
            default: return emulated::fromBfloat(*static_cast<const uint16_t*>(place));
        }
    }

    template <typename T>
    void store(int64_t batch, int64_t index, T value) const {
        void* place = at(batch, index);
        switch (type) {
            case Number::FP32: *static_cast<float*>(place) = static_cast<float>(value); break;
            case Number::FP64: *static_cast<double*>(place) = value; break;
            case Number::FP16: *static_cast<uint16_t*>(place) = emulated::toHalf(static_cast<float>(value)); break;
            default: *static_cast<uint16_t*>(place) = emulated::toBfloat(static_cast<float>(value));
        }
    }

    // Whether all matrices lie in memory that the device may use.
    bool onDevice(int64_t batches) const {
        int64_t first = std::min<int64_t>(0, (batches - 1) * stride);
        int64_t last = std::max<int64_t>(0, (batches - 1) * stride);
        int64_t elements = rows == 0 || columns == 0 ? 0 : last - first + (columns - 1) * leading + rows;
        return elements == 0 || emulated::driver::isDeviceMemory(at(0, first), static_cast<size_t>(elements) * bytesOf(type));
    }
};

// One call, with everything that a launch needs later. T is the type of sums.
template <typename T>
struct Product {
    Operation operationA, operationB;
    int64_t m, n, k;
    Matrix a, b, c;
    int64_t batches;
    Rounding factors, parts;
    PointerMode pointerMode;
    T alpha, beta;                  // in the host mode, read when the call is made
    const T *alphaAddress, *betaAddress;  // in the device mode, read when the work is done
};

float rounded(float value, Rounding rounding) {
    switch (rounding) {
        case Rounding::NONE: return value;
        case Rounding::TF32: return emulated::fromBits(emulated::bitsOf(value) & 0xffffe000u);
        case Rounding::FP16: return emulated::fromHalf(emulated::toHalf(value));
        default: return emulated::fromBfloat(emulated::toBfloat(value));
    }
}

// op(X) as a dense column-major matrix with `rows` rows, in the arithmetic of the call.
template <typename T>
std::vector<T> gathered(const Matrix& matrix, int64_t batch, Operation operation, int64_t rows, int64_t columns, Rounding factors) {
    std::vector<T> dense(static_cast<size_t>(rows * columns));
    for (int64_t column = 0; column < columns; column++) {
        for (int64_t row = 0; row < rows; row++) {
            T value = matrix.load<T>(batch, operation == Operation::NONE ? column * matrix.leading + row
                                                                         : row * matrix.leading + column);
            dense[static_cast<size_t>(column * rows + row)] =
                factors == Rounding::NONE ? value : static_cast<T>(rounded(static_cast<float>(value), factors));
        }
    }
    return dense;
}

template <typename T>
void multiplyOne(const Product<T>& product, int64_t batch, T alpha, T beta) {
    int64_t m = product.m;
    std::vector<T> a = gathered<T>(product.a, batch, product.operationA, m, product.k, product.factors);
    std::vector<T> b = gathered<T>(product.b, batch, product.operationB, product.k, product.n, product.factors);
    std::vector<T> sums(static_cast<size_t>(m));
    for (int64_t column = 0; column < product.n; column++) {
        std::fill(sums.begin(), sums.end(), T{0});
        for (int64_t inner = 0; inner < product.k; inner++) {
            if (inner == product.k / 2 && product.parts != Rounding::NONE) {
                for (T& sum : sums) {
                    sum = rounded(static_cast<float>(sum), product.parts);
                }
            }
            const T* from = &a[static_cast<size_t>(inner * m)];
            T factor = b[static_cast<size_t>(column * product.k + inner)];
            for (int64_t row = 0; row < m; row++) {
                sums[static_cast<size_t>(row)] += from[row] * factor;
            }
        }
        const Matrix& c = product.c;
        for (int64_t row = 0; row < m; row++) {
            int64_t index = column * c.leading + row;
            T value = alpha * sums[static_cast<size_t>(row)];
            c.store(batch, index, beta == 0 ? value : value + beta * c.load<T>(batch, index));
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

// The arithmetic of a compute type, and of fp32 products in the TF32 mode where the compute type allows that.
Rounding factorsOf(const Handle& blas, int computeType, Number operands) {
    switch (computeType) {
        case COMPUTE_32F_FAST_16F: return Rounding::FP16;
        case COMPUTE_32F_FAST_16BF: return Rounding::BF16;
        case COMPUTE_32F_FAST_TF32: return Rounding::TF32;
        default: break;
    }
    bool tf32 = computeType == COMPUTE_32F && operands == Number::FP32 && (blas.mathMode & MATH_KIND_MASK) == TF32_MATH;
    return tf32 ? Rounding::TF32 : Rounding::NONE;
}

// What becomes of the first part of a sum.
Rounding partsOf(const Handle& blas, Number result) {
    if ((blas.mathMode & DISALLOW_REDUCED_PRECISION_REDUCTION) != 0) {
        return Rounding::NONE;
    }
    return result == Number::FP16 ? Rounding::FP16 : result == Number::BF16 ? Rounding::BF16 : Rounding::NONE;
}

// A call without its sizes: what it multiplies, in which types.
template <typename T>
struct Call {
    const char* function;
    Number operands, result;
    int computeType;
    Operation operationA, operationB;
    const T *alpha, *beta;
    const void *a, *b;
    void* c;
};

// The leading dimension and the step of each matrix.
struct Distances {
    int64_t lda, strideA, ldb, strideB, ldc, strideC;
};

template <typename T>
int gemm(void* handle, const Call<T>& asked, int64_t m, int64_t n, int64_t k, const Distances& by, int64_t batches) {
    return call(asked.function, handle, [&](Handle& blas) -> int {
        bool plainA = asked.operationA == Operation::NONE;
        bool plainB = asked.operationB == Operation::NONE;
        auto values = [](const void* address) { return static_cast<char*>(const_cast<void*>(address)); };
        Matrix matrixA{values(asked.a), asked.operands, by.lda, by.strideA, plainA ? m : k, plainA ? k : m};
        Matrix matrixB{values(asked.b), asked.operands, by.ldb, by.strideB, plainB ? k : n, plainB ? n : k};
        Matrix matrixC{values(asked.c), asked.result, by.ldc, by.strideC, m, n};
        if (m < 0 || n < 0 || k < 0 || batches < 0 || asked.alpha == nullptr || asked.beta == nullptr
            || by.lda < std::max<int64_t>(1, matrixA.rows) || by.ldb < std::max<int64_t>(1, matrixB.rows)
            || by.ldc < std::max<int64_t>(1, m)) {
            return INVALID_VALUE;
        }
        if (m == 0 || n == 0 || batches == 0) {
            return SUCCESS;
        }
        if (!blas.ownWorkspace && emulated::driver::isRecording(blas.stream)) {
            emulated::driver::foreignAllocation("the allocation of cuBLAS's workspace");
        }
        bool host = blas.pointerMode == PointerMode::HOST;
        Product<T> product{asked.operationA, asked.operationB, m, n, k, matrixA, matrixB, matrixC, batches,
                           factorsOf(blas, asked.computeType, asked.operands), partsOf(blas, asked.result), blas.pointerMode,
                           host ? *asked.alpha : T{0}, host ? *asked.beta : T{0}, asked.alpha, asked.beta};
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

#define GEMM(name, label, T, number, Int)                                                                                 \
    CUBLAS_CALL(name, void* handle, Operation opA, Operation opB, Int m, Int n, Int k, const T* alpha, const T* a, Int lda, \
                const T* b, Int ldb, const T* beta, T* c, Int ldc) {                                                      \
        return gemm<T>(handle, {label, number, number, COMPUTE_32F, opA, opB, alpha, beta, a, b, c}, m, n, k,             \
                       {lda, 0, ldb, 0, ldc, 0}, 1);                                                                      \
    }

#define GEMM_STRIDED_BATCHED(name, label, T, number, Int)                                                                 \
    CUBLAS_CALL(name, void* handle, Operation opA, Operation opB, Int m, Int n, Int k, const T* alpha, const T* a, Int lda, \
                long long strideA, const T* b, Int ldb, long long strideB, const T* beta, T* c, Int ldc,                  \
                long long strideC, Int batches) {                                                                         \
        return gemm<T>(handle, {label, number, number, COMPUTE_32F, opA, opB, alpha, beta, a, b, c}, m, n, k,             \
                       {lda, strideA, ldb, strideB, ldc, strideC}, batches);                                              \
    }

GEMM(cublasSgemm_v2, "cublasSgemm", float, Number::FP32, int)
GEMM(cublasSgemm_v2_64, "cublasSgemm", float, Number::FP32, int64_t)
GEMM(cublasDgemm_v2, "cublasDgemm", double, Number::FP64, int)
GEMM(cublasDgemm_v2_64, "cublasDgemm", double, Number::FP64, int64_t)
GEMM_STRIDED_BATCHED(cublasSgemmStridedBatched, "cublasSgemmStridedBatched", float, Number::FP32, int)
GEMM_STRIDED_BATCHED(cublasSgemmStridedBatched_64, "cublasSgemmStridedBatched", float, Number::FP32, int64_t)
GEMM_STRIDED_BATCHED(cublasDgemmStridedBatched, "cublasDgemmStridedBatched", double, Number::FP64, int)
GEMM_STRIDED_BATCHED(cublasDgemmStridedBatched_64, "cublasDgemmStridedBatched", double, Number::FP64, int64_t)

// The Ex forms where alpha, beta and sums are of fp32: the rows of NVIDIA's table of supported types for real floating-point
// matrices, all of which have one type for A and B.
static bool isSupported(Number typeA, Number typeB, Number typeC, int computeType) {
    if (typeA != typeB) {
        return false;
    }
    switch (computeType) {
        case COMPUTE_32F:
        case COMPUTE_32F_PEDANTIC:
            return typeA == Number::FP32 ? typeC == Number::FP32
                                         : (typeA == Number::FP16 || typeA == Number::BF16) && (typeC == typeA || typeC == Number::FP32);
        case COMPUTE_32F_FAST_16F:
        case COMPUTE_32F_FAST_16BF:
        case COMPUTE_32F_FAST_TF32: return typeA == Number::FP32 && typeC == Number::FP32;
        default: return false;
    }
}

#define GEMM_EX(name, Int)                                                                                                \
    CUBLAS_CALL(name, void* handle, Operation opA, Operation opB, Int m, Int n, Int k, const float* alpha, const void* a, \
                Number typeA, Int lda, const void* b, Number typeB, Int ldb, const float* beta, void* c, Number typeC,    \
                Int ldc, int computeType, int) {                                                                          \
        return !isSupported(typeA, typeB, typeC, computeType)                                                             \
                   ? NOT_SUPPORTED                                                                                        \
                   : gemm<float>(handle, {"cublasGemmEx", typeA, typeC, computeType, opA, opB, alpha, beta, a, b, c}, m,  \
                                 n, k, {lda, 0, ldb, 0, ldc, 0}, 1);                                                      \
    }

#define GEMM_STRIDED_BATCHED_EX(name, Int)                                                                                \
    CUBLAS_CALL(name, void* handle, Operation opA, Operation opB, Int m, Int n, Int k, const float* alpha, const void* a, \
                Number typeA, Int lda, long long strideA, const void* b, Number typeB, Int ldb, long long strideB,        \
                const float* beta, void* c, Number typeC, Int ldc, long long strideC, Int batches, int computeType, int) { \
        return !isSupported(typeA, typeB, typeC, computeType)                                                             \
                   ? NOT_SUPPORTED                                                                                        \
                   : gemm<float>(handle,                                                                                  \
                                 {"cublasGemmStridedBatchedEx", typeA, typeC, computeType, opA, opB, alpha, beta, a, b, c}, \
                                 m, n, k, {lda, strideA, ldb, strideB, ldc, strideC}, batches);                           \
    }

GEMM_EX(cublasGemmEx, int)
GEMM_EX(cublasGemmEx_64, int64_t)
GEMM_STRIDED_BATCHED_EX(cublasGemmStridedBatchedEx, int)
GEMM_STRIDED_BATCHED_EX(cublasGemmStridedBatchedEx_64, int64_t)
