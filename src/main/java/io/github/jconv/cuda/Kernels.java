package io.github.jconv.cuda;

import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.Launch;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.GemmAxis;
import io.github.jconv.problem.GemmGeometry;
import io.github.jconv.problem.ResidueClass;
import io.github.jconv.tensor.DataType;

/**
 * Enqueues the kernels of convolutions, one method each, on the context's main stream, and hands out the others; formulas and contracts
 * stand at the head of the files in {@code kernels/}. Tensors are device addresses. Chooses between 32- and 64-bit indices, and the size
 * of the grid. Kernels are loaded when first used. Not safe for use from several threads.
 */
final class Kernels {

    /** A kernel with 32-bit indices counts up to this: twice as much may be reached on the way and must not overflow. */
    private static final long NARROW_LIMIT = 1L << 30;

    private static final int THREADS_OF_SUM = 256;
    private static final int LEAST_THREADS_OF_SUM = 32;
    private static final int THREADS_OF_STRIPS = 128;
    private static final int FILTERS_PER_BLOCK = 4;
    private static final int TAPS_PER_BLOCK = 9;

    private static final int IMPLICIT_FILTERS = 64;
    private static final int IMPLICIT_POSITIONS = 128;
    private static final int IMPLICIT_THREADS = 256;

    /** sizeof(Tiles) of the wider variant: two buffers of 8 rows of the source and of w, and where the elements of 16 products lie. */
    private static final int IMPLICIT_SHARED_BYTES = 2 * 8 * (IMPLICIT_POSITIONS + IMPLICIT_FILTERS + 4) * Float.BYTES
            + 16 * (24 + Long.BYTES);

    private enum Variant {
        ANY(""),
        NARROW("_i32"),
        WIDE("_i64"),
        DOUBLE("_f64"),
        FP16("_fp16"),
        BF16("_bf16");

        private final String suffix;

        Variant(String suffix) {
            this.suffix = suffix;
        }
    }

    private final DeviceContext context;
    private final boolean alwaysWide;
    private final Launch[][] launches = new Launch[KernelName.values().length][Variant.values().length];

    /** @param alwaysWide 64-bit indices even where 32 bits would do, for tests */
    Kernels(DeviceContext context, boolean alwaysWide) {
        this.context = context;
        this.alwaysWide = alwaysWide;
    }

    // --- columns --------------------------------------------------------------------------------------------------------------

    /** The columns of {@code planes} planes of x at output positions {@code first} to {@code first + positions}, both of the type. */
    void im2col(DataType type, ConvGeometry g, long x, long columns, long planes, long first, long positions) {
        indexed(type.isNarrow() ? KernelName.IM2COL_B16 : KernelName.IM2COL, g, Math.max(planes * inputs(g), planes * taps(g) * positions))
                .with(x).with(columns).with(g).with(planes).with(first).with(positions).forEach(planes * positions);
    }

    /** dx of the type, {@code planes} planes, from all their columns, which are of fp32. */
    void col2im(DataType type, ConvGeometry g, long columns, long dx, long planes, boolean accumulate) {
        KernelName name = forTensors(type, KernelName.COL2IM, KernelName.COL2IM_FP16, KernelName.COL2IM_BF16);
        indexed(name, g, Math.max(planes * inputs(g), planes * taps(g) * outputs(g)))
                .with(columns).with(dx).with(g).with(planes).with(accumulate).forEach(planes * inputs(g));
    }

    /** The target, the geometry's input, from the source, its output. */
    void zeroInsert(ConvGeometry g, long source, long target, long planes) {
        indexed(KernelName.ZERO_INSERT, g, planes * Math.max(inputs(g), outputs(g)))
                .with(source).with(target).with(g).with(planes).forEach(planes * inputs(g));
    }

    // --- direct -----------------------------------------------------------------------------------------------------------------

    /** y of the first {@code images} images. */
    void stridedValidConv(DataType type, ConvGeometry g, int images, long x, long w, long y, boolean accumulate) {
        direct(KernelName.STRIDED_VALID_CONV, type, g, images)
                .with(x).with(w).with(y).with(g, images).with(accumulate)
                .forEach(images * tiles(g.groups(), g.kg()) * outputs(g));
    }

