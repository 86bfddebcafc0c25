#include "lab.h"

#include <cmath>
#include <cstdio>

namespace lab {
namespace {

constexpr size_t MOST_COMPLAINTS = 5;

Tests& registered() {
    static Tests all;
    return all;
}

std::string show(double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

template <typename T>
bool sameBits(T a, T b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

// Chips do not keep the bits of a NaN. The one that buffers are full of was not written by a kernel.
template <typename T>
bool sameNumber(T got, T expected) {
    T unwritten;
    std::memset(&unwritten, 0xff, sizeof unwritten);
    return sameBits(got, expected) || (got != got && expected != expected && !sameBits(got, unwritten));
}

// One run under one ordering; an exception of the device becomes a complaint.
Test runOnce(const std::string& kernel, void (*body)(Test&), const Ordering& ordering,
             std::vector<std::string>& complaints) {
    Test test(kernel);
    useOrdering(ordering);
    try {
        body(test);
    } catch (const DeviceFailure& failure) {
        complaints.push_back(ordering.name + ": " + failure.what());
    }
    for (const std::string& complaint : test.complaints()) {
        complaints.push_back(ordering.name + ": " + complaint);
    }
    return test;
}

}  // namespace

const Tests& tests() {
    return registered();
}

Verdict judge(const std::string& kernel, void (*body)(Test&)) {
    Verdict verdict;
    std::vector<unsigned char> firstResults;
    for (const Ordering& ordering : orderings()) {
        Test test = runOnce(kernel, body, ordering, verdict.complaints);
        if (verdict.cases == 0) {
            verdict.cases = test.cases();
            firstResults = test.results();
        } else if (verdict.complaints.empty() && firstResults != test.results()) {
            verdict.complaints.push_back(ordering.name + ": other bits than under the first ordering, the kernel has a race");
        }
        if (!verdict.complaints.empty()) {
            break;
        }
    }
    if (verdict.cases == 0 && verdict.complaints.empty()) {
        verdict.complaints.push_back("has no case");
    }
    return verdict;
}

int registerTest(const char* kernel, void (*body)(Test&)) {
    registered()[kernel] = body;
    return static_cast<int>(registered().size());
}

void Test::begin(const std::string& name) {
    case_ = name;
    cases_++;
}

template <typename T>
void Test::expect(const Buffer<T>& buffer, const std::vector<T>& expected) {
    std::vector<T> got = buffer.read();
    if (got.size() != expected.size()) {
        complaints_.push_back(case_ + ": the test expects " + std::to_string(expected.size()) + " elements of "
                              + std::to_string(got.size()));
        return;
    }
    compare(got, [&](size_t i) { return sameNumber(got[i], expected[i]); }, [&](size_t i) { return expected[i]; });
}

template <typename T>
void Test::expectWithin(const Buffer<T>& buffer, const std::vector<double>& expected, const std::vector<double>& bound) {
    std::vector<T> got = buffer.read();
    compare(got, [&](size_t i) { return std::abs(got[i] - expected.at(i)) <= bound.at(i); },
            [&](size_t i) { return expected[i]; });
}

template <typename T>
void Test::compare(const std::vector<T>& got, const std::function<bool(size_t)>& right,
                   const std::function<double(size_t)>& expected) {
    const unsigned char* bytes = reinterpret_cast<const unsigned char*>(got.data());
    results_.insert(results_.end(), bytes, bytes + got.size() * sizeof(T));
    size_t wrong = 0;
    size_t first = 0;
    for (size_t i = got.size(); i-- > 0;) {
        if (!right(i)) {
            wrong++;
            first = i;
        }
    }
    if (wrong > 0 && complaints_.size() < MOST_COMPLAINTS) {
        complaints_.push_back(case_ + ": " + std::to_string(wrong) + " of " + std::to_string(got.size())
                              + " elements are wrong, the first is [" + std::to_string(first) + "] = " + show(got[first])
                              + " instead of " + show(expected(first)));
    }
}

template void Test::expect(const Buffer<float>&, const std::vector<float>&);
template void Test::expect(const Buffer<double>&, const std::vector<double>&);
template void Test::expect(const Buffer<uint16_t>&, const std::vector<uint16_t>&);
template void Test::expectWithin(const Buffer<float>&, const std::vector<double>&, const std::vector<double>&);
template void Test::expectWithin(const Buffer<double>&, const std::vector<double>&, const std::vector<double>&);

std::vector<float> rectified(std::vector<float> values) {
    for (float& value : values) {
        value = value <= 0 ? 0 : value;
    }
    return values;
}

std::vector<float> integers(size_t count, unsigned seed, int magnitude) {
    std::vector<float> values(count);
    for (size_t i = 0; i < count; i++) {
        uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u + seed * 0xd1342543de82ef95u;
        z = (z ^ (z >> 31)) * 0xbf58476d1ce4e5b9u;
        z ^= z >> 29;
        values[i] = static_cast<float>(static_cast<int>(z % (2 * magnitude + 1)) - magnitude);
    }
    return values;
}

std::vector<float> positives(size_t count, unsigned seed) {
    std::vector<float> values = integers(count, seed, 1000);
    for (float& value : values) {
        value += 1001;
    }
    return values;
}

}  // namespace lab
