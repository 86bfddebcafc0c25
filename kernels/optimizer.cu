// Steps of optimisers, and sums of squares.
//
//   sgd_step        g = dw + decay * w;  v = momentum * v + g;  w -= rate * (nesterov ? g + momentum * v : v)
//   adam_step       g = dw + decay * w;  m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g^2;
//                   w -= rate * shrink * w + rate / (1 - beta1^step) * m / (sqrt(v / (1 - beta2^step)) + epsilon);
//                   decay is that of Adam, shrink that of AdamW; the other one is 0
//   sum_of_squares  partials[block] = sum of x[i]^2 over the block's elements
//   add_up          sum[0] += sum over i: partials[i]
//
// rate and step are read from device memory, so that a recorded launch follows them.
//
// One thread of the steps: one element. Grid: x counts elements in blocks; a grid-stride loop. In adam_step the first
// thread of a block computes what is the same for all of them; shared memory: 3 doubles.
// One block of sum_of_squares: every gridDim-th run of blockDim elements, in double; add_up: a single block. The sums of
// the threads are added up in a fixed tree; blockDim is a power of two; shared memory: blockDim doubles. The bits depend
// on the shape of the launch alone.
//
// The suffix _f64 means fp64 tensors; the steps are computed in the tensor's type.
// May exceed 2^31: every count. The steps overwrite w, v and m. Bound by memory.

#include "block_sum.h"
#include "reals.h"

template <typename Real>
DEVICE Real squareRoot(Real x) {
    return static_cast<Real>(sqrt(static_cast<double>(x)));
}

template <typename Real>
DEVICE void sgdStep(Real* __restrict__ w, const Real* __restrict__ dw, Real* __restrict__ v, double rate,
                    double momentum, double decay, int nesterov, int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const Real gradient = dw[i] + static_cast<Real>(decay) * w[i];
        const Real velocity = static_cast<Real>(momentum) * v[i] + gradient;
        v[i] = velocity;
        w[i] -= static_cast<Real>(rate) * (nesterov ? gradient + static_cast<Real>(momentum) * velocity : velocity);
    }
}

// The rate, the correction of the second moment and the share that weights lose are the same for the whole tensor.
template <typename Real>
DEVICE void adamStep(Real* __restrict__ w, const Real* __restrict__ dw, Real* __restrict__ m, Real* __restrict__ v,
                     Real rate, Real correction, Real lost, double beta1, double beta2, double epsilon, double decay,
                     int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const Real gradient = dw[i] + static_cast<Real>(decay) * w[i];
        const Real first = static_cast<Real>(beta1) * m[i] + static_cast<Real>(1.0 - beta1) * gradient;
        const Real second = static_cast<Real>(beta2) * v[i] + static_cast<Real>(1.0 - beta2) * (gradient * gradient);
        m[i] = first;
        v[i] = second;
        w[i] -= lost * w[i] + rate * first / (squareRoot(second / correction) + static_cast<Real>(epsilon));
    }
}

template <typename Real>
DEVICE void sumOfSquares(const Real* __restrict__ x, double* __restrict__ partials, int64_t count, double* partial) {
    double sum[1] = {};
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        sum[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    }
    addUpInBlock(sum, partial);
    if (threadIdx.x == 0) {
        partials[blockIdx.x] = partial[0];
    }
}

#define OPTIMIZER_KERNELS(suffix, Real)                                                                              \
    JCONV_KERNEL(jconv_sgd_step##suffix, Real* __restrict__ w, const Real* __restrict__ dw, Real* __restrict__ v,    \
                 const double* __restrict__ rate, double momentum, double decay, int nesterov, int64_t count) {      \
        sgdStep(w, dw, v, *rate, momentum, decay, nesterov, count);                                                  \
    }                                                                                                                \
    JCONV_KERNEL(jconv_adam_step##suffix, Real* __restrict__ w, const Real* __restrict__ dw, Real* __restrict__ m,   \
                 Real* __restrict__ v, const double* __restrict__ step, const double* __restrict__ rate,             \
                 double beta1, double beta2, double epsilon, double decay, double shrink, int64_t count) {           \
        SHARED_MEMORY(double, ofBlock);                                                                              \
        if (threadIdx.x == 0) {                                                                                      \
            ofBlock[0] = *rate / (1.0 - pow(beta1, *step));                                                          \
            ofBlock[1] = 1.0 - pow(beta2, *step);                                                                    \
            ofBlock[2] = *rate * shrink;                                                                             \
        }                                                                                                            \
        __syncthreads();                                                                                             \
        adamStep(w, dw, m, v, static_cast<Real>(ofBlock[0]), static_cast<Real>(ofBlock[1]),                          \
                 static_cast<Real>(ofBlock[2]), beta1, beta2, epsilon, decay, count);                                \
    }                                                                                                                \
    JCONV_KERNEL(jconv_sum_of_squares##suffix, const Real* __restrict__ x, double* __restrict__ partials,            \
                 int64_t count) {                                                                                    \
        SHARED_MEMORY(double, partial);                                                                              \
        sumOfSquares(x, partials, count, partial);                                                                   \
    }

FOR_EACH_REAL(OPTIMIZER_KERNELS)

JCONV_KERNEL(jconv_add_up, const double* __restrict__ partials, double* __restrict__ sum, int count) {
    SHARED_MEMORY(double, partial);
    double mine[1] = {};
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        mine[0] += partials[i];
    }
    addUpInBlock(mine, partial);
    if (threadIdx.x == 0) {
        *sum += partial[0];
    }
}
