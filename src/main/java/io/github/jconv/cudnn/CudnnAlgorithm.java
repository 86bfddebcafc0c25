package io.github.jconv.cudnn;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.NonFinite;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cudnn.CudnnHandle.Answer;
import io.github.jconv.device.ConvertedRun;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.DeviceTensor;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import java.util.Arrays;
import java.util.List;

/**
 * One algorithm of cuDNN, under cuDNN's own name. Whether it serves a request is asked of the library itself, after what can be said
 * without it.
 */
public final class CudnnAlgorithm implements ConvAlgorithm {

    private final LibraryAlgorithm algorithm;
    private final DeviceOptions options;
    private final CudnnHandle handle;
    private final Operands operands;
    private final ConvertedRun converted;

    CudnnAlgorithm(LibraryAlgorithm algorithm, DeviceOptions options, CudnnHandle handle, Operands operands, ConvertedRun converted) {
        this.algorithm = algorithm;
        this.options = options;
        this.handle = handle;
        this.operands = operands;
        this.converted = converted;
    }

    /** The names of all of them; the library is not needed for that. */
    public static List<String> names() {
        return Arrays.stream(LibraryAlgorithm.values()).map(LibraryAlgorithm::name).toList();
    }

    @Override
    public String name() {
        return algorithm.name();
    }

    /** In the form that the tensors have, or else through copies. */
    @Override
    public Support supports(ConvRequest request) {
        Support asTheyAre = servesAsTheyAre(request);
        if (asTheyAre.yes() || !Conversion.isNeeded(request)) {
            return asTheyAre;
        }
        Support throughCopies = Conversion.keepingCopies(request, this).support();
        return throughCopies.yes() ? throughCopies : Support.no(asTheyAre.reason() + "; and through copies: " + throughCopies.reason());
    }

    /** What takes no copies comes first. */
    @Override
    public Support suits(ConvRequest request) {
        return Support.when(!isConverted(request), "it serves such tensors through copies only");
    }

    private boolean isConverted(ConvRequest request) {
        return Conversion.isNeeded(request) && !servesAsTheyAre(request).yes();
    }

    private Support servesAsTheyAre(ConvRequest request) {
        Support known = Support.when(algorithm.number(request.operation()) >= 0,
                        "cuDNN has no algorithm of this name for " + request.operation().text())
                .and(Support.when(algorithm.isDeterministic() || options.varying(),
                        "its results may differ from run to run, and that was not allowed"))
                .and(Support.when(algorithm.addsProducts() || isExact(request),
                        "nothing is known of how far transforms are off in " + Storage.of(request.dataType(), options.mathMode()).text()));
        if (!known.yes()) {
            return known;
        }
        CudnnShape shape = new CudnnShape(request, options.mathMode());
        Support describable = shape.describable();
        return describable.yes() ? answer(request, shape).support() : describable;
    }

    @Override
    public long workspaceBytes(ConvRequest request) {
        return isConverted(request) ? Conversion.keepingCopies(request, this).workspaceBytes() : prepareAsTheyAre(request).workspaceBytes();
    }

    @Override
    public Object prepare(ConvRequest request) {
        return isConverted(request) ? Conversion.keepingCopies(request, this).plans() : prepareAsTheyAre(request);
    }

    private CudnnPlan prepareAsTheyAre(ConvRequest request) {
        CudnnShape shape = new CudnnShape(request, options.mathMode());
        return CudnnPlan.of(shape, answer(request, shape).workspaceBytes(), isFilterKept(request));
    }

    private static boolean isFilterKept(ConvRequest request) {
        return request.filters() == FilterUse.CONSTANT && request.operation() != ConvOperation.BACKWARD_FILTER;
    }

    /** Filters that are copied into another form, for cuDNN or for this algorithm as far as it serves them. */
    @Override
    public FilterForm filterForm(ConvRequest request) {
        if (isConverted(request)) {
            return Conversion.keepingCopies(request, this).filterForm();
        }
        CudnnShape shape = new CudnnShape(request, options.mathMode());
        return shape.isNarrowed() && request.operation() != ConvOperation.BACKWARD_FILTER
                ? new FilterForm("copy in " + shape.storage().text() + " with the channels last", shape.storage().tensorType(),
                        request.problem().wShape().elements())
                : null;
    }

    @Override
    public boolean keepsFilters() {
        return true;
    }

    @Override
    public List<String> conversions(ConvRequest request) {
        return isConverted(request) ? Conversion.keepingCopies(request, this).names() : new CudnnShape(request, options.mathMode())
                .conversions(isFilterKept(request));
    }

