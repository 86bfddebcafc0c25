#include "settings.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "../emulation/device_memory.h"
#include "../emulation/launch.h"
#include "../ptx/coverage.h"

namespace emulated::driver {
namespace {

std::vector<std::string> wordsOf(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

// Where settings are numbers, a word that is none is a command that is not understood.
std::optional<long> number(const std::string& word) {
    char* end = nullptr;
    long value = std::strtol(word.c_str(), &end, 10);
    return word.empty() || *end != '\0' ? std::nullopt : std::optional<long>(value);
}

// The number of a command that has a single one, if it is there and not less than `least`.
std::optional<long> onlyNumber(const std::vector<std::string>& words, long least) {
    auto value = words.size() == 2 ? number(words[1]) : std::nullopt;
    return value && *value >= least ? value : std::nullopt;
}

}  // namespace

Settings& Settings::instance() {
    static auto* settings = new Settings();
    return *settings;
}

Settings::Settings() {
    setUsual();
    if (const char* commands = std::getenv("JCONV_EMULATED")) {
        if (auto wrong = execute(commands)) {
            std::fprintf(stderr, "JCONV_EMULATED: %s\n", wrong->c_str());
            std::abort();
        }
    }
}

void Settings::setUsual() {
    schedule = {Schedule::Order::ASCENDING, 0};
    workers = defaultWorkers();
    deferred = false;
    code = Code::SOURCES;
    deviceCount = 1;
    driverVersion = 12060;
    cudnn = {};
    DeviceMemory::instance().setCapacity(DeviceMemory::USUAL_CAPACITY);
    failures_.clear();
    callOrder_.clear();
    callCounts_.clear();
    attributes_ = {
        {MAX_THREADS_PER_BLOCK, 1024},
        {MAX_BLOCK_DIM_X, 1024},
        {MAX_BLOCK_DIM_Y, 1024},
        {MAX_BLOCK_DIM_Z, 64},
        {MAX_GRID_DIM_X, 2147483647},
        {MAX_GRID_DIM_Y, 65535},
        {MAX_GRID_DIM_Z, 65535},
        {MAX_SHARED_MEMORY_PER_BLOCK, 48 << 10},
        {TOTAL_CONSTANT_MEMORY, 64 << 10},
        {WARP_SIZE_ATTRIBUTE, WARP_SIZE},
        {MAX_REGISTERS_PER_BLOCK, 65536},
        {CLOCK_RATE, 1000000},
        {MULTIPROCESSOR_COUNT, 4},
        {CAN_MAP_HOST_MEMORY, 1},
        {CONCURRENT_KERNELS, 1},
        {MEMORY_CLOCK_RATE, 1000000},
        {GLOBAL_MEMORY_BUS_WIDTH, 64},
        {L2_CACHE_SIZE, 4 << 20},
        {MAX_THREADS_PER_MULTIPROCESSOR, 2048},
        {ASYNC_ENGINE_COUNT, 1},
        {UNIFIED_ADDRESSING, 1},
        {COMPUTE_CAPABILITY_MAJOR, 9},
        {COMPUTE_CAPABILITY_MINOR, 0},
        {STREAM_PRIORITIES_SUPPORTED, 0},
        {MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 228 << 10},
        {MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
        {MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, static_cast<int>(SharedMemory::LIMIT)},
        {MAX_BLOCKS_PER_MULTIPROCESSOR, 32},
        {MEMORY_POOLS_SUPPORTED, 1},
    };
}

std::optional<std::string> Settings::execute(const std::string& commands) {
    std::string lines = commands;
    for (char& c : lines) {
        c = c == ';' ? '\n' : c;
    }
    std::istringstream stream(lines);
    for (std::string line; std::getline(stream, line);) {
        Words words = wordsOf(line);
        if (!words.empty() && !executeOne(words)) {
            return "not a command of the emulated device: \"" + line + "\"";
        }
    }
    return std::nullopt;
}

bool Settings::executeOne(const Words& words) {
    static const std::map<std::string, bool (Settings::*)(const Words&)> verbs = {
        {"schedule", &Settings::setSchedule},
        {"streams", &Settings::setStreams},
        {"code", &Settings::setCode},
        {"unreached", &Settings::writeUnreached},
        {"workers", &Settings::setWorkers},
        {"devices", &Settings::setDevices},
        {"driver-version", &Settings::setDriverVersion},
        {"memory", &Settings::setMemory},
        {"cudnn-version", &Settings::setCudnnVersion},
        {"cudnn-defect", &Settings::setCudnnDefect},
        {"attribute", &Settings::setAttribute},
        {"compute-capability", &Settings::setComputeCapability},
        {"fail", &Settings::addFailure},
        {"forget", &Settings::forget},
        {"reset", &Settings::reset},
    };
    auto found = verbs.find(words[0]);
    return found != verbs.end() && (this->*found->second)(words);
}

// schedule ascending | descending | random SEED
bool Settings::setSchedule(const Words& words) {
    if (words.size() == 2 && words[1] == "ascending") {
        schedule = {Schedule::Order::ASCENDING, 0};
        return true;
    }
    if (words.size() == 2 && words[1] == "descending") {
        schedule = {Schedule::Order::DESCENDING, 0};
        return true;
    }
    auto seed = words.size() == 3 && words[1] == "random" ? number(words[2]) : std::nullopt;
    if (seed) {
        schedule = {Schedule::Order::RANDOM, static_cast<uint64_t>(*seed)};
    }
    return seed.has_value();
}

// streams immediate | deferred
bool Settings::setStreams(const Words& words) {
    if (words.size() != 2 || (words[1] != "immediate" && words[1] != "deferred")) {
        return false;
    }
    deferred = words[1] == "deferred";
    return true;
}

// code sources | ptx | ptx watched
bool Settings::setCode(const Words& words) {
    if (words == Words{"code", "sources"}) {
        code = Code::SOURCES;
    } else if (words == Words{"code", "ptx"}) {
        code = Code::PTX;
    } else if (words == Words{"code", "ptx", "watched"}) {
        code = Code::PTX_WATCHED;
    } else {
        return false;
    }
    return true;
}

// unreached FILE
bool Settings::writeUnreached(const Words& words) {
    if (words.size() != 2) {
        return false;
    }
    ptx::Coverage::instance().writeAtExit(words[1]);
    return true;
}

// workers COUNT
bool Settings::setWorkers(const Words& words) {
    auto count = onlyNumber(words, 1);
    if (count) {
        workers = static_cast<unsigned>(*count);
    }
    return count.has_value();
}

// devices COUNT
bool Settings::setDevices(const Words& words) {
    auto count = onlyNumber(words, 0);
    if (count) {
        deviceCount = static_cast<int>(*count);
    }
    return count.has_value();
}

// driver-version NUMBER, as 12060 for 12.6
bool Settings::setDriverVersion(const Words& words) {
    auto version = onlyNumber(words, 1000);
    if (version) {
        driverVersion = static_cast<int>(*version);
    }
    return version.has_value();
}

// memory BYTES, of each device
bool Settings::setMemory(const Words& words) {
    auto bytes = onlyNumber(words, 0);
    if (bytes) {
        DeviceMemory::instance().setCapacity(static_cast<size_t>(*bytes));
    }
    return bytes.has_value();
}

// cudnn-version NUMBER, as 8907 for 8.9.7 and 90501 for 9.5.1; 0 for that of the library's name
bool Settings::setCudnnVersion(const Words& words) {
    auto version = onlyNumber(words, 0);
    if (version) {
        cudnn.version = static_cast<int>(*version);
    }
    return version.has_value();
}

// cudnn-defect none | (end-padding | group-offset | zeros-past COUNT | uninitialised | varying) [ALGORITHM]
bool Settings::setCudnnDefect(const Words& words) {
    using Kind = CudnnDefect::Kind;
    static const std::map<std::string, Kind> kinds = {
        {"none", Kind::NONE},
        {"end-padding", Kind::END_PADDING},
        {"group-offset", Kind::GROUP_OFFSET},
        {"zeros-past", Kind::ZEROS_PAST},
        {"uninitialised", Kind::UNINITIALISED},
        {"varying", Kind::VARYING},
    };
    auto kind = words.size() > 1 ? kinds.find(words[1]) : kinds.end();
    if (kind == kinds.end()) {
        return false;
    }
    CudnnDefect defect;
    defect.kind = kind->second;
    size_t next = 2;
    if (defect.kind == Kind::ZEROS_PAST) {
        auto limit = words.size() > next ? number(words[next++]) : std::nullopt;
        if (!limit) {
            return false;
        }
        defect.limit = *limit;
    }
    if (words.size() > next) {
        defect.algorithm = words[next++];
    }
    if (words.size() == next) {
        cudnn.defect = defect;
    }
    return words.size() == next;
}

// attribute NUMBER VALUE
bool Settings::setAttribute(const Words& words) {
    auto key = words.size() == 3 ? number(words[1]) : std::nullopt;
    auto value = key ? number(words[2]) : std::nullopt;
    if (value) {
        attributes_[static_cast<int>(*key)] = static_cast<int>(*value);
    }
    return value.has_value();
}

// compute-capability NUMBER, as 80 for 8.0
bool Settings::setComputeCapability(const Words& words) {
    auto capability = onlyNumber(words, 10);
    if (capability) {
        attributes_[COMPUTE_CAPABILITY_MAJOR] = static_cast<int>(*capability / 10);
        attributes_[COMPUTE_CAPABILITY_MINOR] = static_cast<int>(*capability % 10);
    }
    return capability.has_value();
}

// fail nothing | FUNCTION NTH ERROR | kernel NAME NTH ERROR
bool Settings::addFailure(const Words& words) {
    if (words.size() == 2 && words[1] == "nothing") {
        failures_.clear();
        return true;
    }
    bool kernel = words.size() == 5 && words[1] == "kernel";
    if (!kernel && words.size() != 4) {
        return false;
    }
    auto nth = number(words[words.size() - 2]);
    auto error = number(words[words.size() - 1]);
    if (nth && error && *nth >= 1) {
        failures_.push_back({kernel ? "kernel " + words[2] : words[1], static_cast<int>(*nth), static_cast<int>(*error)});
    }
    return nth && error && *nth >= 1;
}

// forget calls
bool Settings::forget(const Words& words) {
    if (words.size() != 2 || words[1] != "calls") {
        return false;
    }
    callOrder_.clear();
    callCounts_.clear();
    return true;
}

// reset
bool Settings::reset(const Words& words) {
    if (words.size() == 1) {
        setUsual();
    }
    return words.size() == 1;
}

int Settings::enter(const std::string& function) {
    if (callCounts_[function]++ == 0) {
        callOrder_.push_back(function);
    }
    for (auto failure = failures_.begin(); failure != failures_.end(); ++failure) {
        if (failure->function == function && --failure->number == 0) {
            int error = failure->error;
            failures_.erase(failure);
            return error;
        }
    }
    return CUDA_SUCCESS;
}

std::string Settings::calls() const {
    std::string lines;
    for (const std::string& function : callOrder_) {
        lines += "call " + function + " " + std::to_string(callCounts_.at(function)) + "\n";
    }
    return lines;
}

int Settings::attribute(int device, int attribute) const {
    if (attribute == PCI_BUS_ID) {
        return device;
    }
    auto found = attributes_.find(attribute);
    return found == attributes_.end() ? 0 : found->second;
}

int Settings::computeCapability() const {
    return attributes_.at(COMPUTE_CAPABILITY_MAJOR) * 10 + attributes_.at(COMPUTE_CAPABILITY_MINOR);
}

}  // namespace emulated::driver
