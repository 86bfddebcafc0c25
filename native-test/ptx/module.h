// What stands in PTX text: the version, the target, and the kernels and functions with their parameters and the places of
// their bodies. `program.h` reads the bodies.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "tokens.h"

namespace emulated::ptx {

struct PtxParameter {
    std::string name;
    size_t size;
    size_t alignment;
};

// A kernel, or a function that kernels call.
struct PtxEntry {
    std::string name;
    std::vector<PtxParameter> results;  // of a function
    std::vector<PtxParameter> parameters;
    unsigned maxThreads = 0;  // of a kernel, from .maxntid or .reqntid; 0 if there is none
    size_t bodyPlace = 0;     // of the brace that opens the body
    int bodyLine = 0;
};

struct PtxModule {
    std::string text;
    int version = 0;  // 70 for 7.0
    int target = 0;   // 80 for sm_80
    std::map<std::string, PtxEntry> entries;
    std::map<std::string, PtxEntry> functions;
};

PtxModule parsePtx(std::string text);

}  // namespace emulated::ptx