    @Override
    public String operandType(ConvRequest request) {
        return Storage.of(known(request).dataType(), options.mathMode()).text();
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        if (!algorithm.addsProducts()) {
            return Accuracy.TRANSFORMED;
        }
        DataType type = known(request).dataType();
        return type.isNarrow() ? Accuracy.TENSOR_CORE_SUMS : Storage.of(type, options.mathMode()).accuracy();
    }

    /** What the library is asked in the end. */
    private ConvRequest known(ConvRequest request) {
        return isConverted(request) ? Conversion.keepingCopies(request, this).block() : request;
    }

    @Override
    public NonFinite nonFinite(ConvRequest request) {
        return algorithm.addsProducts() ? NonFinite.ZEROS_TAKE_PART : NonFinite.SPREADS;
    }

    /** cuDNN's number of this algorithm; negative where the operation has none. */
    int number(ConvOperation operation) {
        return algorithm.number(operation);
    }

    private boolean isExact(ConvRequest request) {
        return Storage.of(request.dataType(), options.mathMode()).accuracy() == Accuracy.SUM_OF_PRODUCTS;
    }

    /** The library knows no empty tensors; an empty batch never comes to it. */
    private Answer answer(ConvRequest request, CudnnShape shape) {
        return shape.isEmpty() ? new Answer(Support.supported(), 0) : handle.ask(request.operation(), shape, algorithm);
    }

    /** Enqueues the plan's operation. */
    void run(ConvPlan plan, long x, DeviceTensor w, long y, long workspace, boolean accumulate) {
        if (plan.prepared(Object.class) instanceof Conversion.Plans) {
            converted.run(plan, x, w.address(), y, converted.keptFilters(plan, w), workspace, accumulate, this,
                    CudnnAlgorithm::runAsTheyAre);
        } else if (plan.keptBytes() > 0) {
            long filters = operands.keptW(plan.prepared(CudnnPlan.class), w, plan.filterForm());
            runOnFilters(plan, x, filters, y, workspace, accumulate);
        } else {
            runAsTheyAre(plan, x, w.address(), y, workspace, accumulate);
        }
    }

    private void runAsTheyAre(ConvPlan plan, long x, long w, long y, long workspace, boolean accumulate) {
        boolean isRead = plan.request().operation() != ConvOperation.BACKWARD_FILTER;
        runOnFilters(plan, x, isRead ? operands.w(plan.prepared(CudnnPlan.class), w, workspace) : w, y, workspace, accumulate);
    }

    /** @param w the filters as cuDNN is given them; the place of the result when the operation is BACKWARD_FILTER */
    private void runOnFilters(ConvPlan plan, long x, long w, long y, long workspace, boolean accumulate) {
        ConvOperation operation = plan.request().operation();
        CudnnPlan prepared = plan.prepared(CudnnPlan.class);
        long output = switch (operation) {
            case FORWARD -> y;
            case BACKWARD_DATA -> x;
            case BACKWARD_FILTER -> w;
        };
        long result = Operands.resultOf(prepared, operation, output, workspace);
        long givenX = operation == ConvOperation.BACKWARD_DATA ? result : operands.x(prepared, x, workspace);
        long givenW = operation == ConvOperation.BACKWARD_FILTER ? result : w;
        long givenY = operation == ConvOperation.FORWARD ? result : operands.y(prepared, y, workspace);
        handle.run(operation, prepared.shape(), algorithm, givenX, givenW, givenY, workspace + prepared.library(),
                prepared.libraryBytes(), accumulate && result == output);
        if (result != output) {
            operands.takeBack(prepared, operation, output, workspace, accumulate);
        }
    }

    /**
     * Enqueues {@code y = max(convolution of x and w + bias, 0)} as one call.
     *
     * @return false when there is no such call for this plan; nothing was enqueued that matters
     */
    boolean runWithBiasAndRelu(ConvPlan plan, long x, long w, DeviceTensor y, DeviceTensor bias, long workspace) {
        if (plan.request().operation() != ConvOperation.FORWARD || !(plan.prepared(Object.class) instanceof CudnnPlan prepared)
                || prepared.isNarrow()) {
            return false;
        }
        return handle.runWithBiasAndRelu(prepared.shape(), algorithm, operands.x(prepared, x, workspace), w, y, bias,
                workspace + prepared.library(), prepared.libraryBytes());
    }
}
