// kernels/im2col.cu, kernels/col2im.cu, kernels/zero_insert.cu

#include <algorithm>
#include <string>

#include "convolution.h"
#include "lab.h"
#include "sixteen.h"

using lab::Convolution;

// Column `output` of plane and tap, in a matrix of all output positions.
static std::vector<float> columnsOf(const Convolution& convolution, const std::vector<float>& x) {
    const size_t planes = size_t(convolution.n) * convolution.c;
    std::vector<float> columns(planes * convolution.taps() * convolution.outputs());
    for (size_t plane = 0; plane < planes; plane++) {
        for (const lab::Meeting& m : lab::meetings(convolution)) {
            columns[(plane * convolution.taps() + m.tap) * convolution.outputs() + m.output] =
                x[plane * convolution.inputs() + m.input];
        }
    }
    return columns;
}

// Rows of `count` columns from `first` on, out of rows of `width`.
static std::vector<float> cut(const std::vector<float>& rows, size_t width, size_t first, size_t count) {
    std::vector<float> part;
    for (size_t row = 0; row < rows.size() / width; row++) {
        part.insert(part.end(), rows.begin() + row * width + first, rows.begin() + row * width + first + count);
    }
    return part;
}

// Of fp32, or of 16 bits that are moved as they are.
template <typename Number>
static void im2col(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const int64_t planes = int64_t(convolution.n) * convolution.c;
        const int64_t outputs = convolution.outputs();
        const std::vector<float> x = lab::positives(convolution.xSize(), 1);
        const std::vector<float> columns = columnsOf(convolution, x);
        const lab::Buffer<Number> source(lab::as<Number>(x));
        for (int64_t first : {int64_t(0), outputs / 3}) {
            test.begin(std::string(convolution.name) + " from " + std::to_string(first));
            const int64_t count = outputs - first - (first > 0 ? outputs / 4 : 0);
            const lab::Buffer<Number> target(planes * convolution.taps() * count);
            test.launch({{3}, {64}}, source.device(), target.device(), convolution.geometry(), planes, first, count);
            test.expect(target, lab::as<Number>(cut(columns, outputs, first, count)));
        }
    }
}

LAB_TEST(jconv_im2col_i32) {
    im2col<float>(test);
}

LAB_TEST(jconv_im2col_i64) {
    im2col<float>(test);
}

LAB_TEST(jconv_im2col_b16_i32) {
    im2col<uint16_t>(test);
}

LAB_TEST(jconv_im2col_b16_i64) {
    im2col<uint16_t>(test);
}

// What each element of dx is the sum of.
static std::vector<float> sumsOf(const Convolution& convolution, const std::vector<float>& columns) {
    std::vector<float> sums(convolution.xSize());
    for (int64_t plane = 0; plane < int64_t(convolution.n) * convolution.c; plane++) {
        for (const lab::Meeting& m : lab::meetings(convolution)) {
            sums[plane * convolution.inputs() + m.input] +=
                columns[(plane * convolution.taps() + m.tap) * convolution.outputs() + m.output];
        }
    }
    return sums;
}

static void col2im(lab::Test& test) {
    for (const Convolution& convolution : lab::convolutions()) {
        const int64_t planes = int64_t(convolution.n) * convolution.c;
        const std::vector<float> columns = lab::integers(planes * convolution.taps() * convolution.outputs(), 1);
        const std::vector<float> before = lab::integers(convolution.xSize(), 2);
        const std::vector<float> sums = sumsOf(convolution, columns);
        const lab::Buffer<float> source(columns);
        test.begin(std::string(convolution.name) + ", overwriting");
        const lab::Buffer<float> fresh(sums.size());
        test.launch({{3}, {64}}, source.device(), fresh.device(), convolution.geometry(), planes, 0);
        test.expect(fresh, sums);
        test.begin(std::string(convolution.name) + ", accumulating");
        const lab::Buffer<float> used(before);
        test.launch({{2}, {32}}, source.device(), used.device(), convolution.geometry(), planes, 1);
        test.expect(used, lab::plus(before, sums));
    }
}

// Column sums that both types of 16 bits hold, with or without what was there before.
static void col2im16(lab::Test& test, const std::string& type) {
    for (const Convolution& convolution : lab::convolutions()) {
        const int64_t planes = int64_t(convolution.n) * convolution.c;
        const std::vector<float> columns = lab::integers(planes * convolution.taps() * convolution.outputs(), 1);
        const std::vector<float> before = lab::integers(convolution.xSize(), 2);
        const std::vector<float> sums = sumsOf(convolution, columns);
        const lab::Buffer<float> source(columns);
        for (int accumulate : {0, 1}) {
            test.begin(std::string(convolution.name) + (accumulate ? ", accumulating" : ", overwriting"));
            lab::Sixteen dx(test, type, before);
            test.launch({{3}, {64}}, source.device(), dx.device(), convolution.geometry(), planes, accumulate);
            dx.expect(accumulate ? lab::plus(before, sums) : sums);
        }
    }
}

