package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;

/**
 * Explicit padding, or zeros inserted between the elements of dy, and then a valid convolution, the way textbooks draw it; a chunk
 * of images at a time.
 *
 * <ul>
 *   <li>FORWARD: x is padded; y is the valid convolution, with the problem's stride and dilation.
 *   <li>BACKWARD_DATA: {@code stride - 1} zeros are inserted between neighbours of dy and the result is padded by
 *       {@link SpatialAxis#transposedPadBegin()} and {@link SpatialAxis#transposedPadEnd()} (cropped where these are negative), which
 *       gives exactly {@code input + extent - 1} positions; dx is their valid convolution, stride 1, with the filter rotated by 180
 *       degrees and its channel axes exchanged. The rotation is what makes it right for filters that are not symmetric.
 *   <li>BACKWARD_FILTER: x is padded; dw reads every stride-th point of it from each tap's offset, no full convolution is
 *       computed and thrown away.
 * </ul>
 *
 * <p>The clear way, not the fast one; it serves to check the others.
 */
final class ZeroInsertAlgorithm implements CudaAlgorithm {

    /**
     * The map that is made, and the convolution over it.
     *
     * @param spread of the source (as output) into the map (as input), a one-tap convolution's geometry
     * @param valid  the convolution over the map
     * @param images done at once
     */
    private record Maps(ConvGeometry spread, ConvGeometry valid, int images, long workspaceBytes) {

        static Maps of(ConvRequest request, Scratch scratch) {
            ConvProblem problem = request.problem();
            ConvGeometry g = ConvGeometry.of(problem);
            boolean backwardData = request.operation() == ConvOperation.BACKWARD_DATA;
            int d = (int) mapSize(problem.axis3(0), backwardData);
            int h = (int) mapSize(problem.axis3(1), backwardData);
            int w = (int) mapSize(problem.axis3(2), backwardData);
            long elements = (long) (backwardData ? g.k() : g.c()) * d * h * w;
            int images = (int) scratch.atOnce(problem.batch(), elements * Float.BYTES);
            return backwardData
                    ? new Maps(zerosInserted(problem, g, d, h, w), rotated(g, d, h, w), images, Scratch.floats(images * elements))
                    : new Maps(padded(g, d, h, w), valid(g, d, h, w), images, Scratch.floats(images * elements));
        }

        private static ConvGeometry zerosInserted(ConvProblem problem, ConvGeometry g, int d, int h, int w) {
            return oneTap(g, d, h, w, g.z(), g.p(), g.q(), g.strideD(), g.strideH(), g.strideW(),
                    (int) -problem.axis3(0).transposedPadBegin(), (int) -problem.axis3(1).transposedPadBegin(),
                    (int) -problem.axis3(2).transposedPadBegin());
        }

        private static ConvGeometry padded(ConvGeometry g, int d, int h, int w) {
            return oneTap(g, d, h, w, g.d(), g.h(), g.w(), 1, 1, 1, -g.padD(), -g.padH(), -g.padW());
        }

        private static ConvGeometry oneTap(ConvGeometry g, int d, int h, int w, int z, int p, int q, int strideD, int strideH,
                                           int strideW, int padD, int padH, int padW) {
            return new ConvGeometry(g.n(), 1, 1, 1, 1, 1, d, h, w, 1, 1, 1, z, p, q, strideD, strideH, strideW, padD, padH, padW,
                    1, 1, 1, strideD, strideH, strideW);
        }

        private static ConvGeometry valid(ConvGeometry g, int d, int h, int w) {
            return new ConvGeometry(g.n(), g.c(), g.k(), g.groups(), g.cg(), g.kg(), d, h, w, g.t(), g.r(), g.s(), g.z(), g.p(),
                    g.q(), g.strideD(), g.strideH(), g.strideW(), 0, 0, 0, g.dilD(), g.dilH(), g.dilW(),
                    g.stepD(), g.stepH(), g.stepW());
        }

        /** From K channels to C, stride 1. */
        private static ConvGeometry rotated(ConvGeometry g, int d, int h, int w) {
            return new ConvGeometry(g.n(), g.k(), g.c(), g.groups(), g.kg(), g.cg(), d, h, w, g.t(), g.r(), g.s(), g.d(), g.h(),
                    g.w(), 1, 1, 1, 0, 0, 0, g.dilD(), g.dilH(), g.dilW(), 1, 1, 1);
        }
    }

    private final Scratch scratch;

    ZeroInsertAlgorithm(Scratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public String name() {
        return "zero-insert";
    }

    @Override
    public Support supports(ConvRequest request) {
        boolean backwardData = request.operation() == ConvOperation.BACKWARD_DATA;
        return Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only")
                .and(Support.when(request.problem().axes().stream().allMatch(axis -> mapSize(axis, backwardData) <= SpatialAxis.MAX),
                        "the zero-inserted map would be longer than " + SpatialAxis.MAX));
    }

    @Override
    public Support suits(ConvRequest request) {
        return Support.no(request.operation() == ConvOperation.BACKWARD_DATA
                ? "it multiplies by inserted zeros" : "it copies its input only to pad it");
    }

    @Override
    public boolean servesToCheck() {
        return true;
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return Maps.of(request, scratch).workspaceBytes;
    }

    @Override
    public Object prepare(ConvRequest request) {
        return Maps.of(request, scratch);
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return NonFinite.ZEROS_TAKE_PART;
    }

    @Override
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        Maps maps = call.prepared(Maps.class);
        ConvOperation operation = call.plan().request().operation();
        long xElements = (long) g.c() * g.d() * g.h() * g.w();
        long yElements = (long) g.k() * g.z() * g.p() * g.q();
        for (int image = 0; image < g.n(); image += maps.images) {
            int images = Math.min(maps.images, g.n() - image);
            long x = call.x() + image * xElements * Float.BYTES;
            long y = call.y() + image * yElements * Float.BYTES;
            boolean fromY = operation == ConvOperation.BACKWARD_DATA;
            call.kernels().zeroInsert(maps.spread, fromY ? y : x, call.workspace(), (long) images * maps.valid.c());
            switch (operation) {
                case FORWARD -> call.kernels().stridedValidConv(DataType.FLOAT32, maps.valid, images, call.workspace(), call.w(), y,
                        call.accumulate());
                case BACKWARD_DATA -> call.kernels().rotatedValidConv(maps.valid, images, call.workspace(), call.w(), x,
                        call.accumulate());
                case BACKWARD_FILTER -> call.kernels().validConvFilter(DataType.FLOAT32, maps.valid, images, call.workspace(), y,
                        call.w(), call.accumulate() || image > 0);
            }
        }
    }

    /** Positions of the map: as many as the valid convolution needs, no more. */
    private static long mapSize(SpatialAxis axis, boolean backwardData) {
        return backwardData ? axis.input() + axis.extent() - 1 : (axis.output() - 1) * axis.stride() + axis.extent();
    }
}
