#include "instructions.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <unordered_map>

#include "../emulation/access_log.h"
#include "../emulation/block_runner.h"
#include "../emulation/sixteen_bits.h"
#include "../emulation/tensor_emulation.h"

namespace emulated::ptx {
namespace {

template <typename T>
T read(const Thread& thread, uint32_t slot) {
    T value;
    std::memcpy(&value, &thread.slots[slot], sizeof value);
    return value;
}

// Integers fill their slot with their sign or with zeros, as what loads does to wider registers.
template <typename T>
void write(Thread& thread, uint32_t slot, T value) {
    if constexpr (std::is_integral_v<T>) {
        thread.slots[slot] = static_cast<uint64_t>(static_cast<std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>(value));
    } else {
        std::memcpy(&thread.slots[slot], &value, sizeof value);
    }
}

[[noreturn]] void fail(const Instruction& instruction, Fault fault, const std::string& what) {
    BlockRunner::onFiber()->fail(fault, "PTX line " + std::to_string(instruction.line) + ": " + what);
}

template <typename T>
using Unsigned = std::make_unsigned_t<T>;

// --- arithmetic ----------------------------------------------------------------------------------------------------------

// Integers wrap around, and are computed without signs for it. The narrow ones would else be promoted to int.
template <typename T, typename Compute>
T wrapping(T a, T b, Compute compute) {
    if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(compute(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
    } else {
        return compute(a, b);
    }
}

struct Add {
    template <typename T>
    static T of(T a, T b) { return wrapping(a, b, [](auto x, auto y) { return x + y; }); }
};
struct Subtract {
    template <typename T>
    static T of(T a, T b) { return wrapping(a, b, [](auto x, auto y) { return x - y; }); }
};
struct Multiply {  // of integers, the low half
    template <typename T>
    static T of(T a, T b) { return wrapping(a, b, [](auto x, auto y) { return x * y; }); }
};
// A chip has no trap for a divisor of zero, and gives what it likes: no kernel may divide by it.
template <typename T, typename Compute>
T dividing(const Instruction& instruction, T a, T b, T overflow, Compute compute) {
    if constexpr (std::is_integral_v<T>) {
        if (b == 0) {
            fail(instruction, Fault::LAUNCH_FAILED, "integer division by zero");
        }
        if (std::is_signed_v<T> && b == static_cast<T>(-1) && a == std::numeric_limits<T>::min()) {
            return overflow;
        }
    }
    return compute(a, b);
}
struct Minimum {
    template <typename T>
    static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) { return std::fmin(a, b); } else { return b < a ? b : a; }
    }
};
struct Maximum {
    template <typename T>
    static T of(T a, T b) {
        if constexpr (std::is_floating_point_v<T>) { return std::fmax(a, b); } else { return a < b ? b : a; }
    }
};
struct And {
    template <typename T>
    static T of(T a, T b) { return a & b; }
};
struct Or {
    template <typename T>
    static T of(T a, T b) { return a | b; }
};
struct Xor {
    template <typename T>
    static T of(T a, T b) { return a ^ b; }
};
struct CopySign {
    template <typename T>
    static T of(T sign, T value) { return std::copysign(value, sign); }
};
struct Negate {
    template <typename T>
    static T of(T a) {
        if constexpr (std::is_integral_v<T>) { return static_cast<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(a)); } else { return -a; }
    }
};
struct Absolute {
    template <typename T>
    static T of(T a) { return std::fabs(a); }
};
struct Not {
    template <typename T>
    static T of(T a) { return static_cast<T>(~a); }
};
struct SquareRoot {
    template <typename T>
    static T of(T a) { return std::sqrt(a); }
};
struct Reciprocal {
    template <typename T>
    static T of(T a) { return T{1} / a; }
};
// Good to 2^-22 on a chip; here as good as fp32 can be, so what depends on its last bits must not be compared by them.
struct PowerOfTwo {
    static float of(float a) { return static_cast<float>(std::exp2(static_cast<double>(a))); }
};
// The chip looks at the upper half of a double and fills only the upper half of the result: a first guess for a Newton iteration.
struct ReciprocalGuess {
    static double of(double a) {
        double result = 1 / upperHalf(a);
        return std::fpclassify(result) == FP_SUBNORMAL ? std::copysign(0.0, result) : upperHalf(result);
    }
    static double upperHalf(double value) {
        uint64_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        bits &= 0xffffffff00000000u;
        std::memcpy(&value, &bits, sizeof bits);
        return value;
    }
};

