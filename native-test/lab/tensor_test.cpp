// kernels/tensor_gemm_tf32.cu, kernels/tensor_gemm_tf32x3.cu, kernels/tensor_filter_tf32.cu, kernels/tensor_filter_tf32x3.cu

#include <cmath>

#include "convolution.h"
#include "lab.h"
#include "residues.h"

using lab::Convolution;

// Tails of filters, positions and products in tiles of both sizes; groups; products that fill several steps, and less than one. Strides that
// leave inputs which no tap meets, with taps of one remainder several steps apart.
static const std::vector<Convolution>& tensorConvolutions() {
    static const std::vector<Convolution> list = {
        {"several tiles", 3, 4, 130, 1, lab::NO_AXIS, {7, 3, 1, 1, 0, 1}, {9, 2, 1, 0, 1, 2}},
        {"groups with stride", 2, 4, 132, 2, lab::NO_AXIS, {14, 2, 2, 1, 0, 1}, {13, 3, 1, 1, 1, 1}},
        {"one product", 2, 1, 65, 1, lab::NO_AXIS, {12, 1, 1, 0, 0, 1}, {11, 1, 1, 0, 0, 1}},
        {"several tiles of products", 1, 22, 130, 1, lab::NO_AXIS, {4, 2, 1, 0, 0, 1}, {5, 3, 1, 1, 0, 1}},
        {"strides and dilations", 2, 4, 6, 2, lab::NO_AXIS, {12, 3, 4, 2, -1, 2}, {9, 3, 2, 1, 0, 3}},
        {"3-d with groups", 1, 4, 10, 2, {4, 2, 1, 1, 0, 1}, {5, 3, 1, 0, 2, 1}, {6, 2, 1, -1, 0, 3}},
    };
    return list;
}

// To 11 significant bits, to the nearest, ties away from zero.
static std::vector<float> inTf32(std::vector<float> values) {
    for (float& value : values) {
        int exponent;
        const float fraction = std::frexp(value, &exponent);
        value = std::ldexp(std::round(std::ldexp(fraction, 11)), exponent - 11);
    }
    return values;
}

// Forward: every position and every tap, from x to y.
static GemmGeometry forwards(const Convolution& convolution) {
    const auto along = [](const lab::Axis& a) {
        return GemmAxis{a.output(), a.filter, a.input, -a.padBegin, a.stride, a.dilation, a.filter, 0, 1, a.output(), 0, 1};
    };
    const int channels = convolution.c / convolution.groups;
    return {convolution.n, convolution.groups, convolution.k / convolution.groups, channels, channels, 1,
            along(convolution.depth), along(convolution.height), along(convolution.width)};
}

// The data gradient: one product for each residue class, also where it has no tap.
static std::vector<GemmGeometry> backwards(const Convolution& convolution) {
    std::vector<GemmGeometry> list;
    const lab::Classes classes(convolution);
    const int channels = convolution.c / convolution.groups;
    classes.forEach([&](const ResidueBox& box, const auto&...) {
        list.push_back({convolution.n, convolution.groups, channels, convolution.k / convolution.groups, 1, channels,
                        classes.depth.backwards(box.depth.first), classes.height.backwards(box.height.first),
                        classes.width.backwards(box.width.first)});
    });
    return list;
}

