// kernels/parity.cu, kernels/geometry.cu

#include <cmath>
#include <numeric>
#include <string>

#include "convolution.h"
#include "lab.h"
#include "residues.h"
#include "sixteen.h"

using lab::Classes;
using lab::Convolution;
using lab::Residue;

namespace {

int tapsOf(const ResidueBox& box) {
    return box.depth.taps * box.height.taps * box.width.taps;
}

int64_t inputsOf(const ResidueBox& box) {
    return int64_t(box.depth.inputs) * box.height.inputs * box.width.inputs;
}

template <typename Visit>
void forEachIn(const std::vector<int>& depth, const std::vector<int>& height, const std::vector<int>& width, Visit visit) {
    for (int d : depth) {
        for (int h : height) {
            for (int w : width) {
                visit(d, h, w);
            }
        }
    }
}

std::string caseName(const Convolution& c, const ResidueBox& box) {
    return std::string(c.name) + ", class " + std::to_string(box.depth.first) + " " + std::to_string(box.height.first) + " "
         + std::to_string(box.width.first);
}

// Of fp32, or of 16 bits that are moved as they are.
template <typename Number>
void parityFilters(lab::Test& test) {
    for (const Convolution& c : lab::convolutions()) {
        const int cg = c.c / c.groups;
        const int kg = c.k / c.groups;
        const std::vector<Number> w = lab::as<Number>(lab::positives(c.wSize(), 1));
        const lab::Buffer<Number> source(w);
        Classes(c).forEach([&](const ResidueBox& box, const Residue& depth, const Residue& height, const Residue& width) {
            std::vector<Number> expected;
            for (int channel = 0; channel < c.c; channel++) {
                for (int j = 0; j < kg; j++) {
                    const size_t filter = size_t(channel / cg * kg + j) * cg + channel % cg;
                    forEachIn(depth.taps, height.taps, width.taps, [&](int t, int r, int s) {
                        expected.push_back(w[((filter * c.depth.filter + t) * c.height.filter + r) * c.width.filter + s]);
                    });
                }
            }
            test.begin(caseName(c, box));
            const lab::Buffer<Number> a(expected.size());
            test.launch({{3}, {64}}, source.device(), a.device(), c.geometry(), box);
            test.expect(a, expected);
        });
    }
}

template <typename Number>
void parityColumns(lab::Test& test) {
    for (const Convolution& c : lab::convolutions()) {
        const std::vector<Number> dy = lab::as<Number>(lab::positives(c.ySize(), 1));
        const lab::Buffer<Number> source(dy);
        const Classes classes(c);
        classes.forEach([&](const ResidueBox& box, const Residue& depth, const Residue& height, const Residue& width) {
            const int64_t columns = c.n * inputsOf(box);
            for (int64_t first : {int64_t(0), columns / 3}) {
                const int64_t count = columns - first - (first > 0 ? columns / 4 : 0);
                std::vector<Number> expected;
                for (int k = 0; k < c.k; k++) {
                    forEachIn(depth.taps, height.taps, width.taps, [&](int t, int r, int s) {
                        std::vector<Number> row;
                        for (int n = 0; n < c.n; n++) {
                            forEachIn(depth.inputs, height.inputs, width.inputs, [&](int d, int h, int v) {
                                const int z = classes.depth.output(d, t);
                                const int p = classes.height.output(h, r);
                                const int q = classes.width.output(v, s);
                                const size_t map = (size_t(n) * c.k + k) * c.outputs();
                                row.push_back(z < 0 || p < 0 || q < 0
                                    ? Number(0) : dy[map + (size_t(z) * c.height.output() + p) * c.width.output() + q]);
                            });
                        }
                        expected.insert(expected.end(), row.begin() + first, row.begin() + first + count);
                    });
                }
                test.begin(caseName(c, box) + " from " + std::to_string(first));
                const lab::Buffer<Number> b(expected.size());
                test.launch({{3}, {64}}, source.device(), b.device(), c.geometry(), box, first, count);
                test.expect(b, expected);
            }
        });
    }
}

// dx by the products of all classes.
std::vector<float> scattered(const Convolution& c, const std::vector<float>& products) {
    std::vector<float> expected(c.xSize());
    size_t next = 0;
    const Classes classes(c);
    classes.forEach([&](const ResidueBox& box, const Residue& depth, const Residue& height, const Residue& width) {
        for (int channel = 0; channel < c.c; channel++) {
            for (int n = 0; n < c.n; n++) {
                forEachIn(depth.inputs, height.inputs, width.inputs, [&](int d, int h, int w) {
                    const size_t map = (size_t(n) * c.c + channel) * c.inputs();
                    const size_t at = map + (size_t(d) * c.height.input + h) * c.width.input + w;
                    expected[at] = tapsOf(box) == 0 ? 0 : products[next];
                    next++;
                });
            }
        }
    });
    return expected;
}

void parityScatter(lab::Test& test) {
    for (const Convolution& c : lab::convolutions()) {
        const std::vector<float> before = lab::integers(c.xSize(), 2);
        const std::vector<float> products = lab::integers(c.xSize(), 1, 1000);
        const std::vector<float> expected = scattered(c, products);
        const Classes classes(c);
        const lab::Buffer<float> source(products);
        for (int accumulate : {0, 1}) {
            test.begin(std::string(c.name) + (accumulate ? ", accumulating" : ", overwriting"));
            const lab::Buffer<float> dx(before);
            test.launch({{3}, {64}}, source.device(), dx.device(), c.geometry(), c.n, classes.depth.remaindersWithTaps(),
                        classes.height.remaindersWithTaps(), classes.width.remaindersWithTaps(), accumulate);
            test.expect(dx, accumulate ? lab::plus(before, expected) : expected);
        }
    }
}

// Products that both types of 16 bits hold.
void parityScatter16(lab::Test& test, const std::string& type) {
    for (const Convolution& c : lab::convolutions()) {
        const std::vector<float> before = lab::integers(c.xSize(), 2);
        const std::vector<float> products = lab::integers(c.xSize(), 1, 100);
        const std::vector<float> expected = scattered(c, products);
        const Classes classes(c);
        const lab::Buffer<float> source(products);
        for (int accumulate : {0, 1}) {
            test.begin(std::string(c.name) + (accumulate ? ", accumulating" : ", overwriting"));
            lab::Sixteen dx(test, type, before);
            test.launch({{3}, {64}}, source.device(), dx.device(), c.geometry(), c.n, classes.depth.remaindersWithTaps(),
                        classes.height.remaindersWithTaps(), classes.width.remaindersWithTaps(), accumulate);
            dx.expect(accumulate ? lab::plus(before, expected) : expected);
        }
    }
}

// A row of a single class: its products stand in the order of dx. `odd` is the first integer that is no number of the type: a product
// that was rounded before it is added would be off; `beyond` is rounded to infinity.
void specialParityScatter16(lab::Test& test, const std::string& type, float odd, float largest, float beyond,
                            float tiny) {
    const std::vector<float> products = {NAN, INFINITY, beyond, -beyond, largest, tiny, -tiny, odd, odd, 3, 1};
    const std::vector<float> before = {1, 1, 1, -1, largest, tiny, 0, 0, 1, NAN, INFINITY};
    const std::vector<float> fresh = {NAN, INFINITY, INFINITY, -INFINITY, largest, tiny, -tiny, odd - 1, odd - 1, 3, 1};
    const std::vector<float> used = {NAN, INFINITY, INFINITY, -INFINITY, INFINITY, 2 * tiny, -tiny, odd - 1, odd + 1, NAN, INFINITY};
    const Convolution c{"", 1, 1, 1, 1, lab::NO_AXIS, lab::NO_AXIS, {static_cast<int>(products.size()), 1, 1, 0, 0, 1}};
    const lab::Buffer<float> source(products);
    for (int accumulate : {0, 1}) {
        test.begin(std::string("special numbers") + (accumulate ? ", accumulating" : ", overwriting"));
        lab::Sixteen dx(test, type, before);
        test.launch({{1}, {32}}, source.device(), dx.device(), c.geometry(), c.n, uint64_t{1}, uint64_t{1}, uint64_t{1}, accumulate);
        dx.expect(accumulate ? used : fresh);
    }
}

void allOfScatterFp16(lab::Test& test) {
    parityScatter16(test, "fp16");
    specialParityScatter16(test, "fp16", 2049, 65504, 65520, 0x1p-24f);
}

void allOfScatterBf16(lab::Test& test) {
    parityScatter16(test, "bf16");
    specialParityScatter16(test, "bf16", 257, 0x1.fep127f, 0x1.ffp127f, 0x1p-130f);
}

}  // namespace