struct NearestTf32 {
    static float of(float a) { return roundToTf32(a); }
};

void widenFp16(Thread& thread, const Instruction& i) {
    write<float>(thread, i.to, fromHalf(read<uint16_t>(thread, i.operands[0])));
}

void narrowToFp16(Thread& thread, const Instruction& i) {
    write<uint16_t>(thread, i.to, toHalf(read<float>(thread, i.operands[0])));
}

template <typename T, typename Operation>
void unary(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, Operation::of(read<T>(thread, i.operands[0])));
}

template <typename T, typename Operation>
void binary(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, Operation::of(read<T>(thread, i.operands[0]), read<T>(thread, i.operands[1])));
}

template <typename T>
void divide(Thread& thread, const Instruction& i) {
    T a = read<T>(thread, i.operands[0]);
    write<T>(thread, i.to, dividing(i, a, read<T>(thread, i.operands[1]), a, [](T x, T y) { return static_cast<T>(x / y); }));
}

template <typename T>
void remainder(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, dividing(i, read<T>(thread, i.operands[0]), read<T>(thread, i.operands[1]), T{0},
                                    [](T x, T y) { return static_cast<T>(x % y); }));
}

template <typename T>
void multiplyAdd(Thread& thread, const Instruction& i) {
    T product = Multiply::of(read<T>(thread, i.operands[0]), read<T>(thread, i.operands[1]));
    write<T>(thread, i.to, Add::of(product, read<T>(thread, i.operands[2])));
}

template <typename T>
void fusedMultiplyAdd(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, std::fma(read<T>(thread, i.operands[0]), read<T>(thread, i.operands[1]), read<T>(thread, i.operands[2])));
}

template <typename T, typename Wide>
void multiplyWide(Thread& thread, const Instruction& i) {
    write<Wide>(thread, i.to, static_cast<Wide>(read<T>(thread, i.operands[0])) * static_cast<Wide>(read<T>(thread, i.operands[1])));
}

template <typename T, typename Wide>
void multiplyHigh(Thread& thread, const Instruction& i) {
    Wide product = static_cast<Wide>(read<T>(thread, i.operands[0])) * static_cast<Wide>(read<T>(thread, i.operands[1]));
    write<T>(thread, i.to, static_cast<T>(product >> (sizeof(T) * 8)));
}

// Shifting by more than the width leaves nothing, or the sign.
template <typename T>
void shiftLeft(Thread& thread, const Instruction& i) {
    uint32_t by = read<uint32_t>(thread, i.operands[1]);
    write<T>(thread, i.to, by >= sizeof(T) * 8 ? T{0} : static_cast<T>(static_cast<uint64_t>(read<T>(thread, i.operands[0])) << by));
}

template <typename T>
void shiftRight(Thread& thread, const Instruction& i) {
    uint32_t by = std::min<uint32_t>(read<uint32_t>(thread, i.operands[1]), 63);
    using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
    bool nothing = !std::is_signed_v<T> && read<uint32_t>(thread, i.operands[1]) >= sizeof(T) * 8;
    write<T>(thread, i.to, nothing ? T{0} : static_cast<T>(static_cast<Wide>(read<T>(thread, i.operands[0])) >> by));
}

// prmt.b32 d, a, b, c: each byte of d is the byte of b:a that a digit of c names, or, with the digit's highest bit, its sign.
void permuteBytes(Thread& thread, const Instruction& i) {
    uint64_t bytes = static_cast<uint64_t>(read<uint32_t>(thread, i.operands[1])) << 32 | read<uint32_t>(thread, i.operands[0]);
    uint32_t selection = read<uint32_t>(thread, i.operands[2]);
    uint32_t result = 0;
    for (int byte = 0; byte < 4; byte++) {
        uint32_t digit = selection >> (4 * byte) & 15;
        auto chosen = static_cast<uint8_t>(bytes >> (8 * (digit & 7)));
        uint32_t value = (digit & 8) == 0 ? chosen : (chosen & 0x80) != 0 ? 0xff : 0;
        result |= value << (8 * byte);
    }
    write<uint32_t>(thread, i.to, result);
}

