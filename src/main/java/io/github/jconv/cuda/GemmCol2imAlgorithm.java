package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * The data gradient by a matrix product that gives columns, which are then added up, a chunk of images or of one image's channels at
 * a time. For each image and group, with {@code rows = C/G * taps},
 *
 * <pre>
 *   columns [rows, positions] = w' [rows, K/G] * dy [K/G, positions]
 *   dx[c, position]           = sum of the columns of c whose tap meets the position
 * </pre>
 *
 * <p>Nothing is multiplied by an inserted zero; columns for taps that lie in the padding are computed and dropped. Columns are of fp32,
 * also where tensors have 16 bits: what is added up is rounded once, when it is stored in dx.
 */
final class GemmCol2imAlgorithm extends GemmAlgorithm {

    private final Scratch scratch;

    GemmCol2imAlgorithm(MathMode mathMode, Scratch scratch) {
        super(mathMode);
        this.scratch = scratch;
    }

    /**
     * How the work is divided: several images; or one image with all channels; or some channels of one group of one image; or one
     * channel, a slice of its output positions at a time, whose sums are added up in dx, or in fp32 if dx has 16 bits. The workspace
     * holds the columns, then these sums.
     *
     * @param images   whose columns are made at once
     * @param channels whose columns are made at once
     */
    private record Chunks(int images, int channels, List<Slice> slices, long columnBytes, long sumBytes) {

        static Chunks of(ConvRequest request, Scratch scratch) {
            ConvProblem problem = request.problem();
            long columns = problem.filterTaps() * problem.outputPositions();
            long images = scratch.atOnce(problem.batch(), problem.inputChannels() * columns * Float.BYTES);
            long channels = problem.inputChannels();
            if (channels * columns > scratch.chunk(DataType.FLOAT32)) {
                channels = scratch.atOnce(problem.channelsPerGroup(), columns * Float.BYTES);
            }
            List<Slice> slices = channels == 1 ? Slice.of(problem, scratch) : List.of(Slice.whole(problem));
            long largest = images * channels * problem.filterTaps() * slices.get(0).outputs();
            boolean sumsApart = slices.size() > 1 && request.dataType().isNarrow();
            return new Chunks((int) images, (int) channels, slices, Scratch.floats(largest),
                    sumsApart ? Scratch.floats(problem.inputPositions()) : 0);
        }

        long workspaceBytes() {
            return columnBytes + sumBytes;
        }

        /** Whether slices are added up in fp32 beside dx: those of one channel of one image. */
        boolean areSumsApart() {
            return sumBytes > 0;
        }
    }

    /**
     * A range of output positions along the outermost axis, as a convolution of its own whose input is the whole one.
     *
     * @param first   the first of the positions
     * @param outputs how many
     */
    private record Slice(ConvGeometry geometry, long first, long outputs) {

        static Slice whole(ConvProblem problem) {
            return new Slice(ConvGeometry.of(problem), 0, problem.outputPositions());
        }

        /** Along the outermost axis with several outputs, as many at a time as fit a chunk; the first slice is the largest. */
        static List<Slice> of(ConvProblem problem, Scratch scratch) {
            ConvGeometry g = ConvGeometry.of(problem);
            int axis = g.z() > 1 ? 0 : g.p() > 1 ? 1 : 2;
            int length = (int) problem.axis3(axis).output();
            long each = problem.outputPositions() / length;
            int atOnce = (int) scratch.atOnce(length, problem.filterTaps() * each * Float.BYTES);
            List<Slice> slices = new ArrayList<>();
            for (int begin = 0; begin < length; begin += atOnce) {
                int count = Math.min(atOnce, length - begin);
                slices.add(new Slice(cut(g, axis, begin, count), begin * each, count * each));
            }
            return List.copyOf(slices);
        }

