package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ResidueClass;
import io.github.jconv.tensor.DataType;

/**
 * The data gradient by residue classes of the strides ("parity" when the stride is 2): the inputs of a class meet the same taps and are
 * a dense convolution of dy with stride 1, one matrix product per class and group,
 *
 * <pre>
 *   product [C/G, inputs] = filters [C/G, K/G * taps] * columns of dy [K/G * taps, inputs]
 * </pre>
 *
 * <p>whose results one kernel then writes to their places in dx. Nothing is multiplied by an inserted zero; inputs that no tap meets,
 * output padding among them, cost their zero only. See {@link ResidueClass}.
 */
final class ParityAlgorithm extends GemmAlgorithm {

    private static final long LARGEST_STRIDE = Long.SIZE;
    private static final long MOST_CLASSES = 64;

    private final Scratch scratch;

    ParityAlgorithm(MathMode mathMode, Scratch scratch) {
        super(mathMode);
        this.scratch = scratch;
    }

    @Override
    public String name() {
        return "residue-gemm";
    }

    @Override
    public Support supports(ConvRequest request) {
        return notInFp64(request)
                .and(Support.when(request.operation() == ConvOperation.BACKWARD_DATA, "it computes the data gradient only"))
                .and(Support.when(request.problem().axes().stream().allMatch(axis -> axis.stride() <= LARGEST_STRIDE),
                        "a stride is larger than " + LARGEST_STRIDE));
    }

    /** Columns are made of dy here, in its type, and of dx in gemm-col2im, in fp32; the smaller ones win. */
    @Override
    public Support suits(ConvRequest request) {
        ConvProblem problem = request.problem();
        long classes = 1;
        long meetings = 1;
        for (int i = 0; i < 3; i++) {
            long along = 0;
            for (ResidueClass residue : ResidueClass.of(problem.axis3(i))) {
                along += (long) residue.taps() * residue.inputs();
            }
            meetings *= along;
            classes *= ResidueClass.of(problem.axis3(i)).size();
        }
        double ownBytes = (double) problem.outputChannels() * meetings * request.dataType().bytes()
                + (double) problem.inputChannels() * problem.inputPositions() * Float.BYTES;
        double othersBytes = (double) problem.inputChannels() * problem.filterTaps() * problem.outputPositions() * Float.BYTES;
        return isWorthColumns(problem)
                .and(Support.when(classes <= MOST_CLASSES, "it would need " + classes + " matrix products"))
                .and(Support.when(ownBytes < othersBytes, "its columns are larger than those of gemm-col2im"));
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return ParityChunks.of(request, scratch).workspaceBytes();
    }

    @Override
    public Object prepare(ConvRequest request) {
        return ParityChunks.of(request, scratch);
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        ParityChunks chunks = call.prepared(ParityChunks.class);
        packFilters(call, chunks);
        for (int image = 0; image < g.n(); image += chunks.images()) {
            int images = Math.min(chunks.images(), g.n() - image);
            long filters = call.workspace();
            for (int i = 0; i < chunks.boxes().size(); i++) {
                ParityBox box = chunks.boxes().get(i);
                multiply(call, chunks, box, filters, image, images);
                filters += filterElements(g, box) * chunks.type().bytes();
            }
            long dx = call.x() + (long) image * g.c() * g.d() * g.h() * g.w() * chunks.type().bytes();
            call.kernels().parityScatter(chunks.type(), g, call.workspace() + chunks.filterBytes(), dx, images, chunks.tapsD(),
                    chunks.tapsH(), chunks.tapsW(), call.accumulate());
        }
    }

    private static void packFilters(CudaCall call, ParityChunks chunks) {
        long filters = call.workspace();
        for (int i = 0; i < chunks.boxes().size(); i++) {
            ParityBox box = chunks.boxes().get(i);
            call.kernels().parityFilters(chunks.type(), call.geometry(), box, call.w(), filters);
            filters += filterElements(call.geometry(), box) * chunks.type().bytes();
        }
    }

    /** The products of one class for some images, as many columns at a time as there is room for. */
    private static void multiply(CudaCall call, ParityChunks chunks, ParityBox box, long filters, int image, int images) {
        ConvGeometry g = call.geometry();
        long rows = g.kg() * box.taps();
        long total = images * box.inputs();
        long atOnce = Math.min(total, chunks.columnElements() / (g.k() * box.taps()));
        long dy = call.y() + (long) image * g.k() * g.z() * g.p() * g.q() * chunks.type().bytes();
        long products = call.workspace() + chunks.filterBytes() + box.inputsBefore() * g.c() * images * Float.BYTES;
        long columns = call.workspace() + chunks.filterBytes() + chunks.productBytes();
        for (long first = 0; first < total; first += atOnce) {
            long count = Math.min(atOnce, total - first);
            call.kernels().parityColumns(chunks.type(), g, box, dy, columns, images, first, count);
            call.gemmTo(DataType.FLOAT32)
                    .a(filters, rows, 0, g.cg() * rows, false)
                    .b(columns, count, 0, rows * count, false)
                    .c(products + first * Float.BYTES, total, 0, g.cg() * total)
                    .multiply(g.cg(), count, rows, 1, g.groups(), false);
        }
    }

    private static long filterElements(ConvGeometry g, ParityBox box) {
        return (long) g.c() * g.kg() * box.taps();
    }
}
