package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.FourierTransforms;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link FourierAlgorithm} needs to know about a request, and how its work is cut.
 *
 * <p>A signal is what lies in one tile of one channel of one image, or one filter of a pair of channels. Images and tiles are numbered
 * together ("blocks", {@code b = image * tiles + tile}), and a chunk is some groups of some blocks. In the transformed tensors a row is a
 * frequency: real parts of all signals of a chunk, then imaginary parts. Their order there is that in which they are multiplied. No cut
 * changes a result.
 */
final class FourierPlan {

    private static final int LANES = FourierTransforms.LANES;

    /** Floats of the transformed signals of a chunk that one thread works on: what a second-level cache holds beside the filters. */
    private static final int CHUNK = 3 << 16;
    /** Channels and filters of a group, multiplied, up to which groups lie side by side. */
    private static final int NARROW_GROUPS = 16;
    private static final int LEAST_GROUPS = 8;
    /** Frequencies of a task that multiplies. */
    static final int FREQUENCIES = 16;

    final FourierTransforms loops;
    final ConvOperation operation;
    /** The factors of the products and their result: {@code out = left * right}, with left conjugated but for BACKWARD_DATA. */
    final Of left;
    final Of right;
    final Of out;
    /** Depth, height, width. */
    final FourierAxis[] axes;
    /** The transforms on the axes; on the last one half as long, for complex numbers made of two real ones. */
    final FourierLength[] lengths = new FourierLength[3];
    final float[] untangling;
    final int frequencies;
    final float factor;
    final int groups;
    final int channels;
    final int filters;
    final int images;
    final int tiles;
    final int blocks;
    /** Whether the groups of a chunk lie side by side, each multiplied with its own filters. */
    final boolean groupsSideBySide;
    final int groupsPerChunk;
    final int blocksPerChunk;
    /** Whether each thread works on chunks of its own. */
    final boolean apart;
    final int formLength;
    final long workspaceLength;
    /** What the transforms and the products cost, in nanoseconds of a core; without transforms of the filters where they are kept. */
    final double cost;

    /** From one depth, or one column, to the next in the slab: an odd number, so that the sets of a cache are used evenly. */
    final int slabHeight;
    /** From real to imaginary parts there. */
    final int slabImaginary;

    /** Of each worker, written anew for each transform: a backend runs one call at a time. */
    final FourierLanes[] lanes;

    private final String spatial;
    private final int threads;
    private final int leftLength;
    private final int rightLength;
    private final int chunkLength;
    private final int slabLength;
    private final int rowLength;
    private final int temporaryLength;
    private final int scratchLength;
    private final int[][] elements = new int[9][];

