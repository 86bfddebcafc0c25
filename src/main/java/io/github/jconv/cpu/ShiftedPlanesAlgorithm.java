package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;
import static io.github.jconv.cpu.Cuts.wholes;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Depthwise and other narrow groups: planes laid out so that every tap is a shift of one flat sequence ({@link ShiftedPlanes}),
 * added up in registers. A matrix product would have too few rows to be worth its packing.
 *
 * <ul>
 *   <li>FORWARD: y of each filter from the planes of its group's channels.
 *   <li>BACKWARD_DATA: dx of each channel from the planes of dy, each residue class of the stride a dense correlation of its own.
 *   <li>BACKWARD_FILTER: each element of dw is the sum of products of dy with the shifted planes of x.
 * </ul>
 */
final class ShiftedPlanesAlgorithm implements CpuAlgorithm {

    /** Elements of the planes of a tile, a quarter of a second-level cache of 1 MiB. */
    private static final int LIMIT = 1 << 16;

    /** Elements of the outputs of a tile that residue classes write one after the other, a part of such a cache, too. */
    private static final int INTERLACED = 1 << 17;

    private final CpuRuntime runtime;
    private final RequestMemo<Plan> plans;

    ShiftedPlanesAlgorithm(CpuRuntime runtime) {
        this.runtime = runtime;
        plans = new RequestMemo<>(request -> Plan.of(request, runtime));
    }

    @Override
    public String name() {
        return "shifted-planes";
    }

    @Override
    public Support supports(ConvRequest request) {
        Support tensors = HeapTensors.fp32(request);
        return tensors.yes() ? Plan.supports(request) : tensors;
    }

    @Override
    public Support suits(ConvRequest request) {
        return WhereItPays.shiftedPlanes(request, runtime);
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return (long) Float.BYTES * runtime.threads() * plans.of(request).workerLength();
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? NonFinite.AS_DEFINED : NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return plans.of(request);
    }

    @Override
    public void run(CpuCall call) {
        Plan plan = call.plan().prepared(Plan.class);
        call.parallel(ceilDiv(plan.units, plan.unitsOfTile),
                call.plan().request().operation() == ConvOperation.BACKWARD_FILTER
                        ? ShiftedPlanesAlgorithm::filterTile : ShiftedPlanesAlgorithm::planesTile);
    }

