// What the emulated device is and how it behaves, changeable while it runs: the control of native-test/README.md.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../emulation/schedule.h"
#include "abi.h"
#include "extension.h"

namespace emulated::driver {

// What runs when a kernel is launched.
enum class Code {
    SOURCES,      // what g++ has made of them
    PTX,          // the PTX of the module, interpreted
    PTX_WATCHED,  // and every access to memory is noted, to find races
};

class Settings {
public:
    // The settings of this process; the environment variable JCONV_EMULATED holds the first commands.
    static Settings& instance();

    // Carries out commands separated by semicolons or line ends; the first that is not understood, in words, or nothing.
    std::optional<std::string> execute(const std::string& commands);

    // Counts a call and says how it has to fail; CUDA_SUCCESS if it need not.
    int enter(const std::string& function);

    // The same for the launch of a kernel, which fails as a device does: later.
    int enterKernel(const std::string& kernel) { return enter("kernel " + kernel); }

    // One line for each function called: `call NAME COUNT`, in the order of the first call.
    std::string calls() const;

    int attribute(int device, int attribute) const;
    int computeCapability() const;  // 80 for 8.0

    Schedule schedule;
    unsigned workers;
    bool deferred;  // streams run only when somebody waits for them
    Code code;
    int deviceCount;
    int driverVersion;
    CudnnSettings cudnn;

private:
    struct Failure {
        std::string function;
        int number;  // which call from now on; 1 is the next
        int error;
    };

    using Words = std::vector<std::string>;

    Settings();
    void setUsual();

    bool executeOne(const Words& words);
    bool setSchedule(const Words& words);
    bool setStreams(const Words& words);
    bool setCode(const Words& words);
    bool writeUnreached(const Words& words);
    bool setWorkers(const Words& words);
    bool setDevices(const Words& words);
    bool setDriverVersion(const Words& words);
    bool setMemory(const Words& words);
    bool setCudnnVersion(const Words& words);
    bool setCudnnDefect(const Words& words);
    bool setAttribute(const Words& words);
    bool setComputeCapability(const Words& words);
    bool addFailure(const Words& words);
    bool forget(const Words& words);
    bool reset(const Words& words);

    std::map<int, int> attributes_;
    std::vector<Failure> failures_;
    std::vector<std::string> callOrder_;
    std::map<std::string, long> callCounts_;
};

}  // namespace emulated::driver
