// usage: laboratory [part of a kernel's name]
//
// Runs the tests of all kernels, or of those with the part in their names; one line for each. Ends with 1 if one failed,
// with 2 if there is no device.

#include <cstdio>

#include "lab.h"

static int run(const std::string& wanted) {
    std::printf("kernels on %s\n", lab::deviceName().c_str());
    int ran = 0;
    int failed = 0;
    for (const auto& [kernel, body] : lab::tests()) {
        if (kernel.find(wanted) == std::string::npos) {
            continue;
        }
        if (lab::lacks(kernel)) {
            std::printf("%-40s left out: the device is too old for it\n", kernel.c_str());
            continue;
        }
        lab::Verdict verdict = lab::judge(kernel, body);
        bool ok = verdict.complaints.empty();
        std::printf("%-40s %4d cases  %s\n", kernel.c_str(), verdict.cases, ok ? "ok" : "FAILED");
        for (const std::string& complaint : verdict.complaints) {
            std::printf("    %s\n", complaint.c_str());
        }
        std::fflush(stdout);
        ran++;
        failed += ok ? 0 : 1;
    }
    if (ran == 0) {
        std::printf("no kernel has \"%s\" in its name\n", wanted.c_str());
    }
    return ran > 0 && failed == 0 ? 0 : 1;
}

int main(int count, char** words) {
    try {
        return run(count > 1 ? words[1] : "");
    } catch (const lab::DeviceFailure& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 2;
    }
}
