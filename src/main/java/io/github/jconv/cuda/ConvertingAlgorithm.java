package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.ThroughConversion;
import io.github.jconv.device.ConvertedRun;

/**
 * An algorithm that knows fp32 tensors (some fp64 or 16 bits) with the channels first, and through a {@link Conversion} all others: the
 * step between, for every algorithm of this backend. Requests that need none go to the algorithm as they are.
 */
final class ConvertingAlgorithm extends ThroughConversion<CudaAlgorithm> implements CudaAlgorithm {

    ConvertingAlgorithm(CudaAlgorithm algorithm) {
        super(algorithm, true);
    }

    @Override
    protected boolean isConverted(ConvRequest request) {
        return !algorithm().takes(request);
    }

    /** On copies it would be the copy's result that has a bias; of 16 bits that would be rounded once more than elsewhere. */
    @Override
    public boolean addsBias(ConvRequest request) {
        return !isConverted(request) && algorithm().addsBias(request);
    }

    @Override
    public void run(CudaCall call) {
        if (call.plan().prepared(Object.class) instanceof Conversion.Plans) {
            call.converted().run(call.plan(), call.x(), call.w(), call.y(), call.keptFilters(), call.workspace(), call.accumulate(), call,
                    ConvertingAlgorithm::runOnCopies);
        } else {
            algorithm().run(call);
        }
    }

    private static void runOnCopies(CudaCall call, ConvPlan plan, long x, long w, long y, long workspace, boolean accumulate) {
        call.bind(plan, x, w, y, workspace, accumulate);
        ((CudaAlgorithm) plan.algorithm()).run(call);
    }
}
