// Fill, bias, sums of parts, ReLU of 16-bit tensors, and transposes: everything that is not a convolution.
//
//   fill           y[i] = value
//   add_bias       y[n][k][i] = bias[k], or += bias[k]; with relu != 0 max(., 0) of that
//   bias_gradient  dbias[k] = sum over n, i: dy[n][k][i]
//   sum_parts      output[i] = sum over part: parts[part][i], parts of fp32
//   copy_channels  to[n][toChannel + c][i] = from[n][fromChannel + c][i], c below channels
//   transpose      output[b][column][row] = input[b][row][column]; NCHW to NHWC with row = channel and column =
//                  position, and back with the two exchanged
//   relu           y[i] = max(y[i], 0); a NaN stays one
//
// With the channels last, [n][i][k], add_bias is given the positions of all images as images of one position each, and
// bias_gradient the flag channelsLast.
//
// One thread of fill, add_bias, copy_channels, relu and sum_parts: one element of the output; of sum_parts in ascending order of the parts.
// Grid: x counts elements in blocks; a grid-stride loop.
// One block of bias_gradient: one channel. Thread i takes every blockDim-th position from i on, image by image, and
// sums in double, as many values meet in one sum; the block adds up in a fixed tree. blockDim is a power of two;
// shared memory: blockDim doubles. Grid: x counts channels; a grid-stride loop over blocks.
// One block of transpose: one square of SIDE * SIDE elements, through shared memory (SIDE * (SIDE + 1) elements), so
// that both loads and stores are runs; blockDim is SIDE * TRANSPOSE_ROWS. Grid: x counts squares; a grid-stride loop
// over blocks.
//
// The suffix _f64 means fp64 tensors, _fp16 and _bf16 those of 16 bits (sums in fp32 or fp64, rounded when stored), _b16 any of 16 bits.
// May exceed 2^31: every offset and count (64-bit throughout; these kernels wait for memory, not for arithmetic).
// fill, copy_channels, relu and transpose overwrite; the others overwrite or, when accumulate is not 0, add. All bound by memory.

#include "block_sum.h"
#include "gpu.h"
#include "rectified.h"
#include "sixteen_bits.h"

constexpr int SIDE = 32;
constexpr int TRANSPOSE_ROWS = 8;

template <typename Real>
DEVICE void fill(Real* __restrict__ y, Real value, int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        y[i] = value;
    }
}

JCONV_KERNEL(jconv_fill, float* __restrict__ y, float value, int64_t count) {
    fill(y, value, count);
}

JCONV_KERNEL(jconv_fill_f64, double* __restrict__ y, double value, int64_t count) {
    fill(y, value, count);
}

// `from` and `to` begin at the first channel that is copied; imageFrom and imageTo elements lie between two images.
template <typename Real>
DEVICE void copyChannels(const Real* __restrict__ from, Real* __restrict__ to, int64_t images, int64_t perImage,
                         int64_t imageFrom, int64_t imageTo) {
    const int64_t count = images * perImage;
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const int64_t n = i / perImage;
        to[n * imageTo + i - n * perImage] = from[n * imageFrom + i - n * perImage];
    }
}

JCONV_KERNEL(jconv_copy_channels, const float* __restrict__ from, float* __restrict__ to, int64_t images,
             int64_t perImage, int64_t imageFrom, int64_t imageTo) {
    copyChannels(from, to, images, perImage, imageFrom, imageTo);
}

JCONV_KERNEL(jconv_copy_channels_f64, const double* __restrict__ from, double* __restrict__ to, int64_t images,
             int64_t perImage, int64_t imageFrom, int64_t imageTo) {
    copyChannels(from, to, images, perImage, imageFrom, imageTo);
}

template <typename Real>
DEVICE void addBias(const Real* __restrict__ bias, Real* __restrict__ y, int64_t images, int channels,
                    int64_t positions, int accumulate, int relu) {
    const int64_t count = images * channels * positions;
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const Real value = bias[i / positions % channels];
        const auto sum = accumulate ? y[i] + value : +value;
        y[i] = Real(relu ? rectified(sum) : sum);
    }
}

JCONV_KERNEL(jconv_add_bias, const float* __restrict__ bias, float* __restrict__ y, int64_t images, int channels,
             int64_t positions, int accumulate, int relu) {
    addBias(bias, y, images, channels, positions, accumulate, relu);
}

JCONV_KERNEL(jconv_add_bias_f64, const double* __restrict__ bias, double* __restrict__ y, int64_t images, int channels,
             int64_t positions, int accumulate, int relu) {
    addBias(bias, y, images, channels, positions, accumulate, relu);
}

JCONV_KERNEL(jconv_add_bias_fp16, const Half* __restrict__ bias, Half* __restrict__ y, int64_t images, int channels,
             int64_t positions, int accumulate, int relu) {
    addBias(bias, y, images, channels, positions, accumulate, relu);
}

JCONV_KERNEL(jconv_add_bias_bf16, const Brain* __restrict__ bias, Brain* __restrict__ y, int64_t images, int channels,
             int64_t positions, int accumulate, int relu) {
    addBias(bias, y, images, channels, positions, accumulate, relu);
}

template <typename Real>
DEVICE void biasGradient(const Real* __restrict__ dy, Real* __restrict__ dbias, int64_t images, int channels,
                         int64_t positions, int channelsLast, int accumulate, double* partial) {
    const int64_t step = channelsLast ? channels : 1;
    for (int channel = blockIdx.x; channel < channels; channel += gridDim.x) {
        double sum[1] = {};
        for (int64_t n = 0; n < images; ++n) {
            const Real* map = dy + n * channels * positions + (channelsLast ? channel : channel * positions);
            for (int64_t i = threadIdx.x; i < positions; i += blockDim.x) {
                sum[0] += map[i * step];
            }
        }
        addUpInBlock(sum, partial);
        if (threadIdx.x == 0) {
            dbias[channel] = static_cast<Real>(accumulate ? dbias[channel] + partial[0] : partial[0]);
        }
    }
}

