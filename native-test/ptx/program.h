// PTX as it is shipped, ready to be run: each instruction an entry in a list, with the function that carries it out.
//
// A thread's registers, the constants that its instructions name and its special registers are slots of 64 bits; a value
// lies in the low bits of its slot, whatever its type, as PTX's registers have no types either.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../emulation/gpu_emulation.h"
#include "module.h"

namespace emulated::ptx {

struct Thread;
struct Instruction;
struct Function;

using Execute = void (*)(Thread&, const Instruction&);

constexpr uint32_t NO_SLOT = UINT32_MAX;

// Where shared memory begins among a thread's addresses. Not 0, so that an address which lacks it is seen to be wrong.
constexpr uint32_t SHARED_WINDOW = 1024;

// Where the i-th parameter of a kernel lies, for those who ask for its address.
constexpr uint64_t parameterWindow(uint64_t i) {
    return (i + 1) << 32;
}

struct Instruction {
    Execute execute = nullptr;
    uint32_t to = NO_SLOT;
    uint32_t operands[4] = {NO_SLOT, NO_SLOT, NO_SLOT, NO_SLOT};  // what it reads, or the elements of a vector
    uint32_t address = NO_SLOT;                                   // the slot of an address, if not a name says what is loaded
    int64_t offset = 0;                                           // in bytes, to the address or into a kernel's parameter
    uint32_t index = 0;                                           // a kernel's parameter, where a branch leads, a call or a piece
    uint32_t guard = NO_SLOT;                                     // the predicate that decides whether it is carried out
    bool guardValue = true;
    int line = 0;
};

struct Call {
    std::string name;
    const Function* callee = nullptr;
    std::vector<uint32_t> arguments;
    std::vector<uint32_t> results;
};

// The operands of a matrix product of 16 x 8 x 8 words: result = a * b + added.
struct MatrixPiece {
    uint32_t result[4], a[4], b[2], added[4];
};

enum class Special { TID_X, TID_Y, TID_Z, NTID_X, NTID_Y, NTID_Z, CTAID_X, CTAID_Y, CTAID_Z, NCTAID_X, NCTAID_Y, NCTAID_Z };

struct Function {
    std::string name;
    std::vector<Instruction> code;
    std::vector<std::string> words;   // what each instruction is called
    uint8_t* reached = nullptr;       // of Coverage: for each instruction, whether it has been run
    size_t slots = 0;                 // of a thread
    std::vector<uint64_t> constants;  // what the first of them hold
    std::vector<std::pair<uint32_t, Special>> specials;
    std::vector<Call> calls;
    std::vector<MatrixPiece> pieces;
    std::vector<uint32_t> parameters;  // slots of a function's; a kernel's lie in memory
    std::vector<size_t> sizes;         // of a kernel's
    std::vector<uint32_t> results;
};

// A thread in a function.
struct Thread {
    const Function* function;
    uint64_t* slots;
    void* const* arguments;   // of the kernel
    const Instruction* next;  // null once it has returned
};

// The kernels of a module and the functions that they call.
class Program {
public:
    // Throws PtxError for what the interpreter does not know.
    explicit Program(const PtxModule& module);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    const Function& kernel(const std::string& name) const { return functions_.at(name); }

private:
    std::map<std::string, Function> functions_;
};

// Runs a kernel for the CUDA thread that is current on this fiber.
void run(const Function& kernel, void* const* arguments);

// Puts the constants into their slots, and runs a function to its end.
void runToEnd(Thread& thread);

}  // namespace emulated::ptx
