// Batch normalisation over images and positions of each channel, and local response normalisation across channels.
//
//   batch_norm            y = (x - mean) * inverse * gamma + beta with mean and inverse = 1 / sqrt(variance + epsilon) of the
//                         channel, which are kept; running += momentum * (now - running), with the unbiased variance
//   batch_norm_inference  the same with mean and variance as given
//   batch_norm_backward   with hat = (x - mean) * inverse over the channel's m values:
//                         dgamma += sum of dy * hat;  dbeta += sum of dy;
//                         dx = gamma * inverse * (dy - sum of dy / m - hat * sum of dy * hat / m)
//   response_norm         y[c] = x[c] * s[c]^-beta with s[c] = k + alpha / size * sum of x[j]^2, j from c - size / 2 to
//                         c + (size - 1) / 2 inside the channels
//   response_norm_backward  dx[c] = dy[c] * s[c]^-beta - 2 * alpha * beta / size * x[c]
//                                   * sum over j whose window holds c: dy[j] * x[j] * s[j]^(-beta - 1)
//
// One block of the batch normalisations: one channel, read two or three times; its threads take every blockDim-th value
// and add up in a fixed tree. blockDim is a power of two; shared memory: 2 * blockDim doubles (inference: none). Grid: x
// counts channels; a grid-stride loop over blocks.
// One thread of the response normalisations: one element. Grid: x counts elements in blocks; a grid-stride loop.
//
// The suffix _f64 means fp64 tensors; everything is computed in double and rounded once.
// May exceed 2^31: every offset and count. dgamma and dbeta are added to, the running values moved, the others
// overwritten. Bound by memory; batch normalisation of fewer channels than the chip has multiprocessors leaves some idle.

#include "block_sum.h"
#include "reals.h"

// A thread's walk through the values of one channel: the offsets of every blockDim-th one, without a division each.
struct ChannelWalk {
    int64_t image, position;
    int64_t imageStep, positionStep;
};

DEVICE ChannelWalk walkChannel(int64_t positions) {
    const int64_t thread = threadIdx.x;
    const int64_t threads = blockDim.x;
    return {thread / positions, thread % positions, threads / positions, threads % positions};
}

// Calls `meet` with the offsets of the calling thread's share of a channel.
template <typename Meet>
DEVICE void forEachOfChannel(int64_t images, int channels, int64_t positions, int channel, Meet meet) {
    for (ChannelWalk at = walkChannel(positions); at.image < images; at.image += at.imageStep) {
        meet((at.image * channels + channel) * positions + at.position);
        at.position += at.positionStep;
        const bool carry = at.position >= positions;
        at.position -= carry ? positions : 0;
        at.image += carry;
    }
}

template <typename Real>
DEVICE void moveRunning(Real* running, double momentum, double now) {
    *running = static_cast<Real>(*running + momentum * (now - *running));
}

template <typename Real>
DEVICE void normalizeChannel(const Real* __restrict__ x, Real* __restrict__ y, int64_t images, int channels,
                             int64_t positions, int channel, double mean, double factor, double shift) {
    forEachOfChannel(images, channels, positions, channel,
                     [&](int64_t i) { y[i] = static_cast<Real>((x[i] - mean) * factor + shift); });
}

template <typename Real>
DEVICE void batchNorm(const Real* __restrict__ x, const Real* __restrict__ gamma, const Real* __restrict__ beta,
                      double epsilon, double momentum, Real* __restrict__ runningMean,
                      Real* __restrict__ runningVariance, Real* __restrict__ keptMean, Real* __restrict__ keptInverse,
                      Real* __restrict__ y, int64_t images, int channels, int64_t positions, double* partial) {
    const double count = static_cast<double>(images * positions);
    for (int channel = blockIdx.x; channel < channels; channel += gridDim.x) {
        double sum[1] = {};
        forEachOfChannel(images, channels, positions, channel, [&](int64_t i) { sum[0] += x[i]; });
        addUpInBlock(sum, partial);
        const double mean = partial[0] / count;
        __syncthreads();
        double squares[1] = {};
        forEachOfChannel(images, channels, positions, channel,
                         [&](int64_t i) { squares[0] += (x[i] - mean) * (x[i] - mean); });
        addUpInBlock(squares, partial);
        const double inverse = 1.0 / sqrt(partial[0] / count + epsilon);
        if (threadIdx.x == 0) {
            keptMean[channel] = static_cast<Real>(mean);
            keptInverse[channel] = static_cast<Real>(inverse);
            moveRunning(runningMean + channel, momentum, mean);
            moveRunning(runningVariance + channel, momentum, partial[0] / max(count - 1.0, 1.0));
        }
        __syncthreads();
        normalizeChannel(x, y, images, channels, positions, channel, mean, inverse * gamma[channel], beta[channel]);
    }
}