    private FourierPlan(ConvRequest request, CpuRuntime runtime, Choice choice) {
        ConvProblem p = request.problem();
        loops = runtime.simd().fourier();
        spatial = p.axes().toString();
        threads = runtime.threads();
        lanes = new FourierLanes[threads];
        Arrays.setAll(lanes, worker -> new FourierLanes());
        operation = request.operation();
        left = operation == ConvOperation.BACKWARD_FILTER ? Of.Y : Of.W;
        right = operation == ConvOperation.BACKWARD_DATA ? Of.Y : Of.X;
        out = switch (operation) {
            case FORWARD -> Of.Y;
            case BACKWARD_DATA -> Of.X;
            case BACKWARD_FILTER -> Of.W;
        };
        axes = choice.axes;
        cost = FourierCost.nanoseconds(request, axes[0], axes[1], axes[2]);
        groups = (int) p.groups();
        channels = (int) p.channelsPerGroup();
        filters = (int) p.filtersPerGroup();
        images = (int) p.batch();
        tiles = axes[0].tiles * axes[1].tiles * axes[2].tiles;
        blocks = images * tiles;
        int half = axes[2].length / 2;
        lengths[0] = new FourierLength(axes[0].length);
        lengths[1] = new FourierLength(axes[1].length);
        lengths[2] = new FourierLength(half);
        untangling = FourierLength.untangling(2 * half);
        frequencies = (half + 1) * axes[0].length * axes[1].length;
        factor = (float) (1 / (4.0 * axes[2].length * axes[1].length * axes[0].length));
        for (Of of : Of.values()) {
            for (int axis = 0; axis < 3; axis++) {
                elements[of.ordinal() * 3 + axis] = axis == 2 ? null : axes[axis].elements(of);
            }
        }
        groupsSideBySide = groupsSideBySide(p);
        boolean gradient = operation == ConvOperation.BACKWARD_FILTER;
        long perBlock = gradient ? channels + filters : filters + channels;
        long most = CHUNK / (2L * frequencies);
        int wantedGroups = groupsSideBySide ? Math.min(groups, LANES) : 1;
        int perGroups = (int) Math.max(groupsSideBySide ? 1 : Math.min(blocks, LANES), most / (perBlock * wantedGroups));
        blocksPerChunk = Math.min(blocks, perGroups > LANES ? perGroups / LANES * LANES : perGroups);
        groupsPerChunk = groupsSideBySide && blocksPerChunk == blocks
                ? (int) Math.min(groups, Math.max(LANES, most / (perBlock * blocks) / LANES * LANES)) : wantedGroups;
        int units = gradient ? groupChunks() : chunks();
        apart = threads == 1 || units >= 2 * threads;
        long form = gradient ? 0 : spectrumLength(Of.W);
        formLength = (int) Math.min(form, Integer.MAX_VALUE);
        long leftFloats = gradient ? spectrumLength(left) : 0;
        long rightFloats = spectrumLength(right);
        long outFloats = spectrumLength(out);
        slabHeight = axes[1].length | 1;
        slabImaginary = (half + 1) * axes[0].length * slabHeight * LANES;
        long slab = axes[0].length * axes[1].length == 1 ? 0 : 2L * slabImaginary;
        long row = (long) LANES * axes[2].length;
        long temporary = Math.max(lengths[2].temporaryLength(), Math.max(lengths[0].temporaryLength(), lengths[1].temporaryLength()));
        long scratch = slab + 3 * row + temporary + FourierTransforms.SPARE;
        long needed = (leftFloats + rightFloats + outFloats) * (apart ? threads : 1) + scratch * threads;
        workspaceLength = form > Integer.MAX_VALUE ? Long.MAX_VALUE / Float.BYTES : needed
                + FilterForm.workspaceBytes(form(), request) / Float.BYTES;
        leftLength = (int) leftFloats;
        rightLength = (int) rightFloats;
        chunkLength = (int) (leftFloats + rightFloats + outFloats);
        slabLength = (int) slab;
        rowLength = (int) row;
        temporaryLength = (int) temporary;
        scratchLength = (int) scratch;
    }

    static FourierPlan of(ConvRequest request, CpuRuntime runtime) {
        return new FourierPlan(request, runtime, Choice.of(request));
    }

    static boolean groupsSideBySide(ConvProblem p) {
        return p.groups() >= LEAST_GROUPS && p.channelsPerGroup() * p.filtersPerGroup() <= NARROW_GROUPS;
    }

    /** Null for BACKWARD_FILTER. Where taps lie, and which filters are transformed side by side, is a matter of axes and groups. */
    FilterForm form() {
        return left != Of.W ? null : new FilterForm("fft " + operation.text() + " " + axes[0].length + "x" + axes[1].length + "x"
                + axes[2].length + " " + groups + " " + spatial, formLength);
    }

    // --- chunks -------------------------------------------------------------------------------------------------------------

    int groupChunks() {
        return ceilDiv(groups, groupsPerChunk);
    }

    int blockChunks() {
        return ceilDiv(blocks, blocksPerChunk);
    }

    int chunks() {
        return groupChunks() * blockChunks();
    }

    /** Whether a chunk has the last blocks of its groups. */
    boolean isLastOfGroups(int chunk) {
        return chunk % blockChunks() == blockChunks() - 1;
    }

