package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;

/** An algorithm of the CUDA backend. */
public interface CudaAlgorithm extends ConvAlgorithm {

    /** Whether it computes on tensors of the request's type and layout as they are; all others come to it through copies. */
    default boolean takes(ConvRequest request) {
        return !Conversion.isNeeded(request);
    }

    /**
     * Whether its runs add the call's bias and end with its ReLU, on the way and without another pass over the output; otherwise the call has
     * neither.
     */
    default boolean addsBias(ConvRequest request) {
        return false;
    }

    /** Enqueues the call's operation on the main stream. Allocates nothing and does not wait. The batch is not empty. */
    void run(CudaCall call);
}
