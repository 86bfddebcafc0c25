#include "convolve.h"

#include <functional>

#include "../emulation/sixteen_bits.h"

namespace emulated::cudnn {
namespace {

using Kind = driver::CudnnDefect::Kind;

double load(DataType type, const void* values, int64_t index) {
    switch (type) {
        case DataType::DOUBLE: return static_cast<const double*>(values)[index];
        case DataType::FLOAT: return static_cast<const float*>(values)[index];
        case DataType::HALF: return fromHalf(static_cast<const uint16_t*>(values)[index]);
        default: return fromBfloat(static_cast<const uint16_t*>(values)[index]);
    }
}

void store(DataType type, void* values, int64_t index, double value) {
    switch (type) {
        case DataType::DOUBLE: static_cast<double*>(values)[index] = value; break;
        case DataType::FLOAT: static_cast<float*>(values)[index] = static_cast<float>(value); break;
        case DataType::HALF: static_cast<uint16_t*>(values)[index] = toHalf(static_cast<float>(value)); break;
        default: static_cast<uint16_t*>(values)[index] = toBfloat(static_cast<float>(value));
    }
}

void forEachElement(const Tensor& tensor, const std::function<void(int64_t, int64_t)>& body) {
    std::vector<int> index(tensor.dimensions.size(), 0);
    int64_t elements = tensor.elements();
    for (int64_t flat = 0; flat < elements; flat++) {
        int64_t place = 0;
        for (size_t axis = 0; axis < index.size(); axis++) {
            place += int64_t{index[axis]} * tensor.strides[axis];
        }
        body(flat, place);
        for (size_t axis = index.size(); axis-- > 0 && ++index[axis] == tensor.dimensions[axis];) {
            index[axis] = 0;
        }
    }
}

// The sizes of a problem as numbers; a plane is a volume of depth 1.
struct Geometry {
    int64_t n, groups, cg, kg;
    int64_t in[3], filter[3], out[3], pad[3], stride[3], dilation[3];
    bool flipped;

    explicit Geometry(const Problem& problem) {
        const Convolution& convolution = problem.convolution;
        n = problem.x.dimensions[0];
        groups = convolution.groups;
        cg = problem.w.dimensions[1];
        kg = problem.w.dimensions[0] / groups;
        flipped = convolution.mode == Mode::CONVOLUTION;
        size_t axes = convolution.padding.size();
        for (size_t axis = 0; axis < 3; axis++) {
            bool missing = axis + axes < 3;
            size_t at = missing ? 0 : axis + axes - 3;
            in[axis] = missing ? 1 : problem.x.dimensions[at + 2];
            filter[axis] = missing ? 1 : problem.w.dimensions[at + 2];
            out[axis] = missing ? 1 : problem.y.dimensions[at + 2];
            pad[axis] = missing ? 0 : convolution.padding[at];
            stride[axis] = missing ? 1 : convolution.strides[at];
            dilation[axis] = missing ? 1 : convolution.dilations[at];
        }
    }

    static int64_t volume(const int64_t* sizes) { return sizes[0] * sizes[1] * sizes[2]; }

    // The input position under a tap, or -1 in the padding.
    int64_t position(size_t axis, int64_t output, int64_t tap) const {
        int64_t at = output * stride[axis] - pad[axis] + (flipped ? filter[axis] - 1 - tap : tap) * dilation[axis];
        return at >= 0 && at < in[axis] ? at : -1;
    }

