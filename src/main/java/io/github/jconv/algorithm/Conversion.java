package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.List;
import java.util.stream.Stream;

/**
 * How an algorithm that knows fp32 (and fp64) tensors with the channels first serves tensors of other types and layouts: through copies
 * of x, w and y in the form that it knows, some images at a time, so that the copies stay small. Operands are converted exactly; sums
 * are formed in the copies, onto the present values where that is asked for, and rounded once, when they are stored.
 *
 * <p>The algorithm computes {@link #block} as often as that fits the batch, then {@link #rest}; filter gradients of all blocks add up
 * in the copy of dw. Nothing of this depends on how many threads there are. Immutable.
 */
public final class Conversion {

    /** What the copies of x and y of a block may take together, unless one image takes more. */
    private static final long BLOCK_BYTES = 16L << 20;

    /** So that each copy begins aligned to whatever a vector or a device wants. */
    private static final long ALIGNMENT = 256;

    /**
     * What a run needs to know. The scratch memory begins with the algorithm's own; the copies of x, w unless that copy is kept, and y
     * follow.
     *
     * @param block  plan of a block
     * @param blocks how many there are
     * @param rest   plan of what is left of the batch, or null
     * @param x      bytes in front of the copy of x; likewise w and y
     */
    public record Plans(ConvPlan block, long blocks, ConvPlan rest, long x, long w, long y) {

        /** Blocks and the rest. */
        public long steps() {
            return blocks + (rest == null ? 0 : 1);
        }

        /** The plan of a step. */
        public ConvPlan step(long number) {
            return number < blocks ? block : rest;
        }

        /** The first image of a step. */
        public long firstImage(long number) {
            return number * block.request().problem().batch();
        }
    }

    private final ConvAlgorithm algorithm;
    private final ConvRequest request;
    private final boolean keepsCopies;
    private final FilterForm filterForm;
    private final ConvRequest block;
    private final ConvRequest rest;
    private final long blocks;

    private Conversion(ConvRequest request, ConvAlgorithm algorithm, boolean keepsCopies) {
        this.algorithm = algorithm;
        this.request = request;
        this.keepsCopies = keepsCopies;
        ConvProblem problem = request.problem();
        ConvRequest known = new ConvRequest(problem, request.operation(), request.dataType().computedIn());
        long images = imagesAtOnce(problem, known.dataType());
        this.blocks = images == 0 ? 1 : problem.batch() / images;
        ConvRequest changing = known.with(problem.withBatch(images));
        long left = problem.batch() - blocks * images;
        ConvRequest changingRest = left == 0 ? null : known.with(problem.withBatch(left));
        FilterForm ofAlgorithm = keepsCopies || request.filters() == FilterUse.CHANGING ? null : commonForm(algorithm, changing, changingRest);
        this.block = ofAlgorithm == null ? changing : changing.withConstantFilters();
        this.rest = ofAlgorithm == null || left == 0 ? changingRest : changingRest.withConstantFilters();
        this.filterForm = keepsCopies ? copyOfFilters() : ofAlgorithm;
    }

    /** What the algorithm makes of constant filters, if it makes the same of them for a block and for the rest; otherwise null. */
    private static FilterForm commonForm(ConvAlgorithm algorithm, ConvRequest block, ConvRequest rest) {
        ConvRequest constant = block.withConstantFilters();
        if (!algorithm.supports(constant).yes() || rest != null && !algorithm.supports(rest.withConstantFilters()).yes()) {
            return null;
        }
        FilterForm form = algorithm.filterForm(constant);
        return rest == null || form == null || form.equals(algorithm.filterForm(rest.withConstantFilters())) ? form : null;
    }

    private FilterForm copyOfFilters() {
        return request.operation() == ConvOperation.BACKWARD_FILTER ? null
                : new FilterForm("copy in " + block.dataType().text() + " with the channels first", block.dataType(),
                        block.problem().wShape().elements());
    }

    /** Whether the tensors of a request are in another form than fp32 or fp64 with the channels first. */
    public static boolean isNeeded(ConvRequest request) {
        return request.dataType().isNarrow() || request.layout() != Layout.NCHW;
    }

    /**
     * For a request that needs it and an algorithm that serves requests which do not. What the algorithm makes of the copy of constant
     * filters is kept beside them: see {@link #filterForm}.
     */
    public static Conversion of(ConvRequest request, ConvAlgorithm algorithm) {
        return new Conversion(request, algorithm, false);
    }

    /** The same where the copy itself of constant filters is kept. */
    public static Conversion keepingCopies(ConvRequest request, ConvAlgorithm algorithm) {
        return new Conversion(request, algorithm, true);
    }

    /** What an algorithm is asked for a block, whichever it is. */
    public static ConvRequest blockOf(ConvRequest request) {
        return new Conversion(request, null, true).block;
    }

    private static long imagesAtOnce(ConvProblem problem, DataType type) {
        ConvProblem one = problem.withBatch(1);
        long perImage = one.xBytes(type) + one.yBytes(type);
        return Math.min(problem.batch(), Math.max(1, BLOCK_BYTES / perImage));
    }

    /** What the algorithm is asked for a block. */
    public ConvRequest block() {
        return block;
    }

    /** Whether the algorithm serves the blocks. */
    public Support support() {
        Support ofBlock = algorithm.supports(block);
        return rest == null ? ofBlock : ofBlock.and(algorithm.supports(rest));
    }

    /**
     * What is kept beside constant filters: their copy, or what the algorithm makes of that and reads in its place; null where neither is.
     */
    public FilterForm filterForm() {
        return filterForm;
    }

    private boolean isFilterKept() {
        return filterForm != null && request.filters() == FilterUse.CONSTANT;
    }

    public long workspaceBytes() {
        return y() + aligned(block.problem().yBytes(block.dataType()));
    }

    /** Floating point operations of all blocks. */
    public long flops() {
        return blocks * algorithm.flops(block) + (rest == null ? 0 : algorithm.flops(rest));
    }

    /** In words: what is copied, and how much of it at once. */
    public List<String> names() {
        long images = block.problem().batch();
        String atOnce = blocks == 1 && rest == null ? "" : ", " + images + (images == 1 ? " image" : " images") + " at a time";
        String copied = isFilterKept() ? "x and y" : "x, w and y";
        return Stream.concat(
                Stream.of("copies of " + copied + " in " + block.dataType().text() + " with the channels first" + atOnce),
                algorithm.conversions(block).stream()).toList();
    }

    public Plans plans() {
        return new Plans(plan(block), blocks, rest == null ? null : plan(rest), x(), w(), y());
    }

    private ConvPlan plan(ConvRequest part) {
        return new ConvPlan(part, "", algorithm, "part of a run on converted tensors", List.of());
    }

    private long x() {
        long ofBlock = algorithm.workspaceBytes(block);
        return aligned(rest == null ? ofBlock : Math.max(ofBlock, algorithm.workspaceBytes(rest)));
    }

    private long w() {
        return x() + aligned(block.problem().xBytes(block.dataType()));
    }

    private long y() {
        return w() + (keepsCopies && isFilterKept() ? 0 : aligned(block.problem().wBytes(block.dataType())));
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
