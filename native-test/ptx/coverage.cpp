#include "coverage.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "program.h"

namespace emulated::ptx {
namespace {

// Where blocks begin, into which a branch leads or which follow one.
std::vector<bool> beginnings(const Function& function) {
    std::vector<bool> begins(function.code.size() + 1);
    for (size_t i = 0; i < function.code.size(); i++) {
        if (function.words[i].rfind("bra", 0) == 0) {
            begins[i + 1] = true;
            begins[function.code[i].index] = true;
        }
    }
    begins[function.code.size()] = true;
    return begins;
}

bool dividesWide(const std::string& word) {
    return word == "div.s64" || word == "div.u64" || word == "rem.s64" || word == "rem.u64";
}

// Whether each instruction stands outside the blocks that hold a 64-bit division.
std::vector<bool> outsideWideDivisions(const Function& function) {
    std::vector<bool> begins = beginnings(function);
    std::vector<bool> outside(function.code.size(), true);
    size_t first = 0;
    bool divides = false;
    for (size_t i = 0; i < function.code.size(); i++) {
        divides = divides || dividesWide(function.words[i]);
        if (begins[i + 1]) {
            std::fill(outside.begin() + first, outside.begin() + i + 1, !divides);
            first = i + 1;
            divides = false;
        }
    }
    return outside;
}

}  // namespace

Coverage& Coverage::instance() {
    static auto* coverage = new Coverage();
    return *coverage;
}

uint8_t* Coverage::of(const Function& function) {
    std::lock_guard<std::mutex> lock(mutex_);
    Record& record = records_[{function.name, function.code.size()}];
    if (record.reached == nullptr) {
        record = {std::make_unique<uint8_t[]>(function.code.size()), {}, function.words, outsideWideDivisions(function)};
        for (const Instruction& instruction : function.code) {
            record.lines.push_back(instruction.line);
        }
    }
    return record.reached.get();
}

void Coverage::writeAtExit(const std::string& file) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (file_.empty()) {
        std::atexit([] { instance().write(); });
    }
    file_ = file;
}

void Coverage::write() const {
    std::ofstream out(file_);
    for (const auto& [kernel, record] : records_) {
        for (size_t i = 0; i < record.lines.size(); i++) {
            if (record.counted[i] && record.reached[i] == 0) {
                out << kernel.first << ' ' << record.lines[i] << ' ' << record.words[i] << '\n';
            }
        }
    }
}

}  // namespace emulated::ptx