        /** Output p of the cut is output begin + p of the whole: it begins further into the input, as with less padding. */
        private static ConvGeometry cut(ConvGeometry g, int axis, int begin, int count) {
            return new ConvGeometry(g.n(), g.c(), g.k(), g.groups(), g.cg(), g.kg(), g.d(), g.h(), g.w(), g.t(), g.r(), g.s(),
                    axis == 0 ? count : g.z(), axis == 1 ? count : g.p(), axis == 2 ? count : g.q(),
                    g.strideD(), g.strideH(), g.strideW(), g.padD() - (axis == 0 ? begin * g.strideD() : 0),
                    g.padH() - (axis == 1 ? begin * g.strideH() : 0), g.padW() - (axis == 2 ? begin * g.strideW() : 0),
                    g.dilD(), g.dilH(), g.dilW(), g.stepD(), g.stepH(), g.stepW());
        }
    }

    @Override
    public String name() {
        return "gemm-col2im";
    }

    @Override
    public Support supports(ConvRequest request) {
        return notInFp64(request).and(Support.when(request.operation() == ConvOperation.BACKWARD_DATA,
                "it computes the data gradient only"));
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
    public void run(CudaCall call) {
        ConvGeometry g = call.geometry();
        Chunks chunks = call.prepared(Chunks.class);
        for (int image = 0; image < g.n(); image += chunks.images) {
            if (chunks.channels == g.c()) {
                chunk(call, image, Math.min(chunks.images, g.n() - image), 0, g.groups(), g.cg());
            } else {
                imageByChannels(call, image, chunks.channels);
            }
        }
    }

    private static void imageByChannels(CudaCall call, int image, int channelsAtOnce) {
        ConvGeometry g = call.geometry();
        for (int group = 0; group < g.groups(); group++) {
            for (int channel = 0; channel < g.cg(); channel += channelsAtOnce) {
                chunk(call, image, 1, group * g.cg() + channel, 1, Math.min(channelsAtOnce, g.cg() - channel));
            }
        }
    }

    /**
     * Some groups of some images, from a channel on.
     *
     * @param channels of each of the groups
     */
    private static void chunk(CudaCall call, int image, int images, int firstChannel, int groups, int channels) {
        ConvGeometry g = call.geometry();
        long inputs = (long) g.d() * g.h() * g.w();
        long outputs = (long) g.z() * g.p() * g.q();
        long taps = (long) g.t() * g.r() * g.s();
        long rows = channels * taps;
        int group = firstChannel / g.cg();
        DataType type = call.plan().request().dataType();
        long w = call.w() + ((long) group * g.kg() * g.cg() + firstChannel % g.cg()) * taps * type.bytes();
        long dy = call.y() + ((long) image * g.k() + (long) group * g.kg()) * outputs * type.bytes();
        long dx = call.x() + ((long) image * g.c() + firstChannel) * inputs * type.bytes();
        Chunks chunks = call.prepared(Chunks.class);
        boolean sumsApart = chunks.areSumsApart();
        DataType sumType = sumsApart ? DataType.FLOAT32 : type;
        long sums = sumsApart ? call.workspace() + chunks.columnBytes : dx;
        List<Slice> slices = chunks.slices;
        for (int i = 0; i < slices.size(); i++) {
            Slice slice = slices.get(i);
            call.gemmTo(DataType.FLOAT32)
                    .a(w, g.cg() * taps, 0, g.kg() * g.cg() * taps, true)
                    .b(dy + slice.first * type.bytes(), outputs, g.k() * outputs, g.kg() * outputs, false)
                    .c(call.workspace(), slice.outputs, groups * rows * slice.outputs, rows * slice.outputs)
                    .multiply(rows, slice.outputs, g.kg(), images, groups, false);
            call.kernels().col2im(sumType, slice.geometry, call.workspace(), sums, (long) images * groups * channels,
                    call.accumulate() && !sumsApart || i > 0);
        }
        if (sumsApart) {
            call.kernels().sumParts(type, sums, dx, 1, inputs, call.accumulate());
        }
    }
}
