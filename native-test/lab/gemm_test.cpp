// kernels/implicit_gemm.cu, kernels/tensor_gemm_*.cu, kernels/tensor_filter_*.cu

#include <cmath>
#include <memory>

#include "../emulation/sixteen_bits.h"
#include "convolution.h"
#include "lab.h"
#include "residues.h"
#include "sixteen.h"

using lab::Convolution;

// Tails of filters, positions and products in tiles of both sizes; groups; products that fill several steps, and less than one; odd numbers
// of products and of positions. Strides that leave inputs which no tap meets, with taps of one remainder several steps apart.
static const std::vector<Convolution>& tiledConvolutions() {
    static const std::vector<Convolution> list = {
        {"several tiles", 3, 4, 130, 1, lab::NO_AXIS, {7, 3, 1, 1, 0, 1}, {9, 2, 1, 0, 1, 2}},
        {"groups with stride", 2, 4, 132, 2, lab::NO_AXIS, {14, 2, 2, 1, 0, 1}, {13, 3, 1, 1, 1, 1}},
        {"one product", 2, 1, 65, 1, lab::NO_AXIS, {12, 1, 1, 0, 0, 1}, {11, 1, 1, 0, 0, 1}},
        {"several tiles of products", 1, 22, 130, 1, lab::NO_AXIS, {4, 2, 1, 0, 0, 1}, {5, 3, 1, 1, 0, 1}},
        {"strides and dilations", 3, 4, 6, 2, lab::NO_AXIS, {12, 3, 4, 2, -1, 2}, {11, 3, 2, 1, 0, 3}},
        {"3-d with groups", 1, 4, 10, 2, {4, 2, 1, 1, 0, 1}, {5, 3, 1, 0, 2, 1}, {6, 2, 1, -1, 0, 3}},
    };
    return list;
}

// What the kernels of a name compute: with which tensors, and what they make of numbers that they multiply.
struct Arithmetic {
    std::string name;
    int wide;  // One factor is up to this, the other up to NARROW, in turns; so sums stay exact in fp32

    bool isNarrow() const { return name == "fp16" || name == "bf16"; }
    int perWord() const { return isNarrow() ? 2 : 1; }

    // As a factor: in TF32 11 significant bits, to the nearest, ties away from zero; the others have all bits.
    std::vector<float> seen(std::vector<float> values) const {
        for (float& value : values) {
            if (name == "tf32") {
                int exponent;
                const float fraction = std::frexp(value, &exponent);
                value = std::ldexp(std::round(std::ldexp(fraction, 11)), exponent - 11);
            }
        }
        return values;
    }

    // As a result.
    std::vector<float> stored(std::vector<float> values) const {
        for (float& value : values) {
            value = name == "fp16" ? emulated::fromHalf(emulated::toHalf(value))
                    : name == "bf16" ? emulated::fromBfloat(emulated::toBfloat(value)) : value;
        }
        return values;
    }
};

// A tensor of the type that the kernels take.
class Tensor {
public:
    Tensor(lab::Test& test, const Arithmetic& arithmetic, const std::vector<float>& values) : test_(test), arithmetic_(arithmetic) {
        if (arithmetic.isNarrow()) {
            sixteen_ = std::make_unique<lab::Sixteen>(test, arithmetic.name, values);
        } else {
            real_ = std::make_unique<lab::Buffer<float>>(values);
        }
    }

    void* device() const { return sixteen_ ? static_cast<void*>(sixteen_->device()) : real_->device(); }

    // The sums, rounded once.
    void expect(const std::vector<float>& sums) {
        if (sixteen_) {
            sixteen_->expect(arithmetic_.stored(sums));
        } else {
            test_.expect(*real_, sums);
        }
    }

private:
    lab::Test& test_;
    const Arithmetic& arithmetic_;
    std::unique_ptr<lab::Sixteen> sixteen_;
    std::unique_ptr<lab::Buffer<float>> real_;
};

constexpr int NARROW = 4;

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

// How a product ends: over what there was or added to it, as it is or with a bias and perhaps a ReLU.
struct End {
    std::string name;
    bool accumulate, bias, relu;
};

