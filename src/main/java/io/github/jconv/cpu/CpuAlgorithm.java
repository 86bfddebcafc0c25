package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvAlgorithm;

/** An algorithm of the CPU backend. */
public interface CpuAlgorithm extends ConvAlgorithm {

    /** Computes the call's operation. Allocates nothing. */
    void run(CpuCall call);
}
