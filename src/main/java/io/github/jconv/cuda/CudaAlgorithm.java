package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvAlgorithm;

/** An algorithm of the CUDA backend. */
public interface CudaAlgorithm extends ConvAlgorithm {

    /** Enqueues the call's operation on the main stream. Allocates nothing and does not wait. The batch is not empty. */
    void run(CudaCall call);
}