// bfi.b32 f, a, b, c, d: b, with the low d bits of a in place of its bits from c on.
void insertBits(Thread& thread, const Instruction& i) {
    uint32_t position = read<uint32_t>(thread, i.operands[2]) & 255;
    uint32_t length = read<uint32_t>(thread, i.operands[3]) & 255;
    uint64_t mask = ((length >= 32 ? uint64_t{1} << 32 : uint64_t{1} << length) - 1) << std::min(position, 32u);
    uint64_t field = static_cast<uint64_t>(read<uint32_t>(thread, i.operands[0])) << std::min(position, 32u);
    write<uint32_t>(thread, i.to, static_cast<uint32_t>((read<uint32_t>(thread, i.operands[1]) & ~mask) | (field & mask)));
}

// --- comparing, choosing, converting -------------------------------------------------------------------------------------

enum class Relation { EQ, NE, LT, LE, GT, GE };

template <typename T>
bool holds(Relation relation, T a, T b) {
    switch (relation) {
        case Relation::EQ: return a == b;
        case Relation::NE: return a != b;
        case Relation::LT: return a < b;
        case Relation::LE: return a <= b;
        case Relation::GT: return a > b;
        default: return a >= b;
    }
}

// `unordered` is what a comparison with NaN gives.
template <typename T, Relation relation, bool unordered>
void compare(Thread& thread, const Instruction& i) {
    T a = read<T>(thread, i.operands[0]), b = read<T>(thread, i.operands[1]);
    bool nan = false;
    if constexpr (std::is_floating_point_v<T>) {
        nan = std::isnan(a) || std::isnan(b);
    }
    write<uint32_t>(thread, i.to, nan ? unordered : holds(relation, a, b));
}

template <typename T, bool wanted>
void compareToNan(Thread& thread, const Instruction& i) {
    bool nan = std::isnan(read<T>(thread, i.operands[0])) || std::isnan(read<T>(thread, i.operands[1]));
    write<uint32_t>(thread, i.to, nan == wanted);
}

template <typename T>
void select(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, read<T>(thread, i.operands[thread.slots[i.operands[2]] != 0 ? 0 : 1]));
}

template <typename T>
void move(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, read<T>(thread, i.operands[0]));
}

void movePredicate(Thread& thread, const Instruction& i) {
    thread.slots[i.to] = thread.slots[i.operands[0]] != 0;
}

void notPredicate(Thread& thread, const Instruction& i) {
    thread.slots[i.to] = thread.slots[i.operands[0]] == 0;
}

template <typename To, typename From>
void convert(Thread& thread, const Instruction& i) {
    write<To>(thread, i.to, static_cast<To>(read<From>(thread, i.operands[0])));
}

// Integers of what lies outside their range are the nearest; NaN gives 0.
template <typename To, typename From>
void convertTruncating(Thread& thread, const Instruction& i) {
    From value = std::trunc(read<From>(thread, i.operands[0]));
    constexpr From behind = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
    To result = std::isnan(value)                                           ? To{0}
                : value >= behind                                           ? std::numeric_limits<To>::max()
                : value < static_cast<From>(std::numeric_limits<To>::min()) ? std::numeric_limits<To>::min()
                                                                            : static_cast<To>(value);
    write<To>(thread, i.to, result);
}

template <typename T>
void roundToEven(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, std::nearbyint(read<T>(thread, i.operands[0])));
}

template <typename T>
void truncate(Thread& thread, const Instruction& i) {
    write<T>(thread, i.to, std::trunc(read<T>(thread, i.operands[0])));
}

// --- memory --------------------------------------------------------------------------------------------------------------

void note(const Instruction& i, const std::optional<std::string>& wrong) {
    if (wrong) {
        fail(i, Fault::LAUNCH_FAILED, *wrong);
    }
}

struct Global {
    static unsigned char* place(const Thread& thread, const Instruction& i, Access access, size_t bytes) {
        uint64_t address = thread.slots[i.address] + static_cast<uint64_t>(i.offset);
        if (address % bytes != 0) {
            fail(i, Fault::MISALIGNED_ADDRESS, std::to_string(bytes) + " bytes at an address that is no multiple of that");
        }
        auto* memory = reinterpret_cast<unsigned char*>(address);
        BlockRunner& runner = *BlockRunner::onFiber();
        if (AccessLog* log = runner.accesses()) {
            note(i, log->global(access, memory, bytes, runner.accessPlace()));
        }
        return memory;
    }
};

