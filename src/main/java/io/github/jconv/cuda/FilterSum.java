package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/**
 * A filter gradient as the sum over images of {@code dw [K/G, rows] = dy [K/G, positions] * columns [rows, positions]'} for each
 * group. The product is small and the sum long, so that a single product would leave most of a device idle: image i is added to part
 * {@code i mod parts}, all parts at once, and a last kernel adds up the parts. The order of every sum is fixed by the problem, so the
 * bits are the same in every run. Parts are of fp32, also where dw has 16 bits and is rounded once, in the end.
 *
 * @param type        of dw, dy and the columns
 * @param parts       sums kept apart
 * @param rowsPerGroup of the columns: C/G times the taps
 * @param elements    of dw
 */
record FilterSum(DataType type, int parts, long rowsPerGroup, long elements) {

    /** Blocks of threads that keep a large GPU busy: two for each of 132 multiprocessors. */
    private static final long WANTED_TILES = 264;

    /** Elements of dw that one block computes on each axis. */
    private static final long TILE = 64;

    /** @param imagesAtOnce whose columns exist at the same time */
    static FilterSum of(ConvRequest request, long imagesAtOnce) {
        ConvProblem problem = request.problem();
        long rows = problem.channelsPerGroup() * problem.filterTaps();
        long tiles = problem.groups() * ((problem.filtersPerGroup() + TILE - 1) / TILE) * ((rows + TILE - 1) / TILE);
        long wanted = (WANTED_TILES + tiles - 1) / tiles;
        return new FilterSum(request.dataType(), (int) Math.max(1, Math.min(wanted, imagesAtOnce)), rows, problem.wShape().elements());
    }

    /** Whether the products go straight to dw: a single sum, of dw's own type. */
    private boolean isDirect() {
        return parts == 1 && !type.isNarrow();
    }

    long workspaceBytes() {
        return isDirect() ? 0 : Scratch.floats(parts * elements);
    }

    /**
     * Adds some images.
     *
     * @param scratch   {@link #workspaceBytes} bytes
     * @param dy        of the first of the images, beginning with the first of the positions
     * @param columns   of the images: {@code [images, G, rowsPerGroup, positions]}
     * @param positions how many; dy has all of the problem's from one channel to the next
     * @param images    how many, at least {@link #parts} the first time
     * @param first     whether nothing has been added before
     */
    void add(CudaCall call, long scratch, long dy, long columns, long positions, long images, boolean first) {
        ConvGeometry g = call.geometry();
        long outputs = (long) g.z() * g.p() * g.q();
        long sum = isDirect() ? call.w() : scratch;
        boolean onto = !first || isDirect() && call.accumulate();
        for (long image = 0; image < images; image += parts) {
            long columnElements = g.groups() * rowsPerGroup * positions;
            call.gemmTo(DataType.FLOAT32)
                    .a(dy + image * g.k() * outputs * type.bytes(), outputs, g.k() * outputs, g.kg() * outputs, false)
                    .b(columns + image * columnElements * type.bytes(), positions, columnElements, rowsPerGroup * positions, true)
                    .c(sum, rowsPerGroup, elements, g.kg() * rowsPerGroup)
                    .multiply(g.kg(), rowsPerGroup, positions, Math.min(parts, images - image), g.groups(), onto || image > 0);
        }
    }

    /** Adds up the parts. */
    void finish(CudaCall call, long scratch) {
        if (!isDirect()) {
            call.kernels().sumParts(type, scratch, call.w(), parts, elements, call.accumulate());
        }
    }
}
