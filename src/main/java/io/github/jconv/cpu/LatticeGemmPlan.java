package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.LatticeAxis.Run;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link LatticeGemmAlgorithm} needs to know about a request. A cell is a run of remainders on each axis ({@link LatticeAxis}); its
 * pieces, one of each axis, are what follows one another in the columns of the product, those of all images of a block side by side.
 *
 * @param groups    groups of channels
 * @param blocks    blocks of images
 * @param images    images of a block
 * @param ins       input channels of a group, of {@code inSize} positions each: the depth of the product
 * @param outs      output channels of a group, of {@code outSize} positions each: its rows
 * @param rows      tiles of output channels
 * @param tileBlock tiles whose sums a thread forms at a time
 * @param panels    of each panel of a piece of the inputs where it begins in the copy of a group, its columns, and where its map begins
 * @param inMap     of each column of these panels where it lies in the first channel of the first image
 * @param inLength  elements of the copy of a group
 * @param products  of each product of a panel and a tap, tap by tap, the panel's beginning and columns, where its sums lie in a row of them,
 *                  and 1 if they are the first ones there
 * @param ofTap     where the products of each tap begin, and behind the last
 * @param empty     of pieces of the outputs that meet padding only, where their sums lie and how many there are
 * @param outRow    elements from a row of sums to the next
 * @param outMap    of each output of each image of a block where its sum lies in a row
 * @param form      elements of the packed filters of a tap and group
 */