// Numbers of 13 bits and of 3: sums stay exact in fp32, but the wide ones do not fit into TF32. Both take turns being wide.
static void multiply(lab::Test& test, bool rounded, size_t tileFilters) {
    constexpr int WIDE = 4100, NARROW = 4;
    const size_t sharedBytes = 2 * (tileFilters * 20 + 16 * 136) * sizeof(float) + 32 * (24 + 8);
    const auto seen = [&](const std::vector<float>& values) { return rounded ? inTf32(values) : values; };
    const auto run = [&](const std::string& name, const std::vector<GemmGeometry>& products, const std::vector<float>& in,
                         const std::vector<float>& w, const std::vector<float>& before, const std::vector<float>& expected) {
        const lab::Buffer<float> first(in), second(w);
        const lab::Buffer<float> fresh(expected.size()), used(before);
        test.begin(name);
        const lab::Buffer<float>& out = before.empty() ? fresh : used;
        for (const GemmGeometry& g : products) {
            test.launch({{2}, {256}, sharedBytes}, first.device(), second.device(), out.device(), g, int(!before.empty()));
        }
        test.expect(out, before.empty() ? expected : lab::plus(before, expected));
    };
    for (const Convolution& convolution : tensorConvolutions()) {
        const std::string name = convolution.name;
        std::vector<float> x = lab::integers(convolution.xSize(), 1, WIDE);
        std::vector<float> w = lab::integers(convolution.wSize(), 2, NARROW);
        run(name + ", overwriting", {forwards(convolution)}, x, w, {}, lab::forward(convolution, seen(x), w));
        x = lab::integers(convolution.xSize(), 3, NARROW);
        w = lab::integers(convolution.wSize(), 4, WIDE);
        run(name + ", accumulating", {forwards(convolution)}, x, w, lab::integers(convolution.ySize(), 5), lab::forward(convolution, x, seen(w)));
        // There each filter is a channel, and adds a product for each tap.
        if (convolution.k < 100) {
            const std::vector<float> dy = lab::integers(convolution.ySize(), 6, NARROW);
            const std::vector<float> dx = lab::backwardData(convolution, dy, seen(w));
            run(name + ", data gradient", backwards(convolution), dy, w, {}, dx);
            if (convolution.height.stride > 1) {
                run(name + ", data gradient, accumulating", backwards(convolution), dy, w, lab::integers(convolution.xSize(), 7), dx);
            }
        }
    }
}

// Of three parts, the last of them shorter, and of one. The positions of a part end in the middle of an image.
static void filterGradient(lab::Test& test, bool rounded, size_t tileFilters) {
    constexpr int WIDE = 4100, NARROW = 4;
    const size_t sharedBytes = 2 * (tileFilters + 128) * 20 * sizeof(float) + 128 * 24;
    const auto seen = [&](const std::vector<float>& values) { return rounded ? inTf32(values) : values; };
    for (const Convolution& convolution : tensorConvolutions()) {
        const size_t positions = convolution.n * convolution.outputs();
        const std::vector<float> x = lab::integers(convolution.xSize(), 1, WIDE);
        const std::vector<float> dy = lab::integers(convolution.ySize(), 2, NARROW);
        const lab::Buffer<float> first(x), second(dy);
        const int64_t perPart = (positions / 3 + 16) / 16 * 16;
        const int count = static_cast<int>((positions + perPart - 1) / perPart);
        const lab::Buffer<float> parts(count * convolution.wSize());
        test.begin(std::string(convolution.name) + ", in parts");
        test.launch({{3}, {256}, sharedBytes}, first.device(), second.device(), parts.device(), convolution.geometry(), count, perPart, 0);
        std::vector<float> sum(convolution.wSize());
        const std::vector<float> written = parts.read();
        for (size_t i = 0; i < written.size(); i++) {
            sum[i % sum.size()] += written[i];
        }
        test.expect(lab::Buffer<float>(sum), lab::backwardFilter(convolution, seen(x), dy));
        const std::vector<float> few = lab::integers(convolution.xSize(), 3, NARROW);
        const std::vector<float> wide = lab::integers(convolution.ySize(), 4, WIDE);
        const std::vector<float> before = lab::integers(convolution.wSize(), 5);
        const lab::Buffer<float> third(few), fourth(wide), used(before);
        test.begin(std::string(convolution.name) + ", accumulating");
        test.launch({{2}, {256}, sharedBytes}, third.device(), fourth.device(), used.device(), convolution.geometry(), 1,
                    int64_t((positions + 15) / 16 * 16), 1);
        test.expect(used, lab::plus(before, lab::backwardFilter(convolution, few, seen(wide))));
    }
}

#define LAB_TEST_TENSOR(arithmetic, rounded, filters, index)             \
    LAB_TEST(jconv_tensor_gemm_##arithmetic##_##filters##_##index) {    \
        multiply(test, rounded, filters);                               \
    }                                                                   \
    LAB_TEST(jconv_tensor_filter_##arithmetic##_##filters##_##index) {  \
        filterGradient(test, rounded, filters);                         \
    }

LAB_TEST_TENSOR(tf32, true, 64, i32)
LAB_TEST_TENSOR(tf32, true, 64, i64)
LAB_TEST_TENSOR(tf32, true, 128, i32)
LAB_TEST_TENSOR(tf32, true, 128, i64)
LAB_TEST_TENSOR(tf32x3, false, 64, i32)
LAB_TEST_TENSOR(tf32x3, false, 64, i64)
LAB_TEST_TENSOR(tf32x3, false, 128, i32)
LAB_TEST_TENSOR(tf32x3, false, 128, i64)