struct Shared {
    static unsigned char* place(const Thread& thread, const Instruction& i, Access access, size_t bytes) {
        // 32 bits, which wrap around as on the chip
        uint32_t offset = read<uint32_t>(thread, i.address) + static_cast<uint32_t>(i.offset) - SHARED_WINDOW;
        BlockRunner& runner = *BlockRunner::onFiber();
        if (offset % bytes != 0) {
            fail(i, Fault::MISALIGNED_ADDRESS, std::to_string(bytes) + " bytes of shared memory at " + std::to_string(offset));
        }
        if (offset > runner.sharedBytes() || bytes > runner.sharedBytes() - offset) {
            fail(i, Fault::ILLEGAL_ADDRESS, "byte " + std::to_string(static_cast<int32_t>(offset)) + " of "
                                                + std::to_string(runner.sharedBytes()) + " bytes of shared memory");
        }
        if (AccessLog* log = runner.accesses()) {
            note(i, log->shared(access, offset, bytes, runner.accessPlace()));
        }
        return static_cast<unsigned char*>(runner.sharedMemory()) + offset;
    }
};

template <typename Space, Access access, typename T, int elements>
void load(Thread& thread, const Instruction& i) {
    T values[elements];
    std::memcpy(values, Space::place(thread, i, access, sizeof values), sizeof values);
    if constexpr (elements == 1) {
        write<T>(thread, i.to, values[0]);
    } else {
        for (int element = 0; element < elements; element++) {
            write<T>(thread, i.operands[element], values[element]);
        }
    }
}

template <typename Space, typename T, int elements>
void store(Thread& thread, const Instruction& i) {
    T values[elements];
    for (int element = 0; element < elements; element++) {
        values[element] = read<T>(thread, i.operands[element]);
    }
    std::memcpy(Space::place(thread, i, Access::WRITE, sizeof values), values, sizeof values);
}

template <typename T>
void loadParameter(Thread& thread, const Instruction& i) {
    T value;
    std::memcpy(&value, static_cast<const unsigned char*>(thread.arguments[i.index]) + i.offset, sizeof value);
    write<T>(thread, i.to, value);
}

template <typename T>
void loadParameterAt(Thread& thread, const Instruction& i) {
    const uint64_t address = thread.slots[i.address] + static_cast<uint64_t>(i.offset);
    const uint64_t index = (address >> 32) - 1, offset = address & 0xffffffffu;
    const std::vector<size_t>& sizes = thread.function->sizes;
    if (index >= sizes.size() || offset + sizeof(T) > sizes[index]) {
        fail(i, Fault::ILLEGAL_ADDRESS, "reads what is no parameter");
    }
    T value;
    std::memcpy(&value, static_cast<const unsigned char*>(thread.arguments[index]) + offset, sizeof value);
    write<T>(thread, i.to, value);
}

// --- the way through the code --------------------------------------------------------------------------------------------

void branch(Thread& thread, const Instruction& i) {
    thread.next = thread.function->code.data() + i.index;
}

void leave(Thread& thread, const Instruction&) {
    thread.next = nullptr;
}

void waitForBlock(Thread&, const Instruction& i) {
    BlockRunner::onFiber()->barrier({"PTX", i.line});
}

template <Factors factors>
void multiplyMatrices(Thread& thread, const Instruction& i) {
    const MatrixPiece& piece = thread.function->pieces[i.index];
    float sum[4];
    uint32_t a[4], b[2];
    for (int element = 0; element < 4; element++) {
        sum[element] = read<float>(thread, piece.added[element]);
        a[element] = read<uint32_t>(thread, piece.a[element]);
    }
    for (int element = 0; element < 2; element++) {
        b[element] = read<uint32_t>(thread, piece.b[element]);
    }
    multiplyMatrices(factors, sum, a, b, {"PTX", i.line});
    for (int element = 0; element < 4; element++) {
        write<float>(thread, piece.result[element], sum[element]);
    }
}

// What a function needs lies on this thread's stack, as everything here: a device error abandons it.
void callFunction(Thread& thread, const Instruction& i) {
    const Call& call = thread.function->calls[i.index];
    const Function& callee = *call.callee;
    auto* slots = static_cast<uint64_t*>(__builtin_alloca(callee.slots * sizeof(uint64_t)));
    for (size_t argument = 0; argument < call.arguments.size(); argument++) {
        slots[callee.parameters[argument]] = thread.slots[call.arguments[argument]];
    }
    Thread called{&callee, slots, thread.arguments, callee.code.data()};
    runToEnd(called);
    for (size_t result = 0; result < call.results.size(); result++) {
        thread.slots[call.results[result]] = slots[callee.results[result]];
    }
}

