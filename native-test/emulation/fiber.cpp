#include "fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "sanitizers.h"

namespace emulated {
namespace {

// Kernels keep little on their stacks; AddressSanitizer's red zones need more room.
#ifdef __SANITIZE_ADDRESS__
constexpr size_t STACK_BYTES = 512 * 1024;
#else
constexpr size_t STACK_BYTES = 64 * 1024;
#endif

size_t pageSize() {
    static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

// The two ends of this thread's latest switch: the far side completes the sanitizer's record, and a new fiber finds its entry.
__thread Continuation* leaving;
__thread Continuation* arriving;

}  // namespace

#if JCONV_UCONTEXT_FIBERS

static void jump(Continuation& from, Continuation& to) {
    swapcontext(&from.context, &to.context);
}

#else

// Saves the registers that a function must preserve, changes the stack, and takes the other side's registers from there. It
// ends with a jump: a return would go where the processor has never seen a call, which costs a third more.
asm(R"(
    .text
    .align 16
    .local jconvFiberJump
    .type jconvFiberJump, @function
jconvFiberJump:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmpq *%rcx
    .size jconvFiberJump, .-jconvFiberJump
)");
extern "C" void jconvFiberJump(void** saved, void* continued);

static void jump(Continuation& from, Continuation& to) {
    jconvFiberJump(&from.stackPointer, to.stackPointer);
}

#endif

void switchTo(Continuation& from, Continuation& to) {
    leaving = &from;
    arriving = &to;
    __sanitizer_start_switch_fiber(&from.fakeStack, to.stackBottom, to.stackSize);
    jump(from, to);
    __sanitizer_finish_switch_fiber(from.fakeStack, &leaving->stackBottom, &leaving->stackSize);
}

Fiber::Fiber(Entry entry) {
    continuation.entry = entry;
    void* memory = mmap(nullptr, STACK_BYTES + pageSize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, pageSize(), PROT_NONE) != 0) {
        std::perror("emulated device: no memory for a fiber's stack");
        std::abort();
    }
    mapping_ = static_cast<unsigned char*>(memory);
    rewind();
}

Fiber::~Fiber() {
    munmap(mapping_, STACK_BYTES + pageSize());
}

// Where a fiber's first switch arrives.
static void enter() {
    __sanitizer_finish_switch_fiber(nullptr, &leaving->stackBottom, &leaving->stackSize);
    arriving->entry();
    std::abort();
}

void Fiber::rewind() {
    unsigned char* bottom = mapping_ + pageSize();
    ASAN_UNPOISON_MEMORY_REGION(bottom, STACK_BYTES);
    continuation.fakeStack = nullptr;
    continuation.stackBottom = bottom;
    continuation.stackSize = STACK_BYTES;
#if JCONV_UCONTEXT_FIBERS
    getcontext(&continuation.context);
    continuation.context.uc_stack.ss_sp = bottom;
    continuation.context.uc_stack.ss_size = STACK_BYTES;
    continuation.context.uc_link = nullptr;
    makecontext(&continuation.context, enter, 0);
#else
    // Six registers for the jump to take, the address it returns to, and a null return address that ends every backtrace.
    auto* top = reinterpret_cast<uintptr_t*>(bottom + STACK_BYTES);
    top[-1] = 0;
    top[-2] = reinterpret_cast<uintptr_t>(&enter);
    for (int i = 3; i <= 8; i++) {
        top[-i] = 0;
    }
    continuation.stackPointer = top - 8;
#endif
}

bool Fiber::guards(const void* address) const {
    auto* byte = static_cast<const unsigned char*>(address);
    return byte >= mapping_ && byte < mapping_ + pageSize();
}

}  // namespace emulated