    bool reachesBehindTheEnd(size_t axis, int64_t output) const {
        return output * stride[axis] - pad[axis] + (filter[axis] - 1) * dilation[axis] >= in[axis];
    }
};

// Every product of a convolution: element numbers of x, w and y in row-major order.
template <typename Body>
void forEachProduct(const Geometry& g, const Flaw& flaw, Body body) {
    int64_t inputs = Geometry::volume(g.in);
    int64_t taps = Geometry::volume(g.filter);
    int64_t outputs = Geometry::volume(g.out);
    auto wholeOutput = [&](int64_t n, int64_t group, int64_t k, int64_t c, int64_t z, int64_t p, int64_t q) {
        if (flaw.kind == Kind::END_PADDING
            && (g.reachesBehindTheEnd(0, z) || g.reachesBehindTheEnd(1, p) || g.reachesBehindTheEnd(2, q))) {
            return;
        }
        int64_t groupOfX = flaw.kind == Kind::GROUP_OFFSET ? 0 : group;
        int64_t x = (n * g.groups * g.cg + groupOfX * g.cg + c) * inputs;
        int64_t w = ((group * g.kg + k) * g.cg + c) * taps;
        int64_t y = (n * g.groups * g.kg + group * g.kg + k) * outputs + (z * g.out[1] + p) * g.out[2] + q;
        for (int64_t t = 0; t < g.filter[0]; t++) {
            int64_t d = g.position(0, z, t);
            for (int64_t r = 0; d >= 0 && r < g.filter[1]; r++) {
                int64_t h = g.position(1, p, r);
                for (int64_t s = 0; h >= 0 && s < g.filter[2]; s++) {
                    int64_t v = g.position(2, q, s);
                    if (v >= 0) {
                        body(x + (d * g.in[1] + h) * g.in[2] + v, w + (t * g.filter[1] + r) * g.filter[2] + s, y);
                    }
                }
            }
        }
    };
    int64_t total = g.n * g.groups * g.kg * g.cg * outputs;
    for (int64_t step = 0; step < total; step++) {
        int64_t rest = flaw.backwards ? total - 1 - step : step;
        int64_t q = rest % g.out[2], p = (rest /= g.out[2]) % g.out[1], z = (rest /= g.out[1]) % g.out[0];
        int64_t c = (rest /= g.out[0]) % g.cg, k = (rest /= g.cg) % g.kg, group = (rest /= g.kg) % g.groups;
        wholeOutput(rest / g.groups, group, k, c, z, p, q);
    }
}

// The unit rounds the operands of a product to TF32 by leaving bits out.
void truncateToTf32(std::vector<double>& values) {
    for (double& value : values) {
        value = fromBits(bitsOf(static_cast<float>(value)) & 0xffffe000u);
    }
}

template <typename Sum>
std::vector<double> sums(const Problem& problem, const Flaw& flaw, const std::vector<double>& x, const std::vector<double>& w,
                         const std::vector<double>& y, size_t elements) {
    std::vector<Sum> results(elements, Sum{0});
    Geometry geometry(problem);
    auto add = [&](int64_t to, double a, double b) {
        results[static_cast<size_t>(to)] += static_cast<Sum>(a) * static_cast<Sum>(b);
    };
    forEachProduct(geometry, flaw, [&](int64_t atX, int64_t atW, int64_t atY) {
        switch (problem.operation) {
            case Operation::FORWARD: add(atY, x[static_cast<size_t>(atX)], w[static_cast<size_t>(atW)]); break;
            case Operation::BACKWARD_DATA: add(atX, y[static_cast<size_t>(atY)], w[static_cast<size_t>(atW)]); break;
            case Operation::BACKWARD_FILTER: add(atW, x[static_cast<size_t>(atX)], y[static_cast<size_t>(atY)]); break;
        }
    });
    return {results.begin(), results.end()};
}

}  // namespace

std::vector<double> gathered(const Tensor& tensor, const void* values) {
    std::vector<double> dense(static_cast<size_t>(tensor.elements()));
    forEachElement(tensor, [&](int64_t flat, int64_t place) { dense[static_cast<size_t>(flat)] = load(tensor.type, values, place); });
    return dense;
}

void scatter(const Tensor& tensor, const std::vector<double>& values, void* target) {
    forEachElement(tensor, [&](int64_t flat, int64_t place) { store(tensor.type, target, place, values[static_cast<size_t>(flat)]); });
}

void convolve(const Problem& problem, const Flaw& flaw, double alpha, double beta, void* x, void* w, void* y) {
    Tensor filter = problem.w.asTensor();
    bool single = problem.x.type == DataType::FLOAT;
    auto operand = [&](const Tensor& tensor, const void* values) {
        std::vector<double> dense = gathered(tensor, values);
        if (single && problem.convolution.mathType != MathType::FMA) {
            truncateToTf32(dense);
        }
        return dense;
    };
    std::vector<double> denseX, denseW, denseY;
    const Tensor* result;
    void* target;
    switch (problem.operation) {
        case Operation::FORWARD:
            denseX = operand(problem.x, x), denseW = operand(filter, w), result = &problem.y, target = y;
            break;
        case Operation::BACKWARD_DATA:
            denseY = operand(problem.y, y), denseW = operand(filter, w), result = &problem.x, target = x;
            break;
        default:
            denseX = operand(problem.x, x), denseY = operand(problem.y, y), result = &filter, target = w;
    }
    auto elements = static_cast<size_t>(result->elements());
    std::vector<double> values = problem.x.type == DataType::DOUBLE
        ? sums<double>(problem, flaw, denseX, denseW, denseY, elements)
        : sums<float>(problem, flaw, denseX, denseW, denseY, elements);
    forEachElement(*result, [&](int64_t flat, int64_t place) {
        if (flaw.kind == Kind::UNINITIALISED && flat == result->elements() - 1) {
            return;
        }
        double value = alpha * values[static_cast<size_t>(flat)];
        if (flaw.kind == Kind::ZEROS_PAST && flat >= flaw.limit) {
            value = 0;
        }
        store(result->type, target, place, beta == 0 ? value : value + beta * load(result->type, target, place));
    });
}

}  // namespace emulated::cudnn