    /** The same in fp32 with the filter rotated and its channel axes exchanged. */
    void rotatedValidConv(ConvGeometry g, int images, long x, long w, long y, boolean accumulate) {
        direct(KernelName.ROTATED_VALID_CONV, DataType.FLOAT32, g, images)
                .with(x).with(w).with(y).with(g, images).with(accumulate)
                .forEach(images * tiles(g.groups(), g.kg()) * outputs(g));
    }

    /**
     * The target from the source by the tiles of {@code implicit_gemm.cu}.
     *
     * @param call says how it ends: with a bias, a ReLU, added to what is there
     */
    void implicitGemm(GemmGeometry g, long source, long w, long target, CudaCall call) {
        long filterTiles = (g.filters() + IMPLICIT_FILTERS - 1) / IMPLICIT_FILTERS;
        long positionTiles = (g.n() * g.positions() + IMPLICIT_POSITIONS - 1) / IMPLICIT_POSITIONS;
        product(KernelName.IMPLICIT_GEMM, g, source, w, target, call)
                .blocks(g.groups() * filterTiles * positionTiles, IMPLICIT_THREADS, IMPLICIT_SHARED_BYTES);
    }

    /** Likewise by the tiles of {@code tensor_gemm.h}. */
    void tensorGemm(TensorArithmetic arithmetic, GemmGeometry g, long source, long w, long target, CudaCall call) {
        TensorTile tile = TensorTile.of(g.filters());
        product(arithmetic.gemm(tile), g, source, w, target, call)
                .blocks(tile.blocks(g.groups(), g.filters(), g.n() * g.positions()), TensorTile.THREADS, tile.sharedBytesOfGemm(arithmetic));
    }

    private Launch product(KernelName name, GemmGeometry g, long source, long w, long target, CudaCall call) {
        boolean wide = alwaysWide || furthestElement(g) >= NARROW_LIMIT;
        return launch(name, wide ? Variant.WIDE : Variant.NARROW)
                .with(source).with(w).with(target).with(g).with(call.bias()).with(call.relu()).with(call.accumulate());
    }

    /** Sums of dw in fp32 over {@code count} parts of {@code perPart} positions, for {@link #sumParts}, by those of tensor_filter.h. */
    void tensorFilter(TensorArithmetic arithmetic, ConvGeometry g, long x, long dy, long parts, int count, long perPart,
                      boolean accumulate) {
        TensorTile tile = TensorTile.of(g.kg());
        indexed(arithmetic.filter(tile), g, Math.max(elements(g, g.n()), count * (long) g.k() * g.cg() * taps(g)))
                .with(x).with(dy).with(parts).with(g).with(count).with(perPart).with(accumulate)
                .blocks(count * tile.blocks(g.groups(), g.kg(), g.cg() * taps(g)), TensorTile.THREADS, tile.sharedBytesOfFilter());
    }

    void directBackwardData(DataType type, ConvGeometry g, long dy, long w, long dx, boolean accumulate) {
        direct(KernelName.DIRECT_BACKWARD_DATA, type, g, g.n())
                .with(dy).with(w).with(dx).with(g).with(accumulate)
                .forEach(g.n() * tiles(g.groups(), g.cg()) * inputs(g));
    }

    /** dw of the first {@code images} images. */
    void validConvFilter(DataType type, ConvGeometry g, int images, long x, long dy, long dw, boolean accumulate) {
        int threads = threadsForSum(images * outputs(g));
        direct(KernelName.VALID_CONV_FILTER, type, g, images)
                .with(x).with(dy).with(dw).with(g, images).with(accumulate)
                .blocks(tiles(g.groups(), g.kg()) * g.cg() * taps(g), threads, FILTERS_PER_BLOCK * threads * type.bytes());
    }

    // --- depthwise --------------------------------------------------------------------------------------------------------------

