package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.KeptForms;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The arguments of one run on the CPU. One object serves all runs of a backend, so that a run allocates nothing.
 *
 * <p>{@code x}, {@code w} and {@code y} are the three tensors of the operation; the operation says which one is written
 * ({@link io.github.jconv.problem.ConvOperation}).
 */
public final class CpuCall {

    private final WorkerPool pool;
    private ConvPlan plan;
    private HostTensor x;
    private HostTensor w;
    private HostTensor y;
    private boolean accumulate;
    private int step;
    private final PreparedParts prepared;
    private float[] workspace = new float[0];
    private float[] filterForm;
    private int filterFormAt;

    /** For runs on converted tensors: what makes the copies, the call on them, and the copies of each plan in the present workspace. */
    private final ParallelCopy copying;
    private CpuCall part;
    private final Map<ConvPlan, ConvertedCopies> copies = new WeakHashMap<>();

    CpuCall(WorkerPool pool) {
        this.pool = pool;
        this.copying = new ParallelCopy(pool);
        this.prepared = new PreparedParts(pool.threads());
    }

    void bind(ConvPlan boundPlan, HostTensor boundX, HostTensor boundW, HostTensor boundY, boolean boundAccumulate) {
        plan = boundPlan;
        x = boundX;
        w = boundW;
        y = boundY;
        accumulate = boundAccumulate;
        if (boundPlan != null) {
            int needed = workspaceLength(boundPlan);
            if (workspace.length < needed) {
                setWorkspace(new float[Math.max(needed, CacheLine.LARGE)]);
            }
        }
        filterForm = null;
    }

    /** Makes the form of the filters that the plan reads, unless it is kept: of constant ones beside them, of others in the workspace. */
    void formFilters() {
        FilterForm form = plan.filterForm();
        if (form == null) {
            return;
        }
        CpuAlgorithm algorithm = (CpuAlgorithm) plan.algorithm();
        if (plan.request().filters() == FilterUse.CHANGING) {
            filterForm = workspace;
            filterFormAt = workspaceLength(plan) - (int) form.length();
            algorithm.formFilters(this);
            return;
        }
        KeptForms.Form kept = w.keptForms().named(form.name(), (int) form.length());
        filterForm = kept.values();
        filterFormAt = 0;
        if (!kept.isCurrent()) {
            algorithm.formFilters(this);
            kept.made();
        }
    }

    /** Lets this run read the form that another one has of the same filters. */
    void readFilterFormOf(CpuCall other) {
        filterForm = other.filterForm;
        filterFormAt = other.filterFormAt;
    }

    /** Scratch memory of exactly the plan's size, all NaN. */
    void poisonWorkspace(ConvPlan poisonedPlan) {
        setWorkspace(new float[workspaceLength(poisonedPlan)]);
        java.util.Arrays.fill(workspace, Float.NaN);
    }

    private void setWorkspace(float[] fresh) {
        workspace = fresh;
        copies.clear();
        part = null;
    }

    /** Forgets the tensors, so that the backend does not keep them alive. */
    void release() {
        bind(null, null, null, null, false);
    }

    public ConvPlan plan() {
        return plan;
    }

    public ConvGeometry geometry() {
        return plan.geometry();
    }

    public HostTensor x() {
        return x;
    }

    public HostTensor w() {
        return w;
    }

    public HostTensor y() {
        return y;
    }

    /** Add to the output instead of overwriting it. */
    public boolean accumulate() {
        return accumulate;
    }

    /** Scratch memory of at least the plan's workspace; its contents are arbitrary. */
    public float[] workspace() {
        return workspace;
    }

    /** The array that holds the plan's {@link ConvPlan#filterForm} of w. */
    public float[] filterForm() {
        return filterForm;
    }

    /** Where in that array it begins. */
    public int filterFormAt() {
        return filterFormAt;
    }

    /** The number that the algorithm gave to the present {@link #parallel(int, int, WorkerPool.Tile) step} of its run. */
    public int step() {
        return step;
    }

    /** Runs the tiles of one of several steps; {@link #step()} tells them which. */
    public void parallel(int tiles, int numberOfStep, WorkerPool.Tile<CpuCall> tile) {
        step = numberOfStep;
        parallel(tiles, tile);
    }

    /** What the scratch memory of each thread holds for further tiles of the same step. */
    PreparedParts prepared() {
        return prepared;
    }

    /** Runs the tiles on the backend's threads. */
    public void parallel(int tiles, WorkerPool.Tile<CpuCall> tile) {
        prepared.clear();
        pool.run(tiles, this, tile);
    }

    // --- runs on converted tensors ------------------------------------------------------------------------------------------------

    /** Copies elements on the backend's threads, as {@link io.github.jconv.tensor.HostConversion#run}. */
    void copy(HostTensor from, long begin, HostTensor to, long first, long count) {
        copying.run(from, begin, to, first, count);
    }

    /**
     * The arguments of a step of a {@link Conversion} of this call: its copies of x, w and y, in the same scratch memory. Valid until
     * the next one is asked for; allocates nothing for a plan that was run before.
     */
    CpuCall part(Conversion.Plans plans, long number, boolean accumulateInto) {
        ConvertedCopies ofPlan = copies.get(plan);
        if (ofPlan == null) {
            ofPlan = ConvertedCopies.in(workspace, plans);
            copies.put(plan, ofPlan);
        }
        if (part == null) {
            part = new CpuCall(pool);
            part.workspace = workspace;
        }
        boolean ofRest = number == plans.blocks();
        part.bind(plans.step(number), ofPlan.x(ofRest), ofPlan.w(), ofPlan.y(ofRest), accumulateInto);
        return part;
    }

    private static int workspaceLength(ConvPlan plan) {
        return Math.toIntExact(ceilDiv(plan.workspaceBytes(), Float.BYTES));
    }
}
