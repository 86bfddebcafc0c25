package io.github.jconv.check;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.RequestMemo;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/** One algorithm of one backend as a subject. The backend stays the caller's to close. */
public final class BackendSubject implements BiasedConvolutionUnderTest {

    private static final String DEFINITION = "reference";
    private static final String CONSTANT = FilterUse.CONSTANT.mark();

    private final Backend backend;
    private final ConvAlgorithm algorithm;
    private final boolean strict;
    private final boolean constantFilters;
    private final RequestMemo<ConvPlan> plans = new RequestMemo<>(this::newPlan);

    public BackendSubject(Backend backend, ConvAlgorithm algorithm) {
        this(backend, algorithm, false, false);
    }

    private BackendSubject(Backend backend, ConvAlgorithm algorithm, boolean strict, boolean constantFilters) {
        this.backend = backend;
        this.algorithm = algorithm;
        this.strict = strict;
        this.constantFilters = constantFilters;
    }

    /** The same, refusing what its arithmetic is not strict for. */
    public BackendSubject strict() {
        return new BackendSubject(backend, algorithm, true, constantFilters);
    }

    /** The same with filters that are said not to change, refusing requests for which nothing of them would be kept. */
    public BackendSubject withConstantFilters() {
        return new BackendSubject(backend, algorithm, strict, true);
    }

    /** Every algorithm of the backend, in the backend's order, and after those that keep filters the same with constant ones. */
    public static List<BackendSubject> allOf(Backend backend) {
        return backend.algorithms().stream().flatMap(algorithm -> both(backend, algorithm)).toList();
    }

    /** The named algorithms, {@code fft} or {@code cpu:fft}, likewise; {@code winograd-4x4+constant} is that with constant filters only. */
    public static List<BackendSubject> allNamed(Backend backend, List<String> algorithms) {
        return algorithms.stream().flatMap(name -> name.endsWith(CONSTANT) ? Stream.of(named(backend, name))
                : both(backend, AlgorithmChooser.named(name, backend.name(), backend.algorithms()))).toList();
    }

    /** Whether a backend has the algorithm of a name that {@link #allNamed} would take. */
    public static boolean isNamed(Backend backend, String name) {
        return backend.algorithms().stream().anyMatch(algorithm -> AlgorithmChooser.isNamed(plain(name), backend.name(), algorithm));
    }

    private static String plain(String name) {
        return name.endsWith(CONSTANT) ? name.substring(0, name.length() - CONSTANT.length()) : name;
    }

    private static Stream<BackendSubject> both(Backend backend, ConvAlgorithm algorithm) {
        var subject = new BackendSubject(backend, algorithm);
        return algorithm.keepsFilters() ? Stream.of(subject, subject.withConstantFilters()) : Stream.of(subject);
    }

    /**
     * One algorithm of the backend; with {@code +constant} behind its name, with constant filters.
     *
     * @throws IllegalArgumentException naming the algorithms there are
     */
    public static BackendSubject named(Backend backend, String algorithm) {
        return new BackendSubject(backend, AlgorithmChooser.named(plain(algorithm), backend.name(), backend.algorithms()), false,
                algorithm.endsWith(CONSTANT));
    }

    /** Where it computes. */
    public Backend backend() {
        return backend;
    }

    @Override
    public String name() {
        return backend.name() + ":" + algorithm.name() + (constantFilters ? CONSTANT : "");
    }

    @Override
    public Support supports(ConvRequest request) {
        Support support = AlgorithmChooser.supportWithin(algorithm, asked(request), backend.workspaceLimit());
        if (constantFilters && support.yes()) {
            support = Support.when(algorithm.filterForm(asked(request)) != null, "it reads these filters as they are given");
        }
        return strict && support.yes() ? AlgorithmChooser.strictly(algorithm, request) : support;
    }

    @Override
    public Support suits(ConvRequest request) {
        return algorithm.suits(asked(request));
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        return algorithm.accuracy(request);
    }

    @Override
    public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        run(problem, ConvOperation.FORWARD, x, w, y, mode);
    }

    @Override
    public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, mode);
    }

    @Override
    public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
        run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, mode);
    }

    @Override
    public void run(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
        ConvPlan plan = plan(new ConvRequest(problem, operation, x.dataType(), x.layout()));
        HostTensor filters = given(w);
        try (TensorCopies copies = new TensorCopies(backend)) {
            copies.run(operation, x, filters, y, (placedX, placedW, placedY) ->
                    backend.run(plan, placedX, placedW, placedY, mode == WriteMode.ACCUMULATE));
        }
    }

    @Override
    public void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor bias) {
        HostTensor output = operation == ConvOperation.FORWARD ? y : x;
        try (TensorCopies copies = new TensorCopies(backend)) {
            Tensor placed = copies.place(output);
            backend.broadcastBias(copies.place(bias), placed);
            copies.takeBack(placed, output);
        }
        run(problem, operation, x, w, y, WriteMode.ACCUMULATE);
    }

    @Override
    public void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias, WriteMode mode) {
        try (TensorCopies copies = new TensorCopies(backend)) {
            Tensor placed = copies.place(dbias);
            backend.backwardBias(copies.place(gradient), placed, mode == WriteMode.ACCUMULATE);
            copies.takeBack(placed, dbias);
        }
    }

    @Override
    public void poisonWorkspace(ConvRequest request) {
        backend.poisonWorkspace(plan(request));
    }

    @Override
    public boolean isDefinition() {
        return algorithm.name().equals(DEFINITION);
    }

    @Override
    public String commandOptions() {
        return "--algorithm " + algorithm.name() + (constantFilters ? CONSTANT : "") + " " + backend.commandOptions();
    }

    @Override
    public String toString() {
        return name();
    }

    /** The filters as a run is given them: of constant ones a copy, so that the promise binds that run only. */
    HostTensor given(HostTensor w) {
        return constantFilters ? w.copy().constant() : w;
    }

    /** A plan that runs this algorithm. */
    public ConvPlan plan(ConvRequest request) {
        return plans.of(asked(request));
    }

    private ConvPlan newPlan(ConvRequest request) {
        return new ConvPlan(request, backend.name(), algorithm, "under test", List.of());
    }

    private ConvRequest asked(ConvRequest request) {
        return constantFilters ? request.withConstantFilters() : request;
    }
}