    void depthwiseForward(DataType type, ConvGeometry g, long x, long w, long y, boolean accumulate) {
        KernelName name = forTensors(type, KernelName.DEPTHWISE_FORWARD, KernelName.DEPTHWISE_FORWARD_FP16,
                KernelName.DEPTHWISE_FORWARD_BF16);
        direct(name, DataType.FLOAT32, g, g.n())
                .with(x).with(w).with(y).with(g).with(accumulate).forEach((long) g.n() * g.k() * outputs(g));
    }

    void depthwiseBackwardData(DataType type, ConvGeometry g, long dy, long w, long dx, boolean accumulate) {
        KernelName name = forTensors(type, KernelName.DEPTHWISE_BACKWARD_DATA, KernelName.DEPTHWISE_BACKWARD_DATA_FP16,
                KernelName.DEPTHWISE_BACKWARD_DATA_BF16);
        direct(name, DataType.FLOAT32, g, g.n())
                .with(dy).with(w).with(dx).with(g).with(accumulate).forEach((long) g.n() * g.c() * inputs(g));
    }

    /** Partial sums of dw in fp32, to be added up by {@link #sumParts}. */
    void depthwiseFilter(DataType type, ConvGeometry g, long x, long dy, long partials, int parts) {
        int threads = threadsForSum((g.n() * outputs(g) + parts - 1) / parts);
        long tiles = (taps(g) + TAPS_PER_BLOCK - 1) / TAPS_PER_BLOCK;
        KernelName name = forTensors(type, KernelName.DEPTHWISE_FILTER, KernelName.DEPTHWISE_FILTER_FP16, KernelName.DEPTHWISE_FILTER_BF16);
        direct(name, DataType.FLOAT32, g, g.n())
                .with(x).with(dy).with(partials).with(g).with(parts)
                .blocks(parts * g.k() * tiles, threads, TAPS_PER_BLOCK * threads * Float.BYTES);
    }

    /**
     * y; or dx, with the geometry from dy to dx.
     *
     * @param rotated the filters are read backwards
     * @param call    says how it ends: with a bias, a ReLU, added to what is there
     */
    void depthwiseStrips(DataType type, DepthwiseStrips strips, ConvGeometry g, long x, long w, long y, boolean rotated, CudaCall call) {
        of(rotated ? strips.backwardData() : strips.forward(), type)
                .with(x).with(w).with(y).with(g).with(rotated).with(call.bias()).with(call.relu()).with(call.accumulate())
                .forEach((long) g.n() * g.k() * strips.strips(g.p()) * g.q());
    }

    /** dx, with stride 2; the call says how it ends. */
    void depthwiseStripsData(DataType type, DepthwiseStrips strips, ConvGeometry g, long dy, long w, long dx, CudaCall call) {
        of(strips.backwardData(), type)
                .with(dy).with(w).with(dx).with(g).with(call.bias()).with(call.relu()).with(call.accumulate())
                .forEach((long) g.n() * g.c() * DepthwiseStrips.pairedStrips(g.h(), g.padH(), g.w(), g.padW()));
    }

    /** Partial sums of dw in fp32, to be added up by {@link #sumParts}. */
    void depthwiseStripsFilter(DataType type, DepthwiseStrips strips, ConvGeometry g, long x, long dy, long partials, int parts) {
        of(strips.backwardFilter(), type)
                .with(x).with(dy).with(partials).with(g).with(parts)
                .blocks((long) parts * g.k(), THREADS_OF_STRIPS, strips.taps() * THREADS_OF_STRIPS * Float.BYTES);
    }

    // --- residue classes ----------------------------------------------------------------------------------------------------------

    /** Both of the type. */
    void parityFilters(DataType type, ConvGeometry g, ParityBox box, long w, long filters) {
        long elements = (long) g.c() * g.kg() * box.taps();
        indexed(type.isNarrow() ? KernelName.PARITY_FILTERS_B16 : KernelName.PARITY_FILTERS, g, (long) g.k() * g.cg() * taps(g))
                .with(w).with(filters).with(g).with(box.depth(), box.height(), box.width()).forEach(elements);
    }

