// The part of cuDNN that computes convolutions through descriptors, on the emulated device and behind cuDNN's own binary
// interface: handles, descriptors, workspace sizes, the heuristic and the measured choice of an algorithm, convolutions with all
// their gradients, bias and activation.
//
// Included twice, with CUDNN_MAJOR 8 and 9: the status codes have other numbers in version 9. Work goes through the streams of the
// emulated driver, so it can be recorded in a graph.

#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "convolve.h"

using namespace emulated::cudnn;

namespace {

using emulated::DeviceError;
using emulated::driver::CudnnDefect;

#if CUDNN_MAJOR == 9
enum Status : int {
    SUCCESS = 0,
    NOT_INITIALIZED = 1001,
    BAD_PARAM = 2000,
    NOT_SUPPORTED = 3000,
    ALLOC_FAILED = 4003,
    EXECUTION_FAILED = 5000,
};
constexpr int OWN_VERSION = 90501;
#else
enum Status : int {
    SUCCESS = 0,
    NOT_INITIALIZED = 1,
    ALLOC_FAILED = 2,
    BAD_PARAM = 3,
    EXECUTION_FAILED = 8,
    NOT_SUPPORTED = 9,
};
constexpr int OWN_VERSION = 8907;
#endif

int version() {
    int asked = emulated::driver::cudnnSettings().version;
    return asked == 0 ? OWN_VERSION : asked;
}

struct Handle {
    CUstream stream = nullptr;
};

// cudnnConvolution{Fwd,BwdData,BwdFilter}AlgoPerf_t
struct Performance {
    int algorithm;
    int status;
    float time;
    size_t memory;
    int determinism;
    int mathType;
    int reserved[3];
};

// The objects of one kind that are alive, guarded by the driver's mutex like everything else.
template <typename T>
std::set<T*>& living() {
    static auto* all = new std::set<T*>();
    return *all;
}

template <typename T>
T* found(void* handle) {
    auto* object = static_cast<T*>(handle);
    return living<T>().count(object) == 0 ? nullptr : object;
}

template <typename T>
int create(const char* function, const char* kind, void** handle) {
    return emulated::driver::foreignAnywhere(function, [&]() -> int {
        auto* object = new T();
        living<T>().insert(object);
        emulated::driver::countForeign(kind, 1);
        *handle = object;
        return SUCCESS;
    });
}

template <typename T>
int destroy(const char* function, const char* kind, void* handle) {
    return emulated::driver::foreignAnywhere(function, [&]() -> int {
        T* object = found<T>(handle);
        if (object == nullptr) {
            return BAD_PARAM;
        }
        living<T>().erase(object);
        emulated::driver::countForeign(kind, -1);
        delete object;
        return SUCCESS;
    });
}

// Calls the body with the object behind the handle; it needs no context.
template <typename T, typename Body>
int with(const char* function, void* handle, Body body) {
    return emulated::driver::foreignAnywhere(function, [&]() -> int {
        T* object = found<T>(handle);
        return object == nullptr ? static_cast<int>(BAD_PARAM) : static_cast<int>(body(*object));
    });
}

// A call on a cuDNN handle, in a context.
template <typename Body>
int call(const char* function, void* handle, Body body) {
    return emulated::driver::foreignCall(function, NOT_INITIALIZED, EXECUTION_FAILED, [&]() -> int {
        Handle* dnn = found<Handle>(handle);
        return dnn == nullptr ? static_cast<int>(NOT_INITIALIZED) : static_cast<int>(body(*dnn));
    });
}

bool positive(const int* values, int count) {
    return std::all_of(values, values + count, [](int value) { return value > 0; });
}

void copyOut(const std::vector<int>& values, int most, int* target) {
    for (int i = 0; i < most && i < static_cast<int>(values.size()); i++) {
        target[i] = values[static_cast<size_t>(i)];
    }
}

// --- what a call computes ----------------------------------------------------------------------------------------------------

// The problem of four descriptors, or nothing where one is not alive or they do not belong together.
std::optional<Problem> problemOf(Operation operation, void* x, void* w, void* convolution, void* y) {
    auto *tensorX = found<Tensor>(x), *tensorY = found<Tensor>(y);
    auto* filter = found<Filter>(w);
    auto* description = found<Convolution>(convolution);
    if (tensorX == nullptr || tensorY == nullptr || filter == nullptr || description == nullptr) {
        return std::nullopt;
    }
    Problem problem{operation, *tensorX, *tensorY, *filter, *description};
    return isConsistent(problem) ? std::optional<Problem>(problem) : std::nullopt;
}

bool isAlgorithm(Operation operation, int number) {
    return number >= 0 && number < static_cast<int>(algorithms(operation).size());
}

double scalar(DataType type, const void* value) {
    return type == DataType::DOUBLE ? *static_cast<const double*>(value) : *static_cast<const float*>(value);
}

// Every other run of an algorithm that is not deterministic adds in another order.
Flaw flawOf(const Algorithm& algorithm) {
    static bool odd = false;
    odd = !odd;
    const CudnnDefect& defect = emulated::driver::cudnnSettings().defect;
    bool meant = defect.algorithm.empty() || defect.algorithm == algorithm.name;
    Flaw flaw;
    flaw.kind = meant ? defect.kind : CudnnDefect::Kind::NONE;
    flaw.limit = defect.limit;
    flaw.backwards = odd && (!algorithm.deterministic || flaw.kind == CudnnDefect::Kind::VARYING);
    return flaw;
}

bool onDevice(const void* address, size_t bytes) {
    return bytes == 0 || emulated::driver::isDeviceMemory(address, bytes);
}

std::optional<DeviceError> outside(const char* function) {
    return DeviceError{emulated::Fault::ILLEGAL_ADDRESS, std::string(function) + ": an argument does not lie in one device allocation"};
}

double activated(const Activation& activation, double value) {
    switch (activation.mode) {
        case ActivationMode::IDENTITY: return value;
        case ActivationMode::RELU: return value > 0 || std::isnan(value) ? value : 0;
        case ActivationMode::SIGMOID: return 1 / (1 + std::exp(-value));
        case ActivationMode::TANH: return std::tanh(value);
        case ActivationMode::CLIPPED_RELU: return std::min(std::max(value, 0.0), activation.coefficient);
        default: return value > 0 ? value : activation.coefficient * (std::exp(value) - 1);
    }
}

// One of the three operations, with everything that the stream needs later.
struct Run {
    const char* function;
    Problem problem;
    int algorithm;
    double alpha, beta;
    void *x, *w, *y;
    void* workspace;
    size_t workspaceBytes;

