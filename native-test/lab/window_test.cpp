// kernels/pooling.cu, kernels/padding.cu

#include <algorithm>
#include <limits>
#include <string>

#include "convolution.h"
#include "lab.h"

using lab::Convolution;
using lab::Meeting;

namespace {

constexpr int PLANES = 3;

// What each output of a plane meets, the taps ascending.
std::vector<std::vector<Meeting>> windowsOf(const Convolution& convolution) {
    std::vector<std::vector<Meeting>> windows(convolution.outputs());
    for (const Meeting& meeting : lab::meetings(convolution)) {
        windows[meeting.output].push_back(meeting);
    }
    for (auto& window : windows) {
        std::sort(window.begin(), window.end(), [](const Meeting& a, const Meeting& b) { return a.tap < b.tap; });
    }
    return windows;
}

// Small integers, so that many windows have several largest values, and one NaN.
template <typename Real>
std::vector<Real> inputs(const Convolution& convolution) {
    std::vector<Real> x = lab::as<Real>(lab::integers(PLANES * convolution.inputs(), 1, 2));
    x[convolution.inputs() / 2] = std::numeric_limits<Real>::quiet_NaN();
    return x;
}

// The first largest value of a window, or nothing.
template <typename Real>
const Meeting* largest(const std::vector<Meeting>& window, const Real* plane) {
    const Meeting* best = nullptr;
    for (const Meeting& meeting : window) {
        const Real value = plane[meeting.input];
        if (best == nullptr || value > plane[best->input] || (value != value && plane[best->input] == plane[best->input])) {
            best = &meeting;
        }
    }
    return best;
}

template <typename Real>
void maxPool(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const auto windows = windowsOf(convolution);
        const std::vector<Real> x = inputs<Real>(convolution);
        std::vector<Real> expected;
        for (int plane = 0; plane < PLANES; plane++) {
            for (const auto& window : windows) {
                const Real* values = x.data() + plane * convolution.inputs();
                const Meeting* best = largest(window, values);
                expected.push_back(best == nullptr ? -std::numeric_limits<Real>::infinity() : values[best->input]);
            }
        }
        test.begin(convolution.name);
        const lab::Buffer<Real> source(x), y(expected.size());
        test.launch({{3}, {64}}, static_cast<const Real*>(source.device()), y.device(), convolution.geometry(), int64_t{PLANES});
        test.expect(y, expected);
    }
}

template <typename Real>
void maxPoolBackward(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const auto windows = windowsOf(convolution);
        const std::vector<Real> x = inputs<Real>(convolution);
        const std::vector<Real> dy = lab::as<Real>(lab::integers(PLANES * windows.size(), 2));
        std::vector<Real> expected(x.size());
        for (size_t i = 0; i < dy.size(); i++) {
            const size_t begin = i / windows.size() * convolution.inputs();
            const Meeting* best = largest(windows[i % windows.size()], x.data() + begin);
            if (best != nullptr) {
                expected[begin + best->input] += dy[i];
            }
        }
        test.begin(convolution.name);
        const lab::Buffer<Real> source(x), gradient(dy), dx(x.size());
        test.launch({{2}, {96}}, static_cast<const Real*>(source.device()), static_cast<const Real*>(gradient.device()), dx.device(),
                    convolution.geometry(), int64_t{PLANES});
        test.expect(dx, expected);
    }
}

double divisor(const Convolution& convolution, const std::vector<Meeting>& window, bool countPadding) {
    return countPadding ? convolution.taps() : std::max<size_t>(window.size(), 1);
}

template <typename Real>
void averagePool(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const auto windows = windowsOf(convolution);
        const std::vector<float> x = lab::integers(PLANES * convolution.inputs(), 1);
        for (int countPadding : {0, 1}) {
            std::vector<Real> expected;
            for (int plane = 0; plane < PLANES; plane++) {
                for (const auto& window : windows) {
                    double sum = 0;
                    for (const Meeting& meeting : window) {
                        sum += x[plane * convolution.inputs() + meeting.input];
                    }
                    expected.push_back(static_cast<Real>(sum / divisor(convolution, window, countPadding)));
                }
            }
            test.begin(std::string(convolution.name) + (countPadding ? ", padding counted" : ""));
            const lab::Buffer<Real> source(lab::as<Real>(x)), y(expected.size());
            test.launch({{3}, {64}}, static_cast<const Real*>(source.device()), y.device(), convolution.geometry(), int64_t{PLANES},
                        countPadding);
            test.expect(y, expected);
        }
    }
}

