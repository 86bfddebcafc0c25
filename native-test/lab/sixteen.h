// Tensors of 16 bits for the laboratory.

#pragma once

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

}  // namespace lab