JCONV_KERNEL(jconv_bias_gradient, const float* __restrict__ dy, float* __restrict__ dbias, int64_t images,
             int channels, int64_t positions, int channelsLast, int accumulate) {
    SHARED_MEMORY(double, partial);
    biasGradient(dy, dbias, images, channels, positions, channelsLast, accumulate, partial);
}

JCONV_KERNEL(jconv_bias_gradient_f64, const double* __restrict__ dy, double* __restrict__ dbias, int64_t images,
             int channels, int64_t positions, int channelsLast, int accumulate) {
    SHARED_MEMORY(double, partial);
    biasGradient(dy, dbias, images, channels, positions, channelsLast, accumulate, partial);
}

JCONV_KERNEL(jconv_bias_gradient_fp16, const Half* __restrict__ dy, Half* __restrict__ dbias, int64_t images,
             int channels, int64_t positions, int channelsLast, int accumulate) {
    SHARED_MEMORY(double, partial);
    biasGradient(dy, dbias, images, channels, positions, channelsLast, accumulate, partial);
}

JCONV_KERNEL(jconv_bias_gradient_bf16, const Brain* __restrict__ dy, Brain* __restrict__ dbias, int64_t images,
             int channels, int64_t positions, int channelsLast, int accumulate) {
    SHARED_MEMORY(double, partial);
    biasGradient(dy, dbias, images, channels, positions, channelsLast, accumulate, partial);
}

template <typename Number>
DEVICE void sumParts(const float* __restrict__ parts, Number* __restrict__ output, int count, int64_t elements,
                     int accumulate) {
    for (int64_t i = globalThread(); i < elements; i += globalThreads()) {
        float sum = 0.0f;
        for (int part = 0; part < count; ++part) {
            sum += parts[part * elements + i];
        }
        output[i] = Number(accumulate ? output[i] + sum : sum);
    }
}

JCONV_KERNEL(jconv_sum_parts, const float* __restrict__ parts, float* __restrict__ output, int count, int64_t elements,
             int accumulate) {
    sumParts(parts, output, count, elements, accumulate);
}

JCONV_KERNEL(jconv_sum_parts_fp16, const float* __restrict__ parts, Half* __restrict__ output, int count,
             int64_t elements, int accumulate) {
    sumParts(parts, output, count, elements, accumulate);
}

JCONV_KERNEL(jconv_sum_parts_bf16, const float* __restrict__ parts, Brain* __restrict__ output, int count,
             int64_t elements, int accumulate) {
    sumParts(parts, output, count, elements, accumulate);
}

template <typename Number>
DEVICE void transpose(const Number* __restrict__ input, Number* __restrict__ output, int64_t batch, int64_t rows,
                      int64_t columns, Number* square) {
    const int64_t squaresDown = (rows + SIDE - 1) / SIDE;
    const int64_t squaresAcross = (columns + SIDE - 1) / SIDE;
    const int x = threadIdx.x % SIDE;
    const int firstY = threadIdx.x / SIDE;
    for (int64_t block = blockIdx.x; block < batch * squaresDown * squaresAcross; block += gridDim.x) {
        const int64_t left = block % squaresAcross * SIDE;
        const int64_t top = block / squaresAcross % squaresDown * SIDE;
        const int64_t matrix = block / squaresAcross / squaresDown * rows * columns;
        for (int step = 0; step < SIDE / TRANSPOSE_ROWS; ++step) {
            const int y = firstY + step * TRANSPOSE_ROWS;
            if (top + y < rows && left + x < columns) {
                square[y * (SIDE + 1) + x] = input[matrix + (top + y) * columns + left + x];
            }
        }
        __syncthreads();
        for (int step = 0; step < SIDE / TRANSPOSE_ROWS; ++step) {
            const int y = firstY + step * TRANSPOSE_ROWS;
            if (left + y < columns && top + x < rows) {
                output[matrix + (left + y) * rows + top + x] = square[x * (SIDE + 1) + y];
            }
        }
        __syncthreads();
    }
}

JCONV_KERNEL(jconv_transpose, const float* __restrict__ input, float* __restrict__ output, int64_t batch,
             int64_t rows, int64_t columns) {
    SHARED_MEMORY(float, square);
    transpose(input, output, batch, rows, columns, square);
}

JCONV_KERNEL(jconv_transpose_f64, const double* __restrict__ input, double* __restrict__ output, int64_t batch,
             int64_t rows, int64_t columns) {
    SHARED_MEMORY(double, square);
    transpose(input, output, batch, rows, columns, square);
}

JCONV_KERNEL(jconv_transpose_b16, const uint16_t* __restrict__ input, uint16_t* __restrict__ output, int64_t batch,
             int64_t rows, int64_t columns) {
    SHARED_MEMORY(uint16_t, square);
    transpose(input, output, batch, rows, columns, square);
}

template <typename Number>
DEVICE void relu(Number* __restrict__ y, int64_t count) {
    for (int64_t i = globalThread(); i < count; i += globalThreads()) {
        const float value = y[i];
        if (value < 0.0f) {
            y[i] = Number(0.0f);
        }
    }
}

JCONV_KERNEL(jconv_relu_fp16, Half* __restrict__ y, int64_t count) {
    relu(y, count);
}

JCONV_KERNEL(jconv_relu_bf16, Brain* __restrict__ y, int64_t count) {
    relu(y, count);
}
