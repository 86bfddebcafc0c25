// kernels/elementwise.cu

#include <algorithm>
#include <cmath>
#include <string>

#include "convolution.h"
#include "lab.h"
#include "sixteen.h"

template <typename Real>
static void fill(lab::Test& test) {
    for (int64_t count : {0, 1, 31, 64, 1000, 4097}) {
        test.begin("count " + std::to_string(count));
        lab::Buffer<Real> y(count);
        test.launch({{3}, {64}}, y.device(), Real(2.5), count);
        test.expect(y, std::vector<Real>(count, Real(2.5)));
    }
}

LAB_TEST_REALS(jconv_fill, fill)

// A tensor [images, channels, positions].
struct Maps {
    int64_t images;
    int channels;
    int64_t positions;

    std::string name() const {
        return "n" + std::to_string(images) + " k" + std::to_string(channels) + " positions " + std::to_string(positions);
    }
    size_t size() const { return images * channels * positions; }
    size_t channelOf(size_t i) const { return i / positions % channels; }
};

static const std::vector<Maps> MAPS = {{1, 1, 1}, {2, 3, 35}, {3, 5, 1}, {1, 7, 130}, {4, 2, 300}, {0, 3, 4}};

template <typename Real>
static void addBias(lab::Test& test) {
    for (const Maps& maps : MAPS) {
        const std::vector<float> bias = lab::integers(maps.channels, 2);
        const std::vector<float> before = lab::integers(maps.size(), 1);
        std::vector<float> broadcast(maps.size());
        for (size_t i = 0; i < maps.size(); i++) {
            broadcast[i] = bias[maps.channelOf(i)];
        }
        const lab::Buffer<Real> b(lab::as<Real>(bias));
        for (int relu : {0, 1}) {
            test.begin(maps.name() + ", overwriting" + (relu ? ", rectified" : ""));
            const lab::Buffer<Real> fresh(maps.size());
            test.launch({{2}, {96}}, b.device(), fresh.device(), maps.images, maps.channels, maps.positions, 0, relu);
            test.expect(fresh, lab::as<Real>(relu ? lab::rectified(broadcast) : broadcast));
            test.begin(maps.name() + ", accumulating" + (relu ? ", rectified" : ""));
            const lab::Buffer<Real> used(lab::as<Real>(before));
            test.launch({{3}, {64}}, b.device(), used.device(), maps.images, maps.channels, maps.positions, 1, relu);
            const std::vector<float> sums = lab::plus(before, broadcast);
            test.expect(used, lab::as<Real>(relu ? lab::rectified(sums) : sums));
        }
    }
}

LAB_TEST_REALS(jconv_add_bias, addBias)

template <typename Real>
static void biasGradient(lab::Test& test, const Maps& maps, int channelsLast) {
    constexpr unsigned threads = 64;
    const std::string name = maps.name() + (channelsLast ? ", channels last" : "");
    const std::vector<float> dy = lab::integers(maps.size(), 1);
    const std::vector<float> before = lab::integers(maps.channels, 2);
    std::vector<float> sums(maps.channels);
    for (size_t i = 0; i < maps.size(); i++) {
        sums[channelsLast ? i % maps.channels : maps.channelOf(i)] += dy[i];
    }
    const lab::Buffer<Real> gradient(lab::as<Real>(dy));
    test.begin(name + ", overwriting");
    const lab::Buffer<Real> fresh(maps.channels);
    test.launch({{2}, {threads}, threads * sizeof(double)}, gradient.device(), fresh.device(), maps.images, maps.channels,
                maps.positions, channelsLast, 0);
    test.expect(fresh, lab::as<Real>(sums));
    test.begin(name + ", accumulating");
    const lab::Buffer<Real> used(lab::as<Real>(before));
    test.launch({{3}, {threads}, threads * sizeof(double)}, gradient.device(), used.device(), maps.images, maps.channels,
                maps.positions, channelsLast, 1);
    test.expect(used, lab::as<Real>(lab::plus(before, sums)));
}

template <typename Real>
static void biasGradient(lab::Test& test) {
    for (const Maps& maps : MAPS) {
        biasGradient<Real>(test, maps, 0);
        biasGradient<Real>(test, maps, 1);
    }
}

