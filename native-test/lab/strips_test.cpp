// kernels/depthwise_strips.cu

#include "convolution.h"
#include "lab.h"
#include "sixteen.h"

using lab::Axis;
using lab::Convolution;

namespace {

constexpr unsigned THREADS = 64;

// Strips with a tail and without one, single rows and columns, padding wider than the filter, cropping, several filters on a channel.
std::vector<Convolution> convolutions(int filter, int stride) {
    const auto axis = [=](int input, int begin, int end) { return Axis{input, filter, stride, begin, end, 1}; };
    return {
        {"a tail", 2, 3, 3, 3, lab::NO_AXIS, axis(19, filter / 2, filter / 2), axis(12, filter / 2, filter / 2)},
        {"whole strips", 2, 2, 2, 2, lab::NO_AXIS, axis(28 * stride, filter / 2, filter - 1 - filter / 2), axis(filter + 1, 0, 0)},
        {"a single element", 3, 5, 5, 5, lab::NO_AXIS, axis(1, filter / 2, filter / 2), axis(1, filter / 2, filter / 2)},
        {"wide padding", 1, 2, 2, 2, lab::NO_AXIS, axis(6, filter + 2, filter), axis(5, filter + 1, filter + 4)},
        {"cropping", 1, 2, 2, 2, lab::NO_AXIS, axis(17, -3, 2), axis(16, 1, -2)},
        {"several filters on a channel", 2, 2, 6, 2, lab::NO_AXIS, axis(13, 1, 2), axis(9, 2, 1)},
    };
}

// Of the convolution from y to x whose filters are read backwards. The stride is 1.
ConvGeometry backwards(const Convolution& convolution) {
    ConvGeometry g = convolution.geometry();
    std::swap(g.h, g.p);
    std::swap(g.w, g.q);
    g.padH = g.r - 1 - g.padH;
    g.padW = g.s - 1 - g.padW;
    return g;
}

bool oneFilterPerChannel(const Convolution& convolution) {
    return convolution.k == convolution.c;
}

// An array of fp32, or of 16 bits when the type has a name. The operands are so small that every type holds every result.
class Tensor {
public:
    Tensor(lab::Test& test, const std::string& type, const std::vector<float>& values)
        : test_(test), wide_(type.empty() ? values : std::vector<float>{}), narrow_(test, type.empty() ? "fp16" : type, type.empty() ? std::vector<float>{} : values),
          type_(type) {}

    void* device() const { return type_.empty() ? static_cast<void*>(wide_.device()) : narrow_.device(); }

    void expect(const std::vector<float>& values) {
        if (type_.empty()) {
            test_.expect(wide_, values);
        } else {
            narrow_.expect(values);
        }
    }

private:
    lab::Test& test_;
    lab::Buffer<float> wide_;
    lab::Sixteen narrow_;
    std::string type_;
};

// Launches the kernel: overwriting, accumulating, and with the bias and the ReLU that end a layer. `more` are the arguments behind the
// geometry, and each channel of the output has `positions`.
template <typename... More>
void check(lab::Test& test, const std::string& type, const std::string& name, const ConvGeometry& g, const std::vector<float>& a,
           const std::vector<float>& b, const std::vector<float>& expected, size_t positions, More... more) {
    const Tensor first(test, type, a), second(test, type, b);
    const void* const none = nullptr;
    const std::vector<float> before = lab::integers(expected.size(), 3), nothing(expected.size(), NAN);
    test.begin(name + ", overwriting");
    Tensor fresh(test, type, nothing);
    test.launch({{3}, {THREADS}}, first.device(), second.device(), fresh.device(), g, more..., none, 0, 0);
    fresh.expect(expected);
    test.begin(name + ", accumulating");
    Tensor used(test, type, before);
    test.launch({{2}, {THREADS}}, first.device(), second.device(), used.device(), g, more..., none, 0, 1);
    used.expect(lab::plus(before, expected));
    const std::vector<float> bias = lab::integers(expected.size() / (g.n * positions), 5);
    const std::vector<float> sums = lab::withBias(expected, bias, positions);
    const Tensor added(test, type, bias);
    for (int relu : {0, 1}) {
        test.begin(name + (relu ? ", bias and ReLU" : ", bias"));
        Tensor output(test, type, nothing);
        test.launch({{1}, {THREADS}}, first.device(), second.device(), output.device(), g, more..., added.device(), relu, 0);
        output.expect(relu ? lab::rectified(sums) : sums);
    }
}

void forward(lab::Test& test, const std::string& type, int filter, int stride) {
    for (const Convolution& convolution : convolutions(filter, stride)) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1, 2);
        const std::vector<float> w = lab::integers(convolution.wSize(), 2, 2);
        check(test, type, convolution.name, convolution.geometry(), x, w, lab::forward(convolution, x, w), convolution.outputs(),
              0);
        if (stride == 1 && oneFilterPerChannel(convolution)) {
            const std::vector<float> dy = lab::integers(convolution.ySize(), 4, 2);
            check(test, type, std::string(convolution.name) + ", read backwards", backwards(convolution), dy, w,
                  lab::backwardData(convolution, dy, w), convolution.inputs(), 1);
        }
    }
}