    /** Columns {@code first} to {@code first + count} of the class, of dy's type. */
    void parityColumns(DataType type, ConvGeometry g, ParityBox box, long dy, long columns, int images, long first, long count) {
        indexed(type.isNarrow() ? KernelName.PARITY_COLUMNS_B16 : KernelName.PARITY_COLUMNS, g,
                Math.max(images * (long) g.k() * outputs(g), (long) g.k() * box.taps() * count))
                .with(dy).with(columns).with(g).with(box.depth(), box.height(), box.width()).with(first).with(count)
                .forEach(g.k() * count);
    }

    /**
     * dx of the type from products of fp32.
     *
     * @param tapsD bit r is set where the depths with remainder r have taps; likewise tapsH and tapsW
     */
    void parityScatter(DataType type, ConvGeometry g, long products, long dx, int images, long tapsD, long tapsH, long tapsW,
                       boolean accumulate) {
        long elements = images * (long) g.c() * inputs(g);
        KernelName name = forTensors(type, KernelName.PARITY_SCATTER, KernelName.PARITY_SCATTER_FP16, KernelName.PARITY_SCATTER_BF16);
        indexed(name, g, elements)
                .with(products).with(dx).with(g).with(images).with(tapsD).with(tapsH).with(tapsW).with(accumulate)
                .forEach(elements);
    }

    // --- element-wise ---------------------------------------------------------------------------------------------------------------

    /** {@code y[images, channels, positions]} = or += bias of its channel; with a ReLU {@code max(., 0)} of that. */
    void addBias(DataType type, long bias, long y, long images, int channels, long positions, boolean accumulate, boolean relu) {
        of(KernelName.ADD_BIAS, type)
                .with(bias).with(y).with(images).with(channels).with(positions).with(accumulate).with(relu)
                .forEach(images * channels * positions);
    }

    void biasGradient(DataType type, long dy, long dbias, long images, int channels, long positions, boolean channelsLast,
                      boolean accumulate) {
        int threads = threadsForSum(positions);
        of(KernelName.BIAS_GRADIENT, type)
                .with(dy).with(dbias).with(images).with(channels).with(positions).with(channelsLast).with(accumulate)
                .blocks(channels, threads, threads * Double.BYTES);
    }

    /** {@code max(., 0)} of every element of a tensor of 16 bits, in place. */
    void relu(DataType type, long y, long count) {
        of(KernelName.RELU, type).with(y).with(count).forEach(count);
    }

    /** Of fp32, to an output of a type. */
    void sumParts(DataType type, long parts, long output, int count, long elements, boolean accumulate) {
        of(KernelName.SUM_PARTS, type)
                .with(parts).with(output).with(count).with(elements).with(accumulate).forEach(elements);
    }

    // --- variants -------------------------------------------------------------------------------------------------------------------

    /** The kernel for tensors of that type that has 64-bit indices only. */
    Launch of(KernelName name, DataType type) {
        return launch(name, variantOf(type));
    }

    /** The kernel for tensors of that type whose indices need to count that far. */
    Launch indexed(KernelName name, DataType type, long elements) {
        return launch(name, type == DataType.FLOAT64 ? Variant.DOUBLE
                : alwaysWide || elements >= NARROW_LIMIT ? Variant.WIDE : Variant.NARROW);
    }

    /** The kernel for a convolution, or windows of its geometry, on tensors of that type. */
    Launch direct(KernelName name, DataType type, ConvGeometry g, int images) {
        if (type == DataType.FLOAT64) {
            return launch(name, Variant.DOUBLE);
        }
        return indexed(name, g, Math.max(elements(g, images), (long) g.k() * g.cg() * taps(g)));
    }

    /** Whether 32-bit indices count all of a convolution's elements and positions. */
    static boolean countsIn32Bits(ConvGeometry g) {
        return Math.max(elements(g, g.n()), (long) g.k() * g.cg() * taps(g)) < NARROW_LIMIT && furthestPosition(g) < NARROW_LIMIT;
    }

