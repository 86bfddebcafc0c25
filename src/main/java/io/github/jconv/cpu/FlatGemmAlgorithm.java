package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * A matrix product for small maps that keep their size. Each input channel is laid out once for each column of taps, with its columns
 * shifted and the padding written out: then every tap is a shift of a copy by whole rows, and the positions of an image follow one another with
 * nothing between them. {@link ShiftedGemmAlgorithm}, whose rows have ends, would need a vector more for them. For each image and group
 *
 * <pre>
 *   FORWARD        y  [K/G, positions] = w   [K/G, C/G * taps] * shifted copies of x  [C/G * taps, positions]
 *   BACKWARD_DATA  dx [C/G, positions] = w^T [C/G, K/G * taps] * shifted copies of dy [K/G * taps, positions]
 * </pre>
 *
 * <p>Columns that make up no whole vector, one of 49 positions, are dot products of filters, whose taps lie side by side, with what they meet
 * there. Filters are read where they lie, once: a few positions are not worth packing them. Each thread takes a block of rows and sums it
 * up in scratch memory, a block of input channels at a time.
 */
final class FlatGemmAlgorithm implements CpuAlgorithm {

    private final CpuRuntime runtime;
    private final RequestMemo<FlatGemmPlan> plans;

    FlatGemmAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> FlatGemmPlan.of(request, runtime));
    }

    @Override
    public String name() {
        return "flat-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request)
                .and(Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only"));
        return tensors.yes() ? FlatGemmPlan.supports(request, runtime) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        boolean planes = ShiftedGemmPlan.supports(request).yes();
        return WhereItPays.flatGemm(request, runtime, planes ? ShiftedGemmPlan.columnVectors(request, runtime.simd()) : Long.MAX_VALUE);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength();
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        call.parallel(call.plan().prepared(FlatGemmPlan.class).tiles(), FlatGemmAlgorithm::tile);
    }

    private static void tile(CpuCall call, int tile, int worker) {
        FlatGemmPlan plan = call.plan().prepared(FlatGemmPlan.class);
        int unit = tile / plan.rowBlocks();
        int firstRow = tile % plan.rowBlocks() * plan.rowBlock();
        int rows = Math.min(plan.rowBlock(), plan.rows() - firstRow);
        int planes = worker * plan.workerLength();
        int sums = planes + plan.planesTotal() + plan.looseTotal();
        Arrays.fill(call.workspace(), planes, planes + plan.workerLength(), 0);
        for (int in = 0; in < plan.ins(); in += plan.inBlock()) {
            int ins = Math.min(plan.inBlock(), plan.ins() - in);
            load(call, plan, unit * plan.ins() + in, ins, planes);
            collectLoose(call, plan, ins, planes);
            multiply(call, plan, unit, in, ins, firstRow, rows, planes, sums);
        }
        store(call, plan, unit, firstRow, rows, sums);
    }

    /** Copies come one after the other, as their last vectors write zeros where the next one of the same channel begins. */
    private static void load(CpuCall call, FlatGemmPlan plan, int channel, int ins, int planes) {
        HostTensor in = (plan.forward() ? Of.X : Of.Y).tensor(call);
        int from = in.offset() + channel * plan.positions();
        int lanes = plan.simd().lanes();
        for (int copy = 0; copy < plan.copies().length; copy++) {
            int to = planes + copy * plan.copyLength() + plan.first();
            int shift = plan.copies()[copy];
            int kept = copy * plan.keptLength();
            int vectors;
            for (int i = 0; i < plan.keptLength(); i += vectors * lanes) {
                vectors = Math.min(2, (plan.keptLength() - i) / lanes);
                plan.simd().copyKept(vectors, false, in.floats(), from + shift + i, plan.positions(), plan.kept(), kept + i,
                        kept + i + (vectors - 1) * lanes, call.workspace(), to + i, plan.planesLength(), ins);
            }
        }
    }

    /** What the loose columns meet, the taps of a channel side by side as in the filters. */
    private static void collectLoose(CpuCall call, FlatGemmPlan plan, int ins, int planes) {
        float[] scratch = call.workspace();
        int to = planes + plan.planesTotal();
        for (int loose = 0; loose < plan.loose(); loose++) {
            int from = planes + plan.full() + loose;
            for (int in = 0; in < ins; in++) {
                int channel = to + (loose * plan.inBlock() + in) * plan.tapsLength();
                for (int tap = 0; tap < plan.taps(); tap++) {
                    scratch[channel + tap] = scratch[from + plan.planeShifts()[in * plan.taps() + tap]];
                }
            }
        }
    }

    private static void multiply(CpuCall call, FlatGemmPlan plan, int unit, int firstIn, int ins, int firstRow, int rows, int planes, int sums) {
        SimdProvider simd = plan.simd();
        float[] scratch = call.workspace();
        int taps = plan.taps();
        int group = unit % call.geometry().groups();
        int a = call.w().offset() + (plan.forward() ? ((group * plan.rows() + firstRow) * plan.ins() + firstIn) * taps
                : ((group * plan.ins() + firstIn) * plan.rows() + firstRow) * taps);
        int aRow = (plan.forward() ? plan.ins() : 1) * taps;
        int aIn = (plan.forward() ? 1 : plan.rows()) * taps;
        for (int slot = 0; slot < plan.slots(rows); slot += SimdProvider.TILE_ROWS) {
            // The last tile overlaps the one above it; its own slots in scratch memory keep their sums apart.
            int row = a + Math.min(slot, rows - SimdProvider.TILE_ROWS) * aRow;
            addLoose(plan, call.w().floats(), row, aRow, aIn, ins, scratch, planes + plan.planesTotal(), sums, slot);
            int vectors;
            for (int j = 0; j < plan.full(); j += vectors * simd.lanes()) {
                vectors = ShiftedGemmAlgorithm.vectorsOf(simd, plan.full() - j);
                simd.shiftedTile(vectors, ins * taps, call.w().floats(), row, aRow, plan.filterShifts(), scratch, planes + j,
                        plan.planeShifts(), scratch, sums + slot * plan.flatStride() + j, plan.flatStride());
            }
        }
    }

    private static void addLoose(FlatGemmPlan plan, float[] w, int row, int aRow, int aIn, int ins, float[] scratch, int met, int sums,
                                 int slot) {
        int column = plan.inBlock() * plan.tapsLength();
        for (int loose = 0; loose < plan.loose(); loose++) {
            for (int tap = 0; tap < plan.taps(); tap += SimdProvider.PARTIAL_SUMS) {
                plan.simd().tapDots(ins, Math.min(SimdProvider.PARTIAL_SUMS, plan.taps() - tap), w, row + tap, aRow, aIn, scratch,
                        met + loose * column + tap, plan.tapsLength(), scratch, looseAt(plan, sums, loose, slot),
                        SimdProvider.PARTIAL_SUMS);
            }
        }
    }

    /** Where the partial sums of a row and a loose column begin. */
    private static int looseAt(FlatGemmPlan plan, int sums, int loose, int slot) {
        return sums + plan.sumsTotal() + (loose * plan.slots(plan.rowBlock()) + slot) * SimdProvider.PARTIAL_SUMS;
    }

    private static void store(CpuCall call, FlatGemmPlan plan, int unit, int firstRow, int rows, int sums) {
        HostTensor out = (plan.forward() ? Of.Y : Of.X).tensor(call);
        float[] scratch = call.workspace();
        int slots = plan.slots(rows);
        for (int i = 0; i < rows; i++) {
            int slot = i < slots - SimdProvider.TILE_ROWS ? i : i + slots - rows;
            int to = out.offset() + (unit * plan.rows() + firstRow + i) * plan.positions();
            int from = sums + slot * plan.flatStride();
            if (call.accumulate()) {
                plan.simd().add(scratch, from, out.floats(), to, plan.full());
            } else {
                System.arraycopy(scratch, from, out.floats(), to, plan.full());
            }
            for (int loose = 0; loose < plan.loose(); loose++) {
                float sum = sum(scratch, looseAt(plan, sums, loose, slot));
                int at = to + plan.full() + loose;
                out.floats()[at] = call.accumulate() ? out.floats()[at] + sum : sum;
            }
        }
    }

    /** In pairs, which do not wait for one another. */
    private static float sum(float[] values, int at) {
        for (int half = SimdProvider.PARTIAL_SUMS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                values[at + i] += values[at + half + i];
            }
        }
        return values[at];
    }
}