    /**
     * @param units        pairs of image and group, or for BACKWARD_FILTER groups
     * @param unitsOfTile  units of a tile, but for the last
     * @param classes      the correlations that together make the output: one, or one for each residue class
     * @param in           the tensor whose channels are laid out, {@code ins} of them for each image and group
     * @param out          the tensor that is written, or for BACKWARD_FILTER the other one that is read, {@code outs} channels
     * @param covers       whether the classes reach every element of the output
     * @param planesLength scratch memory for the planes of one channel
     * @param flatLength   scratch memory for one flat sequence
     * @param sumsLength   scratch memory for the weights of one plane, or the partial sums of a group's filter gradient
     */
    private record Plan(SimdProvider simd, int units, int unitsOfTile, List<ShiftedCorrelation> classes, Of in, int ins, int inChannel,
                        Of out, int outs, int[] outSizes, boolean covers, int planesLength, int flatLength, int sumsLength) {

        /** Tiles for each thread: enough to share the work evenly. */
        private static final int TILES = 4;

        static Support supports(ConvRequest request) {
            ConvProblem problem = request.problem();
            long ins = insOf(request);
            boolean fits = ins <= LIMIT && classes(request, LIMIT / ins) != null;
            long sums = problem.filtersPerGroup() * problem.channelsPerGroup() * problem.filterTaps() * SimdProvider.PARTIAL_SUMS;
            return Support.when(fits && (request.operation() != ConvOperation.BACKWARD_FILTER || sums <= LIMIT)
                            && problem.filterTaps() <= LIMIT,
                    "the planes and sums of a group do not fit its scratch memory of " + LIMIT + " elements");
        }

        static Plan of(ConvRequest request, CpuRuntime runtime) {
            ConvProblem p = request.problem();
            List<ShiftedCorrelation> classes = classes(request, LIMIT / insOf(request)).stream()
                    .map(planes -> ShiftedCorrelation.of(planes, p)).toList();
            int planes = classes.stream().mapToInt(c -> c.planes().planesLength()).max().orElse(0);
            int flat = classes.stream().mapToInt(c -> c.planes().flatLength()).max().orElse(0);
            int taps = classes.stream().mapToInt(c -> c.planes().taps()).max().orElse(0);
            int kg = (int) p.filtersPerGroup();
            int cg = (int) p.channelsPerGroup();
            int units = (int) (request.operation() == ConvOperation.BACKWARD_FILTER ? p.groups() : p.batch() * p.groups());
            int ofTile = Math.max(1, units / (TILES * runtime.threads()));
            if (request.operation() == ConvOperation.BACKWARD_DATA) {
                long reached = classes.stream().mapToLong(c -> c.planes().outputs()).sum();
                int inCache = (int) Math.max(1, INTERLACED / (cg * p.inputPositions()));
                return new Plan(runtime.simd(), units, classes.size() == 1 ? ofTile : Math.min(ofTile, inCache), classes, Of.Y, kg,
                        (int) p.outputPositions(), Of.X, cg, ShiftedPlanes.inputSizes(p), reached == p.inputPositions(), planes, flat, taps);
            }
            int sums = request.operation() == ConvOperation.FORWARD ? taps : kg * cg * taps * SimdProvider.PARTIAL_SUMS;
            return new Plan(runtime.simd(), units, ofTile, classes, Of.X, cg, (int) p.inputPositions(), Of.Y, kg,
                    ShiftedPlanes.outputSizes(p), true, planes, flat, sums);
        }

        private static long insOf(ConvRequest request) {
            return request.operation() == ConvOperation.BACKWARD_DATA ? request.problem().filtersPerGroup()
                    : request.problem().channelsPerGroup();
        }

        /** The correlations, or null if one of them needs too much scratch memory. */
        private static List<ShiftedPlanes> classes(ConvRequest request, long limit) {
            ConvProblem p = request.problem();
            List<ShiftedPlanes> classes = new ArrayList<>();
            boolean forward = request.operation() != ConvOperation.BACKWARD_DATA;
            int[] sizes = forward ? ShiftedPlanes.inputSizes(p) : ShiftedPlanes.outputSizes(p);
            for (AxisWalk depth : ShiftedPlanes.walks(p.axis3(0), forward)) {
                for (AxisWalk height : ShiftedPlanes.walks(p.axis3(1), forward)) {
                    for (AxisWalk width : ShiftedPlanes.walks(p.axis3(2), forward)) {
                        ShiftedPlanes planes = ShiftedPlanes.within(limit, Integer.MAX_VALUE, depth, height, width, sizes);
                        if (planes == null) {
                            return null;
                        }
                        classes.add(planes);
                    }
                }
            }
            return List.copyOf(classes);
        }

        int outChannel() {
            return outSizes[0] * outSizes[1] * outSizes[2];
        }

        int workerLength() {
            return ins * planesLength + flatLength + sumsLength;
        }

        int planesAt(int worker) {
            return worker * workerLength();
        }

        int flatAt(int worker) {
            return planesAt(worker) + ins * planesLength;
        }

        int sumsAt(int worker) {
            return flatAt(worker) + flatLength;
        }

        int endOf(int tile) {
            return Math.min(units, (tile + 1) * unitsOfTile);
        }
    }

