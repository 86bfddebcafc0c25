// The frame of the kernel laboratory: each kernel against a loop on the CPU.
//
//     LAB_TEST(jconv_fill) {
//         for (int64_t count : {1, 31, 1000}) {
//             test.begin("count " + std::to_string(count));
//             lab::Buffer<float> y(count);                      // device memory, full of NaN
//             test.launch({{3}, {64}}, y.device(), 2.5f, count);
//             test.expect(y, std::vector<float>(count, 2.5f));  // bit for bit
//         }
//     }
//
// A test is run once for each ordering that the device offers; what it reads back must be the same bits every time. On
// integer data an fp32 sum is exact, so the loop on the CPU and the kernel must agree bit for bit whatever their order.

#pragma once

#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "device.h"

namespace lab {

// An array on the device.
template <typename T>
class Buffer {
public:
    // `count` elements, every byte 0xff: NaN, if T is float.
    explicit Buffer(size_t count) : count_(count), device_(static_cast<T*>(allocate(bytes()))) {
        std::vector<unsigned char> fill(bytes(), 0xff);
        upload(device_, fill.data(), bytes());
    }

    explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) {
        if (count_ > 0) {
            upload(device_, values.data(), count_ * sizeof(T));
        }
    }

    ~Buffer() { release(device_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    T* device() const { return device_; }
    size_t size() const { return count_; }

    std::vector<T> read() const {
        std::vector<T> values(count_);
        if (count_ > 0) {
            download(values.data(), device_, count_ * sizeof(T));
        }
        return values;
    }

private:
    // The device grants no empty allocation; an empty array is a valid argument all the same.
    size_t bytes() const { return count_ == 0 ? sizeof(T) : count_ * sizeof(T); }

    size_t count_;
    T* device_;
};

// One run of one kernel's test.
class Test {
public:
    explicit Test(std::string kernel) : kernel_(std::move(kernel)) {}

    // Names the case that follows; the name stands in every complaint.
    void begin(const std::string& name);

    // Launches the kernel that the test is named after.
    template <typename... Values>
    void launch(const Shape& shape, Values... values) {
        launchNamed(kernel_, shape, values...);
    }

    // Launches another kernel, whose work this one needs.
    template <typename... Values>
    void launchNamed(const std::string& kernel, const Shape& shape, Values... values) {
        lab::launch(kernel, shape, {{const_cast<void*>(static_cast<const void*>(&values))...}, {sizeof(Values)...}});
    }

    // The buffer must hold exactly these bits, or any NaN for a NaN. T is float, double or uint16_t.
    template <typename T>
    void expect(const Buffer<T>& buffer, const std::vector<T>& expected);

    // The buffer must hold these values to within `bound[i]` each.
    template <typename T>
    void expectWithin(const Buffer<T>& buffer, const std::vector<double>& expected, const std::vector<double>& bound);

    int cases() const { return cases_; }
    const std::vector<std::string>& complaints() const { return complaints_; }
    const std::vector<unsigned char>& results() const { return results_; }

private:
    template <typename T>
    void compare(const std::vector<T>& got, const std::function<bool(size_t)>& right,
                 const std::function<double(size_t)>& expected);

    std::string kernel_;
    std::string case_;
    int cases_ = 0;
    std::vector<std::string> complaints_;
    std::vector<unsigned char> results_;  // everything read back, to compare the orderings
};

using Tests = std::map<std::string, void (*)(Test&)>;

// All tests, by the kernel's name.
const Tests& tests();

// What came of a test under every ordering, or up to the first in which something is wrong.
struct Verdict {
    int cases = 0;
    std::vector<std::string> complaints;
};

Verdict judge(const std::string& kernel, void (*body)(Test&));

int registerTest(const char* kernel, void (*body)(Test&));

// max(value, 0) of each; a NaN stays one.
std::vector<float> rectified(std::vector<float> values);

// Small integers that depend on position and seed only; `magnitude` bounds them. Every sum of fewer than
// 2^24 / (magnitude of one factor * magnitude of the other) products is exact in fp32.
std::vector<float> integers(size_t count, unsigned seed, int magnitude = 4);

// Such integers from 1 on, which any type holds that is only moved, and none of which is the 0 of padding.
std::vector<float> positives(size_t count, unsigned seed);

// The same numbers in another type.
template <typename T, typename S>
std::vector<T> as(const std::vector<S>& values) {
    return std::vector<T>(values.begin(), values.end());
}

// Multiples of 1/64 in [-1, 1].
template <typename T>
std::vector<T> fractions(size_t count, unsigned seed) {
    std::vector<T> values = as<T>(integers(count, seed, 64));
    for (T& value : values) {
        value /= 64;
    }
    return values;
}

// What `roundings` roundings to T leave of values up to `largest`, for each of `count` elements. For kernels that compute
// in double: one more than they have in T, for what is lost in double.
template <typename T>
std::vector<double> rounding(size_t count, int roundings, double largest) {
    return std::vector<double>(count, roundings * largest * std::numeric_limits<T>::epsilon() / 2 + largest * 0x1p-44);
}

}  // namespace lab

// A test for fp32 and one for fp64, of a function template that takes the test.
#define LAB_TEST_REALS(kernel, function)         \
    LAB_TEST(kernel) { function<float>(test); }  \
    LAB_TEST(kernel##_f64) { function<double>(test); }

// The same for kernels with two widths of indices.
#define LAB_TEST_REALS_AND_INDICES(kernel, function) \
    LAB_TEST(kernel##_i32) { function<float>(test); } \
    LAB_TEST(kernel##_i64) { function<float>(test); } \
    LAB_TEST(kernel##_f64) { function<double>(test); }

#define LAB_TEST(kernel)                                                                \
    static void kernel##Test(lab::Test& test);                                          \
    static const int kernel##TestNumber = lab::registerTest(#kernel, kernel##Test);     \
    static void kernel##Test([[maybe_unused]] lab::Test& test)
