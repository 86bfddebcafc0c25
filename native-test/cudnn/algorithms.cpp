#include "algorithms.h"

#include <algorithm>

namespace emulated::cudnn {
namespace {

constexpr int LARGEST_FFT = 256;

bool all(const std::vector<int>& values, int value) {
    return std::all_of(values.begin(), values.end(), [&](int v) { return v == value; });
}

std::vector<int> spatial(const std::vector<int>& dimensions) {
    return {dimensions.begin() + 2, dimensions.end()};
}

bool isDense(const Convolution& convolution) {
    return all(convolution.strides, 1) && all(convolution.dilations, 1);
}

bool filterIs(const Problem& problem, int size) {
    return problem.x.dimensions.size() == 4 && all(spatial(problem.w.dimensions), size);
}

bool paddingIsSmallerThanFilter(const Problem& problem) {
    for (size_t axis = 0; axis < problem.convolution.padding.size(); axis++) {
        if (problem.convolution.padding[axis] >= problem.w.dimensions[axis + 2]) {
            return false;
        }
    }
    return true;
}

bool fitsFft(const Problem& problem) {
    bool small = true;
    for (size_t axis = 0; axis < problem.convolution.padding.size(); axis++) {
        small &= problem.x.dimensions[axis + 2] + 2 * problem.convolution.padding[axis] <= LARGEST_FFT;
    }
    return small && problem.x.dimensions.size() == 4;
}

}  // namespace

const std::vector<Algorithm>& algorithms(Operation operation) {
    static const std::vector<Algorithm> forward = {
        {"IMPLICIT_GEMM", true}, {"IMPLICIT_PRECOMP_GEMM", true}, {"GEMM", true}, {"DIRECT", true},
        {"FFT", true}, {"FFT_TILING", true}, {"WINOGRAD", true}, {"WINOGRAD_NONFUSED", true}};
    static const std::vector<Algorithm> backwardData = {
        {"ALGO_0", false}, {"ALGO_1", true}, {"FFT", true}, {"FFT_TILING", true},
        {"WINOGRAD", true}, {"WINOGRAD_NONFUSED", true}};
    static const std::vector<Algorithm> backwardFilter = {
        {"ALGO_0", false}, {"ALGO_1", true}, {"FFT", true}, {"ALGO_3", false},
        {"WINOGRAD", true}, {"WINOGRAD_NONFUSED", true}, {"FFT_TILING", true}};
    switch (operation) {
        case Operation::FORWARD: return forward;
        case Operation::BACKWARD_DATA: return backwardData;
        default: return backwardFilter;
    }
}

int64_t outputSize(const Problem& problem, size_t axis) {
    const Convolution& convolution = problem.convolution;
    int64_t extent = int64_t{problem.w.dimensions[axis + 2] - 1} * convolution.dilations[axis] + 1;
    int64_t reach = problem.x.dimensions[axis + 2] + 2 * int64_t{convolution.padding[axis]} - extent;
    return reach < 0 ? 0 : reach / convolution.strides[axis] + 1;
}

bool isConsistent(const Problem& problem) {
    const std::vector<int>& x = problem.x.dimensions;
    const std::vector<int>& y = problem.y.dimensions;
    const std::vector<int>& w = problem.w.dimensions;
    size_t axes = problem.convolution.padding.size();
    int groups = problem.convolution.groups;
    if (x.size() != axes + 2 || y.size() != axes + 2 || w.size() != axes + 2 || axes < 2) {
        return false;
    }
    bool types = problem.x.type == problem.w.type && problem.x.type == problem.y.type
                 && (problem.x.type == DataType::DOUBLE) == (problem.convolution.computeType == DataType::DOUBLE);
    bool channels = x[1] == w[1] * groups && y[1] == w[0] && w[0] % groups == 0 && x[0] == y[0];
    for (size_t axis = 0; axis < axes; axis++) {
        channels &= outputSize(problem, axis) == y[axis + 2];
    }
    return types && channels;
}

bool serves(const Problem& problem, int algorithm) {
    std::string name = algorithms(problem.operation)[static_cast<size_t>(algorithm)].name;
    const Convolution& convolution = problem.convolution;
    if (name == "IMPLICIT_GEMM" || name == "ALGO_0") {
        return true;
    }
    if (name == "IMPLICIT_PRECOMP_GEMM" || name == "ALGO_1") {
        return problem.x.type != DataType::DOUBLE || all(convolution.dilations, 1);
    }
    if (name == "GEMM") {
        return all(convolution.dilations, 1) && problem.x.dimensions.size() == 4;
    }
    if (name == "ALGO_3") {
        return all(convolution.dilations, 1);
    }
    bool transforms = problem.x.type != DataType::DOUBLE && isDense(convolution) && convolution.groups == 1;
    if (name == "FFT") {
        return transforms && fitsFft(problem) && paddingIsSmallerThanFilter(problem);
    }
    if (name == "FFT_TILING") {
        return transforms && paddingIsSmallerThanFilter(problem)
               && (problem.operation != Operation::BACKWARD_FILTER || problem.x.dimensions.size() == 4);
    }
    if (name == "WINOGRAD") {
        return transforms && filterIs(problem, 3) && problem.operation != Operation::BACKWARD_FILTER;
    }
    if (name == "WINOGRAD_NONFUSED") {
        return transforms && (filterIs(problem, 3) || (filterIs(problem, 5) && problem.operation != Operation::BACKWARD_FILTER));
    }
    return false;  // DIRECT has a number and no implementation
}

size_t workspaceBytes(const Problem& problem, int algorithm) {
    std::string name = algorithms(problem.operation)[static_cast<size_t>(algorithm)].name;
    auto elements = [](const std::vector<int>& dimensions) {
        size_t product = 1;
        for (int size : dimensions) {
            product *= static_cast<size_t>(size);
        }
        return product;
    };
    size_t taps = elements(spatial(problem.w.dimensions));
    size_t positions = elements(spatial(problem.y.dimensions));
    if (name == "IMPLICIT_GEMM" || name == "ALGO_0") {
        return 0;
    }
    if (name == "IMPLICIT_PRECOMP_GEMM" || name == "ALGO_1" || name == "ALGO_3") {
        return 4 * taps * static_cast<size_t>(problem.w.dimensions[1]);
    }
    if (name == "GEMM") {
        return 4 * taps * positions * static_cast<size_t>(problem.w.dimensions[1]);
    }
    return 8 * (elements(problem.x.dimensions) + elements(problem.y.dimensions) + elements(problem.w.dimensions));
}

std::vector<int> ranking(const Problem& problem) {
    static const std::vector<std::string> order = {"WINOGRAD", "WINOGRAD_NONFUSED", "ALGO_1", "IMPLICIT_PRECOMP_GEMM", "FFT_TILING",
                                                   "ALGO_3", "ALGO_0", "IMPLICIT_GEMM", "GEMM", "FFT", "DIRECT"};
    const std::vector<Algorithm>& known = algorithms(problem.operation);
    std::vector<int> numbers(known.size());
    for (size_t number = 0; number < known.size(); number++) {
        numbers[number] = static_cast<int>(number);
    }
    auto place = [&](int number) {
        auto found = std::find(order.begin(), order.end(), known[static_cast<size_t>(number)].name);
        return (serves(problem, number) ? 0 : 100) + (found - order.begin());
    };
    std::sort(numbers.begin(), numbers.end(), [&](int a, int b) { return place(a) < place(b); });
    return numbers;
}

}  // namespace emulated::cudnn