void backwardData(lab::Test& test, const std::string& type, int filter, int stride) {
    for (const Convolution& convolution : convolutions(filter, stride)) {
        if (oneFilterPerChannel(convolution)) {
            const std::vector<float> dy = lab::integers(convolution.ySize(), 1, 2);
            const std::vector<float> w = lab::integers(convolution.wSize(), 2, 2);
            check(test, type, convolution.name, convolution.geometry(), dy, w, lab::backwardData(convolution, dy, w), convolution.inputs());
        }
    }
}

// Sums of the parts that the kernel leaves: they are exact, so the order does not matter.
void filterGradient(lab::Test& test, const std::string& type, int filter, int stride) {
    for (const Convolution& convolution : convolutions(filter, stride)) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1, 2);
        const std::vector<float> dy = lab::integers(convolution.ySize(), 2, 2);
        const Tensor first(test, type, x), second(test, type, dy);
        for (int parts : {1, 3}) {
            test.begin(std::string(convolution.name) + ", " + std::to_string(parts) + " parts");
            const lab::Buffer<float> partials(parts * convolution.wSize()), dw(convolution.wSize());
            const size_t sharedBytes = filter * filter * THREADS * sizeof(float);
            test.launch({{3}, {THREADS}, sharedBytes}, first.device(), second.device(), partials.device(), convolution.geometry(), parts);
            test.launchNamed("jconv_sum_parts", {{1}, {THREADS}}, partials.device(), dw.device(), parts, int64_t(convolution.wSize()), 0);
            test.expect(dw, lab::backwardFilter(convolution, x, dy));
        }
    }
}

}  // namespace

#define STRIPS_TEST(kernel, function, filter, stride)                                  \
    LAB_TEST(jconv_depthwise_##kernel) { function(test, "", filter, stride); }         \
    LAB_TEST(jconv_depthwise_##kernel##_fp16) { function(test, "fp16", filter, stride); } \
    LAB_TEST(jconv_depthwise_##kernel##_bf16) { function(test, "bf16", filter, stride); }

STRIPS_TEST(3x3, forward, 3, 1)
STRIPS_TEST(3x3_s2, forward, 3, 2)
STRIPS_TEST(5x5, forward, 5, 1)
STRIPS_TEST(5x5_s2, forward, 5, 2)
STRIPS_TEST(7x7, forward, 7, 1)
STRIPS_TEST(data_3x3_s2, backwardData, 3, 2)
STRIPS_TEST(data_5x5_s2, backwardData, 5, 2)
STRIPS_TEST(filter_3x3, filterGradient, 3, 1)
STRIPS_TEST(filter_3x3_s2, filterGradient, 3, 2)
STRIPS_TEST(filter_5x5, filterGradient, 5, 1)
STRIPS_TEST(filter_5x5_s2, filterGradient, 5, 2)
STRIPS_TEST(filter_7x7, filterGradient, 7, 1)