    bool isOnDevice() const {
        return onDevice(x, problem.x.bytes()) && onDevice(w, problem.w.asTensor().bytes()) && onDevice(y, problem.y.bytes())
               && onDevice(workspace, workspaceBytes);
    }

    // Whatever the workspace holds, it is different afterwards.
    void scribble() const {
        auto* bytes = static_cast<unsigned char*>(workspace);
        for (size_t i = 0; i < workspaceBytes; i++) {
            bytes[i] = static_cast<unsigned char>(~bytes[i]);
        }
    }
};

int start(const Handle& dnn, const Run& run, std::function<void()> afterwards = nullptr) {
    Flaw flaw = flawOf(algorithms(run.problem.operation)[static_cast<size_t>(run.algorithm)]);
    emulated::driver::enqueueForeign(dnn.stream, [run, flaw, afterwards]() -> std::optional<DeviceError> {
        if (!run.isOnDevice()) {
            return outside(run.function);
        }
        run.scribble();
        convolve(run.problem, flaw, run.alpha, run.beta, run.x, run.w, run.y);
        if (afterwards) {
            afterwards();
        }
        return std::nullopt;
    });
    return SUCCESS;
}

// Whether a run may start; `given` is the workspace of the caller, of which the needed part is kept.
int accept(const std::optional<Problem>& problem, int algorithm, const void* workspace, size_t& given) {
    if (!problem || !isAlgorithm(problem->operation, algorithm)) {
        return BAD_PARAM;
    }
    if (!serves(*problem, algorithm)) {
        return NOT_SUPPORTED;
    }
    size_t needed = workspaceBytes(*problem, algorithm);
    if (given < needed || (needed > 0 && workspace == nullptr)) {
        return BAD_PARAM;
    }
    given = needed;
    return SUCCESS;
}

int convolution(const char* function, void* handle, Operation operation, const void* alpha, void* xDescriptor, const void* x,
                void* wDescriptor, const void* w, void* description, int algorithm, void* workspace, size_t workspaceBytes,
                const void* beta, void* yDescriptor, const void* y) {
    return call(function, handle, [&](Handle& dnn) -> int {
        auto problem = problemOf(operation, xDescriptor, wDescriptor, description, yDescriptor);
        int status = accept(problem, algorithm, workspace, workspaceBytes);
        if (status != SUCCESS) {
            return status;
        }
        return start(dnn, {function, *problem, algorithm, scalar(problem->x.type, alpha), scalar(problem->x.type, beta),
                           const_cast<void*>(x), const_cast<void*>(w), const_cast<void*>(y), workspace, workspaceBytes});
    });
}

int workspaceSize(const char* function, void* handle, Operation operation, void* x, void* w, void* description, void* y, int algorithm,
                  size_t* bytes) {
    return call(function, handle, [&](Handle&) -> int {
        auto problem = problemOf(operation, x, w, description, y);
        size_t all = SIZE_MAX;
        int status = accept(problem, algorithm, bytes, all);
        *bytes = status == SUCCESS ? all : 0;
        return status;
    });
}

// Fills at most `asked` answers, the best first; those that refuse come last.
int choose(const char* function, void* handle, Operation operation, void* x, void* w, void* description, void* y, int asked,
           int* returned, Performance* answers, bool measured) {
    return call(function, handle, [&](Handle&) -> int {
        auto problem = problemOf(operation, x, w, description, y);
        if (!problem || asked < 1) {
            return BAD_PARAM;
        }
        std::vector<int> numbers = ranking(*problem);
        *returned = std::min(asked, static_cast<int>(numbers.size()));
        for (int i = 0; i < *returned; i++) {
            int number = numbers[static_cast<size_t>(i)];
            bool able = serves(*problem, number);
            answers[i] = {number, able ? SUCCESS : NOT_SUPPORTED, measured && able ? 0.01f * static_cast<float>(i + 1) : -1.0f,
                          able ? workspaceBytes(*problem, number) : 0,
                          algorithms(operation)[static_cast<size_t>(number)].deterministic ? 1 : 0,
                          static_cast<int>(problem->convolution.mathType), {0, 0, 0}};
        }
        return SUCCESS;
    });
}

}  // namespace

