// The g++ half of kernels/gpu.h: CUDA's words, given a meaning on the CPU. Kernel files include it through gpu.h.

#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define DEVICE inline __attribute__((always_inline))

struct uint3 {
    unsigned x, y, z;
};

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

struct alignas(8) int2 {
    int x, y;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

DEVICE int2 make_int2(int x, int y) { return {x, y}; }
DEVICE int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
DEVICE float2 make_float2(float x, float y) { return {x, y}; }
DEVICE float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

namespace emulated {

constexpr int WARP_SIZE = 32;

// Where in the kernel source an operation stands; threads that meet must stand at the same place.
struct Site {
    const char* file;
    int line;
};

// What a warp operation does once all its lanes have met.
enum class WarpOperation { SYNC, SHUFFLE_INDEX, SHUFFLE_UP, SHUFFLE_DOWN, SHUFFLE_XOR, BALLOT, MULTIPLY_MATRICES };

// The coordinates of the CUDA thread that this worker runs now. `__thread` and not `thread_local`: no initialiser may hide behind an access.
extern __thread uint3 threadIndex;
extern __thread uint3 blockIndex;
extern __thread uint3 blockSize;
extern __thread uint3 gridSize;

// Blocks the calling CUDA thread until every live thread of its block stands at `site`.
void blockBarrier(Site site);

// Meets the lanes of `mask`; the answer is this lane's result. MULTIPLY_MATRICES brings the address of MatrixPieces (tensor_emulation.h),
// needs all lanes, and answers where they point. `operand` is the lane, delta or lane mask of a shuffle.
uint64_t warpMeeting(WarpOperation operation, unsigned mask, uint64_t value, int operand, int width, Site site);

// The dynamic shared memory of the running block.
void* sharedMemory();

// Size and alignment of one kernel parameter, as the PTX states them too.
struct Parameter {
    size_t size;
    size_t alignment;
    bool pointer;
};

// A kernel as the emulation knows it: found by name, and called for each CUDA thread with the places of its parameters, as
// cuLaunchKernel's `kernelParams` have them.
struct Kernel {
    const char* name;
    unsigned maxThreads;  // of a block; 0 for no bound
    std::vector<Parameter> parameters;
    std::function<void(void* const* arguments)> invoke;
};

// Adds a kernel to the emulation's list; a name that is there already is a programming error.
int registerKernel(Kernel kernel);

template <auto function>
struct Trampoline;

template <typename... Arguments, void (*function)(Arguments...)>
struct Trampoline<function> {
    static_assert((std::is_trivially_copyable_v<Arguments> && ...), "kernel parameters are copied byte by byte");

    static void invoke(void* const* arguments) { call(arguments, std::index_sequence_for<Arguments...>{}); }

    static std::vector<Parameter> parameters() {
        return {Parameter{sizeof(Arguments), alignof(Arguments), std::is_pointer_v<Arguments>}...};
    }

private:
    template <size_t... indices>
    static void call([[maybe_unused]] void* const* arguments, std::index_sequence<indices...>) {
        function(*static_cast<const std::remove_cv_t<Arguments>*>(arguments[indices])...);
    }
};

template <typename T>
uint64_t toBits(T value) {
    static_assert(std::is_trivially_copyable_v<T> && (sizeof(T) == 4 || sizeof(T) == 8), "a shuffle moves 4 or 8 bytes");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    return bits;
}

template <typename T>
T fromBits(uint64_t bits) {
    T value;
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}

}  // namespace emulated

#define JCONV_KERNEL(name, ...) JCONV_KERNEL_BOUNDED(0, name, __VA_ARGS__)

#define JCONV_KERNEL_BOUNDED(threads, name, ...)                                                                          \
    static void name(__VA_ARGS__);                                                                                        \
    [[maybe_unused]] static const int name##Registered = ::emulated::registerKernel(                                      \
        {#name, threads, ::emulated::Trampoline<&name>::parameters(), &::emulated::Trampoline<&name>::invoke});           \
    static void name(__VA_ARGS__)

#define SHARED_MEMORY(type, name) type* const name = static_cast<type*>(::emulated::sharedMemory())

#define threadIdx (::emulated::threadIndex)
#define blockIdx (::emulated::blockIndex)
#define blockDim (::emulated::blockSize)
#define gridDim (::emulated::gridSize)
constexpr int warpSize = emulated::WARP_SIZE;

// Every meeting of threads takes the caller's place in the source as hidden arguments.
#define JCONV_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(JCONV_SITE) {
    emulated::blockBarrier({file, line});
}

inline void __syncwarp(unsigned mask = 0xffffffffu, JCONV_SITE) {
    emulated::warpMeeting(emulated::WarpOperation::SYNC, mask, 0, 0, warpSize, {file, line});
}

inline unsigned __ballot_sync(unsigned mask, int predicate, JCONV_SITE) {
    return static_cast<unsigned>(
        emulated::warpMeeting(emulated::WarpOperation::BALLOT, mask, predicate != 0, 0, warpSize, {file, line}));
}

inline int __any_sync(unsigned mask, int predicate, JCONV_SITE) {
    return __ballot_sync(mask, predicate, file, line) != 0;
}

inline int __all_sync(unsigned mask, int predicate, JCONV_SITE) {
    return __ballot_sync(mask, !predicate, file, line) == 0;
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int lane, int width = warpSize, JCONV_SITE) {
    return emulated::fromBits<T>(emulated::warpMeeting(
        emulated::WarpOperation::SHUFFLE_INDEX, mask, emulated::toBits(value), lane, width, {file, line}));
}

template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize, JCONV_SITE) {
    return emulated::fromBits<T>(emulated::warpMeeting(
        emulated::WarpOperation::SHUFFLE_UP, mask, emulated::toBits(value), static_cast<int>(delta), width, {file, line}));
}

template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize, JCONV_SITE) {
    return emulated::fromBits<T>(emulated::warpMeeting(
        emulated::WarpOperation::SHUFFLE_DOWN, mask, emulated::toBits(value), static_cast<int>(delta), width, {file, line}));
}

template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int laneMask, int width = warpSize, JCONV_SITE) {
    return emulated::fromBits<T>(emulated::warpMeeting(
        emulated::WarpOperation::SHUFFLE_XOR, mask, emulated::toBits(value), laneMask, width, {file, line}));
}

template <typename T>
DEVICE T __ldg(const T* address) {
    return *address;
}

DEVICE unsigned __umulhi(unsigned a, unsigned b) {
    return static_cast<unsigned>((static_cast<uint64_t>(a) * b) >> 32);
}

DEVICE int __popc(unsigned value) {
    return __builtin_popcount(value);
}

DEVICE int __clz(int value) {
    return value == 0 ? 32 : __builtin_clz(static_cast<unsigned>(value));
}

// As in CUDA, the two arguments may be of different types: the answer has their common type.
template <typename A, typename B>
DEVICE std::common_type_t<A, B> min(A a, B b) {
    using T = std::common_type_t<A, B>;
    return static_cast<T>(b) < static_cast<T>(a) ? static_cast<T>(b) : static_cast<T>(a);
}

template <typename A, typename B>
DEVICE std::common_type_t<A, B> max(A a, B b) {
    using T = std::common_type_t<A, B>;
    return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(b) : static_cast<T>(a);
}
