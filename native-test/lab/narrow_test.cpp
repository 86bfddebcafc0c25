// kernels/narrow.cu

#include <cmath>
#include <string>

#include "lab.h"

namespace {

constexpr int SIDE = 32;
constexpr unsigned THREADS = SIDE * 8;
constexpr size_t SHARED = SIDE * (SIDE + 1) * sizeof(float);

struct Matrices {
    int64_t batch, rows, columns;

    std::string name() const {
        return std::to_string(batch) + " of " + std::to_string(rows) + " x " + std::to_string(columns);
    }
    size_t size() const { return static_cast<size_t>(batch * rows * columns); }
    // Where element i of [b][row][column] stands in [b][column][row].
    size_t transposed(size_t i) const {
        const int64_t column = static_cast<int64_t>(i) % columns;
        const int64_t row = static_cast<int64_t>(i) / columns % rows;
        return static_cast<size_t>((static_cast<int64_t>(i) / columns / rows * columns + column) * rows + row);
    }
};

const std::vector<Matrices> SHAPES = {{1, 1, 1}, {2, 32, 64}, {3, 5, 130}, {1, 70, 33}, {2, 3, 1}};

// A 16-bit type by its number of fraction bits and the exponent of its smallest normal number.
struct Narrow {
    int fraction;
    int least;
    double largest;