template <typename Real>
void averagePoolBackward(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const auto windows = windowsOf(convolution);
        const std::vector<float> dy = lab::integers(PLANES * windows.size(), 1);
        for (int countPadding : {0, 1}) {
            std::vector<double> expected(PLANES * convolution.inputs());
            for (size_t i = 0; i < dy.size(); i++) {
                const auto& window = windows[i % windows.size()];
                for (const Meeting& meeting : window) {
                    expected[i / windows.size() * convolution.inputs() + meeting.input] +=
                        dy[i] / divisor(convolution, window, countPadding);
                }
            }
            test.begin(std::string(convolution.name) + (countPadding ? ", padding counted" : ""));
            const lab::Buffer<Real> gradient(lab::as<Real>(dy)), dx(expected.size());
            test.launch({{2}, {64}}, static_cast<const Real*>(gradient.device()), dx.device(), convolution.geometry(), int64_t{PLANES},
                        countPadding);
            // an input is in fewer windows than a filter has taps, and |dy| <= 4
            test.expectWithin(dx, expected, lab::rounding<Real>(expected.size(), 1, 4.0 * convolution.taps()));
        }
    }
}

// The positions that stand along a padded axis, -1 for a zero.
std::vector<int> sourcesOf(int mode, int size, int before, int after) {
    std::vector<int> sources;
    for (int i = before; i > 0; i--) {
        const int byMode[] = {-1, i, 0, size - i};
        sources.push_back(byMode[mode]);
    }
    for (int i = 0; i < size; i++) {
        sources.push_back(i);
    }
    for (int i = 1; i <= after; i++) {
        const int byMode[] = {-1, size - 1 - i, size - 1, i - 1};
        sources.push_back(byMode[mode]);
    }
    return sources;
}

struct Padded {
    const char* name;
    PadGeometry g;

    size_t inner() const { return size_t(g.d) * g.h * g.w; }
    size_t outer() const { return size_t(g.paddedD) * g.paddedH * g.paddedW; }

    // For each padded position of a plane the one that it is copied from, or -1.
    std::vector<int> sources(int mode) const {
        std::vector<int> all;
        for (int d : sourcesOf(mode, g.d, g.beforeD, g.paddedD - g.d - g.beforeD)) {
            for (int h : sourcesOf(mode, g.h, g.beforeH, g.paddedH - g.h - g.beforeH)) {
                for (int w : sourcesOf(mode, g.w, g.beforeW, g.paddedW - g.w - g.beforeW)) {
                    all.push_back(d < 0 || h < 0 || w < 0 ? -1 : (d * g.h + h) * g.w + w);
                }
            }
        }
        return all;
    }
};

const Padded PADDED[] = {
    {"a line", {1, 1, 7, 1, 1, 12, 0, 0, 3}},
    {"a map, as far as reflection reaches", {1, 4, 5, 1, 10, 13, 0, 3, 4}},
    {"a volume", {3, 4, 2, 5, 5, 3, 2, 0, 1}},
    {"a volume, as far as reflection reaches", {4, 3, 5, 10, 7, 13, 3, 2, 4}},
    {"nothing added", {2, 3, 4, 2, 3, 4, 0, 0, 0}},
};

template <typename Real>
void pad(lab::Test& test) {
    for (const Padded& padded : PADDED) {
        for (int mode = 0; mode < 4; mode++) {
            const std::vector<int> sources = padded.sources(mode);
            const std::vector<float> x = lab::integers(PLANES * padded.inner(), 1, 1000);
            std::vector<float> expected;
            for (int plane = 0; plane < PLANES; plane++) {
                for (int source : sources) {
                    expected.push_back(source < 0 ? 0 : x[plane * padded.inner() + source]);
                }
            }
            test.begin(std::string(padded.name) + ", mode " + std::to_string(mode));
            const lab::Buffer<Real> values(lab::as<Real>(x)), y(expected.size());
            test.launch({{2}, {64}}, mode, padded.g, static_cast<const Real*>(values.device()), y.device(), int64_t{PLANES});
            test.expect(y, lab::as<Real>(expected));
        }
    }
}

template <typename Real>
void padBackward(lab::Test& test) {
    for (const Padded& padded : PADDED) {
        for (int mode = 0; mode < 4; mode++) {
            const std::vector<int> sources = padded.sources(mode);
            const std::vector<float> dy = lab::integers(PLANES * padded.outer(), 1);
            std::vector<float> expected(PLANES * padded.inner());
            for (size_t i = 0; i < dy.size(); i++) {
                const int source = sources[i % sources.size()];
                if (source >= 0) {
                    expected[i / sources.size() * padded.inner() + source] += dy[i];
                }
            }
            test.begin(std::string(padded.name) + ", mode " + std::to_string(mode));
            const lab::Buffer<Real> gradient(lab::as<Real>(dy)), dx(expected.size());
            test.launch({{3}, {64}}, mode, padded.g, static_cast<const Real*>(gradient.device()), dx.device(), int64_t{PLANES});
            test.expect(dx, lab::as<Real>(expected));
        }
    }
}

}  // namespace

LAB_TEST_REALS_AND_INDICES(jconv_max_pool, maxPool)
LAB_TEST_REALS_AND_INDICES(jconv_max_pool_backward, maxPoolBackward)
LAB_TEST_REALS_AND_INDICES(jconv_average_pool, averagePool)
LAB_TEST_REALS_AND_INDICES(jconv_average_pool_backward, averagePoolBackward)
LAB_TEST_REALS_AND_INDICES(jconv_pad, pad)
LAB_TEST_REALS_AND_INDICES(jconv_pad_backward, padBackward)
