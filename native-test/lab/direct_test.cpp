// kernels/strided_valid_conv.cu, kernels/depthwise.cu

#include "convolution.h"
#include "lab.h"
#include "sixteen.h"

using lab::Convolution;

constexpr unsigned THREADS = 64;
constexpr size_t TILE_BYTES = 4 * THREADS * sizeof(double);
constexpr size_t TAPS_BYTES = 9 * THREADS * sizeof(float);

// Runs the test's kernel on two operands of numbers of type Real, overwriting and accumulating.
template <typename Real>
static void check(lab::Test& test, const Convolution& convolution, const std::vector<float>& a, const std::vector<float>& b,
                  const std::vector<float>& expected, size_t sharedBytes) {
    const lab::Buffer<Real> first(lab::as<Real>(a));
    const lab::Buffer<Real> second(lab::as<Real>(b));
    test.begin(std::string(convolution.name) + ", overwriting");
    const lab::Buffer<Real> fresh(expected.size());
    test.launch({{3}, {THREADS}, sharedBytes}, first.device(), second.device(), fresh.device(), convolution.geometry(), 0);
    test.expect(fresh, lab::as<Real>(expected));
    test.begin(std::string(convolution.name) + ", accumulating");
    const std::vector<float> before = lab::integers(expected.size(), 3);
    const lab::Buffer<Real> used(lab::as<Real>(before));
    test.launch({{5}, {THREADS / 2}, sharedBytes}, first.device(), second.device(), used.device(), convolution.geometry(), 1);
    test.expect(used, lab::as<Real>(lab::plus(before, expected)));
}

template <typename Real>
static void forwardOf(lab::Test& test, const std::vector<Convolution>& list) {
    for (const Convolution& convolution : list) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1);
        const std::vector<float> w = lab::integers(convolution.wSize(), 2);
        check<Real>(test, convolution, x, w, lab::forward(convolution, x, w), 0);
    }
}

template <typename Real>
static void backwardDataOf(lab::Test& test, const std::vector<Convolution>& list) {
    for (const Convolution& convolution : list) {
        const std::vector<float> dy = lab::integers(convolution.ySize(), 1);
        const std::vector<float> w = lab::integers(convolution.wSize(), 2);
        check<Real>(test, convolution, dy, w, lab::backwardData(convolution, dy, w), 0);
    }
}

template <typename Real>
static void forward(lab::Test& test) {
    forwardOf<Real>(test, lab::convolutions());
}

template <typename Real>
static void backwardData(lab::Test& test) {
    backwardDataOf<Real>(test, lab::convolutions());
}

LAB_TEST_REALS_AND_INDICES(jconv_strided_valid_conv, forward)
LAB_TEST_REALS_AND_INDICES(jconv_direct_backward_data, backwardData)

template <typename Real>
static void filterGradient(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1);
        const std::vector<float> dy = lab::integers(convolution.ySize(), 2);
        check<Real>(test, convolution, x, dy, lab::backwardFilter(convolution, x, dy), TILE_BYTES);
    }
}

LAB_TEST_REALS_AND_INDICES(jconv_valid_conv_filter, filterGradient)

// The filters [K, C/G, taps] with their channel axes exchanged within each group and every filter read backwards:
// [C, K/G, taps], as backward data needs them.
static std::vector<float> rotated(const Convolution& convolution, const std::vector<float>& w) {
    const size_t perGroup = convolution.c / convolution.groups;
    const size_t filters = convolution.k / convolution.groups;
    const size_t taps = convolution.taps();
    std::vector<float> result(w.size());
    for (size_t k = 0; k < size_t(convolution.k); k++) {
        for (size_t c = 0; c < perGroup; c++) {
            for (size_t tap = 0; tap < taps; tap++) {
                const size_t channel = k / filters * perGroup + c;
                result[(channel * filters + k % filters) * taps + taps - 1 - tap] = w[(k * perGroup + c) * taps + tap];
            }
        }
    }
    return result;
}

