package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;

/**
 * Where each way of computing is worth choosing. The thresholds were measured on one core with 512-bit vectors and with scalar code,
 * for filters of 1 to 64 taps an axis over maps of 4 to 112. What decides is the number of filters per group: packing columns for a
 * matrix product costs the same for one filter as for many.
 */
final class WhereItPays {

    /** Filters per group up to which shifted planes beat a product with the columns of x. */
    private static final long NARROW_FORWARD = 8;
    /** The same for the gradients, whose products cost more packing, or adding up, for each column. */
    private static final long NARROW_GRADIENT = 16;
    /** Filters of a single channel, and their taps, up to which the filter gradient's sums with shifted planes beat turned factors. */
    private static final long SINGLE_CHANNEL_FILTERS = 24;
    private static final long SINGLE_CHANNEL_TAPS = 25;
    /** Channels and filters per group up to which shifted planes beat a product that needs no packing. */
    private static final long NARROW_POINTWISE = 4;
    /** Taps for each position of y beyond which laying out planes costs more than the sums. */
    private static final long TAPS_PER_POSITION = 4;

    /** Products that are made for each of the definition, padding counted, where pieces of a dilated map pay, and channels for tiles. */
    private static final double LATTICE_SHARE = 0.8;
    private static final long LATTICE_CHANNELS = 8;

    /** Columns of a filter, and a stride, from which windows as they lie beat columns. */
    private static final long WINDOW = 32;
    private static final long WINDOW_STRIDE = 16;

    /** The part of the products of a data gradient that must be none with the zeros around dy, for filters as wide as their input. */
    private static final long FULL_WIDTH_PART = 8;

    /** Columns of outputs, or of a residue class, from which channels side by side pay, and blocks of channels if one may be short. */
    private static final long LANES_COLUMNS = 7;
    private static final long LANES_BLOCKS = 4;
    /** Elements of x and y, about 4 MiB, from which they come from memory, where reading many channels at once is faster. */
    private static final long LANES_ELEMENTS = 1 << 20;
    /** Taps from which turning around pays for longer rows, too. */
    private static final long LANES_TAPS = 25;

    /** Rows of outputs from which padded rows pay, and the part of a vector that they must fill. */
    private static final long PADDED_ROWS = 4;
    private static final long PADDED_PART = 4;

    /** Taps for each plane of a channel from which a product with shifted planes pays. */
    private static final long SHIFTED_TAPS = 2;
    /** Filters per group from which laying out a plane for each tap pays. */
    private static final long SHIFTED_FILTERS = 32;
    /** Filters per group up to which, and positions of a residue class and taps from which, products of each class beat one of all. */
    private static final long RESIDUE_FILTERS = 96;
    /** The same of filters with so many taps for each class, the columns of which cost more to be added up. */
    private static final long RESIDUE_FILTERS_OF_MANY = 128;
    private static final long RESIDUE_MANY_TAPS = 4;
    /** The same with one dimension and a stride of 2, where planes have hardly any padding and classes are written together. */
    private static final long RESIDUE_FILTERS_OF_LINES = 192;
    private static final long RESIDUE_TAPS_OF_LINES = 4;
    private static final long RESIDUE_COLUMNS = 196;
    private static final long RESIDUE_ALL_TAPS = 9;
    /** Columns of a product with packed columns for each column of one with shifted planes, at least. */
    private static final double USEFUL_COLUMNS = 0.6;

    /**
     * Products with copies of small maps: what the dot product of a piece of a filter plane costs, in vectors of a column, and the share of the
     * vectors of shifted planes up to which they pay.
     */
    private static final double LOOSE_PIECE = 2.5;
    private static final double FLAT_SHARE = 0.95;

    /** Positions of a plane of y from which turning x and dy around for the filter gradient beats packing columns. */
    private static final long TURNED_POSITIONS = 16;
    /** Products with each element of dy, at least. */
    private static final long TURNED_PRODUCTS = 24;
    /** The same with one tap, where a product on x and dy as they lie needs no more packing. */
    private static final long TURNED_POINTWISE_PRODUCTS = 96;
    /** Channels or filters per group, at least: with fewer of both, shifted planes are as fast. */
    private static final long TURNED_CHANNELS = 16;
    /** The share of products that are none with rows and columns that fill up tiles, at least. */
    private static final double TURNED_USEFUL = 0.3;

    /** Channels per group from and up to which, and the share of products that are part of dw from which, all taps along rows as columns pay. */
    private static final long GROUPED_CHANNELS = 6;
    private static final long MOST_GROUPED_CHANNELS = 48;
    private static final double GROUPED_USEFUL = 0.5;