LAB_TEST_REALS(jconv_bias_gradient, biasGradient)

// Three channels from the second on, into a tensor of more channels from the fifth on.
template <typename Real>
static void copyChannels(lab::Test& test) {
    for (const Maps& from : {Maps{1, 4, 1}, Maps{3, 5, 35}}) {
        const Maps to = {from.images, 9, from.positions};
        const std::vector<float> values = lab::integers(from.size(), 1, 1000);
        const std::vector<float> before = lab::integers(to.size(), 2);
        std::vector<float> expected = before;
        for (size_t i = 0; i < to.size(); i++) {
            const size_t n = i / to.positions / to.channels;
            const size_t channel = to.channelOf(i);
            if (channel >= 4 && channel < 7) {
                expected[i] = values[(n * from.channels + channel - 3) * from.positions + i % from.positions];
            }
        }
        test.begin(from.name());
        const lab::Buffer<Real> source(lab::as<Real>(values));
        const lab::Buffer<Real> target(lab::as<Real>(before));
        test.launch({{1}, {32}}, static_cast<const Real*>(source.device() + from.positions), target.device() + 4 * to.positions,
                    from.images, 3 * from.positions, from.channels * from.positions, to.channels * to.positions);
        test.expect(target, lab::as<Real>(expected));
    }
}

LAB_TEST_REALS(jconv_copy_channels, copyChannels)

LAB_TEST(jconv_sum_parts) {
    for (int count : {0, 1, 2, 7}) {
        const int64_t elements = 130;
        const std::vector<float> parts = lab::integers(count * elements, 1);
        const std::vector<float> before = lab::integers(elements, 2);
        std::vector<float> sums(elements);
        for (size_t i = 0; i < parts.size(); i++) {
            sums[i % elements] += parts[i];
        }
        const lab::Buffer<float> source(parts);
        test.begin(std::to_string(count) + " parts, overwriting");
        const lab::Buffer<float> fresh(elements);
        test.launch({{1}, {16}}, source.device(), fresh.device(), count, elements, 0);
        test.expect(fresh, sums);
        test.begin(std::to_string(count) + " parts, accumulating");
        const lab::Buffer<float> used(before);
        test.launch({{1}, {16}}, source.device(), used.device(), count, elements, 1);
        test.expect(used, lab::plus(before, sums));
    }
}

static void addBias16(lab::Test& test, const std::string& type) {
    for (const Maps& maps : MAPS) {
        const std::vector<float> bias = lab::integers(maps.channels, 2);
        const std::vector<float> before = lab::integers(maps.size(), 1);
        std::vector<float> broadcast(maps.size());
        for (size_t i = 0; i < maps.size(); i++) {
            broadcast[i] = bias[maps.channelOf(i)];
        }
        for (int accumulate : {0, 1}) {
            for (int relu : {0, 1}) {
                test.begin(maps.name() + (accumulate ? ", accumulating" : ", overwriting") + (relu ? ", rectified" : ""));
                const lab::Sixteen b(test, type, bias);
                lab::Sixteen y(test, type, before);
                test.launch({{2}, {96}}, b.device(), y.device(), maps.images, maps.channels, maps.positions, accumulate, relu);
                const std::vector<float> sums = accumulate ? lab::plus(before, broadcast) : broadcast;
                y.expect(relu ? lab::rectified(sums) : sums);
            }
        }
    }
}

