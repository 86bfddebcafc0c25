// Turns the CPU's faults in kernel code into device errors. Every other fault goes to the handler that was there before,
// above all to the Java virtual machine's, for which SIGSEGV is a daily tool.

#pragma once

namespace emulated {

// Installs the handlers, once per process.
void installFaultHandler();

// Gives the calling worker thread a stack for signals, so that an overflow of a fiber's stack can be reported.
void useSignalStack();

}  // namespace emulated