    /** Positions of an image from which, and the part of x and dy up to which, turning only this part around pays. */
    private static final long HALF_TURNED_POSITIONS = 98;
    private static final double HALF_TURNED_PART = 0.5;
    /** Products with each element of dy, at least, where there are more filters than channels. */
    private static final long HALF_TURNED_PRODUCTS = 48;

    /** Turning an element of a tensor, or a sum, around costs as much as this many products, and to gather a column's element. */
    private static final double TURNED_ELEMENT = 20;
    private static final double GATHERED_ELEMENT = 15;

    /** Output channels that each panel of columns must meet: with several images, whose columns are cut alike, fewer. */
    private static final long IMPLICIT_ROWS = 96;
    private static final long IMPLICIT_ROWS_OF_IMAGES = 48;
    /** The same where shifted planes are the other way, of which the costs tell. */
    private static final long IMPLICIT_FEWEST_ROWS = 32;

    /** Positions that filters which are copied in each run must meet. */
    private static final long IMPLICIT_POSITIONS = 64;

    /** The share of vectors that output channels fill, at least, and positions, at most, where the same product turned around pays. */
    private static final double TURNED_CHANNELS_SHARE = 0.9;
    private static final double TURNED_POSITIONS_SHARE = 0.85;

    /** Positions of a residue class of all images from which its columns fill panels. */
    private static final long IMPLICIT_CLASS = 48;

    /** Positions of a single image from which turning filters around that change pays; for the data gradient they lie as needed. */
    private static final long PACKED_POSITIONS = 25;
    /** The share of products that are none with rows or columns to spare, at least. */
    private static final double PACKED_USEFUL = 0.12;

    /** Positions of all images from which packing filters that change pays for boxes, in data gradients and forward, and useful products. */
    private static final long BOX_POSITIONS = 48;
    private static final long BOX_FORWARD_POSITIONS = 100;
    private static final double BOX_USEFUL = 0.5;

    /** Filters per group from which a product over columns beats the direct sums with vectors. */
    private static final long GEMM_FILTERS = 2;
    /** The same without vectors, where the direct loops are nearly as fast as the product. */
    private static final long SCALAR_GEMM_FILTERS = 4;
    /** The same without vectors for the filter gradient, whose direct sums stay in registers. */
    private static final long SCALAR_GEMM_GRADIENT_FILTERS = 12;

    /** Positions, channels per group and taps of a residue class from which a product of its own beats adding up columns. */
    private static final long RESIDUE_POSITIONS = 256;
    private static final long RESIDUE_CHANNELS = 32;
    private static final long RESIDUE_TAPS = 3;

    /**
     * Costs of Winograd's F(4x4, 3x3) in multiply-adds of its products: a filter's transform for each pair of channels, when the filters
     * are turned around for it, when constant ones were so beforehand, and when all are transformed and kept in memory; for each channel a
     * tile of inputs and of outputs; and, for comparison, the 9 products of an output of the definition.
     */
    private static final double WINOGRAD_FROM_W = 650;
    private static final double WINOGRAD_TURNED = 430;
    private static final double WINOGRAD_TRANSFORMED = 1_000;
    private static final double WINOGRAD_INPUT = 1_300;
    private static final double WINOGRAD_OUTPUT = 800;
    private static final double WINOGRAD_DIRECT = 7.9;
    /** The same for the filter gradient: turning the sums of a pair of channels back, and a tile of inputs and of gradients. */
    private static final double WINOGRAD_SUMS = 700;
    private static final double WINOGRAD_GRADIENT = 1_000;

    /** Taps from which Fourier transforms are considered. */
    private static final long FOURIER_TAPS = 49;
    /** Outputs of all tiles of a dilated layer for each output that there is, at most. */
    private static final double DILATED_OUTPUTS = 2;

    /** Nanoseconds of a core for a multiply-add of the definition, which Fourier transforms must undercut: narrow groups and others. */
    private static final double FOURIER_NARROW = 0.025;
    private static final double FOURIER_NARROW_GRADIENT = 0.045;
    private static final double FOURIER_DENSE = 0.016;
    private static final double FOURIER_DENSE_GRADIENT = 0.018;

    private WhereItPays() {
    }