record LatticeGemmPlan(SimdProvider simd, boolean forward, int groups, int blocks, int images, int ins, int inSize, int outs, int outSize,
                       RowTiles rows, int tileBlock, int[] panels, int[] inMap, int inLength, int[] products, int[] ofTap, int[] empty,
                       int outRow, int[] outMap, int form) {

    /** Fields of a panel, and of a product. */
    static final int PANEL = 3;
    static final int PRODUCT = 4;

    /** Input channels that are summed up at a time: a panel of so many and the filters of a tile fit a first-level cache. */
    static final int DEPTH = 256;

    /** Elements of the copies of a block of images, and of packed filters, at most. */
    private static final long MOST_INPUTS = 1 << 22;
    private static final long MOST_FILTERS = 16 << 20;

    /** Products of pieces and taps, at most. */
    private static final long MOST_PRODUCTS = 1 << 16;

    /** Elements of the sums of a tile, at most, and about those of a block of tiles. */
    private static final long MOST_SUMS = 1 << 18;
    private static final int SUMS = 1 << 16;

    /** Tiles of a block, at most: their filters for a tap stay in a second-level cache. */
    private static final int MOST_TILES = 8;

    /** Blocks for each thread, if there are so many: more share the work more evenly. */
    private static final int BLOCKS_FOR_EACH_THREAD = 4;

    /** A panel of one vector takes more than half as long as one of two; more images side by side must gain as much as that. */
    private static final double ONE_VECTOR = 0.6;
    private static final double WORTH_MORE_IMAGES = 0.9;
    private static final long MOST_IMAGES = 64;

    static Support supports(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        Support served = Support.when(request.operation() != ConvOperation.BACKWARD_FILTER, "it serves forward and backward_data only")
                .and(Support.when(p.axes().stream().allMatch(axis -> axis.stride() == 1), "it serves stride 1 only"));
        if (!served.yes()) {
            return served;
        }
        boolean forward = request.operation() == ConvOperation.FORWARD;
        double filters = p.groups() * (double) p.filterTaps() * Math.max(p.filtersPerGroup(), p.channelsPerGroup())
                * (Math.min(p.filtersPerGroup(), p.channelsPerGroup()) + SimdProvider.INTERLEAVED_ROWS);
        Cost cost = Cost.of(Lattice.of(p, forward), 1, runtime.simd());
        double channels = forward ? p.inputChannels() : p.outputChannels();
        return Support.when(filters <= MOST_FILTERS, "packed filters have up to " + MOST_FILTERS + " elements")
                .and(Support.when(channels * cost.inputs <= MOST_INPUTS && cost.products <= MOST_PRODUCTS
                        && SimdProvider.INTERLEAVED_ROWS * cost.outputs <= MOST_SUMS, "the pieces of an image exceed its scratch memory"));
    }

    /** The cells of a request: the product of the runs of its axes. */
    private record Lattice(LatticeAxis depth, LatticeAxis height, LatticeAxis width, List<Cell> cells) {

        static Lattice of(ConvProblem p, boolean forward) {
            LatticeAxis[] axes = new LatticeAxis[3];
            for (int i = 0; i < 3; i++) {
                axes[i] = LatticeAxis.of(p.axis3(i), forward);
            }
            List<Cell> cells = new ArrayList<>();
            for (Run d : axes[0].runs()) {
                for (Run h : axes[1].runs()) {
                    for (Run w : axes[2].runs()) {
                        cells.add(new Cell(d, h, w));
                    }
                }
            }
            return new Lattice(axes[0], axes[1], axes[2], cells);
        }

        /** Pairs of a piece of the outputs and a tap that meet a piece of the inputs. */
        double products(Cell cell) {
            return products(depth, cell.d) * products(height, cell.h) * products(width, cell.w);
        }

        private static double products(LatticeAxis axis, Run run) {
            double count = 0;
            for (int tap = 0; tap < axis.walk().taps; tap++) {
                // Outputs whose piece of the inputs is one of those that there are follow one another.
                long before = axis.in(run, 0, tap);
                count += Math.max(0, Math.min(run.outs(), run.ins() - before) - Math.max(0, -before));
            }
            return count;
        }
    }

    private record Cell(Run d, Run h, Run w) {

        double length() {
            return (double) d.length() * h.length() * w.length();
        }

        double ins() {
            return (double) d.ins() * h.ins() * w.ins();
        }

        double outs() {
            return (double) d.outs() * h.outs() * w.outs();
        }
    }

    /**
     * What a block of images amounts to.
     *
     * @param inputs   columns of all panels of the inputs
     * @param outputs  sums of a row
     * @param products panels of all products
     * @param time     vectors of all products for each image; a single one counts more than one of two
     */
    private record Cost(double inputs, double outputs, double products, double time) {

        static Cost of(Lattice lattice, long images, SimdProvider simd) {
            double inputs = 0;
            double outputs = 0;
            double products = 0;
            double time = 0;
            for (Cell cell : lattice.cells) {
                double vectors = Math.ceil(images * cell.length() / simd.lanes());
                double pairs = lattice.products(cell);
                inputs += cell.ins() * vectors * simd.lanes();
                outputs += cell.outs() * vectors * simd.lanes();
                products += pairs * Math.ceil(vectors / SimdProvider.TILE_VECTORS);
                time += pairs * (Math.floor(vectors / 2) * 2 + vectors % 2 * 2 * ONE_VECTOR);
            }
            return new Cost(inputs, outputs, products, time / Math.max(1, images));
        }
    }

    /** Vectors of products of this algorithm, for each vector of products of the definition, padding counted. */
    static double share(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        Lattice lattice = Lattice.of(p, forward);
        double dense = (double) p.filterTaps() * (forward ? p.outputPositions() : p.inputPositions()) / runtime.simd().lanes();
        return Cost.of(lattice, imagesOfBlock(p, lattice, forward, runtime.simd()), runtime.simd()).time / dense;
    }

    /** Images that lie side by side: few, if more would not fill vectors better. */
    private static long imagesOfBlock(ConvProblem p, Lattice lattice, boolean forward, SimdProvider simd) {
        long best = 1;
        for (long images = 2; images <= Math.min(p.batch(), MOST_IMAGES); images++) {
            Cost cost = Cost.of(lattice, images, simd);
            if ((forward ? p.inputChannels() : p.outputChannels()) * cost.inputs > MOST_INPUTS || cost.products > MOST_PRODUCTS
                    || SimdProvider.INTERLEAVED_ROWS * cost.outputs > MOST_SUMS) {
                return best;
            }
            if (p.batch() % images == 0 && cost.time < WORTH_MORE_IMAGES * Cost.of(lattice, best, simd).time) {
                best = images;
            }
        }
        return best;
    }

    static LatticeGemmPlan of(ConvRequest request, CpuRuntime runtime) {
        ConvProblem p = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        Lattice lattice = Lattice.of(p, forward);
        int images = (int) imagesOfBlock(p, lattice, forward, runtime.simd());
        int ins = (int) (forward ? p.channelsPerGroup() : p.filtersPerGroup());
        int outs = (int) (forward ? p.filtersPerGroup() : p.channelsPerGroup());
        int[] inSizes = forward ? ShiftedPlanes.inputSizes(p) : ShiftedPlanes.outputSizes(p);
        int[] outSizes = forward ? ShiftedPlanes.outputSizes(p) : ShiftedPlanes.inputSizes(p);
        Layout layout = new Layout(lattice, runtime.simd(), images, ins, (int) p.groups() * ins, inSizes, outSizes);
        RowTiles rows = RowTiles.of(outs, runtime.simd());
        int outRow = apart(layout.outRow);
        int most = Math.max(1, Math.min(MOST_TILES, SUMS / (outRow * rows.highest())));
        int wanted = runtime.threads() == 1 ? 1 : BLOCKS_FOR_EACH_THREAD * runtime.threads();
        int rowBlocks = Math.max(ceilDiv(rows.tiles(), most), Math.min(rows.tiles(), ceilDiv(wanted, (int) p.groups())));
        return new LatticeGemmPlan(runtime.simd(), forward, (int) p.groups(), (int) p.batch() / images, images, ins, volume(inSizes), outs,
                volume(outSizes), rows, ceilDiv(rows.tiles(), rowBlocks), array(layout.panels), array(layout.inMap), layout.inLength,
                array(layout.products), layout.ofTap, array(layout.empty), outRow, layout.outMap, apart(rows.padded() * ins));
    }

    private static int volume(int[] sizes) {
        return sizes[0] * sizes[1] * sizes[2];
    }

    /** A length of an odd number of cache lines: what lies so far apart shares no sets of a cache. */
    private static int apart(int length) {
        int lines = CacheLine.whole(length) / CacheLine.FLOATS;
        return (lines | 1) * CacheLine.FLOATS;
    }

    private static int[] array(List<Integer> numbers) {
        return numbers.stream().mapToInt(i -> i).toArray();
    }

    /** Gives every piece its place, and finds out which products there are. */
    private static final class Layout {

        private final Lattice lattice;
        private final SimdProvider simd;
        private final int images;
        private final int ins;
        private final int imageStep;
        private final int[] inSizes;
        private final int[] outSizes;
        private final List<Integer> panels = new ArrayList<>();
        private final List<Integer> inMap = new ArrayList<>();
        private final List<Integer> products = new ArrayList<>();
        private final List<Integer> empty = new ArrayList<>();
        private final int[] ofTap;
        private final int[] outMap;
        private int inLength;
        private int outRow;

        /** A piece of the outputs: its cell, its number on each axis and its place. */
        private record Out(Cell cell, int d, int h, int w, int at, ColumnPanels columns, int inAt) {
        }

        Layout(Lattice lattice, SimdProvider simd, int images, int ins, int inChannels, int[] inSizes, int[] outSizes) {
            this.lattice = lattice;
            this.simd = simd;
            this.images = images;
            this.ins = ins;
            this.imageStep = inChannels * volume(inSizes);
            this.inSizes = inSizes;
            this.outSizes = outSizes;
            this.outMap = new int[images * volume(outSizes)];
            List<Out> outs = new ArrayList<>();
            for (Cell cell : lattice.cells) {
                ColumnPanels columns = ColumnPanels.of((int) (images * cell.length()), simd);
                int inAt = inLength;
                placeInputs(cell, columns);
                placeOutputs(cell, columns, inAt, outs);
            }
            ofTap = new int[lattice.depth.walk().taps * lattice.height.walk().taps * lattice.width.walk().taps + 1];
            boolean[] begun = new boolean[outs.size()];
            for (int tap = 0; tap + 1 < ofTap.length; tap++) {
                for (int i = 0; i < begun.length; i++) {
                    begun[i] |= multiply(outs.get(i), tap, !begun[i]);
                }
                ofTap[tap + 1] = products.size();
            }
            for (int i = 0; i < begun.length; i++) {
                if (!begun[i]) {
                    empty.addAll(List.of(outs.get(i).at, outs.get(i).columns.padded()));
                }
            }
        }

        private void placeInputs(Cell cell, ColumnPanels columns) {
            for (int d = 0; d < cell.d.ins(); d++) {
                for (int h = 0; h < cell.h.ins(); h++) {
                    for (int w = 0; w < cell.w.ins(); w++) {
                        int map = inMap.size();
                        positions(lattice.depth.inputs(cell.d, d), lattice.height.inputs(cell.h, h), lattice.width.inputs(cell.w, w),
                                inSizes, imageStep).forEach(inMap::add);
                        while (inMap.size() < map + columns.padded()) {
                            inMap.add(0);
                        }
                        for (int panel = 0; panel < columns.panels(); panel++) {
                            panels.addAll(List.of(inLength + ins * columns.first(panel), columns.width(panel), map + columns.first(panel)));
                        }
                        inLength += ins * columns.padded();
                    }
                }
            }
        }

        private void placeOutputs(Cell cell, ColumnPanels columns, int inAt, List<Out> outs) {
            for (int d = 0; d < cell.d.outs(); d++) {
                for (int h = 0; h < cell.h.outs(); h++) {
                    for (int w = 0; w < cell.w.outs(); w++) {
                        int[] positions = positions(lattice.depth.outputs(cell.d, d), lattice.height.outputs(cell.h, h),
                                lattice.width.outputs(cell.w, w), outSizes, volume(outSizes)).toArray();
                        for (int i = 0; i < positions.length; i++) {
                            outMap[positions[i]] = outRow + i;
                        }
                        outs.add(new Out(cell, d, h, w, outRow, columns, inAt));
                        outRow += columns.padded();
                    }
                }
            }
        }

        /** The positions of a piece in all images. */
        private IntStream positions(IntStream depths, IntStream rows, IntStream columns, int[] sizes, int step) {
            int[] h = rows.toArray();
            int[] w = columns.toArray();
            int[] ofImage = depths.flatMap(d -> Arrays.stream(h).flatMap(i -> Arrays.stream(w).map(j -> (d * sizes[1] + i) * sizes[2] + j)))
                    .toArray();
            return IntStream.range(0, images).flatMap(image -> Arrays.stream(ofImage).map(at -> image * step + at));
        }

        /** The products of a piece of the outputs with a tap, if there are any. */
        private boolean multiply(Out out, int tap, boolean first) {
            int s = tap % lattice.width.walk().taps;
            int r = tap / lattice.width.walk().taps % lattice.height.walk().taps;
            int t = tap / lattice.width.walk().taps / lattice.height.walk().taps;
            if (!lattice.depth.inside(out.cell.d, out.d, t) || !lattice.height.inside(out.cell.h, out.h, r)
                    || !lattice.width.inside(out.cell.w, out.w, s)) {
                return false;
            }
            long piece = (lattice.depth.in(out.cell.d, out.d, t) * out.cell.h.ins() + lattice.height.in(out.cell.h, out.h, r))
                    * out.cell.w.ins() + lattice.width.in(out.cell.w, out.w, s);
            ColumnPanels columns = out.columns;
            for (int panel = 0; panel < columns.panels(); panel++) {
                products.addAll(List.of(out.inAt + ins * ((int) piece * columns.padded() + columns.first(panel)), columns.width(panel),
                        out.at + columns.first(panel), first ? 1 : 0));
            }
            return true;
        }
    }

    HostTensor input(CpuCall call) {
        return forward ? call.x() : call.y();
    }

    HostTensor output(CpuCall call) {
        return forward ? call.y() : call.x();
    }

    int taps() {
        return ofTap.length - 1;
    }

    int rowBlocks() {
        return tileBlock == 0 ? 0 : ceilDiv(rows.tiles(), tileBlock);
    }

    /** Where the filter from an input channel to an output channel of a group lies in w. */
    int filterAt(int group, int out, int in) {
        return group * ins * outs * taps() + out * outStep() + in * inStep();
    }

    int outStep() {
        return forward ? ins * taps() : taps();
    }

    int inStep() {
        return forward ? taps() : outs * taps();
    }

    /** Elements of the packed filters, with what is left out to begin with a cache line. */
    int formLength() {
        return CacheLine.FLOATS + groups * taps() * form;
    }

    /** Where the packed filters of a group and tap begin. */
    int formAt(CpuCall call, int group, int tap) {
        return CacheLine.from(call.filterFormAt()) + (group * taps() + tap) * form;
    }

    /** Where the copy of a group begins. */
    int copyAt(int group) {
        return CacheLine.FIRST + group * CacheLine.whole(inLength);
    }

    /** Where the sums of a worker begin. */
    int sumsAt(int worker) {
        return copyAt(groups) + worker * (CacheLine.whole(tileBlock * rows.highest() * outRow) + CacheLine.whole(outSize));
    }

    /** Where an output channel of a worker lies that is added to what is there. */
    int channelAt(int worker) {
        return sumsAt(worker) + CacheLine.whole(tileBlock * rows.highest() * outRow);
    }

    long workspaceLength(int threads) {
        return sumsAt(threads);
    }
}
