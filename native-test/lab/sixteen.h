// Tensors of 16 bits for the laboratory.

#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "lab.h"

namespace lab {

// Integers that both types of 16 bits hold, brought there and back by kernels that are tested in narrow_test.cpp.
class Sixteen {
public:
    Sixteen(Test& test, const std::string& type, const std::vector<float>& values)
        : test_(test), type_(type), bits_(values.size()), count_(static_cast<int64_t>(values.size())) {
        const Buffer<float> source(values);
        test_.launchNamed("jconv_round_" + type_, {{2}, {64}}, source.device(), bits_.device(), count_);
    }

    uint16_t* device() const { return bits_.device(); }

    void expect(const std::vector<float>& values) {
        const Buffer<float> wide(values.size());
        test_.launchNamed("jconv_extend_" + type_, {{2}, {64}}, bits_.device(), wide.device(), count_);
        test_.expect(wide, values);
    }

private:
    Test& test_;
    std::string type_;
    Buffer<uint16_t> bits_;
    int64_t count_;
};

// Sums of two numbers that overflow, are infinite, no numbers or subnormal, or that are no numbers of the type: one that was rounded on its
// way would lose the ones. For the types of the names `fp16` and `bf16`.
struct SpecialSums {
    std::vector<float> first, second, before;
    std::vector<float> fresh;  // first + second, rounded
    std::vector<float> used;   // before + first + second, rounded

    explicit SpecialSums(const std::string& type) {
        const bool half = type == "fp16";
        const float odd = half ? 2049 : 257;  // the first integer that is no number of the type
        const float largest = half ? 65504 : 0x1.fep127f;
        const float tiny = half ? 0x1p-24f : 0x1p-130f;
        first = {NAN, INFINITY, largest, -largest, tiny, -tiny, odd - 1, odd - 1, 3};
        second = {1, 1, largest, -largest, tiny, 0, 1, 1, NAN};
        before = {1, INFINITY, 1, 1, tiny, 0, 0, 1, NAN};
        fresh = {NAN, INFINITY, INFINITY, -INFINITY, 2 * tiny, -tiny, odd - 1, odd - 1, NAN};
        used = {NAN, INFINITY, INFINITY, -INFINITY, 3 * tiny, -tiny, odd - 1, odd + 1, NAN};
    }
};

}  // namespace lab
