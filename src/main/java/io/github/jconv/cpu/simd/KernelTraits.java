package io.github.jconv.cpu.simd;

/**
 * What tells the classes apart that are defined from the same code, each with constants of its own for the JIT compiler.
 *
 * @param bits      width of vectors
 * @param rowsApart of {@link PanelTiles}: whether they read left factors whose rows lie apart, or column after column
 */
record KernelTraits(int bits, boolean rowsApart) {
}
