package io.github.jconv.cpu.simd;

/** What the JIT compiler of this JVM has made of a {@link KernelFamily}, as far as is known. */
enum KernelState {
    /** No algorithm has needed them, or nothing compiles them: scalar code, or another provider than that of this JVM. */
    NOT_ASKED_FOR,
    /** They are being called until they are compiled. */
    WARMING_UP,
    /** They keep their vectors in registers. */
    FAST,
    /** They do since the fast compiler was told to leave them alone. */
    REPAIRED,
    /** They make an object of every vector, which is many times slower; a warning says so. */
    BOXED
}
