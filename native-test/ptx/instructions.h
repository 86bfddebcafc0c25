// The instructions that JConv's kernels consist of: their names, the operands that they take, and what they do.

#pragma once

#include <string>

#include "program.h"

namespace emulated::ptx {

// How the operands of an instruction are written.
enum class Form {
    PLAIN,            // d, a, b ...
    MOVE,             // d, a; 64 bits also as a pair {low, high}, 32 bits of one; an address of shared memory or a kernel's parameter
    LOAD,             // d, [address]; d may be a vector
    STORE,            // [address], a; a may be a vector
    LOAD_PARAMETER,   // d, [name], or [address] of a kernel's parameter
    STORE_PARAMETER,  // [name], a
    BRANCH,           // label
    CALL,             // (results), name, (arguments)
    MATRIX,           // {d, d, d, d}, {a, a, a, a}, {b, b}, {c, c, c, c}
    BARRIER,          // 0
    RETURN,           //
};

struct Meaning {
    Form form;
    int operands;  // of a plain instruction, what it reads; of a move, the bytes; of a load or store, the elements of its vector
    Execute execute;
    Execute executeAtAddress = nullptr;  // of what is loaded by name otherwise
};

// What an instruction means; throws PtxError for one that is not known.
const Meaning& meaningOf(const std::string& name, const std::string& where);

// For `mov.b32` of a pair, for `mov.b64` with one on one side or the other, and for values that pass through a call.
void packHalves(Thread& thread, const Instruction& instruction);
void pack(Thread& thread, const Instruction& instruction);
void unpack(Thread& thread, const Instruction& instruction);
void copy(Thread& thread, const Instruction& instruction);

}  // namespace emulated::ptx
