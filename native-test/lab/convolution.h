// Convolution problems for the laboratory, and the definition of a convolution as one list of products. Shares nothing with the
// kernels but the struct that they take.

#pragma once

#include <string>
#include <vector>

#include "../../kernels/problem.h"

namespace lab {

// One axis of a problem; a negative end padding crops.
struct Axis {
    int input, filter, stride, padBegin, padEnd, dilation;

    int output() const { return (input + padBegin + padEnd - dilation * (filter - 1) - 1) / stride + 1; }
};

constexpr Axis NO_AXIS = {1, 1, 1, 0, 0, 1};

struct Convolution {
    const char* name;
    int n, c, k, groups;
    Axis depth, height, width;

    ConvGeometry geometry() const;
    size_t xSize() const { return size_t(n) * c * depth.input * height.input * width.input; }
    size_t wSize() const { return size_t(k) * (c / groups) * taps(); }
    size_t ySize() const { return size_t(n) * k * outputs(); }
    size_t taps() const { return size_t(depth.filter) * height.filter * width.filter; }
    size_t inputs() const { return size_t(depth.input) * height.input * width.input; }
    size_t outputs() const { return size_t(depth.output()) * height.output() * width.output(); }
};

// One dimension to three; strides, dilations, padding and crop of every kind; groups; no two axes of a problem alike.
const std::vector<Convolution>& convolutions();

// The same with one input channel per group.
const std::vector<Convolution>& depthwiseConvolutions();

// A tap of the filter at an output position, and the input position that they read; numbers count within their boxes.
struct Meeting {
    size_t tap, output, input;
};

// Every tap at every output position that does not lie in the padding.
std::vector<Meeting> meetings(const Convolution& convolution);

// One product x[x] * w[w] of the sum y[y].
struct Term {
    size_t x, w, y;
};

// All products of a convolution, sorted by nothing in particular.
std::vector<Term> terms(const Convolution& convolution);

// Which tensor a sum of products goes to, and what the other two hold.
std::vector<float> forward(const Convolution& convolution, const std::vector<float>& x, const std::vector<float>& w);
std::vector<float> backwardData(const Convolution& convolution, const std::vector<float>& dy, const std::vector<float>& w);
std::vector<float> backwardFilter(const Convolution& convolution, const std::vector<float>& x, const std::vector<float>& dy);

// a + b element by element: what accumulating onto `a` must give.
std::vector<float> plus(const std::vector<float>& a, const std::vector<float>& b);

// Maps of that many positions each, with the bias of their channels.
std::vector<float> withBias(std::vector<float> maps, const std::vector<float>& bias, size_t positions);

}  // namespace lab