// A row of positions, each the sum of two columns.
static void specialCol2im16(lab::Test& test, const std::string& type) {
    const lab::SpecialSums sums(type);
    const int inputs = static_cast<int>(sums.first.size());
    const Convolution row{"", 1, 1, 1, 1, lab::NO_AXIS, lab::NO_AXIS, {inputs, 2, 1, 1, 1, 1}};
    // tap 0 of output i + 1 and tap 1 of output i meet at input i
    std::vector<float> columns(2 * row.outputs());
    std::copy(sums.first.begin(), sums.first.end(), columns.begin() + 1);
    std::copy(sums.second.begin(), sums.second.end(), columns.begin() + row.outputs());
    const lab::Buffer<float> source(columns);
    for (int accumulate : {0, 1}) {
        test.begin(std::string("special numbers") + (accumulate ? ", accumulating" : ", overwriting"));
        lab::Sixteen dx(test, type, sums.before);
        test.launch({{1}, {32}}, source.device(), dx.device(), row.geometry(), int64_t{1}, accumulate);
        dx.expect(accumulate ? sums.used : sums.fresh);
    }
}

static void allOfCol2im16(lab::Test& test, const std::string& type) {
    col2im16(test, type);
    specialCol2im16(test, type);
}

LAB_TEST(jconv_col2im_fp16_i32) {
    allOfCol2im16(test, "fp16");
}

LAB_TEST(jconv_col2im_fp16_i64) {
    allOfCol2im16(test, "fp16");
}

LAB_TEST(jconv_col2im_bf16_i32) {
    allOfCol2im16(test, "bf16");
}

LAB_TEST(jconv_col2im_bf16_i64) {
    allOfCol2im16(test, "bf16");
}

LAB_TEST(jconv_col2im_i32) {
    col2im(test);
}

LAB_TEST(jconv_col2im_i64) {
    col2im(test);
}

// Spreads an axis of `source` elements to `target` ones: element i goes to i * stride - pad.
struct Spread {
    int source, target, stride, pad;
};

static void zeroInsert(lab::Test& test) {
    const Spread none = {1, 1, 1, 0};
    const std::vector<std::vector<Spread>> cases = {
        {none, none, {5, 5, 1, 0}},
        {none, none, {4, 13, 3, -2}},
        {none, {3, 7, 2, -1}, {5, 6, 1, 0}},
        {none, {6, 4, 2, 3}, {4, 9, 3, 1}},
        {{2, 5, 2, -1}, {3, 9, 4, 0}, {5, 7, 2, 2}},
    };
    for (size_t i = 0; i < cases.size(); i++) {
        const Spread& d = cases[i][0];
        const Spread& h = cases[i][1];
        const Spread& w = cases[i][2];
        const int64_t planes = 6;
        const std::vector<float> source = lab::integers(planes * d.source * h.source * w.source, 1);
        std::vector<float> expected(planes * d.target * h.target * w.target);
        for (size_t at = 0; at < source.size(); at++) {
            const int column = at % w.source * w.stride - w.pad;
            const int row = at / w.source % h.source * h.stride - h.pad;
            const int slice = at / w.source / h.source % d.source * d.stride - d.pad;
            const int plane = at / w.source / h.source / d.source;
            if (column >= 0 && column < w.target && row >= 0 && row < h.target && slice >= 0 && slice < d.target) {
                expected[((plane * d.target + slice) * h.target + row) * w.target + column] = source[at];
            }
        }
        ConvGeometry geometry = {};
        geometry.d = d.target, geometry.h = h.target, geometry.w = w.target;
        geometry.z = d.source, geometry.p = h.source, geometry.q = w.source;
        geometry.strideD = d.stride, geometry.strideH = h.stride, geometry.strideW = w.stride;
        geometry.padD = d.pad, geometry.padH = h.pad, geometry.padW = w.pad;
        test.begin("case " + std::to_string(i));
        const lab::Buffer<float> from(source);
        const lab::Buffer<float> to(expected.size());
        test.launch({{3}, {64}}, from.device(), to.device(), geometry, planes);
        test.expect(to, expected);
    }
}

LAB_TEST(jconv_zero_insert_i32) {
    zeroInsert(test);
}

LAB_TEST(jconv_zero_insert_i64) {
    zeroInsert(test);
}