LAB_TEST(jconv_parity_filters_i32) {
    parityFilters<float>(test);
}

LAB_TEST(jconv_parity_filters_b16_i32) {
    parityFilters<uint16_t>(test);
}

LAB_TEST(jconv_parity_filters_i64) {
    parityFilters<float>(test);
}

LAB_TEST(jconv_parity_filters_b16_i64) {
    parityFilters<uint16_t>(test);
}

LAB_TEST(jconv_parity_columns_i32) {
    parityColumns<float>(test);
}

LAB_TEST(jconv_parity_columns_b16_i32) {
    parityColumns<uint16_t>(test);
}

LAB_TEST(jconv_parity_columns_i64) {
    parityColumns<float>(test);
}

LAB_TEST(jconv_parity_columns_b16_i64) {
    parityColumns<uint16_t>(test);
}

LAB_TEST(jconv_parity_scatter_i32) {
    parityScatter(test);
}

LAB_TEST(jconv_parity_scatter_i64) {
    parityScatter(test);
}

LAB_TEST(jconv_parity_scatter_fp16_i32) {
    allOfScatterFp16(test);
}

LAB_TEST(jconv_parity_scatter_fp16_i64) {
    allOfScatterFp16(test);
}

LAB_TEST(jconv_parity_scatter_bf16_i32) {
    allOfScatterBf16(test);
}

LAB_TEST(jconv_parity_scatter_bf16_i64) {
    allOfScatterBf16(test);
}

// The fields in the order of the structs, each with its own number.
LAB_TEST(jconv_geometry_fields) {
    constexpr int count = (sizeof(ConvGeometry) + sizeof(ResidueBox) + sizeof(PadGeometry) + sizeof(GemmGeometry)) / sizeof(int);
    std::vector<int> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 1);
    ConvGeometry geometry;
    ResidueBox box;
    std::memcpy(&geometry, numbers.data(), sizeof(geometry));
    std::memcpy(&box, numbers.data() + sizeof(geometry) / sizeof(int), sizeof(box));
    PadGeometry pad;
    std::memcpy(&pad, numbers.data() + (sizeof(geometry) + sizeof(box)) / sizeof(int), sizeof(pad));
    GemmGeometry gemm;
    std::memcpy(&gemm, numbers.data() + count - sizeof(gemm) / sizeof(int), sizeof(gemm));
    test.begin("numbers from 1");
    const lab::Buffer<int> fields(count);
    test.launch({{1}, {1}}, geometry, box, pad, gemm, fields.device());
    const std::vector<int> got = fields.read();
    const lab::Buffer<float> asFloats(std::vector<float>(got.begin(), got.end()));
    test.expect(asFloats, std::vector<float>(numbers.begin(), numbers.end()));
}