static void multiply(lab::Test& test, const Arithmetic& arithmetic, size_t sharedBytes, const std::vector<Convolution>& list) {
    const auto run = [&](const std::string& name, const std::vector<GemmGeometry>& products, const std::vector<float>& in,
                         const std::vector<float>& filters, std::vector<float> expected, size_t positions, const End& end) {
        const std::vector<float> before = lab::integers(expected.size(), 5);
        const std::vector<float> bias = lab::integers(size_t(products[0].groups) * products[0].filters, 6);
        const Tensor source(test, arithmetic, in), w(test, arithmetic, filters), added(test, arithmetic, bias);
        Tensor target(test, arithmetic, end.accumulate ? before : std::vector<float>(expected.size(), NAN));
        test.begin(name + end.name);
        for (const GemmGeometry& g : products) {
            test.launch({{2}, {256}, sharedBytes}, source.device(), w.device(), target.device(), g, end.bias ? added.device() : nullptr,
                        int(end.relu), int(end.accumulate));
        }
        if (end.accumulate) {
            expected = lab::plus(before, expected);
        }
        if (end.bias) {
            expected = lab::withBias(expected, bias, positions);
        }
        target.expect(end.relu ? lab::rectified(expected) : expected);
    };
    const End overwriting = {", overwriting", false, false, false}, adding = {", accumulating", true, false, false};
    const End layer = {", with bias and ReLU", false, true, true}, onTop = {", with bias, accumulating", true, true, false};
    for (const Convolution& convolution : list) {
        const std::string name = convolution.name;
        std::vector<float> x = lab::integers(convolution.xSize(), 1, arithmetic.wide);
        std::vector<float> w = lab::integers(convolution.wSize(), 2, NARROW);
        run(name, {forwards(convolution)}, x, w, lab::forward(convolution, arithmetic.seen(x), w), convolution.outputs(), overwriting);
        x = lab::integers(convolution.xSize(), 3, NARROW);
        w = lab::integers(convolution.wSize(), 4, arithmetic.wide);
        const std::vector<float> y = lab::forward(convolution, x, arithmetic.seen(w));
        run(name, {forwards(convolution)}, x, w, y, convolution.outputs(), convolution.groups > 1 ? layer : adding);
        // There each filter is a channel, and adds a product for each tap.
        if (convolution.k < 100) {
            const std::vector<float> dy = lab::integers(convolution.ySize(), 6, NARROW);
            const std::vector<float> dx = lab::backwardData(convolution, dy, arithmetic.seen(w));
            const std::string gradient = name + ", data gradient";
            run(gradient, backwards(convolution), dy, w, dx, convolution.inputs(), overwriting);
            if (convolution.height.stride > 1) {
                run(gradient, backwards(convolution), dy, w, dx, convolution.inputs(), adding);
                run(gradient, backwards(convolution), dy, w, dx, convolution.inputs(), onTop);
            }
        }
    }
}

// Special sums of two products with 1, at every place of a tile: each element that a lane holds is rounded by instructions of its own.
static void specialSums(lab::Test& test, const Arithmetic& arithmetic, size_t tileFilters, size_t sharedBytes) {
    const void* const none = nullptr;
    const lab::SpecialSums sums(arithmetic.name);
    const auto rows = [](size_t count, const std::vector<float>& values) {
        std::vector<float> all(count * 128);
        for (size_t i = 0; i < all.size(); i++) {
            all[i] = values[i % 128 % values.size()];
        }
        return all;
    };
    const Convolution convolution = {"", 1, 2, static_cast<int>(tileFilters), 1, lab::NO_AXIS, lab::NO_AXIS, {128, 1, 1, 0, 0, 1}};
    std::vector<float> x = rows(1, sums.first);
    const std::vector<float> second = rows(1, sums.second);
    x.insert(x.end(), second.begin(), second.end());
    const Tensor source(test, arithmetic, x), ones(test, arithmetic, std::vector<float>(convolution.wSize(), 1));
    for (int accumulate : {0, 1}) {
        test.begin(std::string("special numbers") + (accumulate ? ", accumulating" : ", overwriting"));
        Tensor target(test, arithmetic, rows(tileFilters, sums.before));
        test.launch({{1}, {256}, sharedBytes}, source.device(), ones.device(), target.device(), forwards(convolution), none, 0,
                    accumulate);
        target.expect(rows(tileFilters, accumulate ? sums.used : sums.fresh));
    }
}

