package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;

/**
 * Columns of x, then a matrix product, a chunk of images or of one image's positions at a time. For each image and group, with
 * {@code rows = C/G * taps},
 *
 * <pre>
 *   FORWARD          y  [K/G, positions] = w [K/G, rows] * columns [rows, positions]
 *   BACKWARD_FILTER  dw [K/G, rows]      = dy [K/G, positions] * columns', added up over the images
 * </pre>
 */
final class Im2colGemmAlgorithm extends GemmAlgorithm {

    private final Scratch scratch;

    Im2colGemmAlgorithm(MathMode mathMode, Scratch scratch) {
        super(mathMode);
        this.scratch = scratch;
    }

    /**
     * How the work is divided. The workspace holds the columns, then the parts of the filter gradient.
     *
     * @param images    whose columns are made at once
     * @param positions of an image whose columns are made at once: all of them unless a single image is too much
     * @param sum       of the filter gradient; null for FORWARD
     */
    private record Chunks(int images, long positions, long columnBytes, FilterSum sum) {

        static Chunks of(ConvRequest request, Scratch scratch) {
            ConvProblem problem = request.problem();
            long rows = problem.inputChannels() * problem.filterTaps();
            long bytes = rows * request.dataType().bytes();
            long images = scratch.atOnce(problem.batch(), bytes * problem.outputPositions());
            long positions = images > 1 ? problem.outputPositions() : scratch.atOnce(problem.outputPositions(), bytes);
            FilterSum sum = request.operation() == ConvOperation.BACKWARD_FILTER ? FilterSum.of(request, images) : null;
            return new Chunks((int) images, positions, Scratch.bytes(request.dataType(), images * rows * positions), sum);
        }

        long workspaceBytes() {
            return columnBytes + (sum == null ? 0 : sum.workspaceBytes());
        }
    }

    @Override
    public String name() {
        return "im2col-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        return notInFp64(request).and(Support.when(request.operation() != ConvOperation.BACKWARD_DATA,
                "it computes forward and the filter gradient; the data gradient is that of gemm-col2im"));
    }

    @Override
    public Support suits(ConvRequest request) {
        return isWorthColumns(request.problem());
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Chunks.of(request, scratch).workspaceBytes();
    }

    @Override
    public Object prepare(ConvRequest request) {
        return Chunks.of(request, scratch);
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        Chunks chunks = call.prepared(Chunks.class);
        long outputs = (long) g.z() * g.p() * g.q();
        for (int image = 0; image < g.n(); image += chunks.images) {
            int images = Math.min(chunks.images, g.n() - image);
            for (long first = 0; first < outputs; first += chunks.positions) {
                chunk(call, chunks, image, images, first, Math.min(chunks.positions, outputs - first));
            }
        }
        if (chunks.sum != null) {
            chunks.sum.finish(call, call.workspace() + chunks.columnBytes);
        }
    }

    private static void chunk(CudaCall call, Chunks chunks, int image, int images, long first, long positions) {
        ConvGeometry g = call.geometry();
        long inputs = (long) g.d() * g.h() * g.w();
        long outputs = (long) g.z() * g.p() * g.q();
        DataType type = call.plan().request().dataType();
        long x = call.x() + image * g.c() * inputs * type.bytes();
        long y = call.y() + (image * g.k() * outputs + first) * type.bytes();
        call.kernels().im2col(type, g, x, call.workspace(), (long) images * g.c(), first, positions);
        if (chunks.sum != null) {
            chunks.sum.add(call, call.workspace() + chunks.columnBytes, y, call.workspace(), positions, images,
                    image == 0 && first == 0);
            return;
        }
        long rows = (long) g.cg() * g.t() * g.r() * g.s();
        call.gemm()
                .a(call.w(), rows, 0, g.kg() * rows, false)
                .b(call.workspace(), positions, g.groups() * rows * positions, rows * positions, false)
                .c(y, outputs, g.k() * outputs, g.kg() * outputs)
                .multiply(g.kg(), positions, rows, images, g.groups(), call.accumulate());
    }
}