// --- by name -------------------------------------------------------------------------------------------------------------

template <typename T>
constexpr const char* nameOf() {
    if constexpr (std::is_same_v<T, float>) { return "f32"; }
    else if constexpr (std::is_same_v<T, double>) { return "f64"; }
    else if constexpr (std::is_same_v<T, int16_t>) { return "s16"; }
    else if constexpr (std::is_same_v<T, int32_t>) { return "s32"; }
    else if constexpr (std::is_same_v<T, int64_t>) { return "s64"; }
    else if constexpr (std::is_same_v<T, uint8_t>) { return "u8"; }
    else if constexpr (std::is_same_v<T, uint16_t>) { return "u16"; }
    else if constexpr (std::is_same_v<T, uint32_t>) { return "u32"; }
    else { return "u64"; }
}

// The name with the type that has bits only: b32 of float and of integers.
template <typename T>
std::string bits() {
    return "b" + std::to_string(sizeof(T) * 8);
}

using Meanings = std::unordered_map<std::string, Meaning>;

class Dictionary {
public:
    Dictionary() {
        integers<int16_t>();
        integers<uint16_t>();
        integers<int32_t>();
        integers<uint32_t>();
        integers<int64_t>();
        integers<uint64_t>();
        wide<int16_t, int32_t>();
        wide<uint16_t, uint32_t>();
        wide<int32_t, int64_t>();
        wide<uint32_t, uint64_t>();
        patterns<uint16_t>();
        patterns<uint32_t>();
        patterns<uint64_t>();
        reals<float>();
        reals<double>();
        conversions();
        predicates();
        add("prmt.b32", Form::PLAIN, 3, permuteBytes);
        add("bfi.b32", Form::PLAIN, 4, insertBits);
        add("ex2.approx.ftz.f32", Form::PLAIN, 1, unary<float, PowerOfTwo>);
        add("rcp.approx.ftz.f64", Form::PLAIN, 1, unary<double, ReciprocalGuess>);
        add("cvta.to.global.u64", Form::PLAIN, 1, move<uint64_t>);
        add("cvt.rna.tf32.f32", Form::PLAIN, 1, unary<float, NearestTf32>);
        add("cvt.f32.f16", Form::PLAIN, 1, widenFp16);
        add("cvt.rn.f16.f32", Form::PLAIN, 1, narrowToFp16);
        add("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", Form::MATRIX, 0, multiplyMatrices<Factors::TF32>);
        add("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", Form::MATRIX, 0, multiplyMatrices<Factors::FP16>);
        add("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", Form::MATRIX, 0, multiplyMatrices<Factors::BF16>);
        add("bra", Form::BRANCH, 0, branch);
        add("bra.uni", Form::BRANCH, 0, branch);
        add("call.uni", Form::CALL, 0, callFunction);
        add("bar.sync", Form::BARRIER, 1, waitForBlock);
        add("ret", Form::RETURN, 0, leave);
        memory<float>();
        memory<double>();
        memory<uint8_t>();
        memory<uint16_t>();
        memory<int16_t>();
        memory<int32_t>();
        memory<uint32_t>();
        memory<int64_t>();
        memory<uint64_t>();
    }

    const Meanings& meanings() const { return meanings_; }

private:
    void add(const std::string& name, Form form, int operands, Execute execute) { meanings_[name] = {form, operands, execute, nullptr}; }

    template <typename T>
    void addPlain(const std::string& name, int operands, Execute execute) {
        add(name + "." + nameOf<T>(), Form::PLAIN, operands, execute);
    }

    template <typename T>
    void relations() {
        addPlain<T>("setp.eq", 2, compare<T, Relation::EQ, false>);
        addPlain<T>("setp.ne", 2, compare<T, Relation::NE, false>);
        addPlain<T>("setp.lt", 2, compare<T, Relation::LT, false>);
        addPlain<T>("setp.le", 2, compare<T, Relation::LE, false>);
        addPlain<T>("setp.gt", 2, compare<T, Relation::GT, false>);
        addPlain<T>("setp.ge", 2, compare<T, Relation::GE, false>);
    }

