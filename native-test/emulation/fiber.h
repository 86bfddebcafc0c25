// Fibers: stacks that take turns on one operating-system thread. One fiber carries one CUDA thread at a time.

#pragma once

#include <cstddef>

#if !defined(__x86_64__) || defined(JCONV_PORTABLE_FIBERS)
#include <ucontext.h>
#define JCONV_UCONTEXT_FIBERS 1
#else
#define JCONV_UCONTEXT_FIBERS 0
#endif

namespace emulated {

// A place to continue from: a saved stack pointer, or the C library's portable context (30 times slower to switch).
struct Continuation {
    void (*entry)() = nullptr;  // a fiber's first function
#if JCONV_UCONTEXT_FIBERS
    ucontext_t context{};
#else
    void* stackPointer = nullptr;
#endif
    // Known to AddressSanitizer, which must be told of every change of stack.
    void* fakeStack = nullptr;
    const void* stackBottom = nullptr;
    size_t stackSize = 0;
};

// Leaves `from` to be continued later and continues `to`.
void switchTo(Continuation& from, Continuation& to);

// A stack with a guard page below it. `entry` is called on it at the first switch and never returns.
class Fiber {
public:
    using Entry = void (*)();

    explicit Fiber(Entry entry);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Forgets whatever stands on the stack: the next switch enters `entry` again.
    void rewind();

    // Whether the address lies in the guard page: the stack has overflowed.
    bool guards(const void* address) const;

    Continuation continuation;

private:
    unsigned char* mapping_;
};

}  // namespace emulated