// Of three parts, the last of them shorter, and of one. The positions of a part end in the middle of an image.
static void filterGradient(lab::Test& test, const Arithmetic& arithmetic, size_t tileFilters) {
    const size_t sharedBytes = 2 * (tileFilters + 128) * 20 * 4 + 128 * 24;
    const int64_t step = 16 * arithmetic.perWord();
    for (const Convolution& convolution : tiledConvolutions()) {
        const auto positions = static_cast<int64_t>(convolution.n * convolution.outputs());
        const std::vector<float> x = lab::integers(convolution.xSize(), 1, arithmetic.wide);
        const std::vector<float> dy = lab::integers(convolution.ySize(), 2, NARROW);
        const Tensor first(test, arithmetic, x), second(test, arithmetic, dy);
        const int64_t perPart = (positions / 3 + step) / step * step;
        const int count = static_cast<int>((positions + perPart - 1) / perPart);
        const lab::Buffer<float> parts(count * convolution.wSize());
        test.begin(std::string(convolution.name) + ", in parts");
        test.launch({{3}, {256}, sharedBytes}, first.device(), second.device(), parts.device(), convolution.geometry(), count, perPart, 0);
        std::vector<float> sum(convolution.wSize());
        const std::vector<float> written = parts.read();
        for (size_t i = 0; i < written.size(); i++) {
            sum[i % sum.size()] += written[i];
        }
        test.expect(lab::Buffer<float>(sum), lab::backwardFilter(convolution, arithmetic.seen(x), dy));
        const std::vector<float> few = lab::integers(convolution.xSize(), 3, NARROW);
        const std::vector<float> wide = lab::integers(convolution.ySize(), 4, arithmetic.wide);
        const std::vector<float> before = lab::integers(convolution.wSize(), 5);
        const Tensor third(test, arithmetic, few), fourth(test, arithmetic, wide);
        const lab::Buffer<float> used(before);
        test.begin(std::string(convolution.name) + ", accumulating");
        test.launch({{2}, {256}, sharedBytes}, third.device(), fourth.device(), used.device(), convolution.geometry(), 1,
                    (positions + step - 1) / step * step, 1);
        test.expect(used, lab::plus(before, lab::backwardFilter(convolution, few, arithmetic.seen(wide))));
    }
}

// sizeof(Tiles) with the wider indices.
static size_t bytesOfTiles(const Arithmetic& arithmetic, size_t tileFilters) {
    return 2 * (tileFilters * 20 + 16 * 136) * 4 + 32 * arithmetic.perWord() * (24 + 8);
}

static void multiplyOnTensorCores(lab::Test& test, const Arithmetic& arithmetic, size_t tileFilters) {
    multiply(test, arithmetic, bytesOfTiles(arithmetic, tileFilters), tiledConvolutions());
    if (arithmetic.isNarrow()) {
        specialSums(test, arithmetic, tileFilters, bytesOfTiles(arithmetic, tileFilters));
    }
}

// In fp32, on the ordinary cores.
static void multiplyInFp32(lab::Test& test) {
    constexpr size_t BYTES_OF_TILES = 2 * 8 * (128 + 64 + 4) * 4 + 16 * (24 + 8);
    multiply(test, {"fp32", 100}, BYTES_OF_TILES, lab::convolutions());
    multiply(test, {"fp32", 100}, BYTES_OF_TILES, tiledConvolutions());
}

LAB_TEST(jconv_implicit_gemm_i32) {
    multiplyInFp32(test);
}

LAB_TEST(jconv_implicit_gemm_i64) {
    multiplyInFp32(test);
}

// In TF32 numbers of 13 bits, which do not fit; of 16 bits numbers of 7, whose sums do not.
#define LAB_TEST_TENSOR(arithmetic, wide, filters, index)                \
    LAB_TEST(jconv_tensor_gemm_##arithmetic##_##filters##_##index) {    \
        multiplyOnTensorCores(test, {#arithmetic, wide}, filters);      \
    }                                                                   \
    LAB_TEST(jconv_tensor_filter_##arithmetic##_##filters##_##index) {  \
        filterGradient(test, {#arithmetic, wide}, filters);             \
    }

#define LAB_TESTS_TENSOR(arithmetic, wide)         \
    LAB_TEST_TENSOR(arithmetic, wide, 64, i32)     \
    LAB_TEST_TENSOR(arithmetic, wide, 64, i64)     \
    LAB_TEST_TENSOR(arithmetic, wide, 128, i32)    \
    LAB_TEST_TENSOR(arithmetic, wide, 128, i64)

LAB_TESTS_TENSOR(tf32, 4100)
LAB_TESTS_TENSOR(tf32x3, 4100)
LAB_TESTS_TENSOR(fp16, 100)
LAB_TESTS_TENSOR(bf16, 100)