    template <typename T>
    void values() {
        relations<T>();
        addPlain<T>("min", 2, binary<T, Minimum>);
        addPlain<T>("max", 2, binary<T, Maximum>);
        addPlain<T>("neg", 1, unary<T, Negate>);
        addPlain<T>("selp", 3, select<T>);
        add(std::string("mov.") + nameOf<T>(), Form::MOVE, sizeof(T), move<T>);
    }

    template <typename T>
    void integers() {
        values<T>();
        addPlain<T>("add", 2, binary<T, Add>);
        addPlain<T>("sub", 2, binary<T, Subtract>);
        addPlain<T>("mul.lo", 2, binary<T, Multiply>);
        addPlain<T>("mad.lo", 3, multiplyAdd<T>);
        addPlain<T>("div", 2, divide<T>);
        addPlain<T>("rem", 2, remainder<T>);
        addPlain<T>("shr", 2, shiftRight<T>);
    }

    template <typename T, typename Wide>
    void wide() {
        addPlain<T>("mul.wide", 2, multiplyWide<T, Wide>);
        addPlain<T>("mul.hi", 2, multiplyHigh<T, Wide>);
    }

    template <typename T>
    void patterns() {
        add("and." + bits<T>(), Form::PLAIN, 2, binary<T, And>);
        add("or." + bits<T>(), Form::PLAIN, 2, binary<T, Or>);
        add("xor." + bits<T>(), Form::PLAIN, 2, binary<T, Xor>);
        add("not." + bits<T>(), Form::PLAIN, 1, unary<T, Not>);
        add("shl." + bits<T>(), Form::PLAIN, 2, shiftLeft<T>);
        add("selp." + bits<T>(), Form::PLAIN, 3, select<T>);
        add("mov." + bits<T>(), Form::MOVE, sizeof(T), move<T>);
        add("setp.eq." + bits<T>(), Form::PLAIN, 2, compare<T, Relation::EQ, false>);
        add("setp.ne." + bits<T>(), Form::PLAIN, 2, compare<T, Relation::NE, false>);
    }

    template <typename T>
    void reals() {
        values<T>();
        addPlain<T>("setp.equ", 2, compare<T, Relation::EQ, true>);
        addPlain<T>("setp.neu", 2, compare<T, Relation::NE, true>);
        addPlain<T>("setp.ltu", 2, compare<T, Relation::LT, true>);
        addPlain<T>("setp.leu", 2, compare<T, Relation::LE, true>);
        addPlain<T>("setp.gtu", 2, compare<T, Relation::GT, true>);
        addPlain<T>("setp.geu", 2, compare<T, Relation::GE, true>);
        addPlain<T>("setp.num", 2, compareToNan<T, false>);
        addPlain<T>("setp.nan", 2, compareToNan<T, true>);
        for (const char* rounding : {"", ".rn"}) {
            addPlain<T>(std::string("add") + rounding, 2, binary<T, Add>);
            addPlain<T>(std::string("sub") + rounding, 2, binary<T, Subtract>);
            addPlain<T>(std::string("mul") + rounding, 2, binary<T, Multiply>);
        }
        addPlain<T>("fma.rn", 3, fusedMultiplyAdd<T>);
        addPlain<T>("div.rn", 2, divide<T>);
        addPlain<T>("rcp.rn", 1, unary<T, Reciprocal>);
        addPlain<T>("sqrt.rn", 1, unary<T, SquareRoot>);
        addPlain<T>("abs", 1, unary<T, Absolute>);
        addPlain<T>("copysign", 2, binary<T, CopySign>);
    }

    template <typename To, typename From>
    void conversion(const std::string& rounding, Execute execute) {
        add("cvt" + rounding + "." + nameOf<To>() + "." + nameOf<From>(), Form::PLAIN, 1, execute);
    }

    template <typename To, typename... From>
    void integersTo() {
        (conversion<To, From>("", convert<To, From>), ...);
    }

    template <typename Real, typename... Whole>
    void wholeNumbers() {
        (conversion<Real, Whole>(".rn", convert<Real, Whole>), ...);
        (conversion<Whole, Real>(".rzi", convertTruncating<Whole, Real>), ...);
        conversion<Real, Real>(".rni", roundToEven<Real>);
        conversion<Real, Real>(".rzi", truncate<Real>);
    }

