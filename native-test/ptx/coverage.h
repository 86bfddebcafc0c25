// Which instructions of the shipped PTX have been run in this process: what no test has run, no test has tested.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace emulated::ptx {

struct Function;

class Coverage {
public:
    // One for the process; it outlives modules, so that a kernel that is loaded again adds to what was run before.
    static Coverage& instance();

    // For each instruction of a function, whether it has been run: to be set by whoever runs it.
    uint8_t* of(const Function& function);

    // From now on, the end of the process writes a line `KERNEL LINE INSTRUCTION` into this file for each instruction that was loaded and
    // never run. Left out are the blocks with a division in 64 bits that nvcc puts beside one in 32 bits: only numbers from
    // 2^32 on take them.
    void writeAtExit(const std::string& file);

private:
    struct Record {
        std::unique_ptr<uint8_t[]> reached;
        std::vector<int> lines;
        std::vector<std::string> words;
        std::vector<bool> counted;
    };

    Coverage() = default;

    void write() const;

    std::mutex mutex_;
    std::map<std::pair<std::string, size_t>, Record> records_;  // by name and length
    std::string file_;
};

}  // namespace emulated::ptx
