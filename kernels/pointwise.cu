// Each element by itself, in tensors of any shape.
//
//   activation           y = f(x)
//   activation_backward  dx = dy * f', which is a function of y
//   add_scaled           y += factor * x
//   scale                y *= factor
//   limit_norm           y *= limit / sqrt(squares[0]) where that is below 1
//   dropout              y[i] = keep(i) ? x[i] * scaleOfKept : 0, keep(i) a function of seed, step[0] and i alone
//
// f is 0: max(x, 0); 1: x > 0 ? x : slope * x; 2: 1 / (1 + exp(-x)); 3: tanh(x): the order of the host's Activation.
// The random numbers of dropout are those of the host's CounterRandom, bit for bit.
//
// One thread: one element. Grid: x counts elements in blocks; a grid-stride loop. An output may be an input.
// The suffix _f64 means fp64 tensors. f and f' are computed in double and rounded once, the others in the tensor's type.
// May exceed 2^31: every count. All overwrite, add_scaled adds. Bound by memory; sigmoid and tanh on chips with few
// fp64 units by arithmetic.

#include "reals.h"

constexpr int RELU = 0;
constexpr int LEAKY_RELU = 1;
constexpr int SIGMOID = 2;

DEVICE double sigmoid(double x) {
    const double small = exp(-fabs(x));
    return (x >= 0.0 ? 1.0 : small) / (1.0 + small);
}

DEVICE double activate(int f, double slope, double x) {
    if (f == RELU) {
        return x > 0.0 || x != x ? x : 0.0;
    }
    if (f == LEAKY_RELU) {
        return x > 0.0 ? x : slope * x;
    }
    return f == SIGMOID ? sigmoid(x) : tanh(x);
}

DEVICE double derivativeFromValue(int f, double slope, double y) {
    if (f == RELU || f == LEAKY_RELU) {
        return y > 0.0 ? 1.0 : f == RELU ? 0.0 : slope;
    }
    return f == SIGMOID ? y * (1.0 - y) : 1.0 - y * y;
}

DEVICE uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

constexpr uint64_t GOLDEN = 0x9E3779B97F4A7C15u;

// Uniform in [0, 1) with 24 bits; `stream` is the mixture of seed and step.
DEVICE float uniform(uint64_t stream, int64_t index) {
    return static_cast<float>(mixed(stream + GOLDEN * (static_cast<uint64_t>(index) + 1)) >> 40) * 0x1p-24f;
}

#define POINTWISE_KERNELS(suffix, Real)                                                                              \
    JCONV_KERNEL(jconv_activation##suffix, int f, double slope, const Real* x, Real* y, int64_t count) {             \
        for (int64_t i = globalThread(); i < count; i += globalThreads()) {                                          \
            y[i] = static_cast<Real>(activate(f, slope, x[i]));                                                      \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_activation_backward##suffix, int f, double slope, const Real* y, const Real* dy, Real* dx,    \
                 int64_t count) {                                                                                    \
        for (int64_t i = globalThread(); i < count; i += globalThreads()) {                                          \
            dx[i] = static_cast<Real>(dy[i] * derivativeFromValue(f, slope, y[i]));                                  \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_add_scaled##suffix, const Real* x, double factor, Real* y, int64_t count) {                   \
        for (int64_t i = globalThread(); i < count; i += globalThreads()) {                                          \
            y[i] += static_cast<Real>(factor) * x[i];                                                                \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_scale##suffix, Real* y, double factor, int64_t count) {                                       \
        for (int64_t i = globalThread(); i < count; i += globalThreads()) {                                          \
            y[i] *= static_cast<Real>(factor);                                                                       \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_limit_norm##suffix, const double* __restrict__ squares, double limit, Real* y,                \
                 int64_t count) {                                                                                    \
        const double norm = sqrt(*squares);                                                                          \
        const Real factor = norm > limit ? static_cast<Real>(limit / norm) : Real{1};                                \
        for (int64_t i = globalThread(); i < count; i += globalThreads()) {                                          \
            y[i] *= factor;                                                                                          \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_dropout##suffix, const Real* x, double rate, double scaleOfKept, int64_t seed,                \
                 const double* __restrict__ step, Real* y, int64_t count) {                                          \
        const uint64_t number = static_cast<uint64_t>(static_cast<int64_t>(*step)) + 1;                              \
        const uint64_t stream = mixed(static_cast<uint64_t>(seed) + GOLDEN * number);                                \
        for (int64_t i = globalThread(); i < count; i += globalThreads()) {                                          \
            const bool keep = uniform(stream, i) >= static_cast<Real>(rate);                                         \
            y[i] = keep ? x[i] * static_cast<Real>(scaleOfKept) : Real{0};                                           \
        }                                                                                                            \
    }

FOR_EACH_REAL(POINTWISE_KERNELS)
