package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.FourierTransforms;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/**
 * Products of Fourier transforms, for large filters: a convolution, cut into cyclic ones ({@link FourierAxis}), is a product for each
 * frequency f. With transforms X, W and Y of the signals of all tiles b, * for conjugation,
 *
 * <pre>
 *   FORWARD          Y[f][k][b] = sum over c of W*[f][k][c] X[f][c][b]
 *   BACKWARD_DATA    X[f][c][b] = sum over k of W[f][k][c] Y[f][k][b]
 *   BACKWARD_FILTER  W[f][k][c] = sum over b of Y*[f][k][b] X[f][c][b]
 * </pre>
 *
 * <p>Signals are real, so half of the frequencies of the last axis suffice. Strides and dilations are zeros between elements: what a stride
 * leaves out is computed all the same. Reference: M. Mathieu, M. Henaff, Y. LeCun, Fast Training of Convolutional Networks through
 * FFTs, arXiv:1312.5851.
 */
final class FourierAlgorithm implements CpuAlgorithm {

    private static final int LANES = FourierTransforms.LANES;

    private final CpuRuntime runtime;
    private final RequestMemo<FourierPlan> plans;

    FourierAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> FourierPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "fft";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request).and(Support.when(request.problem().batch() > 0, "there is nothing to transform"))
                .and(Support.when(request.problem().filterTaps() > 1, "a filter of one tap needs no transform"));
        return tensors.yes() ? Support.when(plans.of(request).workspaceLength <= HostTensor.MAX_ELEMENTS,
                "its scratch memory exceeds one array") : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.fourier(request, runtime, plans.of(request));
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Float.BYTES * plans.of(request).workspaceLength;
    }

    @Override
    public FilterForm filterForm(ConvRequest request) {
        return plans.of(request).form();
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return Accuracy.FOURIER;
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.SPREADS;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void formFilters(CpuCall call) {
        call.parallel(plan(call).lanes(Of.W, 0), FourierAlgorithm::filters);
    }

    @Override
    public void run(CpuCall call) {
        FourierPlan plan = plan(call);
        boolean gradient = plan.operation == ConvOperation.BACKWARD_FILTER;
        if (plan.apart) {
            call.parallel(gradient ? plan.groupChunks() : plan.chunks(),
                    gradient ? FourierAlgorithm::wholeGradients : FourierAlgorithm::wholeChunk);
            return;
        }
        for (int chunk = 0; chunk < plan.chunks(); chunk++) {
            call.parallel(inputTasks(plan, chunk), chunk, FourierAlgorithm::inputs);
            call.parallel(productTasks(plan), chunk, FourierAlgorithm::products);
            if (!gradient || plan.isLastOfGroups(chunk)) {
                call.parallel(plan.lanes(plan.out, chunk), chunk, FourierAlgorithm::outputs);
            }
        }
    }

    private static FourierPlan plan(CpuCall call) {
        return call.plan().prepared(FourierPlan.class);
    }

    private static FourierLanes lanes(CpuCall call, int worker) {
        return plan(call).lanes[worker];
    }

    private static void wholeChunk(CpuCall call, int chunk, int worker) {
        FourierPlan plan = plan(call);
        transformAndMultiply(call, plan, chunk, worker);
        transformBack(call, plan, chunk, worker);
    }

    /** All blocks of some groups, one chunk after the other. */
    private static void wholeGradients(CpuCall call, int groupChunk, int worker) {
        FourierPlan plan = plan(call);
        int first = groupChunk * plan.blockChunks();
        for (int chunk = first; chunk < first + plan.blockChunks(); chunk++) {
            transformAndMultiply(call, plan, chunk, worker);
        }
        transformBack(call, plan, first, worker);
    }

    private static void transformAndMultiply(CpuCall call, FourierPlan plan, int chunk, int worker) {
        for (int task = 0; task < inputTasks(plan, chunk); task++) {
            input(call, plan, chunk, task, worker);
        }
        for (int f = 0; f < plan.frequencies; f++) {
            product(call, plan, chunk, f, worker);
        }
    }

    private static void transformBack(CpuCall call, FourierPlan plan, int chunk, int worker) {
        for (int task = 0; task < plan.lanes(plan.out, chunk); task++) {
            output(call, plan, chunk, task, worker);
        }
    }

    // --- transforms ---------------------------------------------------------------------------------------------------------

    private static int inputTasks(FourierPlan plan, int chunk) {
        return plan.lanes(plan.right, chunk) + (plan.left == Of.W ? 0 : plan.lanes(plan.left, chunk));
    }

    private static void filters(CpuCall call, int task, int worker) {
        FourierPlan plan = plan(call);
        lanes(call, worker).set(plan, Of.W, 0, task * LANES);
        SignalTransforms.forward(call, plan, Of.W, lanes(call, worker), call.filterForm(), call.filterFormAt() + task * LANES,
                plan.imaginary(Of.W, 0), plan.row(Of.W, 0), worker);
    }

    private static void inputs(CpuCall call, int task, int worker) {
        input(call, plan(call), call.step(), task, worker);
    }

    private static void input(CpuCall call, FourierPlan plan, int chunk, int task, int worker) {
        int ofRight = plan.lanes(plan.right, chunk);
        Of of = task < ofRight ? plan.right : plan.left;
        int first = (task < ofRight ? task : task - ofRight) * LANES;
        lanes(call, worker).set(plan, of, chunk, first);
        SignalTransforms.forward(call, plan, of, lanes(call, worker), call.workspace(), plan.spectrum(of, worker) + first,
                plan.imaginary(of, chunk), plan.row(of, chunk), worker);
    }

    private static void outputs(CpuCall call, int task, int worker) {
        output(call, plan(call), call.step(), task, worker);
    }

    private static void output(CpuCall call, FourierPlan plan, int chunk, int task, int worker) {
        lanes(call, worker).set(plan, plan.out, chunk, task * LANES);
        SignalTransforms.back(call, plan, lanes(call, worker), plan.spectrum(plan.out, worker) + task * LANES,
                plan.imaginary(plan.out, chunk), plan.row(plan.out, chunk), worker);
    }

    // --- products -----------------------------------------------------------------------------------------------------------

    private static int productTasks(FourierPlan plan) {
        return ceilDiv(plan.frequencies, FourierPlan.FREQUENCIES);
    }

    private static void products(CpuCall call, int task, int worker) {
        FourierPlan plan = plan(call);
        int first = task * FourierPlan.FREQUENCIES;
        for (int f = first; f < Math.min(plan.frequencies, first + FourierPlan.FREQUENCIES); f++) {
            product(call, plan, call.step(), f, worker);
        }
    }

    private static void product(CpuCall call, FourierPlan plan, int chunk, int f, int worker) {
        if (plan.groupsSideBySide) {
            productOfGroups(call, plan, chunk, f, worker);
            return;
        }
        int leftIm = plan.imaginary(plan.left, chunk);
        int rightIm = plan.imaginary(plan.right, chunk);
        int outIm = plan.imaginary(plan.out, chunk);
        int right = plan.spectrum(plan.right, worker) + f * plan.row(plan.right, chunk);
        int out = plan.spectrum(plan.out, worker) + f * plan.row(plan.out, chunk);
        int blocks = plan.blocks(plan.right, chunk);
        int channels = plan.channels;
        int filters = plan.filters;
        float[] memory = call.workspace();
        if (plan.operation == ConvOperation.BACKWARD_FILTER) {
            int left = plan.spectrum(plan.left, worker) + f * plan.row(plan.left, chunk);
            plan.loops.multiply(filters, blocks, channels, true, memory, left, left + leftIm, 1, filters, memory, right, right + rightIm,
                    channels, memory, out, out + outIm, channels, plan.firstBlock(plan.right, chunk) > 0, plan.spare(worker));
            return;
        }
        boolean forward = plan.operation == ConvOperation.FORWARD;
        int left = call.filterFormAt() + f * plan.row(plan.left, chunk) + plan.firstGroup(plan.right, chunk) * channels * filters;
        plan.loops.multiply(forward ? filters : channels, forward ? channels : filters, blocks, forward, call.filterForm(), left,
                left + leftIm, forward ? channels : 1, forward ? 1 : channels, memory, right, right + rightIm, blocks, memory, out,
                out + outIm, blocks, false, plan.spare(worker));
    }

    /** Groups side by side: a row of them for each channel of the result and each block. */
    private static void productOfGroups(CpuCall call, FourierPlan plan, int chunk, int f, int worker) {
        boolean gradient = plan.operation == ConvOperation.BACKWARD_FILTER;
        boolean forward = plan.operation == ConvOperation.FORWARD;
        int leftIm = plan.imaginary(plan.left, chunk);
        int rightIm = plan.imaginary(plan.right, chunk);
        int outIm = plan.imaginary(plan.out, chunk);
        int groups = plan.groups(plan.right, chunk);
        int blocks = plan.blocks(plan.right, chunk);
        int row = groups * blocks;
        int left = gradient ? plan.spectrum(plan.left, worker) + f * plan.row(plan.left, chunk)
                : call.filterFormAt() + f * plan.row(plan.left, chunk) + plan.firstGroup(plan.right, chunk);
        int right = plan.spectrum(plan.right, worker) + f * plan.row(plan.right, chunk);
        int out = plan.spectrum(plan.out, worker) + f * plan.row(plan.out, chunk);
        float[] memory = call.workspace();
        if (gradient) {
            for (int pair = 0; pair < plan.filters * plan.channels; pair++) {
                int a = left + pair / plan.channels * row;
                int b = right + pair % plan.channels * row;
                plan.loops.multiplyLanes(blocks, groups, true, memory, a, a + leftIm, groups, memory, b, b + rightIm, groups, memory,
                        out + pair * groups, out + pair * groups + outIm, plan.firstBlock(plan.right, chunk) > 0, plan.spare(worker));
            }
            return;
        }
        int depth = forward ? plan.channels : plan.filters;
        int ofRow = (forward ? plan.channels : 1) * plan.groups;
        int ofDepth = (forward ? 1 : plan.channels) * plan.groups;
        for (int i = 0; i < (forward ? plan.filters : plan.channels); i++) {
            int a = left + i * ofRow;
            for (int block = 0; block < blocks; block++) {
                int b = right + block * groups;
                int c = out + (i * blocks + block) * groups;
                plan.loops.multiplyLanes(depth, groups, forward, call.filterForm(), a, a + leftIm, ofDepth, memory, b, b + rightIm, row,
                        memory, c, c + outIm, false, plan.spare(worker));
            }
        }
    }
}