static void rotatedConvolution(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1);
        const std::vector<float> w = lab::integers(convolution.wSize(), 2);
        check<float>(test, convolution, x, rotated(convolution, w), lab::forward(convolution, x, w), 0);
    }
}

LAB_TEST(jconv_rotated_valid_conv_i32) {
    rotatedConvolution(test);
}

LAB_TEST(jconv_rotated_valid_conv_i64) {
    rotatedConvolution(test);
}

LAB_TEST(jconv_depthwise_forward_i32) {
    forwardOf<float>(test, lab::depthwiseConvolutions());
}

LAB_TEST(jconv_depthwise_forward_i64) {
    forwardOf<float>(test, lab::depthwiseConvolutions());
}

LAB_TEST(jconv_depthwise_backward_data_i32) {
    backwardDataOf<float>(test, lab::depthwiseConvolutions());
}

LAB_TEST(jconv_depthwise_backward_data_i64) {
    backwardDataOf<float>(test, lab::depthwiseConvolutions());
}

// Sums of the parts that the kernel leaves: they are exact, so the order does not matter. x and dy are on the device.
template <typename Number>
static void checkParts(lab::Test& test, const Convolution& convolution, const Number* x, const Number* dy,
                       const std::vector<float>& expected) {
    for (int parts : {1, 3, 8}) {
        test.begin(std::string(convolution.name) + ", " + std::to_string(parts) + " parts");
        const lab::Buffer<float> partials(parts * convolution.wSize());
        const lab::Buffer<float> dw(convolution.wSize());
        test.launch({{3}, {THREADS}, TAPS_BYTES}, x, dy, partials.device(), convolution.geometry(), parts);
        test.launchNamed("jconv_sum_parts", {{1}, {THREADS}}, partials.device(), dw.device(), parts, int64_t(convolution.wSize()), 0);
        test.expect(dw, expected);
    }
}

static void depthwiseFilter(lab::Test& test) {
    for (const Convolution& convolution : lab::depthwiseConvolutions()) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1);
        const std::vector<float> dy = lab::integers(convolution.ySize(), 2);
        const lab::Buffer<float> first(x), second(dy);
        checkParts<float>(test, convolution, first.device(), second.device(), lab::backwardFilter(convolution, x, dy));
    }
}

LAB_TEST(jconv_depthwise_filter_i32) {
    depthwiseFilter(test);
}

LAB_TEST(jconv_depthwise_filter_i64) {
    depthwiseFilter(test);
}

// The same on tensors of 16 bits, with operands so small that both types hold every result.
static void check16(lab::Test& test, const std::string& type, const Convolution& convolution, const std::vector<float>& a,
                    const std::vector<float>& b, const std::vector<float>& expected) {
    const std::vector<float> before = lab::integers(expected.size(), 3);
    const lab::Sixteen first(test, type, a);
    const lab::Sixteen second(test, type, b);
    for (int accumulate : {0, 1}) {
        test.begin(std::string(convolution.name) + (accumulate ? ", accumulating" : ", overwriting"));
        lab::Sixteen output(test, type, before);
        test.launch({{3}, {THREADS}}, first.device(), second.device(), output.device(), convolution.geometry(), accumulate);
        output.expect(accumulate ? lab::plus(before, expected) : expected);
    }
}

// One result of two products by 1 for each of the sums: `a` is the other operand.
static void checkSpecial16(lab::Test& test, const std::string& type, const Convolution& convolution, const std::vector<float>& a) {
    const lab::SpecialSums sums(type);
    const lab::Sixteen first(test, type, a);
    const lab::Sixteen ones(test, type, {1, 1});
    for (int accumulate : {0, 1}) {
        test.begin(std::string(convolution.name) + (accumulate ? ", accumulating" : ", overwriting"));
        lab::Sixteen output(test, type, sums.before);
        test.launch({{1}, {32}}, first.device(), ones.device(), output.device(), convolution.geometry(), accumulate);
        output.expect(accumulate ? sums.used : sums.fresh);
    }
}

