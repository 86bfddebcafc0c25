package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.ThroughConversion;
import io.github.jconv.cpu.simd.KernelFamily;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.cpu.simd.WarmUp;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Set;

/** The step between fp32 tensors with the channels first and all others, for every algorithm of this backend, with the kernels it runs. */
final class ConvertingAlgorithm extends ThroughConversion<CpuAlgorithm> implements CpuAlgorithm {

    private final SimdProvider simd;
    private final Set<KernelFamily> kernels;

    /** @param kernels what a run calls, which a plan has compiled */
    ConvertingAlgorithm(CpuAlgorithm algorithm, SimdProvider simd, Set<KernelFamily> kernels) {
        super(algorithm, false);
        this.simd = simd;
        this.kernels = kernels;
    }

    /** The families of vector kernels that its runs call. */
    Set<KernelFamily> kernels() {
        return kernels;
    }

    @Override
    public Object prepare(ConvRequest request) {
        WarmUp.request(simd, kernels);
        return super.prepare(request);
    }

    @Override
    public boolean isReady() {
        // The warm-up of other kernels, too, would take turns with what is timed where there are few processors.
        return !WarmUp.isRunning(simd);
    }

    /** The copies are parts of one array. */
    @Override
    public Support supports(ConvRequest request) {
        Support support = super.supports(request);
        if (!support.yes() || !Conversion.isNeeded(request)) {
            return support;
        }
        long elements = workspaceBytes(request) / Float.BYTES;
        return Support.when(elements <= HostTensor.MAX_ELEMENTS, "its converted copies have " + elements
                + " elements and an array on the heap holds up to " + HostTensor.MAX_ELEMENTS);
    }

    @Override
    public void run(CpuCall call) {
        if (Conversion.isNeeded(call.plan().request())) {
            Conversion.Plans plans = call.plan().prepared(Conversion.Plans.class);
            for (long number = 0; number < plans.steps(); number++) {
                run(call, plans, number);
            }
        } else {
            algorithm().run(call);
        }
    }

    @Override
    public void formFilters(CpuCall call) {
        if (!Conversion.isNeeded(call.plan().request())) {
            algorithm().formFilters(call);
            return;
        }
        CpuCall part = call.part(call.plan().prepared(Conversion.Plans.class), 0, false);
        call.copy(call.w(), 0, part.w(), 0, part.w().length());
        part.readFilterFormOf(call);
        algorithm().formFilters(part);
    }

    private void run(CpuCall call, Conversion.Plans plans, long number) {
        ConvOperation operation = call.plan().request().operation();
        boolean first = number == 0;
        boolean last = number == plans.steps() - 1;
        boolean sums = operation == ConvOperation.BACKWARD_FILTER && !first;
        CpuCall part = call.part(plans, number, call.accumulate() || sums);
        long image = plans.firstImage(number);
        if (operation != ConvOperation.BACKWARD_DATA || call.accumulate()) {
            call.copy(call.x(), image * elementsPerImage(part.x()), part.x(), 0, part.x().length());
        }
        boolean kept = call.filterForm() != null;
        if (first && !kept && (operation != ConvOperation.BACKWARD_FILTER || call.accumulate())) {
            call.copy(call.w(), 0, part.w(), 0, part.w().length());
        }
        if (operation != ConvOperation.FORWARD || call.accumulate()) {
            call.copy(call.y(), image * elementsPerImage(part.y()), part.y(), 0, part.y().length());
        }
        if (kept) {
            part.readFilterFormOf(call);
        } else {
            part.formFilters();
        }
        algorithm().run(part);
        switch (operation) {
            case FORWARD -> call.copy(part.y(), 0, call.y(), image * elementsPerImage(part.y()), part.y().length());
            case BACKWARD_DATA -> call.copy(part.x(), 0, call.x(), image * elementsPerImage(part.x()), part.x().length());
            case BACKWARD_FILTER -> {
                if (last) {
                    call.copy(part.w(), 0, call.w(), 0, part.w().length());
                }
            }
        }
    }

    private static long elementsPerImage(HostTensor tensor) {
        return tensor.length() / Math.max(1, tensor.shape().size(0));
    }
}
