// Losses of each image, and the gradient with respect to x.
//
//   softmax_cross_entropy  loss[n] = log(sum over c: exp(x[n][c])) - x[n][labels[n]]
//                          dx[n][c] = scale * (exp(x[n][c]) / sum over j: exp(x[n][j]) - (c == labels[n] ? 1 : 0))
//   sigmoid_cross_entropy  loss[n] = sum over i: max(x, 0) - x * t + log(1 + exp(-|x|));  dx = scale * (sigmoid(x) - t)
//   squared_error          loss[n] = sum over i: (x - t)^2;  dx = scale * 2 * (x - t)
//
// The largest x[n][c] is taken off before the exponentials, so that none overflows. A label outside [0, classes) gives
// the loss NaN.
//
// One block: one image. Its threads take every blockDim-th element and add up in a fixed tree, in double. blockDim is a
// power of two; shared memory: blockDim doubles. Grid: x counts images; a grid-stride loop over blocks.
// dx may be x: an element is written by the thread that reads it, after everything else has been read.
//
// The suffix _f64 means fp64 tensors; everything is computed in double and rounded once.
// May exceed 2^31: every offset. loss and dx are overwritten. Bound by memory, for few images by the single block of each.

#include "block_sum.h"
#include "reals.h"

// The whole block must call it with the same arguments.
template <typename Real>
DEVICE void softmaxOfImage(const Real* scores, Real* gradients, int64_t classes, double label, double scale, Real* loss,
                           double* partial) {
    const bool known = label >= 0.0 && label < static_cast<double>(classes);
    const int64_t right = known ? static_cast<int64_t>(label) : -1;
    double largest[1] = {-static_cast<double>(INFINITY)};
    for (int64_t c = threadIdx.x; c < classes; c += blockDim.x) {
        largest[0] = fmax(largest[0], static_cast<double>(scores[c]));
    }
    combineInBlock(largest, partial, [](double a, double b) { return fmax(a, b); });
    const double top = partial[0];
    __syncthreads();
    const double ofLabel = known ? static_cast<double>(scores[right]) : static_cast<double>(NAN);
    double sum[1] = {};
    for (int64_t c = threadIdx.x; c < classes; c += blockDim.x) {
        sum[0] += exp(scores[c] - top);
    }
    addUpInBlock(sum, partial);
    const double total = partial[0];
    if (threadIdx.x == 0) {
        *loss = static_cast<Real>(log(total) + top - ofLabel);
    }
    for (int64_t c = threadIdx.x; c < classes; c += blockDim.x) {
        gradients[c] = static_cast<Real>(scale * (exp(scores[c] - top) / total - (c == right ? 1.0 : 0.0)));
    }
    __syncthreads();
}

DEVICE double sigmoidCrossEntropy(double x, double target, double* slope) {
    const double small = exp(-fabs(x));
    *slope = (x >= 0.0 ? 1.0 : small) / (1.0 + small) - target;
    return fmax(x, 0.0) - x * target + log1p(small);
}

DEVICE double squaredError(double x, double target, double* slope) {
    *slope = 2.0 * (x - target);
    return (x - target) * (x - target);
}

// The loss of one image that is a sum over its elements; `term` gives an element's share and its derivative.
template <typename Real, typename Term>
DEVICE void sumOfImage(const Real* x, const Real* __restrict__ targets, Real* dx, int64_t perImage, double scale,
                       Real* loss, double* partial, Term term) {
    double sum[1] = {};
    for (int64_t i = threadIdx.x; i < perImage; i += blockDim.x) {
        double slope;
        sum[0] += term(x[i], targets[i], &slope);
        dx[i] = static_cast<Real>(scale * slope);
    }
    addUpInBlock(sum, partial);
    if (threadIdx.x == 0) {
        *loss = static_cast<Real>(partial[0]);
    }
}

#define LOSS_KERNELS(suffix, Real)                                                                                   \
    JCONV_KERNEL(jconv_softmax_cross_entropy##suffix, const Real* x, const Real* __restrict__ labels, double scale,  \
                 Real* __restrict__ loss, Real* dx, int64_t images, int64_t classes) {                               \
        SHARED_MEMORY(double, partial);                                                                              \
        for (int64_t n = blockIdx.x; n < images; n += gridDim.x) {                                                   \
            softmaxOfImage(x + n * classes, dx + n * classes, classes, labels[n], scale, loss + n, partial);         \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_sigmoid_cross_entropy##suffix, const Real* x, const Real* __restrict__ targets, double scale, \
                 Real* __restrict__ loss, Real* dx, int64_t images, int64_t perImage) {                              \
        SHARED_MEMORY(double, partial);                                                                              \
        for (int64_t n = blockIdx.x; n < images; n += gridDim.x) {                                                   \
            sumOfImage(x + n * perImage, targets + n * perImage, dx + n * perImage, perImage, scale, loss + n,       \
                       partial, [](double a, double t, double* slope) { return sigmoidCrossEntropy(a, t, slope); }); \
        }                                                                                                            \
    }                                                                                                                \
    JCONV_KERNEL(jconv_squared_error##suffix, const Real* x, const Real* __restrict__ targets, double scale,         \
                 Real* __restrict__ loss, Real* dx, int64_t images, int64_t perImage) {                              \
        SHARED_MEMORY(double, partial);                                                                              \
        for (int64_t n = blockIdx.x; n < images; n += gridDim.x) {                                                   \
            sumOfImage(x + n * perImage, targets + n * perImage, dx + n * perImage, perImage, scale, loss + n,       \
                       partial, [](double a, double t, double* slope) { return squaredError(a, t, slope); });        \
        }                                                                                                            \
    }

FOR_EACH_REAL(LOSS_KERNELS)