    /** The first group of a tensor in a chunk. All filters are transformed together. */
    int firstGroup(Of of, int chunk) {
        return of == Of.W && left == Of.W ? 0 : chunk / blockChunks() * groupsPerChunk;
    }

    int groups(Of of, int chunk) {
        return of == Of.W && left == Of.W ? groups : Math.min(groupsPerChunk, groups - firstGroup(of, chunk));
    }

    int firstBlock(Of of, int chunk) {
        return of == Of.W ? 0 : chunk % blockChunks() * blocksPerChunk;
    }

    int blocks(Of of, int chunk) {
        return of == Of.W ? 1 : Math.min(blocksPerChunk, blocks - firstBlock(of, chunk));
    }

    /** Channels of a group of a tensor; of w pairs of a filter and a channel. */
    int channels(Of of) {
        return switch (of) {
            case X -> channels;
            case Y -> filters;
            case W -> filters * channels;
        };
    }

    int signals(Of of, int chunk) {
        return groups(of, chunk) * channels(of) * blocks(of, chunk);
    }

    /** Transforms of a chunk that are made at once hold {@code LANES} signals each. */
    int lanes(Of of, int chunk) {
        return ceilDiv(signals(of, chunk), LANES);
    }

    /** From the real parts of a frequency to its imaginary parts. */
    int imaginary(Of of, int chunk) {
        return lanes(of, chunk) * LANES;
    }

    /** From one frequency to the next: an odd number of runs of all lanes, so that the sets of a cache are used evenly. */
    int row(Of of, int chunk) {
        return 2 * imaginary(of, chunk) + LANES;
    }

    /** Floats of a transformed tensor of a chunk. */
    private long spectrumLength(Of of) {
        return (long) frequencies * row(of, 0) + LANES;
    }

    /** Whether the blocks of a channel lie apart: so that channels, which are the columns of the product, lie side by side. */
    boolean channelsSideBySide(Of of) {
        return operation == ConvOperation.BACKWARD_FILTER && of != Of.W && !groupsSideBySide;
    }

    /** For each tile and position on an axis the element of a tensor, or -1; not for the width. */
    int[] elements(Of of, int axis) {
        return elements[of.ordinal() * 3 + axis];
    }

    // --- scratch memory -----------------------------------------------------------------------------------------------------

    /** Where a transformed tensor of a chunk lies. */
    int spectrum(Of of, int worker) {
        int chunk = apart ? worker * chunkLength : 0;
        return of == left ? chunk : of == right ? chunk + leftLength : chunk + leftLength + rightLength;
    }

    /** Points of a transform between its axes. */
    int slab(int worker) {
        return (apart ? threads : 1) * chunkLength + worker * scratchLength;
    }

    /** One of three buffers for a row of all lanes. */
    int row(int worker, int number) {
        return slab(worker) + slabLength + number * rowLength;
    }

    int temporary(int worker) {
        return slab(worker) + slabLength + 3 * rowLength;
    }

    int spare(int worker) {
        return temporary(worker) + temporaryLength;
    }

    // --- choice of lengths --------------------------------------------------------------------------------------------------

    private record Choice(FourierAxis[] axes, double cost) {

        /** The lengths that cost least when filters change: constant ones give the same bits. */
        static Choice of(ConvRequest asked) {
            ConvProblem p = asked.problem();
            ConvRequest request = new ConvRequest(p, asked.operation(), asked.dataType());
            List<FourierAxis> depths = FourierAxis.candidates(p.axis3(0), request.operation(), false);
            List<FourierAxis> heights = FourierAxis.candidates(p.axis3(1), request.operation(), false);
            List<FourierAxis> widths = FourierAxis.candidates(p.axis3(2), request.operation(), true);
            Choice best = null;
            for (FourierAxis depth : depths) {
                for (FourierAxis height : heights) {
                    for (FourierAxis width : widths) {
                        double cost = FourierCost.nanoseconds(request, depth, height, width);
                        if (best == null || cost < best.cost) {
                            best = new Choice(new FourierAxis[]{depth, height, width}, cost);
                        }
                    }
                }
            }
            return best;
        }
    }
}
