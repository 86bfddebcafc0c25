// usage: laboratory [part of a kernel's name [I/N]]
//
// Runs the tests of all kernels, or of those with the part in their names; one line for each. With I/N, as 1/2, it runs one of
// N shares of them, so that N processes side by side run them all. Ends with 1 if one failed, with 2 if there is no device or
// the words are wrong.

#include <cstdio>

#include "lab.h"

// Every count-th kernel from the first one on.
struct Share {
    int first = 1;
    int count = 1;
};

static bool parse(const char* words, Share& share) {
    char more;
    return std::sscanf(words, "%d/%d%c", &share.first, &share.count, &more) == 2 && share.first >= 1
            && share.first <= share.count;
}

static int run(const std::string& wanted, const Share& share) {
    std::printf("kernels on %s\n", lab::deviceName().c_str());
    int found = 0;
    int failed = 0;
    for (const auto& [kernel, body] : lab::tests()) {
        if (kernel.find(wanted) == std::string::npos) {
            continue;
        }
        if (found++ % share.count != share.first - 1) {
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
        failed += ok ? 0 : 1;
    }
    if (found == 0) {
        std::printf("no kernel has \"%s\" in its name\n", wanted.c_str());
    }
    return found > 0 && failed == 0 ? 0 : 1;
}

int main(int count, char** words) {
    Share share;
    if (count > 3 || (count == 3 && !parse(words[2], share))) {
        std::fprintf(stderr, "usage: laboratory [part of a kernel's name [I/N]], with 1 <= I <= N\n");
        return 2;
    }
    try {
        return run(count > 1 ? words[1] : "", share);
    } catch (const lab::DeviceFailure& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 2;
    }
}
