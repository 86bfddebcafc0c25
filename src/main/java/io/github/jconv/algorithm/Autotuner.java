package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses by measuring: the first time that a request comes, every algorithm that can serve it within the workspace limit is run on
 * tensors of its own, and the fastest is taken and remembered. An algorithm that is clearly slower than the fastest so far is not run
 * again. Where there is nothing to measure the choice is the backend's usual one.
 */
public final class Autotuner implements AlgorithmChooser {

    private static final Logger LOG = LoggerFactory.getLogger(Autotuner.class);
    private static final int WARM_UPS = 3;
    private static final int RUNS = 9;
    private static final double HOPELESS = 1.5;
    private static final double ENOUGH_SECONDS = 0.5;
    private static final long SEED = 1;

    private final Backend backend;
    private final String place;
    private final TunedChoices remembered;
    private final AlgorithmChooser unmeasured;

    /** @param backend whose algorithms are measured; its description is part of what a measurement is remembered under */
    public Autotuner(Backend backend, TunedChoices remembered) {
        this.backend = backend;
        this.place = backend.name() + " on " + backend.description();
        this.remembered = remembered;
        this.unmeasured = backend.usualChooser();
    }

    /** The tensors of a request, filled with numbers of [-1, 1): zeros would flatter. */
    private final class Trial implements AutoCloseable {

        private final ConvRequest request;
        private final List<Tensor> tensors = new ArrayList<>();

        Trial(ConvRequest request) {
            this.request = request;
            ConvProblem problem = request.problem();
            try {
                SplittableRandom random = new SplittableRandom(SEED);
                for (TensorShape shape : List.of(problem.xShape(), problem.wShape(), problem.yShape())) {
                    tensors.add(filled(request, shape, random));
                }
                if (request.filters() == FilterUse.CONSTANT) {
                    tensors.get(1).constant();
                }
            } catch (RuntimeException | Error e) {
                close();
                throw e;
            }
        }

        /**
         * Seconds of the median run, or of the latest one if that is hopeless.
         *
         * @param best seconds to beat
         */
        double measure(ConvPlan plan, double best) {
            double[] seconds = new double[RUNS];
            double total = 0;
            int runs = -WARM_UPS;
            while (runs < RUNS && (runs < 1 || total < ENOUGH_SECONDS)) {
                double latest = backend.secondsOf(() -> backend.run(plan, tensors.get(0), tensors.get(1), tensors.get(2), false));
                total += latest;
                // The very first run compiles, loads and grows the workspace.
                if (runs > -WARM_UPS && latest > HOPELESS * best || runs < 0 && total >= ENOUGH_SECONDS) {
                    return latest;
                }
                if (runs >= 0) {
                    seconds[runs] = latest;
                }
                runs++;
            }
            Arrays.sort(seconds, 0, runs);
            return seconds[runs / 2];
        }

        private Tensor filled(ConvRequest request, TensorShape shape, SplittableRandom random) {
            HostTensor values = HostTensor.zeros(request.dataType(), request.layout(), shape);
            for (int i = 0; i < values.length(); i++) {
                values.set(i, random.nextDouble(-1, 1));
            }
            Tensor tensor = backend.newTensor(request.dataType(), request.layout(), shape);
            backend.upload(values, tensor);
            return tensor;
        }

        @Override
        public void close() {
            tensors.forEach(Tensor::close);
        }
    }

    @Override
    public synchronized ConvPlan choose(ConvRequest request, String backendName, List<? extends ConvAlgorithm> algorithms,
                                        long workspaceLimit) {
        List<ConvAlgorithm> candidates = new ArrayList<>();
        for (ConvAlgorithm algorithm : algorithms) {
            if (!algorithm.servesToCheck() && AlgorithmChooser.supportWithin(algorithm, request, workspaceLimit).yes()) {
                candidates.add(algorithm);
            }
        }
        if (candidates.size() < 2 || request.problem().batch() == 0) {
            return unmeasured.choose(request, backendName, algorithms, workspaceLimit);
        }
        Optional<TunedChoices.Choice> known = remembered.find(placeWithin(workspaceLimit, algorithms), request);
        for (ConvAlgorithm candidate : candidates) {
            if (known.isPresent() && known.get().algorithm().equals(candidate.name())) {
                return new ConvPlan(request, backendName, candidate, "the fastest when it was measured, "
                        + micros(known.get().microseconds() * 1e-6), List.of());
            }
        }
        known.ifPresent(choice -> LOG.warn("{} was remembered for algorithm {}, which cannot serve it; measuring again", request,
                choice.algorithm()));
        return measured(request, backendName, algorithms, workspaceLimit, candidates);
    }

    /** With less workspace, or with fewer algorithms to choose from, another one may be the fastest. */
    private String placeWithin(long workspaceLimit, List<? extends ConvAlgorithm> algorithms) {
        String missing = backend.algorithms().stream().filter(algorithm -> !algorithms.contains(algorithm)).map(ConvAlgorithm::name)
                .collect(Collectors.joining(" "));
        return place + ", workspace " + workspaceLimit + (missing.isEmpty() ? "" : ", without " + missing);
    }

    private ConvPlan measured(ConvRequest request, String backendName, List<? extends ConvAlgorithm> algorithms, long workspaceLimit,
                              List<ConvAlgorithm> candidates) {
        List<ConvPlan.PassedOver> results = new ArrayList<>();
        ConvAlgorithm fastest = null;
        double best = Double.POSITIVE_INFINITY;
        try (Trial trial = new Trial(request)) {
            for (ConvAlgorithm candidate : candidates) {
                ConvPlan plan = new ConvPlan(request, backendName, candidate, "measured", List.of());
                try {
                    double seconds = trial.measure(plan, best);
                    results.add(new ConvPlan.PassedOver(candidate.name(), "it took " + micros(seconds)));
                    if (seconds < best) {
                        best = seconds;
                        fastest = candidate;
                    }
                } catch (AlgorithmRefusedException e) {
                    results.add(new ConvPlan.PassedOver(candidate.name(), e.getMessage()));
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("{} could not be measured, so its algorithm is chosen without: {}", request, e.getMessage());
            return unmeasured.choose(request, backendName, algorithms, workspaceLimit);
        }
        if (fastest == null) {
            return unmeasured.choose(request, backendName, algorithms, workspaceLimit);
        }
        remembered.remember(placeWithin(workspaceLimit, algorithms), request, new TunedChoices.Choice(fastest.name(), best * 1e6));
        String winner = fastest.name();
        results.removeIf(result -> result.algorithm().equals(winner));
        return new ConvPlan(request, backendName, fastest, "the fastest of " + candidates.size() + " when measured, " + micros(best),
                results);
    }

    private static String micros(double seconds) {
        return String.format(Locale.ROOT, "%.1f us", seconds * 1e6);
    }
}
