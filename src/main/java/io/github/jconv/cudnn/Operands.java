package io.github.jconv.cudnn;

import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.cudnn.CudnnPlan.Sizes;
import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.device.FormCopy;
import io.github.jconv.device.KeptForm;
import io.github.jconv.problem.ConvOperation;

/**
 * Brings operands into the form in which a plan gives them to cuDNN, and results back: with paddings that differ written out, and in 16
 * bits with the channels last. Where neither is wanted, tensors stay where they are. Enqueued on the main stream.
 */
final class Operands {

    private final PaddedCopy padding;
    private final FormCopy narrowing;

    Operands(DeviceContext context) {
        padding = new PaddedCopy(context);
        narrowing = new FormCopy(context);
    }

    /** The address of x for cuDNN, its values brought there. */
    long x(CudnnPlan plan, long x, long workspace) {
        long source = x;
        if (plan.isPadded()) {
            padding.pad(plan.plane(), plan.shape().planes(), x, workspace);
            source = workspace;
        }
        Sizes sizes = plan.sizes();
        return narrowed(plan, source, workspace + plan.x(), sizes.images(), sizes.channels(), sizes.inputs());
    }

    long w(CudnnPlan plan, long w, long workspace) {
        Sizes sizes = plan.sizes();
        return narrowed(plan, w, workspace + plan.w(), sizes.filters(), sizes.perGroup(), sizes.taps());
    }

    /** The same of constant filters, whose copy is kept beside them. */
    long keptW(CudnnPlan plan, DeviceTensor w, FilterForm form) {
        KeptForm kept = w.keptForm(form);
        if (kept.isToBeMade()) {
            Sizes sizes = plan.sizes();
            narrowed(plan, w.address(), kept.address(), sizes.filters(), sizes.perGroup(), sizes.taps());
            kept.made();
        }
        return kept.address();
    }

    long y(CudnnPlan plan, long y, long workspace) {
        Sizes sizes = plan.sizes();
        return narrowed(plan, y, workspace + plan.y(), sizes.images(), sizes.filters(), sizes.outputs());
    }

    private long narrowed(CudnnPlan plan, long from, long to, long batch, long rows, long columns) {
        if (!plan.isNarrow()) {
            return from;
        }
        narrowing.narrow(plan.shape().storage().tensorType(), from, to, batch, rows, columns);
        return to;
    }

    /** Where cuDNN writes the result, whose place in the end is {@code output}. */
    static long resultOf(CudnnPlan plan, ConvOperation operation, long output, long workspace) {
        return switch (operation) {
            case FORWARD -> plan.isNarrow() ? workspace + plan.y() : output;
            case BACKWARD_FILTER -> plan.isNarrow() ? workspace + plan.w() : output;
            case BACKWARD_DATA -> plan.isNarrow() ? workspace + plan.x() : plan.isPadded() ? workspace : output;
        };
    }

    /** Brings the result to its place if cuDNN has not written it there. */
    void takeBack(CudnnPlan plan, ConvOperation operation, long output, long workspace, boolean accumulate) {
        Sizes sizes = plan.sizes();
        switch (operation) {
            case FORWARD -> widened(plan, workspace + plan.y(), output, sizes.images(), sizes.filters(), sizes.outputs(), accumulate);
            case BACKWARD_FILTER -> widened(plan, workspace + plan.w(), output, sizes.filters(), sizes.perGroup(), sizes.taps(),
                    accumulate);
            case BACKWARD_DATA -> {
                boolean padded = plan.isPadded();
                widened(plan, workspace + plan.x(), padded ? workspace : output, sizes.images(), sizes.channels(), sizes.inputs(),
                        accumulate && !padded);
                if (padded) {
                    padding.crop(plan.plane(), plan.shape().planes(), workspace, output, accumulate);
                }
            }
        }
    }

    private void widened(CudnnPlan plan, long from, long to, long batch, long rows, long columns, boolean accumulate) {
        if (plan.isNarrow()) {
            narrowing.widen(plan.shape().storage().tensorType(), from, to, batch, rows, columns, accumulate);
        }
    }
}
