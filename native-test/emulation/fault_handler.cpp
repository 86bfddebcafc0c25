#include "fault_handler.h"

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "block_runner.h"

namespace emulated {
namespace {

constexpr int CLAIMED[] = {SIGSEGV, SIGBUS, SIGFPE};
constexpr size_t SIGNAL_STACK_BYTES = 256 * 1024;

struct sigaction previous[NSIG];

bool isWrite([[maybe_unused]] const ucontext_t& context) {
#ifdef __x86_64__
    constexpr long long WRITE_BIT = 2;  // of a page fault's error code
    return (context.uc_mcontext.gregs[REG_ERR] & WRITE_BIT) != 0;
#else
    return false;
#endif
}

void passOn(int signal, siginfo_t* info, void* context) {
    const struct sigaction& handler = previous[signal];
    if ((handler.sa_flags & SA_SIGINFO) != 0) {
        handler.sa_sigaction(signal, info, context);
    } else if (handler.sa_handler == SIG_DFL) {
        sigaction(signal, &handler, nullptr);  // the instruction runs again and ends the process as if we were not here
    } else if (handler.sa_handler != SIG_IGN) {
        handler.sa_handler(signal);
    }
}

void onFault(int signal, siginfo_t* info, void* context) {
    BlockRunner* runner = BlockRunner::onFiber();
    if (runner == nullptr) {
        passOn(signal, info, context);
        return;
    }
    // The handler is left by a jump to the scheduler's stack, so the signals it blocked must be let through by hand.
    auto* interrupted = static_cast<ucontext_t*>(context);
    pthread_sigmask(SIG_SETMASK, &interrupted->uc_sigmask, nullptr);
    runner->faulted(signal, *info, isWrite(*interrupted));
}

}  // namespace

void installFaultHandler() {
    static std::once_flag once;
    std::call_once(once, [] {
        for (int signal : CLAIMED) {
            sigaction(signal, nullptr, &previous[signal]);
            struct sigaction ours = previous[signal];
            ours.sa_sigaction = onFault;
            ours.sa_flags = (previous[signal].sa_flags | SA_SIGINFO | SA_ONSTACK) & ~SA_RESETHAND;
            sigaction(signal, &ours, nullptr);
        }
    });
}

void useSignalStack() {
    stack_t stack{};
    stack.ss_size = SIGNAL_STACK_BYTES;
    stack.ss_sp = mmap(nullptr, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, nullptr) != 0) {
        std::perror("emulated device: no stack for signals");
        std::abort();
    }
}

}  // namespace emulated
