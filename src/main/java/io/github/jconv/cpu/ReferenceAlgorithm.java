package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;

/** The definition itself, element by element in double: serves every request, and is the only one for fp64. */
final class ReferenceAlgorithm implements CpuAlgorithm {

    /** Small enough that threads share the work evenly, large enough that taking a tile costs nothing beside it. */
    private static final int ELEMENTS_PER_TILE = 64;

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Support supports(ConvRequest request) {
        return Support.supported();
    }

    @Override
    public boolean servesToCheck() {
        return true;
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return 0;
    }

    @Override
    public void run(CpuCall call) {
        int elements = output(call).length();
        call.parallel(ceilDiv(elements, ELEMENTS_PER_TILE), ReferenceAlgorithm::tile);
    }

    private static void tile(CpuCall call, int tile, int worker) {
        HostTensor output = output(call);
        ConvOperation operation = call.plan().request().operation();
        int end = Math.min(output.length(), (tile + 1) * ELEMENTS_PER_TILE);
        for (int i = tile * ELEMENTS_PER_TILE; i < end; i++) {
            double sum = ReferenceConvolution.elementAt(call.plan().request().problem(), operation, call.x(), call.w(), call.y(), i);
            output.set(i, call.accumulate() ? output.get(i) + sum : sum);
        }
    }

    private static HostTensor output(CpuCall call) {
        return switch (call.plan().request().operation()) {
            case FORWARD -> call.y();
            case BACKWARD_DATA -> call.x();
            case BACKWARD_FILTER -> call.w();
        };
    }
}
