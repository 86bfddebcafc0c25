#include "convolution.h"

#include <numeric>

namespace lab {

ConvGeometry Convolution::geometry() const {
    const auto step = [](const Axis& a) { return a.stride / std::gcd(a.stride, a.dilation); };
    return {n, c, k, groups, c / groups, k / groups,
            depth.input, height.input, width.input,
            depth.filter, height.filter, width.filter,
            depth.output(), height.output(), width.output(),
            depth.stride, height.stride, width.stride,
            depth.padBegin, height.padBegin, width.padBegin,
            depth.dilation, height.dilation, width.dilation,
            step(depth), step(height), step(width)};
}

const std::vector<Convolution>& convolutions() {
    static const std::vector<Convolution> list = {
        {"one of everything", 1, 1, 1, 1, NO_AXIS, NO_AXIS, {1, 1, 1, 0, 0, 1}},
        {"1-d", 2, 3, 5, 1, NO_AXIS, NO_AXIS, {19, 4, 1, 2, 1, 1}},
        {"1-d, three zeros in front", 1, 1, 2, 1, NO_AXIS, NO_AXIS, {9, 4, 1, 3, 2, 1}},
        {"1-d, long filter", 1, 2, 2, 1, NO_AXIS, NO_AXIS, {40, 17, 3, 5, 9, 2}},
        {"2-d", 2, 3, 6, 1, NO_AXIS, {7, 3, 1, 1, 1, 1}, {9, 2, 1, 0, 1, 1}},
        {"2-d, seven taps wide", 1, 2, 2, 1, NO_AXIS, {4, 2, 1, 0, 0, 1}, {15, 7, 1, 3, 3, 1}},
        {"strides", 2, 4, 3, 1, NO_AXIS, {11, 3, 2, 1, 0, 1}, {13, 5, 3, 2, 2, 1}},
        {"stride above the filter", 1, 3, 7, 1, NO_AXIS, {12, 1, 2, 0, 0, 1}, {17, 2, 5, 1, 0, 1}},
        {"dilation", 2, 2, 5, 1, NO_AXIS, {12, 3, 1, 2, 1, 3}, {15, 4, 1, 0, 3, 2}},
        {"dilation and stride with a common factor", 1, 2, 3, 1, NO_AXIS, {17, 3, 4, 3, 2, 6}, {16, 4, 6, 2, 0, 3}},
        {"padding larger than the filter", 2, 2, 2, 1, NO_AXIS, {4, 2, 2, 5, 4, 1}, {5, 3, 1, 4, 6, 1}},
        {"cropped end", 2, 3, 2, 1, NO_AXIS, {11, 3, 2, 1, -4, 1}, {9, 2, 1, 0, -3, 2}},
        {"padding and crop", 1, 2, 5, 1, NO_AXIS, {10, 2, 1, 3, -5, 1}, {12, 3, 3, 2, -6, 1}},
        {"filter as large as the input", 3, 4, 5, 1, NO_AXIS, {5, 5, 1, 0, 0, 1}, {3, 3, 2, 0, 0, 1}},
        {"1x1", 3, 6, 9, 1, NO_AXIS, {4, 1, 1, 0, 0, 1}, {7, 1, 1, 0, 0, 1}},
        {"groups", 2, 6, 15, 3, NO_AXIS, {6, 2, 1, 1, 0, 1}, {8, 3, 2, 0, 2, 1}},
        {"3-d", 2, 2, 3, 1, {5, 2, 2, 1, 0, 1}, {6, 3, 1, 1, 1, 2}, {7, 2, 3, 0, 1, 1}},
        {"3-d, groups", 1, 4, 6, 2, {4, 3, 1, 1, 2, 1}, {6, 2, 2, 0, 0, 1}, {5, 1, 2, 0, 0, 1}},
        {"3-d, deep", 1, 2, 2, 1, {12, 3, 2, 1, 1, 1}, {4, 2, 1, 0, 0, 1}, {3, 3, 1, 1, 1, 1}},
        {"3-d, with planes and rows that no window meets", 1, 2, 2, 1, {5, 2, 3, 3, 4, 1}, {8, 1, 3, 0, 0, 1}, {7, 1, 2, 0, 0, 1}},
        {"no image", 0, 2, 3, 1, NO_AXIS, {4, 2, 1, 0, 0, 1}, {5, 3, 1, 0, 0, 1}},
    };
    return list;
}

const std::vector<Convolution>& depthwiseConvolutions() {
    static const std::vector<Convolution> list = {
        {"1-d", 2, 5, 5, 5, NO_AXIS, NO_AXIS, {19, 4, 1, 2, 1, 1}},
        {"2-d", 2, 4, 4, 4, NO_AXIS, {11, 3, 1, 1, 1, 1}, {9, 3, 1, 1, 1, 1}},
        {"stride", 3, 3, 3, 3, NO_AXIS, {12, 3, 2, 1, 1, 1}, {17, 5, 3, 2, 0, 1}},
        {"multiplier", 2, 3, 6, 3, NO_AXIS, {7, 3, 1, 0, 0, 1}, {8, 2, 2, 1, 1, 1}},
        {"dilation and crop", 1, 2, 2, 2, NO_AXIS, {14, 3, 2, 1, -3, 4}, {13, 4, 1, 3, 0, 3}},
        {"many taps", 1, 2, 4, 2, NO_AXIS, {9, 5, 1, 2, 2, 1}, {8, 7, 1, 3, 3, 1}},
        {"3-d", 2, 3, 3, 3, {5, 2, 2, 1, 0, 1}, {6, 3, 1, 1, 1, 2}, {7, 2, 3, 0, 1, 1}},
        {"3-d, deep", 1, 2, 2, 2, {12, 3, 2, 1, 1, 1}, {4, 2, 1, 0, 0, 1}, {3, 3, 1, 1, 1, 1}},
        {"3-d, with planes and rows that no window meets", 1, 2, 2, 2, {5, 2, 3, 3, 4, 1}, {8, 1, 3, 0, 0, 1}, {7, 1, 2, 0, 0, 1}},
    };
    return list;
}

namespace {

struct AxisMeeting {
    int tap, output, input;
};

std::vector<AxisMeeting> meetings(const Axis& axis) {
    std::vector<AxisMeeting> list;
    for (int output = 0; output < axis.output(); output++) {
        for (int tap = 0; tap < axis.filter; tap++) {
            const int input = output * axis.stride - axis.padBegin + tap * axis.dilation;
            if (input >= 0 && input < axis.input) {
                list.push_back({tap, output, input});
            }
        }
    }
    return list;
}

}  // namespace

std::vector<Meeting> meetings(const Convolution& convolution) {
    const Axis& height = convolution.height;
    const Axis& width = convolution.width;
    std::vector<Meeting> list;
    for (const AxisMeeting& d : meetings(convolution.depth)) {
        for (const AxisMeeting& h : meetings(height)) {
            for (const AxisMeeting& w : meetings(width)) {
                list.push_back({(size_t(d.tap) * height.filter + h.tap) * width.filter + w.tap,
                                (size_t(d.output) * height.output() + h.output) * width.output() + w.output,
                                (size_t(d.input) * height.input + h.input) * width.input + w.input});
            }
        }
    }
    return list;
}

std::vector<Term> terms(const Convolution& convolution) {
    const int channelsPerGroup = convolution.c / convolution.groups;
    const int filtersPerGroup = convolution.k / convolution.groups;
    const std::vector<Meeting> positions = meetings(convolution);
    std::vector<Term> list;
    for (int n = 0; n < convolution.n; n++) {
        for (int k = 0; k < convolution.k; k++) {
            for (int c = 0; c < channelsPerGroup; c++) {
                const size_t channel = size_t(k / filtersPerGroup) * channelsPerGroup + c;
                for (const Meeting& m : positions) {
                    list.push_back({(n * convolution.c + channel) * convolution.inputs() + m.input,
                                    (size_t(k) * channelsPerGroup + c) * convolution.taps() + m.tap,
                                    (size_t(n) * convolution.k + k) * convolution.outputs() + m.output});
                }
            }
        }
    }
    return list;
}

std::vector<float> forward(const Convolution& convolution, const std::vector<float>& x, const std::vector<float>& w) {
    std::vector<float> y(convolution.ySize());
    for (const Term& term : terms(convolution)) {
        y[term.y] += x[term.x] * w[term.w];
    }
    return y;
}

std::vector<float> backwardData(const Convolution& convolution, const std::vector<float>& dy, const std::vector<float>& w) {
    std::vector<float> dx(convolution.xSize());
    for (const Term& term : terms(convolution)) {
        dx[term.x] += dy[term.y] * w[term.w];
    }
    return dx;
}

std::vector<float> backwardFilter(const Convolution& convolution, const std::vector<float>& x, const std::vector<float>& dy) {
    std::vector<float> dw(convolution.wSize());
    for (const Term& term : terms(convolution)) {
        dw[term.w] += x[term.x] * dy[term.y];
    }
    return dw;
}

std::vector<float> plus(const std::vector<float>& a, const std::vector<float>& b) {
    std::vector<float> sum(a.size());
    for (size_t i = 0; i < a.size(); i++) {
        sum[i] = a[i] + b[i];
    }
    return sum;
}

std::vector<float> withBias(std::vector<float> maps, const std::vector<float>& bias, size_t positions) {
    for (size_t i = 0; i < maps.size(); i++) {
        maps[i] += bias[i / positions % bias.size()];
    }
    return maps;
}

}  // namespace lab