#define CUDNN_CALL(type, name, ...) extern "C" __attribute__((visibility("default"))) type name(__VA_ARGS__)

// --- the library -----------------------------------------------------------------------------------------------------------------

CUDNN_CALL(size_t, cudnnGetVersion, void) {
    return static_cast<size_t>(version());
}

CUDNN_CALL(const char*, cudnnGetErrorString, int status) {
    switch (status) {
        case SUCCESS: return "CUDNN_STATUS_SUCCESS";
        case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
        case ALLOC_FAILED: return "CUDNN_STATUS_ALLOC_FAILED";
        case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
        case EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
        case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
        default: return "CUDNN_UNKNOWN_STATUS";
    }
}

CUDNN_CALL(int, cudnnCreate, void** handle) {
    return emulated::driver::foreignCall("cudnnCreate", NOT_INITIALIZED, EXECUTION_FAILED, [&]() -> int {
        emulated::driver::foreignAllocation("cudnnCreate");
        auto* created = new Handle();
        living<Handle>().insert(created);
        emulated::driver::countForeign("cudnn-handles", 1);
        *handle = created;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnDestroy, void* handle) {
    return destroy<Handle>("cudnnDestroy", "cudnn-handles", handle);
}

CUDNN_CALL(int, cudnnSetStream, void* handle, CUstream stream) {
    return call("cudnnSetStream", handle, [&](Handle& dnn) {
        dnn.stream = stream;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnGetStream, void* handle, CUstream* stream) {
    return call("cudnnGetStream", handle, [&](Handle& dnn) {
        *stream = dnn.stream;
        return SUCCESS;
    });
}

// --- tensors and filters -----------------------------------------------------------------------------------------------------------

CUDNN_CALL(int, cudnnCreateTensorDescriptor, void** descriptor) {
    return create<Tensor>("cudnnCreateTensorDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnDestroyTensorDescriptor, void* descriptor) {
    return destroy<Tensor>("cudnnDestroyTensorDescriptor", "cudnn-descriptors", descriptor);
}

namespace {

int setTensor(const char* function, void* descriptor, DataType type, const std::vector<int>& sizes, const std::vector<int>& strides) {
    return with<Tensor>(function, descriptor, [&](Tensor& tensor) {
        auto rank = static_cast<int>(sizes.size());
        if (rank < 3 || rank > MOST_DIMENSIONS || !positive(sizes.data(), rank) || !positive(strides.data(), rank)) {
            return BAD_PARAM;
        }
        if (!isKnown(type)) {
            return NOT_SUPPORTED;
        }
        tensor = {type, sizes, strides};
        return SUCCESS;
    });
}

std::vector<int> values(const int* first, int count) {
    return {first, first + std::min(std::max(count, 0), MOST_DIMENSIONS + 1)};
}

}  // namespace

CUDNN_CALL(int, cudnnSetTensorNdDescriptor, void* descriptor, DataType type, int rank, const int* sizes, const int* strides) {
    return setTensor("cudnnSetTensorNdDescriptor", descriptor, type, values(sizes, rank), values(strides, rank));
}

CUDNN_CALL(int, cudnnSetTensorNdDescriptorEx, void* descriptor, Format format, DataType type, int rank, const int* sizes) {
    std::vector<int> each = values(sizes, rank);
    return setTensor("cudnnSetTensorNdDescriptorEx", descriptor, type, each,
                     rank < 3 ? std::vector<int>(each.size()) : denseStrides(each, format));
}

CUDNN_CALL(int, cudnnSetTensor4dDescriptor, void* descriptor, Format format, DataType type, int n, int c, int h, int w) {
    return setTensor("cudnnSetTensor4dDescriptor", descriptor, type, {n, c, h, w}, denseStrides({n, c, h, w}, format));
}

CUDNN_CALL(int, cudnnSetTensor4dDescriptorEx, void* descriptor, DataType type, int n, int c, int h, int w, int strideN, int strideC,
           int strideH, int strideW) {
    return setTensor("cudnnSetTensor4dDescriptorEx", descriptor, type, {n, c, h, w}, {strideN, strideC, strideH, strideW});
}

CUDNN_CALL(int, cudnnGetTensorNdDescriptor, void* descriptor, int most, DataType* type, int* rank, int* sizes, int* strides) {
    return with<Tensor>("cudnnGetTensorNdDescriptor", descriptor, [&](Tensor& tensor) {
        *type = tensor.type;
        *rank = static_cast<int>(tensor.dimensions.size());
        copyOut(tensor.dimensions, most, sizes);
        copyOut(tensor.strides, most, strides);
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnGetTensorSizeInBytes, void* descriptor, size_t* bytes) {
    return with<Tensor>("cudnnGetTensorSizeInBytes", descriptor, [&](Tensor& tensor) {
        *bytes = tensor.bytes();
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnCreateFilterDescriptor, void** descriptor) {
    return create<Filter>("cudnnCreateFilterDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnDestroyFilterDescriptor, void* descriptor) {
    return destroy<Filter>("cudnnDestroyFilterDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnSetFilterNdDescriptor, void* descriptor, DataType type, Format format, int rank, const int* sizes) {
    return with<Filter>("cudnnSetFilterNdDescriptor", descriptor, [&](Filter& filter) {
        if (rank < 3 || rank > MOST_DIMENSIONS || !positive(sizes, rank)) {
            return BAD_PARAM;
        }
        if (!isKnown(type)) {
            return NOT_SUPPORTED;
        }
        filter = {type, format, {sizes, sizes + rank}};
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnGetFilterNdDescriptor, void* descriptor, int most, DataType* type, Format* format, int* rank, int* sizes) {
    return with<Filter>("cudnnGetFilterNdDescriptor", descriptor, [&](Filter& filter) {
        *type = filter.type;
        *format = filter.format;
        *rank = static_cast<int>(filter.dimensions.size());
        copyOut(filter.dimensions, most, sizes);
        return SUCCESS;
    });
}

// --- convolutions ------------------------------------------------------------------------------------------------------------------

CUDNN_CALL(int, cudnnCreateConvolutionDescriptor, void** descriptor) {
    return create<Convolution>("cudnnCreateConvolutionDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnDestroyConvolutionDescriptor, void* descriptor) {
    return destroy<Convolution>("cudnnDestroyConvolutionDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnSetConvolutionNdDescriptor, void* descriptor, int axes, const int* padding, const int* strides,
           const int* dilations, Mode mode, DataType computeType) {
    return with<Convolution>("cudnnSetConvolutionNdDescriptor", descriptor, [&](Convolution& convolution) {
        bool padded = std::all_of(padding, padding + std::max(axes, 0), [](int value) { return value >= 0; });
        if (axes < 2 || axes > MOST_DIMENSIONS - 2 || !padded || !positive(strides, axes) || !positive(dilations, axes)) {
            return BAD_PARAM;
        }
        convolution.padding = {padding, padding + axes};
        convolution.strides = {strides, strides + axes};
        convolution.dilations = {dilations, dilations + axes};
        convolution.mode = mode;
        convolution.computeType = computeType;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnGetConvolutionNdDescriptor, void* descriptor, int most, int* axes, int* padding, int* strides, int* dilations,
           Mode* mode, DataType* computeType) {
    return with<Convolution>("cudnnGetConvolutionNdDescriptor", descriptor, [&](Convolution& convolution) {
        *axes = static_cast<int>(convolution.padding.size());
        copyOut(convolution.padding, most, padding);
        copyOut(convolution.strides, most, strides);
        copyOut(convolution.dilations, most, dilations);
        *mode = convolution.mode;
        *computeType = convolution.computeType;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnSetConvolutionMathType, void* descriptor, MathType type) {
    return with<Convolution>("cudnnSetConvolutionMathType", descriptor, [&](Convolution& convolution) {
        convolution.mathType = type;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnGetConvolutionMathType, void* descriptor, MathType* type) {
    return with<Convolution>("cudnnGetConvolutionMathType", descriptor, [&](Convolution& convolution) {
        *type = convolution.mathType;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnSetConvolutionGroupCount, void* descriptor, int groups) {
    return with<Convolution>("cudnnSetConvolutionGroupCount", descriptor, [&](Convolution& convolution) {
        convolution.groups = groups;
        return groups > 0 ? SUCCESS : BAD_PARAM;
    });
}

CUDNN_CALL(int, cudnnGetConvolutionGroupCount, void* descriptor, int* groups) {
    return with<Convolution>("cudnnGetConvolutionGroupCount", descriptor, [&](Convolution& convolution) {
        *groups = convolution.groups;
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnGetConvolutionNdForwardOutputDim, void* descriptor, void* input, void* filter, int rank, int* sizes) {
    return with<Convolution>("cudnnGetConvolutionNdForwardOutputDim", descriptor, [&](Convolution& convolution) {
        auto* x = found<Tensor>(input);
        auto* w = found<Filter>(filter);
        size_t axes = convolution.padding.size();
        if (x == nullptr || w == nullptr || x->dimensions.size() != axes + 2 || w->dimensions.size() != axes + 2
            || rank != static_cast<int>(axes + 2)) {
            return BAD_PARAM;
        }
        Problem problem{Operation::FORWARD, *x, {}, *w, convolution};
        sizes[0] = x->dimensions[0];
        sizes[1] = w->dimensions[0];
        for (size_t axis = 0; axis < axes; axis++) {
            sizes[axis + 2] = static_cast<int>(outputSize(problem, axis));
        }
        return SUCCESS;
    });
}

// --- the choice of an algorithm ------------------------------------------------------------------------------------------------------

CUDNN_CALL(int, cudnnGetConvolutionForwardWorkspaceSize, void* handle, void* x, void* w, void* description, void* y, int algorithm,
           size_t* bytes) {
    return workspaceSize("cudnnGetConvolutionForwardWorkspaceSize", handle, Operation::FORWARD, x, w, description, y, algorithm, bytes);
}

CUDNN_CALL(int, cudnnGetConvolutionBackwardDataWorkspaceSize, void* handle, void* w, void* dy, void* description, void* dx,
           int algorithm, size_t* bytes) {
    return workspaceSize("cudnnGetConvolutionBackwardDataWorkspaceSize", handle, Operation::BACKWARD_DATA, dx, w, description, dy,
                         algorithm, bytes);
}

CUDNN_CALL(int, cudnnGetConvolutionBackwardFilterWorkspaceSize, void* handle, void* x, void* dy, void* description, void* dw,
           int algorithm, size_t* bytes) {
    return workspaceSize("cudnnGetConvolutionBackwardFilterWorkspaceSize", handle, Operation::BACKWARD_FILTER, x, dw, description, dy,
                         algorithm, bytes);
}

#define MAX_COUNT(name, operation)                                            \
    CUDNN_CALL(int, name, void* handle, int* count) {                         \
        return call(#name, handle, [&](Handle&) {                             \
            *count = static_cast<int>(algorithms(Operation::operation).size()); \
            return SUCCESS;                                                   \
        });                                                                   \
    }

MAX_COUNT(cudnnGetConvolutionForwardAlgorithmMaxCount, FORWARD)
MAX_COUNT(cudnnGetConvolutionBackwardDataAlgorithmMaxCount, BACKWARD_DATA)
MAX_COUNT(cudnnGetConvolutionBackwardFilterAlgorithmMaxCount, BACKWARD_FILTER)

CUDNN_CALL(int, cudnnGetConvolutionForwardAlgorithm_v7, void* handle, void* x, void* w, void* description, void* y, int asked,
           int* returned, Performance* answers) {
    return choose("cudnnGetConvolutionForwardAlgorithm_v7", handle, Operation::FORWARD, x, w, description, y, asked, returned, answers,
                  false);
}

CUDNN_CALL(int, cudnnGetConvolutionBackwardDataAlgorithm_v7, void* handle, void* w, void* dy, void* description, void* dx, int asked,
           int* returned, Performance* answers) {
    return choose("cudnnGetConvolutionBackwardDataAlgorithm_v7", handle, Operation::BACKWARD_DATA, dx, w, description, dy, asked,
                  returned, answers, false);
}

CUDNN_CALL(int, cudnnGetConvolutionBackwardFilterAlgorithm_v7, void* handle, void* x, void* dy, void* description, void* dw, int asked,
           int* returned, Performance* answers) {
    return choose("cudnnGetConvolutionBackwardFilterAlgorithm_v7", handle, Operation::BACKWARD_FILTER, x, dw, description, dy, asked,
                  returned, answers, false);
}

// --- convolutions ------------------------------------------------------------------------------------------------------------------

CUDNN_CALL(int, cudnnConvolutionForward, void* handle, const void* alpha, void* xDescriptor, const void* x, void* wDescriptor,
           const void* w, void* description, int algorithm, void* workspace, size_t bytes, const void* beta, void* yDescriptor, void* y) {
    return convolution("cudnnConvolutionForward", handle, Operation::FORWARD, alpha, xDescriptor, x, wDescriptor, w, description,
                       algorithm, workspace, bytes, beta, yDescriptor, y);
}

CUDNN_CALL(int, cudnnConvolutionBackwardData, void* handle, const void* alpha, void* wDescriptor, const void* w, void* dyDescriptor,
           const void* dy, void* description, int algorithm, void* workspace, size_t bytes, const void* beta, void* dxDescriptor,
           void* dx) {
    return convolution("cudnnConvolutionBackwardData", handle, Operation::BACKWARD_DATA, alpha, dxDescriptor, dx, wDescriptor, w,
                       description, algorithm, workspace, bytes, beta, dyDescriptor, dy);
}

CUDNN_CALL(int, cudnnConvolutionBackwardFilter, void* handle, const void* alpha, void* xDescriptor, const void* x, void* dyDescriptor,
           const void* dy, void* description, int algorithm, void* workspace, size_t bytes, const void* beta, void* dwDescriptor,
           void* dw) {
    return convolution("cudnnConvolutionBackwardFilter", handle, Operation::BACKWARD_FILTER, alpha, xDescriptor, x, dwDescriptor, dw,
                       description, algorithm, workspace, bytes, beta, dyDescriptor, dy);
}

// --- bias and activation -------------------------------------------------------------------------------------------------------------

namespace {

bool isBiasOf(const Tensor& bias, const Tensor& y) {
    bool ones = bias.dimensions.size() == y.dimensions.size() && bias.type == y.type;
    for (size_t axis = 0; ones && axis < y.dimensions.size(); axis++) {
        ones = bias.dimensions[axis] == (axis == 1 ? y.dimensions[1] : 1);
    }
    return ones;
}

// The channel of an element of a dense row-major tensor.
size_t channel(const Tensor& y, size_t flat) {
    auto perImage = static_cast<size_t>(y.elements() / y.dimensions[0]);
    return flat % perImage / (perImage / static_cast<size_t>(y.dimensions[1]));
}

}  // namespace

CUDNN_CALL(int, cudnnAddTensor, void* handle, const void* alpha, void* biasDescriptor, const void* bias, const void* beta,
           void* yDescriptor, void* y) {
    return call("cudnnAddTensor", handle, [&](Handle& dnn) -> int {
        auto *from = found<Tensor>(biasDescriptor), *to = found<Tensor>(yDescriptor);
        if (from == nullptr || to == nullptr || !isBiasOf(*from, *to)) {
            return BAD_PARAM;
        }
        double a = scalar(to->type, alpha), b = scalar(to->type, beta);
        emulated::driver::enqueueForeign(dnn.stream, [=, from = *from, to = *to]() -> std::optional<DeviceError> {
            if (!onDevice(bias, from.bytes()) || !onDevice(y, to.bytes())) {
                return outside("cudnnAddTensor");
            }
            std::vector<double> added = gathered(from, bias);
            std::vector<double> values = gathered(to, y);
            for (size_t i = 0; i < values.size(); i++) {
                values[i] = a * added[channel(to, i)] + b * values[i];
            }
            scatter(to, values, y);
            return std::nullopt;
        });
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnConvolutionBackwardBias, void* handle, const void* alpha, void* dyDescriptor, const void* dy, const void* beta,
           void* dbiasDescriptor, void* dbias) {
    return call("cudnnConvolutionBackwardBias", handle, [&](Handle& dnn) -> int {
        auto *from = found<Tensor>(dyDescriptor), *to = found<Tensor>(dbiasDescriptor);
        if (from == nullptr || to == nullptr || !isBiasOf(*to, *from)) {
            return BAD_PARAM;
        }
        double a = scalar(from->type, alpha), b = scalar(from->type, beta);
        emulated::driver::enqueueForeign(dnn.stream, [=, from = *from, to = *to]() -> std::optional<DeviceError> {
            if (!onDevice(dy, from.bytes()) || !onDevice(dbias, to.bytes())) {
                return outside("cudnnConvolutionBackwardBias");
            }
            std::vector<double> values = gathered(from, dy);
            std::vector<double> before = b == 0 ? std::vector<double>(static_cast<size_t>(to.elements())) : gathered(to, dbias);
            std::vector<double> sums(before.size());
            for (size_t i = 0; i < values.size(); i++) {
                sums[channel(from, i)] += values[i];
            }
            for (size_t k = 0; k < sums.size(); k++) {
                sums[k] = a * sums[k] + b * before[k];
            }
            scatter(to, sums, dbias);
            return std::nullopt;
        });
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnCreateActivationDescriptor, void** descriptor) {
    return create<Activation>("cudnnCreateActivationDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnDestroyActivationDescriptor, void* descriptor) {
    return destroy<Activation>("cudnnDestroyActivationDescriptor", "cudnn-descriptors", descriptor);
}

CUDNN_CALL(int, cudnnSetActivationDescriptor, void* descriptor, ActivationMode mode, int nanPropagation, double coefficient) {
    return with<Activation>("cudnnSetActivationDescriptor", descriptor, [&](Activation& activation) {
        activation = {mode, nanPropagation, coefficient};
        return SUCCESS;
    });
}

CUDNN_CALL(int, cudnnActivationForward, void* handle, void* activationDescriptor, const void* alpha, void* xDescriptor, const void* x,
           const void* beta, void* yDescriptor, void* y) {
    return call("cudnnActivationForward", handle, [&](Handle& dnn) -> int {
        auto *from = found<Tensor>(xDescriptor), *to = found<Tensor>(yDescriptor);
        auto* activation = found<Activation>(activationDescriptor);
        if (from == nullptr || to == nullptr || activation == nullptr || from->dimensions != to->dimensions) {
            return BAD_PARAM;
        }
        double a = scalar(from->type, alpha), b = scalar(from->type, beta);
        emulated::driver::enqueueForeign(dnn.stream, [=, from = *from, to = *to, act = *activation]() -> std::optional<DeviceError> {
            if (!onDevice(x, from.bytes()) || !onDevice(y, to.bytes())) {
                return outside("cudnnActivationForward");
            }
            std::vector<double> values = gathered(from, x);
            std::vector<double> before = b == 0 ? std::vector<double>(values.size()) : gathered(to, y);
            for (size_t i = 0; i < values.size(); i++) {
                values[i] = a * activated(act, values[i]) + (b == 0 ? 0 : b * before[i]);
            }
            scatter(to, values, y);
            return std::nullopt;
        });
        return SUCCESS;
    });
}

// y = activation(alpha1 * convolution + alpha2 * z + bias)
CUDNN_CALL(int, cudnnConvolutionBiasActivationForward, void* handle, const void* alpha1, void* xDescriptor, const void* x,
           void* wDescriptor, const void* w, void* description, int algorithm, void* workspace, size_t bytes, const void* alpha2,
           void* zDescriptor, const void* z, void* biasDescriptor, const void* bias, void* activationDescriptor, void* yDescriptor,
           void* y) {
    const char* function = "cudnnConvolutionBiasActivationForward";
    return call(function, handle, [&](Handle& dnn) -> int {
        auto problem = problemOf(Operation::FORWARD, xDescriptor, wDescriptor, description, yDescriptor);
        auto *tensorZ = found<Tensor>(zDescriptor), *tensorBias = found<Tensor>(biasDescriptor);
        auto* activation = found<Activation>(activationDescriptor);
        int status = accept(problem, algorithm, workspace, bytes);
        if (status != SUCCESS) {
            return status;
        }
        if (tensorZ == nullptr || tensorBias == nullptr || activation == nullptr || !isBiasOf(*tensorBias, problem->y)
            || tensorZ->dimensions != problem->y.dimensions) {
            return BAD_PARAM;
        }
        bool precomputed = std::string(algorithms(Operation::FORWARD)[static_cast<size_t>(algorithm)].name) == "IMPLICIT_PRECOMP_GEMM";
        if (activation->mode != ActivationMode::RELU && !(activation->mode == ActivationMode::IDENTITY && precomputed)) {
            return NOT_SUPPORTED;
        }
        double a1 = scalar(problem->x.type, alpha1), a2 = scalar(problem->x.type, alpha2);
        if (!onDevice(z, tensorZ->bytes()) || !onDevice(bias, tensorBias->bytes())) {
            return BAD_PARAM;
        }
        auto before = std::make_shared<std::vector<double>>();
        if (a2 != 0) {
            emulated::driver::enqueueForeign(dnn.stream, [before, z, z4 = *tensorZ]() -> std::optional<DeviceError> {
                *before = gathered(z4, z);
                return std::nullopt;
            });
        }
        auto finish = [=, output = problem->y, biasOf = *tensorBias, act = *activation] {
            std::vector<double> values = gathered(output, y);
            std::vector<double> added = gathered(biasOf, bias);
            for (size_t i = 0; i < values.size(); i++) {
                values[i] = activated(act, values[i] + (a2 == 0 ? 0 : a2 * (*before)[i]) + added[channel(output, i)]);
            }
            scatter(output, values, y);
        };
        return start(dnn, {function, *problem, algorithm, a1, 0, const_cast<void*>(x), const_cast<void*>(w), y, workspace, bytes},
                     finish);
    });
}
