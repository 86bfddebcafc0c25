package io.github.jconv.device;

import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * Enqueues runs through a {@link Conversion}: copies of x, w and y in the form that an algorithm knows, the algorithm on them, and the
 * result back. Allocates nothing and does not wait. Not safe for use from several threads.
 */
public final class ConvertedRun {

    /** The algorithm on converted tensors; what it works with is handed through, so that a run makes no object. */
    public interface Inner<C> {
        void run(C call, ConvPlan plan, long x, long w, long y, long workspace, boolean accumulate);
    }

    private final FormCopy copying;

    public ConvertedRun(DeviceContext context) {
        copying = new FormCopy(context);
    }

    /**
     * The address of the copy that is kept beside constant filters, made now unless it is there; 0 when the plan keeps none. Only the
     * first call for a tensor allocates.
     */
    public long keptFilters(ConvPlan plan, DeviceTensor w) {
        if (plan.keptBytes() == 0) {
            return 0;
        }
        KeptForm kept = w.keptForm(plan.filterForm());
        if (kept.isToBeMade()) {
            filtersToCopy(plan.request(), w.address(), kept.address());
            kept.made();
        }
        return kept.address();
    }

    /**
     * @param x           address of x, or of dx when the operation is BACKWARD_DATA; likewise w and y
     * @param keptFilters what {@link #keptFilters} gave
     * @param workspace   address of the plan's scratch memory
     */
    public <C> void run(ConvPlan plan, long x, long w, long y, long keptFilters, long workspace, boolean accumulate, C call,
                        Inner<C> inner) {
        Conversion.Plans plans = plan.prepared(Conversion.Plans.class);
        ConvRequest request = plan.request();
        ConvProblem problem = request.problem();
        ConvOperation operation = request.operation();
        long perImageOfX = problem.inputChannels() * problem.inputPositions();
        long perImageOfY = problem.outputChannels() * problem.outputPositions();
        long copyX = workspace + plans.x();
        long copyW = keptFilters == 0 ? workspace + plans.w() : keptFilters;
        long copyY = workspace + plans.y();
        for (long number = 0; number < plans.steps(); number++) {
            long images = plans.step(number).request().problem().batch();
            long atX = x + plans.firstImage(number) * perImageOfX * request.dataType().bytes();
            long atY = y + plans.firstImage(number) * perImageOfY * request.dataType().bytes();
            if (operation != ConvOperation.BACKWARD_DATA || accumulate) {
                toCopy(request, atX, copyX, images, problem.inputChannels(), problem.inputPositions());
            }
            if (number == 0 && keptFilters == 0 && (operation != ConvOperation.BACKWARD_FILTER || accumulate)) {
                filtersToCopy(request, w, copyW);
            }
            if (operation != ConvOperation.FORWARD || accumulate) {
                toCopy(request, atY, copyY, images, problem.outputChannels(), problem.outputPositions());
            }
            boolean sums = operation == ConvOperation.BACKWARD_FILTER && number > 0;
            inner.run(call, plans.step(number), copyX, copyW, copyY, workspace, accumulate || sums);
            switch (operation) {
                case FORWARD -> fromCopy(request, copyY, atY, images, problem.outputChannels(), problem.outputPositions());
                case BACKWARD_DATA -> fromCopy(request, copyX, atX, images, problem.inputChannels(), problem.inputPositions());
                case BACKWARD_FILTER -> {
                    if (number == plans.steps() - 1) {
                        fromCopy(request, copyW, w, problem.outputChannels(), problem.channelsPerGroup(), problem.filterTaps());
                    }
                }
            }
        }
    }

    private void filtersToCopy(ConvRequest request, long w, long copy) {
        ConvProblem problem = request.problem();
        toCopy(request, w, copy, problem.outputChannels(), problem.channelsPerGroup(), problem.filterTaps());
    }

    private void toCopy(ConvRequest request, long tensor, long copy, long batch, long channels, long positions) {
        DataType known = request.dataType().computedIn();
        copying.copy(request.dataType(), request.layout(), tensor, known, Layout.NCHW, copy, batch, channels, positions);
    }

    private void fromCopy(ConvRequest request, long copy, long tensor, long batch, long channels, long positions) {
        DataType known = request.dataType().computedIn();
        copying.copy(known, Layout.NCHW, copy, request.dataType(), request.layout(), tensor, batch, channels, positions);
    }
}