    /** Of the larger of both maps. */
    private static long elements(ConvGeometry g, int images) {
        return images * Math.max(g.c() * inputs(g), g.k() * outputs(g));
    }

    private Launch indexed(KernelName name, ConvGeometry g, long elements) {
        boolean wide = alwaysWide || elements >= NARROW_LIMIT || furthestPosition(g) >= NARROW_LIMIT;
        return launch(name, wide ? Variant.WIDE : Variant.NARROW);
    }

    /** Positions are counted from the padding's begin to beyond the last tap of the last output. */
    private static long furthestPosition(ConvGeometry g) {
        long depth = Math.max(g.d(), (long) g.z() * g.strideD()) + Math.abs(g.padD()) + (long) g.t() * g.dilD();
        long height = Math.max(g.h(), (long) g.p() * g.strideH()) + Math.abs(g.padH()) + (long) g.r() * g.dilH();
        long width = Math.max(g.w(), (long) g.q() * g.strideW()) + Math.abs(g.padW()) + (long) g.s() * g.dilW();
        return Math.max(depth, Math.max(height, width));
    }

    /** How far the elements of the tensors, and positions outside of the source on the way to them, are counted. */
    private static double furthestElement(GemmGeometry g) {
        GemmAxis depth = g.depth();
        GemmAxis height = g.height();
        GemmAxis width = g.width();
        double maps = (double) g.n() * g.groups();
        double sources = maps * g.channels() * depth.sources() * height.sources() * width.sources()
                + (furthestSource(depth) * height.sources() + furthestSource(height)) * width.sources() + furthestSource(width);
        double targets = maps * g.filters() * depth.targets() * height.targets() * width.targets();
        double filters = (double) g.groups() * g.filters() * g.channels() * depth.filter() * height.filter() * width.filter();
        return Math.max(Math.max(sources, targets), filters);
    }

    private static double furthestSource(GemmAxis axis) {
        return Math.abs((double) axis.firstSource()) + (double) axis.positions() * axis.sourceStride()
                + (double) axis.taps() * Math.abs(axis.sourceStep());
    }

    /** The kernel whose tensors are of the type; with indices as those of fp32. */
    private static KernelName forTensors(DataType type, KernelName fp32, KernelName fp16, KernelName bf16) {
        return switch (type) {
            case FLOAT32 -> fp32;
            case FLOAT16 -> fp16;
            case BFLOAT16 -> bf16;
            case FLOAT64 -> throw new IllegalArgumentException("no such kernel computes in FLOAT64");
        };
    }

    private static Variant variantOf(DataType type) {
        return switch (type) {
            case FLOAT32 -> Variant.ANY;
            case FLOAT64 -> Variant.DOUBLE;
            case FLOAT16 -> Variant.FP16;
            case BFLOAT16 -> Variant.BF16;
        };
    }

    private Launch launch(KernelName name, Variant variant) {
        Launch launch = launches[name.ordinal()][variant.ordinal()];
        if (launch == null) {
            launch = new Launch(context.module(name.family()).kernel(name.function() + variant.suffix));
            launches[name.ordinal()][variant.ordinal()] = launch;
        }
        return launch.begin();
    }

    /** Few threads where there is little to add up; a power of two, as the tree of sums needs. */
    static int threadsForSum(long terms) {
        int threads = LEAST_THREADS_OF_SUM;
        while (threads < THREADS_OF_SUM && threads < terms) {
            threads *= 2;
        }
        return threads;
    }

    /** Blocks or threads that share the channels of each group by fours. */
    private static long tiles(int groups, int perGroup) {
        return (long) groups * ((perGroup + FILTERS_PER_BLOCK - 1) / FILTERS_PER_BLOCK);
    }

    private static long inputs(ConvGeometry g) {
        return (long) g.d() * g.h() * g.w();
    }

    private static long outputs(ConvGeometry g) {
        return (long) g.z() * g.p() * g.q();
    }

    private static long taps(ConvGeometry g) {
        return (long) g.t() * g.r() * g.s();
    }
}