    /** For dilations that are large beside the map: the share of products that are made must be small, and fill tiles. */
    static Support latticeGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        return Support.when(problem.axes().stream().anyMatch(axis -> axis.dilation() > 1 && axis.filter() > 1), "there is no dilation")
                .and(Support.when(Math.min(problem.channelsPerGroup(), problem.filtersPerGroup()) >= LATTICE_CHANNELS, "it pays from "
                        + LATTICE_CHANNELS + " channels and filters per group on"))
                .and(Support.when(LatticeGemmPlan.share(request, runtime) <= LATTICE_SHARE, "too few of its taps meet only padding"));
    }

    /** For windows of x that lie far apart: they must be wide, and so must be what each of them has alone. */
    static Support windowGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        SpatialAxis width = request.problem().axis3(2);
        return Support.when(width.filter() >= WINDOW && width.stride() >= WINDOW_STRIDE, "it pays from " + WINDOW + " columns of a filter and "
                + "a stride of " + WINDOW_STRIDE + " along rows on");
    }

    /** For windows of x as they lie: rows fill vectors, and the filter is not as high as the input, too. */
    static Support fullWidthGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        SpatialAxis height = problem.axis3(1);
        boolean useful = request.operation() != ConvOperation.BACKWARD_DATA || height.output() * FULL_WIDTH_PART >= height.input();
        return Support.when(useful, "it would multiply zeros for the most part").and(Support.when(!problem.isFullSize(), "a filter as large as the input has one window only"))
                .and(Support.when(problem.axis3(2).filter() >= runtime.simd().lanes(), "filters are narrower than "
                        + runtime.simd().description()));
    }

    /** For rows of maps in registers: wherever there are vectors. */
    static Support depthwise3x3(CpuRuntime runtime) {
        return Support.when(!runtime.simd().isScalar(), "without vectors, shifted planes are as fast");
    }

    /**
     * For channels side by side, which must fill vectors and be turned around: that pays where rows of outputs would leave half of a vector
     * empty, a part of one if there are many taps, and where strides take rows apart; forward the latter only with tensors that do not stay
     * in the caches.
     */
    static Support channelLanes(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, turning channels around gains nothing");
        }
        ConvProblem problem = request.problem();
        SpatialAxis width = problem.axis3(2);
        int lanes = runtime.simd().lanes();
        boolean toInput = request.operation() == ConvOperation.BACKWARD_DATA;
        boolean strided = width.stride() > 1;
        long columns = toInput ? width.input() / width.stride() : width.output();
        boolean small = columns * 2 <= lanes;
        boolean largeFilter = columns <= lanes && problem.filterTaps() >= LANES_TAPS;
        long channels = problem.inputChannels();
        long elements = problem.batch() * channels * (problem.inputPositions() + problem.outputPositions());
        boolean pays = switch (request.operation()) {
            case FORWARD -> strided ? elements >= LANES_ELEMENTS : small || largeFilter;
            case BACKWARD_DATA -> strided || small || largeFilter;
            case BACKWARD_FILTER -> small || largeFilter;
        };
        return Support.when(problem.filterTaps() > 1, "with one tap there is nothing to add up")
                .and(Support.when(channels % lanes == 0 || channels >= LANES_BLOCKS * lanes, "channels would leave vectors empty"))
                .and(Support.when(columns >= LANES_COLUMNS && Math.min(problem.inputPositions(), problem.outputPositions()) >= lanes,
                        "it pays from " + LANES_COLUMNS + " columns and " + lanes + " positions on"))
                .and(Support.when(pays, "rows of " + columns + " columns fill vectors well enough"));
    }

    /** For rows of padded planes: several must be summed up side by side, and must not leave most of a vector empty. */
    static Support paddedRows(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than shifted planes");
        }
        ConvProblem problem = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        long rows = forward ? problem.axis3(1).output() : problem.axis3(1).input();
        long columns = forward ? problem.axis3(2).output() * problem.axis3(2).stride() : problem.axis3(2).input();
        return positionsForPlanes(problem)
                .and(Support.when(problem.filterTaps() > 1, "with one tap there is nothing to share"))
                .and(Support.when(problem.filtersPerGroup() <= NARROW_FORWARD, "it pays up to " + NARROW_FORWARD
                        + " filters per group, and there " + filters(problem)))
                .and(Support.when(rows >= PADDED_ROWS, "it pays from " + PADDED_ROWS + " rows on, and there "
                        + (rows == 1 ? "is 1" : "are " + rows)))
                .and(Support.when(columns * PADDED_PART >= runtime.simd().lanes(), "rows of " + columns + " columns leave most of "
                        + runtime.simd().description() + " empty"));
    }

    static Support shiftedPlanes(ConvRequest request, CpuRuntime runtime) {
        ConvProblem problem = request.problem();
        if (request.operation() == ConvOperation.BACKWARD_FILTER && runtime.simd().isScalar()) {
            return Support.no("without vectors, sums of products of long rows are faster directly");
        }
        Support enough = positionsForPlanes(problem);
        if (!enough.yes()) {
            return enough;
        }
        if (problem.filterTaps() == 1) {
            return Support.when(Math.max(problem.channelsPerGroup(), problem.filtersPerGroup()) <= NARROW_POINTWISE,
                    "with one tap it pays up to " + NARROW_POINTWISE + " channels and filters per group");
        }
        long most = request.operation() == ConvOperation.FORWARD ? NARROW_FORWARD
                : request.operation() == ConvOperation.BACKWARD_FILTER && isFewTapsOfOneChannel(problem) ? SINGLE_CHANNEL_FILTERS
                : NARROW_GRADIENT;
        return Support.when(problem.filtersPerGroup() <= most, "it pays up to " + most + " filters per group, and there "
                + filters(problem));
    }

    /**
     * For products with a column matrix that is packed a panel at a time, and with copied filters: where a product with shifted planes pays,
     * too, it must cost more, and otherwise a panel must meet many rows. Filters that may change, which are copied in each run, must meet
     * some positions.
     *
     * @param cost    what it costs
     * @param shifted what shifted planes cost, or infinity where they do not pay
     */
    static Support implicitGemm(ConvRequest request, CpuRuntime runtime, double cost, double shifted) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        boolean constant = request.filters() == FilterUse.CONSTANT;
        long rows = forward ? problem.filtersPerGroup() : problem.channelsPerGroup();
        long ofImage = forward ? problem.outputPositions() : problem.inputPositions();
        long alone = problem.batch() == 1 || !constant ? IMPLICIT_ROWS : IMPLICIT_ROWS_OF_IMAGES;
        long needed = shifted < Double.POSITIVE_INFINITY ? IMPLICIT_FEWEST_ROWS : alone;
        long classes = forward ? 1 : ResidueGemmAlgorithm.classes(problem);
        long positions = problem.batch() * ofImage / Math.max(1, classes);
        return Support.when(!problem.isFullSize() && problem.filterTaps() > 1, "filters of one tap, or as large as the input, need no columns")
                .and(Support.when(classes == 1 || constant, "with a stride, copying filters that may change tap by tap costs more than it saves"))
                .and(Support.when(classes == 1 || positions >= IMPLICIT_CLASS, "with a stride it pays from " + IMPLICIT_CLASS
                        + " positions of a residue class on, and there " + (positions == 1 ? "is 1" : "are " + positions)))
                .and(Support.when(rows >= needed, "it pays from " + needed + " output channels per group on, and there "
                        + (rows == 1 ? "is 1" : "are " + rows)))
                .and(Support.when(constant || positions >= IMPLICIT_POSITIONS, "copying filters that may change pays from "
                        + IMPLICIT_POSITIONS + " positions on, and there " + (positions == 1 ? "is 1" : "are " + positions)))
                .and(Support.when(cost < shifted, "laying out shifted planes costs less than packing panels"));
    }

    /**
     * For the same product turned around, whose vectors output channels fill: constant filters, and so few positions that they would leave
     * much of their vectors empty.
     */
    static Support turnedGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        int lanes = runtime.simd().lanes();
        long outs = forward ? problem.filtersPerGroup() : problem.channelsPerGroup();
        long positions = problem.batch() * (forward ? problem.outputPositions() : problem.inputPositions());
        return Support.when(request.filters() == FilterUse.CONSTANT, "packing filters that may change costs more than it saves")
                .and(Support.when(!problem.isFullSize() && problem.filterTaps() > 1, "filters of one tap, or as large as the input, need no columns"))
                .and(Support.when(filled(outs, lanes) >= TURNED_CHANNELS_SHARE, "output channels of a group would leave vectors empty"))
                .and(Support.when(filled(positions, lanes) <= TURNED_POSITIONS_SHARE, "positions fill vectors"));
    }

    /** The share of whole vectors that so many elements fill. */
    private static double filled(long elements, int lanes) {
        return elements / (Math.ceil((double) elements / lanes) * lanes);
    }

    /**
     * For products with copies of small maps: where filters are not worth packing, and the ends of rows of shifted planes are more than
     * the columns that make up no whole vector.
     *
     * @param shiftedVectors vectors of columns of an image with shifted planes
     */
    static Support flatGemm(ConvRequest request, CpuRuntime runtime, long shiftedVectors) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, there are none to fill");
        }
        int lanes = runtime.simd().lanes();
        long positions = request.problem().inputPositions();
        double taps = request.problem().filterTaps();
        long loose = positions % SimdProvider.PARTIAL_SUMS;
        double vectors = (positions - loose) / lanes + loose * LOOSE_PIECE * Math.ceil(taps / lanes) / taps;
        return Support.when(!ShiftedGemmPlan.packsFilters(request), "packed filters are read faster, and worth packing here")
                .and(Support.when(request.problem().filterTaps() >= SHIFTED_TAPS, "it pays from " + SHIFTED_TAPS + " taps on"))
                .and(Support.when(vectors <= FLAT_SHARE * shiftedVectors, "the ends of rows of shifted planes fit into the last vector"));
    }

    /**
     * For products with shifted planes, which cost no packing: only to lay out planes of which few taps make use does not pay, nor do
     * planes that are padding for the most part.
     *
     * @param usefulColumns see {@link ShiftedGemmPlan#usefulColumns}
     */
    static Support shiftedGemm(ConvRequest request, CpuRuntime runtime, double usefulColumns) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        if (problem.isFullSize()) {
            return Support.no("a filter as large as the input needs no planes");
        }
        boolean forward = request.operation() == ConvOperation.FORWARD;
        long classes = forward ? 1 : ResidueGemmAlgorithm.classes(problem);
        if (classes > 1) {
            return shiftedResidues(problem, classes, usefulColumns);
        }
        long planes = forward ? problem.axes().stream().mapToLong(SpatialAxis::stride).reduce(1, (a, b) -> a * b) : 1;
        long needed = planes > 1 && problem.filtersPerGroup() >= SHIFTED_FILTERS ? planes : SHIFTED_TAPS * planes;
        return Support.when(problem.filterTaps() >= needed, "it pays from " + needed + " taps on with "
                        + (planes == 1 ? "a plane" : planes + " planes") + " a channel, and there "
                        + (problem.filterTaps() == 1 ? "is 1" : "are " + problem.filterTaps()))
                .and(Support.when(usefulColumns >= USEFUL_COLUMNS, "it would multiply more padding than inputs"));
    }

    /**
     * The same for residue classes of a stride. The other way is one product for all taps, whose columns are added up: the fewer filters
     * there are and the more taps, the more of its time goes into that.
     */
    private static Support shiftedResidues(ConvProblem problem, long classes, double usefulColumns) {
        long positions = problem.inputPositions() / classes;
        boolean lines = problem.axes().size() == 1 && classes == 2 && problem.filterTaps() >= RESIDUE_TAPS_OF_LINES;
        long taps = lines ? RESIDUE_TAPS_OF_LINES : RESIDUE_ALL_TAPS;
        long most = lines ? RESIDUE_FILTERS_OF_LINES
                : problem.filterTaps() >= RESIDUE_MANY_TAPS * classes ? RESIDUE_FILTERS_OF_MANY : RESIDUE_FILTERS;
        return Support.when(problem.filtersPerGroup() <= most, "with a stride it pays up to " + most + " filters per group, and there are "
                        + problem.filtersPerGroup())
                .and(Support.when(positions >= RESIDUE_COLUMNS, "with a stride it pays from " + RESIDUE_COLUMNS
                        + " positions of a residue class on, and there " + (positions == 1 ? "is 1" : "are " + positions)))
                .and(Support.when(problem.filterTaps() >= taps, "with a stride it pays from " + taps
                        + " taps on, and there " + (problem.filterTaps() == 1 ? "is 1" : "are " + problem.filterTaps())))
                .and(Support.when(usefulColumns >= USEFUL_COLUMNS, "it would multiply more padding than inputs"));
    }

    /**
     * For products for each tap with x and dy turned around: that pays when each element that was turned takes part in many products, and
     * when channels and filters fill vectors and tiles.
     */
    static Support channelsLastGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        if (problem.isFullSize()) {
            return Support.no("a filter as large as the input needs no turning");
        }
        long plane = problem.axis3(1).output() * problem.axis3(2).output();
        return Support.when(plane >= TURNED_POSITIONS, "turning tensors around pays from " + TURNED_POSITIONS
                        + " positions of a plane on, and there " + (plane == 1 ? "is 1" : "are " + plane))
                .and(turnedFactors(problem, ChannelsLastPlan.usefulShare(problem, runtime.simd())));
    }

    /**
     * For groups whose taps along rows fill vectors together: lanes and rows that fill up tiles must be no more than with products for each
     * tap.
     */
    static Support groupedGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        long channels = problem.channelsPerGroup();
        double share = GroupedGradientPlan.usefulShare(problem);
        return Support.when(problem.groups() > 1, "there is one group only")
                .and(Support.when(problem.axis3(2).filter() > 1, "with one tap along rows there is nothing to join"))
                .and(Support.when(channels >= GROUPED_CHANNELS && channels <= MOST_GROUPED_CHANNELS, "it pays from " + GROUPED_CHANNELS + " to "
                        + MOST_GROUPED_CHANNELS + " channels per group, and there " + (channels == 1 ? "is 1" : "are " + channels)))
                .and(Support.when(share >= GROUPED_USEFUL && share >= ChannelsLastPlan.usefulShare(problem, runtime.simd()),
                        "channels and filters of a group would not fill its vectors and tiles"));
    }

    /**
     * For one product with the columns of x turned around: beside products for each tap it multiplies the padding and gathers every input
     * for each tap that meets it, but turns no sums back.
     */
    static Support columnsLastGemm(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        if (problem.isFullSize()) {
            return Support.no("a filter as large as the input needs no turning");
        }
        double positions = (double) problem.batch() * problem.outputPositions();
        double columns = (double) problem.channelsPerGroup() * problem.filterTaps();
        double sums = columns * problem.filtersPerGroup();
        double share = ColumnsLastPlan.usefulShare(problem, runtime.simd());
        double cost = positions * (sums / share + columns * (problem.isPointwise() ? TURNED_ELEMENT : GATHERED_ELEMENT));
        double ofEachTap = positions * sums * ChannelsLastPlan.insideShare(problem) / ChannelsLastPlan.usefulShare(problem, runtime.simd())
                + TURNED_ELEMENT * (sums + (double) problem.batch() * problem.inputPositions() * problem.channelsPerGroup());
        return Support.when(positions >= TURNED_POSITIONS, "turning tensors around pays from " + TURNED_POSITIONS
                        + " positions on, and there " + ((long) positions == 1 ? "is 1" : "are " + (long) positions))
                .and(turnedFactors(problem, share))
                .and(Support.when(cost < ofEachTap, "products for each tap without the padding cost less than building columns"));
    }

    /**
     * For 1-tap filters, with one factor turned around: its products are slower than with both, so what needs no turning must be most of
     * all, and images long enough for sums to stay in registers.
     */
    static Support turnedPointwise(ConvRequest request, CpuRuntime runtime) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        long positions = problem.outputPositions();
        double all = (double) problem.batch() * positions * (problem.inputChannels() + problem.outputChannels());
        // What is turned around in several blocks comes from further away, as both factors do.
        long products = TurnedPointwisePlan.isOneBlock(problem) ? HALF_TURNED_PRODUCTS : TURNED_POINTWISE_PRODUCTS;
        return Support.when(positions >= HALF_TURNED_POSITIONS, "it pays from " + HALF_TURNED_POSITIONS
                        + " positions of an image on, and there " + (positions == 1 ? "is 1" : "are " + positions))
                .and(turnedFactors(problem, ColumnsLastPlan.usefulShare(problem, runtime.simd()), products))
                .and(Support.when(TurnedPointwisePlan.turnedElements(problem) <= HALF_TURNED_PART * all,
                        "turning both tensors around, for faster products, costs little more"));
    }

    /** For products with both factors turned around: each element must take part in many, and both must fill vectors and tiles. */
    private static Support turnedFactors(ConvProblem problem, double usefulShare) {
        return turnedFactors(problem, usefulShare, TURNED_POINTWISE_PRODUCTS);
    }

    /** @param pointwise products of an element of dy that are needed with one tap and more filters than channels */
    private static Support turnedFactors(ConvProblem problem, double usefulShare, long pointwise) {
        long products = problem.channelsPerGroup() * problem.filterTaps();
        long needed = problem.filterTaps() > 1 || problem.filtersPerGroup() <= problem.channelsPerGroup() ? TURNED_PRODUCTS : pointwise;
        return Support.when(products >= needed, "turning dy around pays from " + needed + " channels and taps on, and there "
                        + (products == 1 ? "is 1" : "are " + products))
                .and(Support.when(!isFewTapsOfOneChannel(problem) || problem.filtersPerGroup() > SINGLE_CHANNEL_FILTERS
                        || !positionsForPlanes(problem).yes(), "with one channel per group, shifted planes are faster up to "
                        + SINGLE_CHANNEL_FILTERS + " filters of " + SINGLE_CHANNEL_TAPS + " taps"))
                .and(Support.when(Math.max(problem.channelsPerGroup(), problem.filtersPerGroup()) >= TURNED_CHANNELS,
                        "it pays from " + TURNED_CHANNELS + " channels or filters per group on"))
                .and(Support.when(usefulShare >= TURNED_USEFUL,
                        "channels and filters of a group would not fill a third of its vectors and tiles"));
    }

    private static boolean isFewTapsOfOneChannel(ConvProblem problem) {
        return problem.channelsPerGroup() == 1 && problem.filterTaps() <= SINGLE_CHANNEL_TAPS;
    }

    /**
     * For Winograd's minimal filtering: what its products, for each pair of channels, and its transforms, for each channel alone, cost
     * together, against the products of the definition. Filters that may change are transformed in each call.
     */
    static Support winograd(int m, ConvRequest request, CpuRuntime runtime, WinogradPlan plan) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, its transforms cost more than the products that they save");
        }
        if (m == 2) {
            return Support.no("where it pays, winograd-4x4 pays more");
        }
        ConvProblem problem = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        double positions = problem.batch() * (double) (forward ? problem.outputPositions() : problem.inputPositions());
        Support inside = tilesInside(problem, plan.count * (double) (m * m), positions);
        if (!inside.yes()) {
            return inside;
        }
        double slots = plan.outSlots();
        double filter = switch (plan.filters) {
            case FROM_W -> WINOGRAD_FROM_W;
            case TURNED -> WINOGRAD_TURNED;
            case TRANSFORMED -> request.filters() == FilterUse.CONSTANT ? 0 : WINOGRAD_TRANSFORMED;
            case IN_PARTS -> WINOGRAD_TRANSFORMED;
        };
        double cost = plan.ins * slots * ((double) WinogradPlan.wholeTiles(plan.count) * plan.area + filter)
                + plan.count * (plan.parts() * plan.ins * WINOGRAD_INPUT + slots * WINOGRAD_OUTPUT);
        return worthTransforming(problem, plan.count, plan.ins * (double) plan.outs * positions * WINOGRAD_DIRECT, cost);
    }

    private static Support tilesInside(ConvProblem problem, double outputsOfTiles, double outputs) {
        return Support.when(problem.axes().stream().noneMatch(axis -> axis.dilation() > 1) || outputsOfTiles <= DILATED_OUTPUTS * outputs,
                "rows and columns a dilation apart are so few that most of a tile lies outside");
    }

    /** The same for the filter gradient, whose sums are transformed once. */
    static Support winogradGradient(ConvRequest request, CpuRuntime runtime, int tiles) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, its transforms cost more than the products that they save");
        }
        ConvProblem problem = request.problem();
        Support inside = tilesInside(problem, tiles * (double) WinogradGradientPlan.OUTPUTS,
                (double) problem.batch() * problem.outputPositions());
        if (!inside.yes()) {
            return inside;
        }
        double channels = problem.channelsPerGroup();
        double slots = Math.ceil((double) problem.filtersPerGroup() / runtime.simd().lanes()) * runtime.simd().lanes();
        double cost = channels * slots * ((double) tiles * WinogradGradientPlan.AREA + WINOGRAD_SUMS)
                + tiles * (channels * WINOGRAD_INPUT + slots * WINOGRAD_GRADIENT);
        double direct = channels * problem.filtersPerGroup() * problem.batch() * problem.outputPositions() * WINOGRAD_DIRECT;
        return worthTransforming(problem, tiles, direct, cost);
    }

    private static Support worthTransforming(ConvProblem problem, int tiles, double direct, double cost) {
        return Support.when(direct >= cost, "transforms of " + problem.channelsPerGroup() + (problem.channelsPerGroup() == 1 ? " channel, "
                : " channels, ") + problem.filtersPerGroup() + (problem.filtersPerGroup() == 1 ? " filter and " : " filters and ") + tiles
                + (tiles == 1 ? " tile" : " tiles") + " cost more than the products that they save");
    }

    /** For products of Fourier transforms: what they cost, against the multiply-adds of the definition. */
    static Support fourier(ConvRequest request, CpuRuntime runtime, FourierPlan plan) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, its costs are not known");
        }
        ConvProblem problem = request.problem();
        boolean gradient = request.operation() == ConvOperation.BACKWARD_FILTER;
        double perProduct = problem.filtersPerGroup() <= NARROW_FORWARD ? gradient ? FOURIER_NARROW_GRADIENT : FOURIER_NARROW
                : gradient ? FOURIER_DENSE_GRADIENT : FOURIER_DENSE;
        return Support.when(problem.filterTaps() >= FOURIER_TAPS, "it pays from " + FOURIER_TAPS + " taps on, and there "
                + (problem.filterTaps() == 1 ? "is 1" : "are " + problem.filterTaps()))
                .and(Support.when(plan.cost < problem.macs() * perProduct, "transforms and their products cost more than the "
                + problem.macs() + " multiply-adds that they save"));
    }

    /** For products with the column matrix, or whose result is one. */
    static Support gemmOverColumns(ConvRequest request, CpuRuntime runtime) {
        long needed = !runtime.simd().isScalar() ? GEMM_FILTERS
                : request.operation() == ConvOperation.BACKWARD_FILTER ? SCALAR_GEMM_GRADIENT_FILTERS : SCALAR_GEMM_FILTERS;
        return Support.when(request.problem().filtersPerGroup() >= needed, "its packing pays from " + needed
                + " filters per group, and there " + filters(request.problem()));
    }

    /**
     * For products with packed filters: unless they are constant, packing them must pay in one call.
     *
     * @param usefulShare see {@link PackedPointwisePlan#usefulShare}
     */
    static Support packedPointwise(ConvRequest request, CpuRuntime runtime, double usefulShare) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product in place");
        }
        ConvProblem problem = request.problem();
        Support useful = Support.when(usefulShare >= PACKED_USEFUL, "channels and filters of a group would not fill its vectors and tiles");
        if (request.filters() == FilterUse.CONSTANT) {
            return useful;
        }
        boolean turnsFilters = request.operation() == ConvOperation.FORWARD && problem.batch() == 1;
        return useful
                .and(Support.when(problem.filterTaps() == 1, "packing filters as large as the input pays only if they are constant"))
                .and(Support.when(!turnsFilters || problem.outputPositions() >= PACKED_POSITIONS, "packing filters for a single image pays"
                        + " from " + PACKED_POSITIONS + " positions on, and there " + (problem.outputPositions() == 1 ? "is 1"
                        : "are " + problem.outputPositions())));
    }

    /**
     * For products with boxes: channels of a group and positions must fill vectors and tiles, and filters that change meet so many positions
     * that packing them pays.
     *
     * @param usefulShare see {@link BoxGemmPlan#usefulShare}
     */
    static Support boxGemm(ConvRequest request, CpuRuntime runtime, double usefulShare) {
        if (runtime.simd().isScalar()) {
            return Support.no("without vectors, it is no faster than a product with packed columns");
        }
        ConvProblem problem = request.problem();
        long positions = problem.batch() * problem.outputPositions();
        long needed = request.operation() == ConvOperation.FORWARD ? BOX_FORWARD_POSITIONS : BOX_POSITIONS;
        return Support.when(problem.filterTaps() > 1, "with one tap there are no boxes")
                .and(Support.when(!problem.isFullSize(), "a filter as large as the input has one box only"))
                .and(Support.when(usefulShare >= BOX_USEFUL, "channels of a group and positions would not fill half of its vectors and tiles"))
                .and(Support.when(request.filters() == FilterUse.CONSTANT || positions >= needed, "packing filters that change pays"
                        + " from " + needed + " positions on, and there " + (positions == 1 ? "is 1" : "are " + positions)));
    }

    /** For products on the tensors as they lie: all but those of single numbers with vectors. */
    static Support gemmInPlace(ConvRequest request) {
        ConvProblem problem = request.problem();
        long other = problem.isPointwise() ? problem.channelsPerGroup() : problem.batch();
        return Support.when(Math.max(problem.filtersPerGroup(), other) > 1, "with one filter per group and one "
                + (problem.isPointwise() ? "channel" : "image") + " there is no matrix to multiply");
    }

    /** For a product for each residue class, which packs dy for each tap and w again for each block of positions. */
    static Support residueGemm(ConvProblem problem, CpuRuntime runtime) {
        if (!runtime.simd().isScalar()) {
            return Support.no("with vectors, gathering columns costs less than packing dy for each tap");
        }
        long strides = problem.axes().stream().mapToLong(SpatialAxis::stride).reduce(1, (a, b) -> a * b);
        long positions = problem.inputPositions() / strides;
        long taps = problem.filterTaps() / ResidueGemmAlgorithm.classes(problem);
        return Support.when(positions >= RESIDUE_POSITIONS && problem.channelsPerGroup() >= RESIDUE_CHANNELS && taps >= RESIDUE_TAPS,
                "its packing pays from " + RESIDUE_POSITIONS + " positions, " + RESIDUE_CHANNELS + " channels and " + RESIDUE_TAPS
                        + " taps in a residue class on, and there are " + positions + ", " + problem.channelsPerGroup() + " and "
                        + taps);
    }

    private static Support positionsForPlanes(ConvProblem problem) {
        return Support.when(problem.filterTaps() <= TAPS_PER_POSITION * problem.outputPositions(), "laying out planes for "
                + positions(problem.outputPositions()) + " and " + problem.filterTaps() + " taps costs more than the sums");
    }

    private static String filters(ConvProblem problem) {
        return problem.filtersPerGroup() == 1 ? "is 1" : "are " + problem.filtersPerGroup();
    }

    private static String positions(long count) {
        return count == 1 ? "1 position" : count + " positions";
    }
}