    private static void planesTile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        float[] out = plan.out.tensor(call).floats();
        int outAt = plan.out.tensor(call).offset();
        int first = tile * plan.unitsOfTile;
        int end = plan.endOf(tile);
        if (!plan.covers && !call.accumulate()) {
            Arrays.fill(out, outAt + first * plan.outs * plan.outChannel(), outAt + end * plan.outs * plan.outChannel(), 0);
        }
        for (int c = 0; c < plan.classes.size(); c++) {
            ShiftedCorrelation correlation = plan.classes.get(c);
            ShiftedPlanes planes = correlation.planes();
            for (int block = 0; block < planes.blocks(); block++) {
                planes.clear(call.workspace(), plan.planesAt(worker), plan.ins);
                boolean byRows = plan.ins == 1 && !call.accumulate() && planes.writesRows(plan.simd, block, plan.outSizes[2]);
                for (int unit = first; unit < end; unit++) {
                    load(call, plan, planes, unit, block, worker);
                    for (int o = 0; o < plan.outs; o++) {
                        int channel = outAt + (unit * plan.outs + o) * plan.outChannel();
                        if (byRows) {
                            correlateRows(call, plan, correlation, unit % call.geometry().groups(), o, block, out, channel, worker);
                        } else {
                            correlate(call, plan, correlation, unit % call.geometry().groups(), o, planes.length(block), worker);
                            planes.store(plan.simd, call.workspace(), plan.flatAt(worker), block, out, channel, plan.outSizes[1],
                                    plan.outSizes[2], call.accumulate());
                        }
                    }
                }
            }
        }
    }

    private static void load(CpuCall call, Plan plan, ShiftedPlanes planes, int unit, int block, int worker) {
        HostTensor in = plan.in.tensor(call);
        for (int i = 0; i < plan.ins; i++) {
            planes.load(plan.simd, in.floats(), in.offset() + (unit * plan.ins + i) * plan.inChannel, block, call.workspace(),
                    plan.planesAt(worker) + i * planes.planesLength());
        }
    }

    /** The flat sequence of output channel {@code o} of a group: the sum over its input channels. */
    private static void correlate(CpuCall call, Plan plan, ShiftedCorrelation correlation, int group, int o, int length, int worker) {
        float[] scratch = call.workspace();
        int flat = plan.flatAt(worker);
        Arrays.fill(scratch, flat, flat + length, 0);
        for (int i = 0; i < plan.ins; i++) {
            int filter = filterPlane(call, plan, group, o, i);
            boolean collected = correlation.collect(call.w().floats(), filter, scratch, plan.sumsAt(worker));
            correlation.add(plan.simd, collected ? scratch : call.w().floats(), collected ? plan.sumsAt(worker) : filter, scratch,
                    plan.planesAt(worker) + i * correlation.planes().planesLength(), flat, length);
        }
    }

    /** Output channel {@code o} of a group with a single input channel, row by row. */
    private static void correlateRows(CpuCall call, Plan plan, ShiftedCorrelation correlation, int group, int o, int block, float[] out,
                                      int channel, int worker) {
        float[] scratch = call.workspace();
        int filter = filterPlane(call, plan, group, o, 0);
        boolean collected = correlation.collect(call.w().floats(), filter, scratch, plan.sumsAt(worker));
        correlation.planes().correlate(plan.simd, collected ? scratch : call.w().floats(), collected ? plan.sumsAt(worker) : filter,
                correlation.shifts(), scratch, plan.planesAt(worker), plan.flatAt(worker), block, out, channel, plan.outSizes[1],
                plan.outSizes[2]);
    }

    /** Where the filter plane of output channel {@code o} and input channel {@code i} of a group begins. */
    private static int filterPlane(CpuCall call, Plan plan, int group, int o, int i) {
        ConvGeometry g = call.geometry();
        int k = group * g.kg() + (plan.out == Of.Y ? o : i);
        int c = plan.out == Of.Y ? i : o;
        return call.w().offset() + (k * g.cg() + c) * g.t() * g.r() * g.s();
    }

    private static void filterTile(CpuCall call, int tile, int worker) {
        Plan plan = call.plan().prepared(Plan.class);
        ShiftedPlanes planes = plan.classes.get(0).planes();
        for (int group = tile * plan.unitsOfTile; group < plan.endOf(tile); group++) {
            int sums = plan.sumsAt(worker);
            Arrays.fill(call.workspace(), sums, sums + plan.sumsLength, 0);
            for (int image = 0; image < call.geometry().n(); image++) {
                for (int block = 0; block < planes.blocks(); block++) {
                    if (planes.blocks() > 1 || image == 0 && group == tile * plan.unitsOfTile) {
                        planes.clear(call.workspace(), plan.planesAt(worker), plan.ins);
                        Arrays.fill(call.workspace(), plan.flatAt(worker), plan.sumsAt(worker), 0);
                    }
                    load(call, plan, planes, image * call.geometry().groups() + group, block, worker);
                    for (int o = 0; o < plan.outs; o++) {
                        addProducts(call, plan, planes, image, group, o, block, worker);
                    }
                }
            }
            for (int i = 0; i < plan.outs * plan.ins * planes.taps(); i++) {
                write(call, plan, group * plan.outs * plan.ins * planes.taps() + i, sums + i * SimdProvider.PARTIAL_SUMS);
            }
        }
    }

    private static void addProducts(CpuCall call, Plan plan, ShiftedPlanes planes, int image, int group, int o, int block, int worker) {
        float[] scratch = call.workspace();
        int flat = plan.flatAt(worker);
        int dy = call.y().offset() + ((image * call.geometry().groups() + group) * plan.outs + o) * plan.outChannel();
        planes.flatten(plan.simd, call.y().floats(), dy, plan.outSizes[1], plan.outSizes[2], block, scratch, flat);
        int length = wholes(planes.length(block), SimdProvider.PARTIAL_SUMS);
        for (int i = 0; i < plan.ins; i++) {
            plan.simd.dotShifted(scratch, plan.planesAt(worker) + i * planes.planesLength(), planes.shifts(), planes.taps(),
                    scratch, flat, length, scratch,
                    plan.sumsAt(worker) + (o * plan.ins + i) * planes.taps() * SimdProvider.PARTIAL_SUMS);
        }
    }

    /**
     * Adds up the partial sums of one element of dw. The zeros between the rows of dy met elements of x that are none of this
     * sum's; where one of those was not a finite number the definition itself is asked.
     */
    private static void write(CpuCall call, Plan plan, int element, int sums) {
        float sum = SimdProvider.sum(call.workspace(), sums);
        if (!Float.isFinite(sum)) {
            sum = (float) ReferenceConvolution.elementAt(call.plan().request().problem(), ConvOperation.BACKWARD_FILTER,
                    call.x(), call.w(), call.y(), element);
        }
        float[] dw = call.w().floats();
        int at = call.w().offset() + element;
        dw[at] = call.accumulate() ? dw[at] + sum : sum;
    }
}