template <typename Real>
DEVICE void batchNormInference(const Real* __restrict__ x, const Real* __restrict__ gamma,
                               const Real* __restrict__ beta, double epsilon, const Real* __restrict__ mean,
                               const Real* __restrict__ variance, Real* __restrict__ y, int64_t images, int channels,
                               int64_t positions) {
    for (int channel = blockIdx.x; channel < channels; channel += gridDim.x) {
        const double inverse = 1.0 / sqrt(variance[channel] + epsilon);
        normalizeChannel(x, y, images, channels, positions, channel, mean[channel], inverse * gamma[channel],
                         beta[channel]);
    }
}

template <typename Real>
DEVICE void batchNormBackward(const Real* __restrict__ x, const Real* __restrict__ gamma,
                              const Real* __restrict__ keptMean, const Real* __restrict__ keptInverse,
                              const Real* __restrict__ dy, Real* __restrict__ dx, Real* __restrict__ dgamma,
                              Real* __restrict__ dbeta, int64_t images, int channels, int64_t positions,
                              double* partial) {
    const double count = static_cast<double>(images * positions);
    for (int channel = blockIdx.x; channel < channels; channel += gridDim.x) {
        const double mean = keptMean[channel];
        const double inverse = keptInverse[channel];
        double sums[2] = {};
        forEachOfChannel(images, channels, positions, channel, [&](int64_t i) {
            sums[0] += dy[i];
            sums[1] += dy[i] * (x[i] - mean);
        });
        addUpInBlock(sums, partial);
        const double sum = partial[0];
        const double sumOfHat = partial[blockDim.x] * inverse;
        if (threadIdx.x == 0) {
            dgamma[channel] = static_cast<Real>(dgamma[channel] + sumOfHat);
            dbeta[channel] = static_cast<Real>(dbeta[channel] + sum);
        }
        __syncthreads();
        const double factor = gamma[channel] * inverse;
        forEachOfChannel(images, channels, positions, channel, [&](int64_t i) {
            const double hat = (x[i] - mean) * inverse;
            dx[i] = static_cast<Real>(factor * (dy[i] - sum / count - hat * sumOfHat / count));
        });
    }
}

// The numbers of one local response normalisation.
struct Response {
    int64_t size;
    double alpha, beta, k;
};

// s of the channel c whose element lies at offset i.
template <typename Real>
DEVICE double responseScale(const Response& norm, const Real* __restrict__ x, int64_t i, int64_t c, int channels,
                            int64_t positions) {
    double squares = 0.0;
    const int64_t end = min(static_cast<int64_t>(channels), c + (norm.size - 1) / 2 + 1);
    for (int64_t j = max(static_cast<int64_t>(0), c - norm.size / 2); j < end; ++j) {
        const double value = x[i + (j - c) * positions];
        squares += value * value;
    }
    return norm.k + norm.alpha / static_cast<double>(norm.size) * squares;
}

// Square roots instead of a general power for the exponent that every published network uses.
DEVICE double negativePower(double base, double exponent) {
    if (exponent == 0.75) {
        const double root = sqrt(base);
        return 1.0 / (root * sqrt(root));
    }
    return pow(base, -exponent);
}

template <typename Real>
DEVICE void responseNorm(const Response& norm, const Real* __restrict__ x, Real* __restrict__ y, int64_t images,
                         int channels, int64_t positions) {
    const int64_t count = images * channels * positions;
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const int64_t c = i / positions % channels;
        y[i] = static_cast<Real>(x[i] * negativePower(responseScale(norm, x, i, c, channels, positions), norm.beta));
    }
}