    void conversions() {
        integersTo<uint16_t, int16_t, int32_t, uint32_t, int64_t, uint64_t>();
        integersTo<int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t>();
        integersTo<uint32_t, int16_t, uint16_t, int32_t, int64_t, uint64_t>();
        integersTo<int32_t, int16_t, uint16_t, uint32_t, int64_t, uint64_t>();
        integersTo<uint64_t, int16_t, uint16_t, int32_t, uint32_t, int64_t>();
        integersTo<int64_t, int16_t, uint16_t, int32_t, uint32_t, uint64_t>();
        wholeNumbers<float, uint16_t, int16_t, uint32_t, int32_t, uint64_t, int64_t>();
        wholeNumbers<double, uint16_t, int16_t, uint32_t, int32_t, uint64_t, int64_t>();
        conversion<double, float>("", convert<double, float>);
        conversion<float, double>(".rn", convert<float, double>);
    }

    void predicates() {
        add("and.pred", Form::PLAIN, 2, binary<uint64_t, And>);
        add("or.pred", Form::PLAIN, 2, binary<uint64_t, Or>);
        add("xor.pred", Form::PLAIN, 2, binary<uint64_t, Xor>);
        add("not.pred", Form::PLAIN, 1, notPredicate);
        add("mov.pred", Form::PLAIN, 1, movePredicate);
    }

    template <typename T, int elements>
    void vectors(const std::string& vector) {
        std::string type = vector + "." + nameOf<T>();
        add("ld.global" + type, Form::LOAD, elements, load<Global, Access::READ, T, elements>);
        add("ld.global.nc" + type, Form::LOAD, elements, load<Global, Access::READ_CONSTANT, T, elements>);
        add("ld.shared" + type, Form::LOAD, elements, load<Shared, Access::READ, T, elements>);
        add("st.global" + type, Form::STORE, elements, store<Global, T, elements>);
        add("st.shared" + type, Form::STORE, elements, store<Shared, T, elements>);
    }

    template <typename T>
    void memory() {
        vectors<T, 1>("");
        vectors<T, 2>(".v2");
        vectors<T, 4>(".v4");
        add(std::string("ld.param.") + nameOf<T>(), Form::LOAD_PARAMETER, 1, loadParameter<T>);
        meanings_[std::string("ld.param.") + nameOf<T>()].executeAtAddress = loadParameterAt<T>;
        add(std::string("st.param.") + nameOf<T>(), Form::STORE_PARAMETER, 1, copy);
    }

    Meanings meanings_;
};

}  // namespace

const Meaning& meaningOf(const std::string& name, const std::string& where) {
    static const Dictionary dictionary;
    auto found = dictionary.meanings().find(name);
    if (found == dictionary.meanings().end()) {
        throw PtxError{where + ": the interpreter does not know " + name + "; native-test/ptx/instructions.cpp lists what it does"};
    }
    return found->second;
}

void packHalves(Thread& thread, const Instruction& i) {
    write<uint32_t>(thread, i.to, uint32_t{read<uint16_t>(thread, i.operands[1])} << 16 | read<uint16_t>(thread, i.operands[0]));
}

void pack(Thread& thread, const Instruction& i) {
    thread.slots[i.to] = static_cast<uint64_t>(read<uint32_t>(thread, i.operands[1])) << 32 | read<uint32_t>(thread, i.operands[0]);
}

void unpack(Thread& thread, const Instruction& i) {
    uint64_t value = thread.slots[i.operands[0]];
    write<uint32_t>(thread, i.to, static_cast<uint32_t>(value));
    write<uint32_t>(thread, i.operands[1], static_cast<uint32_t>(value >> 32));
}

void copy(Thread& thread, const Instruction& i) {
    thread.slots[i.to] = thread.slots[i.operands[0]];
}

void runToEnd(Thread& thread) {
    std::memcpy(thread.slots, thread.function->constants.data(), thread.function->constants.size() * sizeof(uint64_t));
    while (thread.next != nullptr) {
        const Instruction& instruction = *thread.next++;
        // Several workers may say so at once, and all say the same.
        __atomic_store_n(&thread.function->reached[&instruction - thread.function->code.data()], uint8_t{1}, __ATOMIC_RELAXED);
        if (instruction.guard == NO_SLOT || (thread.slots[instruction.guard] != 0) == instruction.guardValue) {
            instruction.execute(thread, instruction);
        }
    }
}

}  // namespace emulated::ptx