    // To the nearest, ties to even, in the arithmetic of the host.
    double rounded(double value) const {
        if (value == 0 || std::isnan(value) || std::isinf(value)) {
            return value;
        }
        int exponent;
        std::frexp(value, &exponent);
        const int step = std::max(exponent - 1, least) - fraction;
        const double result = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
        return std::fabs(result) > largest ? std::copysign(INFINITY, value) : result;
    }
};

const Narrow FP16{10, -14, 65504};
const Narrow BF16{7, -126, 0x1.fep127};

// Around steps and halves of steps, subnormal and too large ones, and what is not finite.
std::vector<float> numbers(size_t count) {
    const std::vector<float> special = {0.0f, -0.0f, 1.0f, -1.5f, 65504.0f, 65519.0f, 65520.0f, -70000.0f, 0x1p-14f, 0x1p-24f,
                                        0x1p-25f, 0x1.8p-25f, -0x1p-26f, 0x1.002p0f, 0x1.006p0f, 0x1.00ap0f, 0x1.01p0f, 0x1.03p0f,
                                        0x1.fffp15f, 3.4e38f, -3.4e38f, 1e-40f, INFINITY, -INFINITY, NAN, 0x1.ffcp-15f, 0x1.ffep-15f};
    std::vector<float> values(count);
    for (size_t i = 0; i < count; i++) {
        const auto wild = static_cast<float>(std::ldexp(static_cast<double>(i * 2654435761u % 20011) - 10005, static_cast<int>(i % 37) - 30));
        values[i] = i % 41 < special.size() ? special[i % 41] : wild;
    }
    return values;
}

void thereAndBack(lab::Test& test, const std::string& type, const Narrow& narrow) {
    for (const Matrices& m : SHAPES) {
        const std::vector<float> values = numbers(m.size());
        std::vector<float> rounded(m.size());
        for (size_t i = 0; i < m.size(); i++) {
            rounded[i] = static_cast<float>(narrow.rounded(values[i]));
        }
        test.begin(m.name());
        const lab::Buffer<float> source(values);
        const lab::Buffer<uint16_t> small(m.size());
        const lab::Buffer<float> back(m.size());
        test.launchNamed("jconv_narrow_" + type, {{3}, {THREADS}, SHARED}, source.device(), small.device(), m.batch, m.rows, m.columns);
        test.launchNamed("jconv_widen_" + type, {{2}, {THREADS}, SHARED}, small.device(), back.device(), m.batch, m.rows, m.columns, 0);
        test.expect(back, rounded);

        test.begin(m.name() + ", accumulating in the other order");
        std::vector<float> finite(m.size()), sums(m.size());
        for (size_t i = 0; i < m.size(); i++) {
            finite[i] = static_cast<float>(static_cast<int>(i % 61) - 30);
        }
        for (size_t i = 0; i < m.size(); i++) {
            sums[i] = 100 + finite[i];
        }
        const lab::Buffer<float> exact(finite);
        const lab::Buffer<float> added(std::vector<float>(m.size(), 100.0f));
        test.launchNamed("jconv_narrow_" + type, {{1}, {THREADS}, SHARED}, exact.device(), small.device(), m.batch, m.rows, m.columns);
        test.launchNamed("jconv_widen_" + type, {{4}, {THREADS}, SHARED}, small.device(), added.device(), m.batch, m.rows, m.columns, 1);
        test.expect(added, sums);

        // The 16-bit numbers themselves stand transposed: read as one row, they come out so.
        test.begin(m.name() + ", transposed");
        std::vector<float> moved(m.size());
        for (size_t i = 0; i < m.size(); i++) {
            moved[m.transposed(i)] = finite[i];
        }
        const lab::Buffer<float> row(m.size());
        test.launchNamed("jconv_widen_" + type, {{2}, {THREADS}, SHARED}, small.device(), row.device(), int64_t{1}, int64_t{1},
                         static_cast<int64_t>(m.size()), 0);
        test.expect(row, moved);
    }
}

// All 65,536 numbers of the type keep their bits, but for a NaN, which is made quiet or, of fp16, the one that chips know; other numbers are
// rounded.
void inPlaceAndBack(lab::Test& test, const std::string& type, const Narrow& narrow) {
    const int mostExponent = (1 << (15 - narrow.fraction)) - 1;
    std::vector<uint16_t> all(1 << 16), kept(all.size());
    std::vector<float> values(all.size());
    for (size_t i = 0; i < all.size(); i++) {
        const int exponent = static_cast<int>(i >> narrow.fraction) & mostExponent;
        const int fraction = static_cast<int>(i) & ((1 << narrow.fraction) - 1);
        const double finite = std::ldexp(fraction + (exponent == 0 ? 0 : 1 << narrow.fraction),
                                         std::max(exponent - 1, 0) + narrow.least - narrow.fraction);
        const double magnitude = exponent < mostExponent ? finite : fraction == 0 ? INFINITY : NAN;
        values[i] = static_cast<float>(i & 0x8000 ? -magnitude : magnitude);
        all[i] = static_cast<uint16_t>(i);
        const size_t quiet = type == "fp16" ? 0x7fff : i | 1 << (narrow.fraction - 1);
        kept[i] = static_cast<uint16_t>(std::isnan(magnitude) ? quiet : i);
    }
    test.begin("all numbers of the type");
    const auto count = static_cast<int64_t>(all.size());
    const lab::Buffer<uint16_t> bits(all);
    const lab::Buffer<float> wide(all.size());
    test.launchNamed("jconv_extend_" + type, {{5}, {64}}, bits.device(), wide.device(), count);
    test.expect(wide, values);
    test.begin("all numbers of the type, and back");
    const lab::Buffer<uint16_t> again(all.size());
    test.launchNamed("jconv_round_" + type, {{3}, {96}}, wide.device(), again.device(), count);
    test.expect(again, kept);

    test.begin("rounded");
    const std::vector<float> wild = numbers(20000);
    std::vector<float> rounded(wild.size());
    for (size_t i = 0; i < wild.size(); i++) {
        rounded[i] = static_cast<float>(narrow.rounded(wild[i]));
    }
    const lab::Buffer<float> source(wild);
    const lab::Buffer<uint16_t> small(wild.size());
    const lab::Buffer<float> back(wild.size());
    test.launchNamed("jconv_round_" + type, {{3}, {64}}, source.device(), small.device(), static_cast<int64_t>(wild.size()));
    test.launchNamed("jconv_extend_" + type, {{3}, {64}}, small.device(), back.device(), static_cast<int64_t>(wild.size()));
    test.expect(back, rounded);
}

}  // namespace

LAB_TEST(jconv_round_fp16) { inPlaceAndBack(test, "fp16", FP16); }
LAB_TEST(jconv_extend_fp16) { inPlaceAndBack(test, "fp16", FP16); }
LAB_TEST(jconv_round_bf16) { inPlaceAndBack(test, "bf16", BF16); }
LAB_TEST(jconv_extend_bf16) { inPlaceAndBack(test, "bf16", BF16); }
LAB_TEST(jconv_narrow_fp16) { thereAndBack(test, "fp16", FP16); }
LAB_TEST(jconv_widen_fp16) { thereAndBack(test, "fp16", FP16); }
LAB_TEST(jconv_narrow_bf16) { thereAndBack(test, "bf16", BF16); }
LAB_TEST(jconv_widen_bf16) { thereAndBack(test, "bf16", BF16); }
