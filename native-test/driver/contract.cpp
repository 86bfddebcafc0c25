#include "contract.h"

#include <utility>

#include "../emulation/launch.h"

namespace emulated::driver {

const Kernel& findKernelOf(const ptx::PtxEntry& entry) {
    const Kernel* kernel = findKernel(entry.name);
    if (kernel == nullptr) {
        throw ptx::PtxError{entry.name + " has no emulation; build native-test anew if the kernel is new"};
    }
    if (kernel->parameters.size() != entry.parameters.size()) {
        throw ptx::PtxError{entry.name + " has " + std::to_string(entry.parameters.size()) + " parameters in the PTX and "
                            + std::to_string(kernel->parameters.size()) + " in its source"};
    }
    for (size_t i = 0; i < entry.parameters.size(); i++) {
        const ptx::PtxParameter& stated = entry.parameters[i];
        const Parameter& built = kernel->parameters[i];
        if (stated.size != built.size || stated.alignment != built.alignment) {
            throw ptx::PtxError{entry.name + ": parameter " + std::to_string(i) + " has " + std::to_string(stated.size)
                                + " bytes aligned to " + std::to_string(stated.alignment) + " in the PTX and "
                                + std::to_string(built.size) + " aligned to " + std::to_string(built.alignment) + " in its source"};
        }
    }
    if (kernel->maxThreads != entry.maxThreads) {
        throw ptx::PtxError{entry.name + " is bounded to " + std::to_string(entry.maxThreads) + " threads in the PTX and to "
                            + std::to_string(kernel->maxThreads) + " in its source"};
    }
    return *kernel;
}

int newestPtxVersion(int driverVersion) {
    // CUDA version, and the PTX version that came with it
    constexpr std::pair<int, int> RELEASES[] = {
        {13010, 91}, {13000, 90}, {12090, 88}, {12080, 87}, {12070, 86}, {12050, 85}, {12040, 84}, {12030, 83}, {12020, 82},
        {12010, 81}, {12000, 80}, {11080, 78}, {11070, 77}, {11060, 76}, {11050, 75}, {11040, 74}, {11030, 73}, {11020, 72},
        {11010, 71}, {11000, 70}, {10020, 65}, {10010, 64}, {10000, 63},
    };
    for (auto [cuda, ptx] : RELEASES) {
        if (driverVersion >= cuda) {
            return ptx;
        }
    }
    return 62;
}

}  // namespace emulated::driver
