package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Chooses an algorithm for a request: a pure function of the request, the ordered list and the workspace limit. */
@FunctionalInterface
public interface AlgorithmChooser {

    /**
     * @param request        what is to be computed
     * @param backend        name of the backend that owns the list
     * @param algorithms     fastest first
     * @param workspaceLimit bytes that a plan may ask for
     * @throws UnsupportedRequestException when nothing fits, with the reason of each algorithm
     */
    ConvPlan choose(ConvRequest request, String backend, List<? extends ConvAlgorithm> algorithms, long workspaceLimit);

    /** The first algorithm that supports and suits the request within the limit; failing that, the first that supports it. */
    static AlgorithmChooser firstThatSuits() {
        return (request, backend, algorithms, limit) -> {
            List<ConvPlan.PassedOver> passedOver = new ArrayList<>();
            ConvAlgorithm able = null;
            for (ConvAlgorithm algorithm : algorithms) {
                Support can = supportWithin(algorithm, request, limit);
                Support fits = can.yes() ? algorithm.suits(request) : can;
                if (fits.yes()) {
                    return new ConvPlan(request, backend, algorithm, "the first in the list that suits", passedOver);
                }
                if (can.yes() && able == null) {
                    able = algorithm;
                }
                passedOver.add(new ConvPlan.PassedOver(algorithm.name(), fits.reason()));
            }
            if (able == null) {
                throw new UnsupportedRequestException("no algorithm of backend " + backend + " serves " + request + ": "
                        + passedOver.stream().map(p -> p.algorithm() + ": " + p.because()).collect(Collectors.joining("; ")));
            }
            return new ConvPlan(request, backend, able, "the first in the list that can; none suits well", passedOver);
        };
    }

    /** Always the named algorithm; a request that it cannot serve is an error, never served by another one. */
    static AlgorithmChooser fixed(String name) {
        return (request, backend, algorithms, limit) -> {
            ConvAlgorithm algorithm = named(name, backend, algorithms);
            Support support = supportWithin(algorithm, request, limit);
            if (!support.yes()) {
                throw new UnsupportedRequestException("algorithm " + algorithm.name() + " of backend " + backend + " does not serve "
                        + request + ": " + support.reason());
            }
            return new ConvPlan(request, backend, algorithm, "asked for by name", List.of());
        };
    }

    /** A chooser's choice from the algorithms whose arithmetic is {@linkplain Accuracy#isStrict strict}. */
    static AlgorithmChooser strict(AlgorithmChooser chooser) {
        return new StrictChooser(chooser);
    }

    /** A chooser's own choice, refused if its arithmetic is not strict: for what was asked for by name. */
    static AlgorithmChooser refusedUnlessStrict(AlgorithmChooser chooser) {
        return (request, backend, algorithms, limit) -> {
            ConvPlan plan = chooser.choose(request, backend, algorithms, limit);
            Support allowed = strictly(plan.algorithm(), request);
            if (!allowed.yes()) {
                throw new UnsupportedRequestException("algorithm " + plan.algorithm().name() + " of backend " + backend
                        + " does not serve " + request + ": " + allowed.reason());
            }
            return plan;
        };
    }

    /** Whether an algorithm's arithmetic for a request is strict, or that it is not. */
    static Support strictly(ConvAlgorithm algorithm, ConvRequest request) {
        Accuracy accuracy = algorithm.accuracy(request);
        return Support.when(accuracy.isStrict(), "strict accuracy forbids its arithmetic, " + accuracy);
    }

    /** A chooser of its own for some operations, another for the rest. */
    static AlgorithmChooser perOperation(Map<ConvOperation, AlgorithmChooser> choosers, AlgorithmChooser otherwise) {
        Map<ConvOperation, AlgorithmChooser> copy = Map.copyOf(choosers);
        return (request, backend, algorithms, limit) -> copy.getOrDefault(request.operation(), otherwise)
                .choose(request, backend, algorithms, limit);
    }

    /** Whether a name means an algorithm of a backend: its own name, or with the backend's in front as in reports, {@code cudnn:FFT}. */
    static boolean isNamed(String name, String backend, ConvAlgorithm algorithm) {
        return name.equals(algorithm.name()) || name.equals(backend + ":" + algorithm.name());
    }

    /** The algorithm that a name {@linkplain #isNamed means}, or an error that lists the names. */
    static ConvAlgorithm named(String name, String backend, List<? extends ConvAlgorithm> algorithms) {
        for (ConvAlgorithm algorithm : algorithms) {
            if (isNamed(name, backend, algorithm)) {
                return algorithm;
            }
        }
        throw new IllegalArgumentException("algorithm '" + name + "' is not known to backend " + backend + "; allowed: "
                + algorithms.stream().map(ConvAlgorithm::name).collect(Collectors.joining(", ")));
    }

    /** Whether an algorithm serves a request with no more workspace than allowed, or why not. */
    static Support supportWithin(ConvAlgorithm algorithm, ConvRequest request, long workspaceLimit) {
        Support support = algorithm.supports(request);
        if (!support.yes() || workspaceLimit == Long.MAX_VALUE) {
            return support;
        }
        long needed = algorithm.workspaceBytes(request);
        return Support.when(needed <= workspaceLimit,
                "it needs " + needed + " bytes of workspace and the limit is " + workspaceLimit);
    }
}