// What is infinite, no number or subnormal, and sums that overflow, each in a channel of its own; 2^-24 and 2^-130 are the smallest
// and a subnormal number of the types.
static void addSpecialBias16(lab::Test& test, const std::string& type, float largest, float tiny) {
    std::vector<float> bias = {NAN, INFINITY, -INFINITY, largest, -largest, tiny, -tiny, 3};
    std::vector<float> before = {1, 1, 1, largest, -largest, tiny, 2 * -tiny, NAN};
    std::vector<float> sums = {NAN, INFINITY, -INFINITY, INFINITY, -INFINITY, 2 * tiny, 3 * -tiny, NAN};
    const Maps maps{2, static_cast<int>(bias.size()), 22};
    // in turn, each number comes to each place of a loop that is unrolled
    for (int shift = 0; shift < maps.channels; shift++) {
        for (auto* each : {&bias, &before, &sums}) {
            std::rotate(each->begin(), each->begin() + 1, each->end());
        }
        std::vector<float> fresh(maps.size()), used(maps.size()), results(maps.size());
        for (size_t i = 0; i < maps.size(); i++) {
            fresh[i] = bias[maps.channelOf(i)];
            used[i] = before[maps.channelOf(i)];
            results[i] = sums[maps.channelOf(i)];
        }
        for (int accumulate : {0, 1}) {
            for (int relu : {0, 1}) {
                test.begin("special numbers " + std::to_string(shift) + (accumulate ? ", accumulating" : ", overwriting") + (relu ? ", rectified" : ""));
                const lab::Sixteen b(test, type, bias);
                lab::Sixteen y(test, type, used);
                test.launch({{1}, {32}}, b.device(), y.device(), maps.images, maps.channels, maps.positions, accumulate, relu);
                const std::vector<float>& expected = accumulate ? results : fresh;
                y.expect(relu ? lab::rectified(expected) : expected);
            }
        }
    }
}

LAB_TEST(jconv_add_bias_fp16) {
    addBias16(test, "fp16");
    addSpecialBias16(test, "fp16", 65504, 0x1p-24f);
}
LAB_TEST(jconv_add_bias_bf16) {
    addBias16(test, "bf16");
    addSpecialBias16(test, "bf16", 0x1.fep127f, 0x1p-130f);
}

static void biasGradient16(lab::Test& test, const std::string& type) {
    constexpr unsigned threads = 64;
    for (const Maps& maps : MAPS) {
        for (int channelsLast : {0, 1}) {
            std::vector<float> dy = lab::integers(maps.size(), 1, 1);
            std::vector<float> before = lab::integers(maps.channels, 2);
            std::vector<float> sums(maps.channels);
            for (size_t i = 0; i < maps.size(); i++) {
                // so few that sums fit 8 bits
                dy[i] = i % 7 == 0 ? dy[i] : 0;
                sums[channelsLast ? i % maps.channels : maps.channelOf(i)] += dy[i];
            }
            for (int accumulate : {0, 1}) {
                test.begin(maps.name() + (channelsLast ? ", channels last" : "") + (accumulate ? ", accumulating" : ", overwriting"));
                const lab::Sixteen gradient(test, type, dy);
                lab::Sixteen dbias(test, type, before);
                test.launch({{2}, {threads}, threads * sizeof(double)}, gradient.device(), dbias.device(), maps.images, maps.channels,
                            maps.positions, channelsLast, accumulate);
                dbias.expect(accumulate ? lab::plus(before, sums) : sums);
            }
        }
    }
}

static void specialBiasGradient16(lab::Test& test, const std::string& type, float largest, float tiny) {
    const std::vector<float> before = {NAN, INFINITY, largest, tiny, -tiny};
    const std::vector<float> dy = {1, 1, largest, tiny, tiny};
    test.begin("special numbers, accumulating");
    const lab::Sixteen gradient(test, type, dy);
    lab::Sixteen dbias(test, type, before);
    test.launch({{2}, {32}, 32 * sizeof(double)}, gradient.device(), dbias.device(), int64_t{1}, static_cast<int>(dy.size()), int64_t{1}, 0, 1);
    dbias.expect({NAN, INFINITY, INFINITY, 2 * tiny, 0});
}

LAB_TEST(jconv_bias_gradient_fp16) {
    biasGradient16(test, "fp16");
    specialBiasGradient16(test, "fp16", 65504, 0x1p-24f);
}
LAB_TEST(jconv_bias_gradient_bf16) {
    biasGradient16(test, "bf16");
    specialBiasGradient16(test, "bf16", 0x1.fep127f, 0x1p-130f);
}

