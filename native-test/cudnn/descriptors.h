// What stands behind cuDNN's descriptors, with cuDNN's numbers for types, formats and modes.

#pragma once

#include <cstdint>
#include <vector>

namespace emulated::cudnn {

enum class DataType : int { FLOAT = 0, DOUBLE = 1, HALF = 2, BFLOAT16 = 9 };
enum class Format : int { NCHW = 0, NHWC = 1 };
enum class Mode : int { CONVOLUTION = 0, CROSS_CORRELATION = 1 };
enum class MathType : int { DEFAULT = 0, TENSOR_OP = 1, TENSOR_OP_ALLOW_CONVERSION = 2, FMA = 3 };
enum class ActivationMode : int { SIGMOID = 0, RELU = 1, TANH = 2, CLIPPED_RELU = 3, ELU = 4, IDENTITY = 5 };

constexpr int MOST_DIMENSIONS = 8;

inline size_t bytesOf(DataType type) {
    return type == DataType::DOUBLE ? 8 : type == DataType::FLOAT ? 4 : 2;
}

inline bool isKnown(DataType type) {
    return type == DataType::FLOAT || type == DataType::DOUBLE || type == DataType::HALF || type == DataType::BFLOAT16;
}

// N, C and the spatial axes, whatever the order in memory; distances in elements.
struct Tensor {
    DataType type = DataType::FLOAT;
    std::vector<int> dimensions;
    std::vector<int> strides;

    int64_t elements() const {
        int64_t product = 1;
        for (int size : dimensions) {
            product *= size;
        }
        return product;
    }

    // From the first element to behind the last one.
    size_t bytes() const {
        int64_t last = 0;
        for (size_t axis = 0; axis < dimensions.size(); axis++) {
            last += int64_t{dimensions[axis] - 1} * strides[axis];
        }
        return static_cast<size_t>(last + 1) * bytesOf(type);
    }
};

// The strides of a dense tensor of these sizes.
inline std::vector<int> denseStrides(const std::vector<int>& dimensions, Format format) {
    size_t rank = dimensions.size();
    std::vector<int> strides(rank);
    int step = 1;
    if (format == Format::NHWC) {
        strides[1] = 1;
        step = dimensions[1];
    }
    for (size_t axis = rank; axis-- > 0;) {
        if (format == Format::NHWC && axis == 1) {
            continue;
        }
        strides[axis] = step;
        step *= dimensions[axis];
    }
    return strides;
}

// K, C per group and the spatial axes; dense in the order of its format.
struct Filter {
    DataType type = DataType::FLOAT;
    Format format = Format::NCHW;
    std::vector<int> dimensions;

    Tensor asTensor() const { return {type, dimensions, denseStrides(dimensions, format)}; }
};

struct Convolution {
    std::vector<int> padding, strides, dilations;
    Mode mode = Mode::CROSS_CORRELATION;
    DataType computeType = DataType::FLOAT;
    MathType mathType = MathType::DEFAULT;
    int groups = 1;
};

struct Activation {
    ActivationMode mode = ActivationMode::RELU;
    int nanPropagation = 0;
    double coefficient = 0;
};

}  // namespace emulated::cudnn