template <typename Real>
DEVICE void responseNormBackward(const Response& norm, const Real* __restrict__ x, const Real* __restrict__ dy,
                                 Real* __restrict__ dx, int64_t images, int channels, int64_t positions) {
    const int64_t count = images * channels * positions;
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const int64_t c = i / positions % channels;
        double sum = 0.0;
        // c lies in the window of j when j lies in the mirrored window of c
        const int64_t end = min(static_cast<int64_t>(channels), c + norm.size / 2 + 1);
        for (int64_t j = max(static_cast<int64_t>(0), c - (norm.size - 1) / 2); j < end; ++j) {
            const int64_t other = i + (j - c) * positions;
            const double scale = responseScale(norm, x, other, j, channels, positions);
            sum += static_cast<double>(dy[other]) * x[other] * negativePower(scale, norm.beta) / scale;
        }
        const double own = negativePower(responseScale(norm, x, i, c, channels, positions), norm.beta);
        dx[i] = static_cast<Real>(dy[i] * own - 2.0 * norm.alpha * norm.beta / static_cast<double>(norm.size) * x[i] * sum);
    }
}

#define NORMALIZATION_KERNELS(suffix, Real)                                                                          \
    JCONV_KERNEL(jconv_batch_norm##suffix, const Real* __restrict__ x, const Real* __restrict__ gamma,               \
                 const Real* __restrict__ beta, double epsilon, double momentum, Real* __restrict__ runningMean,     \
                 Real* __restrict__ runningVariance, Real* __restrict__ mean, Real* __restrict__ inverse,            \
                 Real* __restrict__ y, int64_t images, int channels, int64_t positions) {                            \
        SHARED_MEMORY(double, partial);                                                                              \
        batchNorm(x, gamma, beta, epsilon, momentum, runningMean, runningVariance, mean, inverse, y, images,         \
                  channels, positions, partial);                                                                     \
    }                                                                                                                \
    JCONV_KERNEL(jconv_batch_norm_inference##suffix, const Real* __restrict__ x, const Real* __restrict__ gamma,     \
                 const Real* __restrict__ beta, double epsilon, const Real* __restrict__ mean,                       \
                 const Real* __restrict__ variance, Real* __restrict__ y, int64_t images, int channels,              \
                 int64_t positions) {                                                                                \
        batchNormInference(x, gamma, beta, epsilon, mean, variance, y, images, channels, positions);                 \
    }                                                                                                                \
    JCONV_KERNEL(jconv_batch_norm_backward##suffix, const Real* __restrict__ x, const Real* __restrict__ gamma,      \
                 const Real* __restrict__ mean, const Real* __restrict__ inverse, const Real* __restrict__ dy,       \
                 Real* __restrict__ dx, Real* __restrict__ dgamma, Real* __restrict__ dbeta, int64_t images,         \
                 int channels, int64_t positions) {                                                                  \
        SHARED_MEMORY(double, partial);                                                                              \
        batchNormBackward(x, gamma, mean, inverse, dy, dx, dgamma, dbeta, images, channels, positions, partial);     \
    }                                                                                                                \
    JCONV_KERNEL(jconv_response_norm##suffix, const Real* __restrict__ x, int64_t size, double alpha, double beta,   \
                 double k, Real* __restrict__ y, int64_t images, int channels, int64_t positions) {                  \
        responseNorm({size, alpha, beta, k}, x, y, images, channels, positions);                                     \
    }                                                                                                                \
    JCONV_KERNEL(jconv_response_norm_backward##suffix, const Real* __restrict__ x, int64_t size, double alpha,       \
                 double beta, double k, const Real* __restrict__ dy, Real* __restrict__ dx, int64_t images,          \
                 int channels, int64_t positions) {                                                                  \
        responseNormBackward({size, alpha, beta, k}, x, dy, dx, images, channels, positions);                        \
    }

FOR_EACH_REAL(NORMALIZATION_KERNELS)