static void sumParts16(lab::Test& test, const std::string& type) {
    for (int count : {0, 1, 2, 7}) {
        const int64_t elements = 130;
        const std::vector<float> parts = lab::integers(count * elements, 1);
        const std::vector<float> before = lab::integers(elements, 2);
        std::vector<float> sums(elements);
        for (size_t i = 0; i < parts.size(); i++) {
            sums[i % elements] += parts[i];
        }
        const lab::Buffer<float> source(parts);
        for (int accumulate : {0, 1}) {
            test.begin(std::to_string(count) + " parts" + (accumulate ? ", accumulating" : ", overwriting"));
            lab::Sixteen output(test, type, before);
            test.launch({{1}, {16}}, source.device(), output.device(), count, elements, accumulate);
            output.expect(accumulate ? lab::plus(before, sums) : sums);
        }
    }
}

static void sumSpecialParts16(lab::Test& test, const std::string& type) {
    lab::SpecialSums sums(type);
    const auto elements = static_cast<int64_t>(sums.first.size());
    // in turn, each number comes to each place of a loop that is unrolled
    for (int64_t shift = 0; shift < elements; shift++) {
        for (auto* each : {&sums.first, &sums.second, &sums.before, &sums.fresh, &sums.used}) {
            std::rotate(each->begin(), each->begin() + 1, each->end());
        }
        std::vector<float> parts = sums.first;
        parts.insert(parts.end(), sums.second.begin(), sums.second.end());
        const lab::Buffer<float> source(parts);
        for (int accumulate : {0, 1}) {
            test.begin("special numbers " + std::to_string(shift) + (accumulate ? ", accumulating" : ", overwriting"));
            lab::Sixteen output(test, type, sums.before);
            test.launch({{1}, {2}}, source.device(), output.device(), 2, elements, accumulate);
            output.expect(accumulate ? sums.used : sums.fresh);
        }
        test.begin("special numbers " + std::to_string(shift) + ", accumulating nothing");
        lab::Sixteen kept(test, type, sums.fresh);
        test.launch({{1}, {2}}, source.device(), kept.device(), 0, elements, 1);
        kept.expect(sums.fresh);
    }
}

LAB_TEST(jconv_sum_parts_fp16) {
    sumParts16(test, "fp16");
    sumSpecialParts16(test, "fp16");
}
LAB_TEST(jconv_sum_parts_bf16) {
    sumParts16(test, "bf16");
    sumSpecialParts16(test, "bf16");
}

static void relu16(lab::Test& test, const std::string& type) {
    std::vector<float> values = lab::integers(1001, 1);
    std::vector<float> expected(values.size());
    values[3] = INFINITY;
    values[4] = -INFINITY;
    values[5] = NAN;
    for (size_t i = 0; i < values.size(); i++) {
        expected[i] = values[i] < 0 ? 0 : values[i];
    }
    test.begin("1001 numbers");
    lab::Sixteen y(test, type, values);
    test.launch({{3}, {64}}, y.device(), static_cast<int64_t>(values.size()));
    y.expect(expected);
}

LAB_TEST(jconv_relu_fp16) { relu16(test, "fp16"); }
LAB_TEST(jconv_relu_bf16) { relu16(test, "bf16"); }

template <typename Number>
static void transpose(lab::Test& test) {
    constexpr int side = 32;
    constexpr unsigned threads = side * 8;
    for (const Maps& m : {Maps{1, 1, 1}, Maps{2, 32, 64}, Maps{3, 5, 130}, Maps{1, 70, 33}, Maps{2, 3, 1}}) {
        const int64_t rows = m.channels;
        std::vector<Number> values(m.size());
        std::vector<Number> expected(m.size());
        for (size_t i = 0; i < m.size(); i++) {
            const int64_t column = i % m.positions;
            const int64_t row = i / m.positions % rows;
            const int64_t matrix = i / m.positions / rows;
            values[i] = static_cast<Number>(i * 13 % 30011);
            expected[(matrix * m.positions + column) * rows + row] = values[i];
        }
        test.begin(m.name());
        const lab::Buffer<Number> source(values);
        const lab::Buffer<Number> target(m.size());
        test.launch({{3}, {threads}, side * (side + 1) * sizeof(Number)}, source.device(), target.device(), m.images, rows,
                    m.positions);
        test.expect(target, expected);
    }
}

LAB_TEST_REALS(jconv_transpose, transpose)
LAB_TEST(jconv_transpose_b16) { transpose<uint16_t>(test); }