static void depthwiseForward16(lab::Test& test, const std::string& type) {
    for (const Convolution& convolution : lab::depthwiseConvolutions()) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1, 2);
        const std::vector<float> w = lab::integers(convolution.wSize(), 2, 2);
        check16(test, type, convolution, x, w, lab::forward(convolution, x, w));
    }
    const lab::SpecialSums sums(type);
    std::vector<float> pairs;
    for (size_t i = 0; i < sums.first.size(); i++) {
        pairs.insert(pairs.end(), {sums.first[i], sums.second[i]});
    }
    const Convolution twoTaps{"special numbers", 1, 1, 1, 1, lab::NO_AXIS, lab::NO_AXIS, {int(pairs.size()), 2, 2, 0, 0, 1}};
    checkSpecial16(test, type, twoTaps, pairs);
}

static void depthwiseBackwardData16(lab::Test& test, const std::string& type) {
    for (const Convolution& convolution : lab::depthwiseConvolutions()) {
        const std::vector<float> dy = lab::integers(convolution.ySize(), 1, 2);
        const std::vector<float> w = lab::integers(convolution.wSize(), 2, 2);
        check16(test, type, convolution, dy, w, lab::backwardData(convolution, dy, w));
    }
    const lab::SpecialSums sums(type);
    std::vector<float> maps = sums.first;
    maps.insert(maps.end(), sums.second.begin(), sums.second.end());
    const Convolution twoFilters{"special numbers", 1, 1, 2, 1, lab::NO_AXIS, lab::NO_AXIS, {int(sums.first.size()), 1, 1, 0, 0, 1}};
    checkSpecial16(test, type, twoFilters, maps);
}

static void depthwiseFilter16(lab::Test& test, const std::string& type) {
    for (const Convolution& convolution : lab::depthwiseConvolutions()) {
        const std::vector<float> x = lab::integers(convolution.xSize(), 1);
        const std::vector<float> dy = lab::integers(convolution.ySize(), 2);
        const lab::Sixteen first(test, type, x), second(test, type, dy);
        checkParts<uint16_t>(test, convolution, first.device(), second.device(), lab::backwardFilter(convolution, x, dy));
    }
}

LAB_TEST(jconv_depthwise_forward_fp16_i32) {
    depthwiseForward16(test, "fp16");
}

LAB_TEST(jconv_depthwise_backward_data_fp16_i32) {
    depthwiseBackwardData16(test, "fp16");
}

LAB_TEST(jconv_depthwise_filter_fp16_i32) {
    depthwiseFilter16(test, "fp16");
}

LAB_TEST(jconv_depthwise_forward_fp16_i64) {
    depthwiseForward16(test, "fp16");
}

LAB_TEST(jconv_depthwise_backward_data_fp16_i64) {
    depthwiseBackwardData16(test, "fp16");
}

LAB_TEST(jconv_depthwise_filter_fp16_i64) {
    depthwiseFilter16(test, "fp16");
}

LAB_TEST(jconv_depthwise_forward_bf16_i32) {
    depthwiseForward16(test, "bf16");
}

LAB_TEST(jconv_depthwise_backward_data_bf16_i32) {
    depthwiseBackwardData16(test, "bf16");
}

LAB_TEST(jconv_depthwise_filter_bf16_i32) {
    depthwiseFilter16(test, "bf16");
}

LAB_TEST(jconv_depthwise_forward_bf16_i64) {
    depthwiseForward16(test, "bf16");
}

LAB_TEST(jconv_depthwise_backward_data_bf16_i64) {
    depthwiseBackwardData16(test, "bf16");
}

LAB_TEST(jconv_depthwise_filter_bf16_i64) {
    depthwiseFilter16(test, "bf16");
}
