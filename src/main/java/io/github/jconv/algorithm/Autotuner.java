package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses by measuring: the first time that a request comes, every algorithm that can serve it within the workspace limit is run on
 * tensors of its own, once what it calls is compiled. An algorithm that is clearly slower than the fastest so far is not run again. Those
 * that come close to the fastest, and the backend's usual choice, are then run in turns, so that what else the machine does meanwhile is
 * the same for all of them. The fastest is taken and remembered, but for the usual choice it must be faster by more than measurements
 * differ. Where there is nothing to measure the choice is the usual one.
 */
public final class Autotuner implements AlgorithmChooser {

    private static final Logger LOG = LoggerFactory.getLogger(Autotuner.class);

    /** Runs before those that count, at least, and how long they take, at least: a compiler looks on meanwhile. */
    private static final int WARM_UPS = 3;
    private static final double WARM_UP_SECONDS = 0.02;
    private static final int RUNS = 9;
    private static final double ENOUGH_SECONDS = 0.5;

    /** Times of the fastest so far from which an algorithm is not run again, and up to which it is run in turns with the fastest. */
    private static final double HOPELESS = 1.5;
    private static final double CLOSE = 1.25;

    /** Rounds in which algorithms are run in turns, and the time after which there is no other. */
    private static final int ROUNDS = 15;
    private static final double ENOUGH_SECONDS_OF_ROUNDS = 2;

    /** The usual choice stays unless another takes less than this part of its time. */
    private static final double FASTER = 0.97;

    private static final long SEED = 1;

    private final Backend backend;
    private final String place;
    private final TunedChoices remembered;
    private final AlgorithmChooser unmeasured;
    private final Readiness readiness = new Readiness();

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
            double total = 0;
            for (int runs = 0; runs < WARM_UPS || total < WARM_UP_SECONDS; runs++) {
                double latest = run(plan);
                total += latest;
                // The very first run loads what it needs and grows the workspace.
                if (total >= ENOUGH_SECONDS || runs > 0 && total >= WARM_UP_SECONDS && latest > HOPELESS * best) {
                    return latest;
                }
            }
            double[] seconds = new double[RUNS];
            int runs = 0;
            while (runs < RUNS && (runs < 1 || total < ENOUGH_SECONDS)) {
                seconds[runs] = run(plan);
                total += seconds[runs++];
            }
            return median(seconds, runs);
        }

        /** Seconds of the median run of each of some plans, run in turns. */
        double[] compare(List<ConvPlan> plans) {
            double[][] seconds = new double[plans.size()][ROUNDS];
            double total = 0;
            int rounds = 0;
            while (rounds < ROUNDS && (rounds < 1 || total < ENOUGH_SECONDS_OF_ROUNDS)) {
                for (int i = 0; i < seconds.length; i++) {
                    seconds[i][rounds] = run(plans.get(i));
                    total += seconds[i][rounds];
                }
                rounds++;
            }
            int all = rounds;
            return Arrays.stream(seconds).mapToDouble(each -> median(each, all)).toArray();
        }

        private double run(ConvPlan plan) {
            return backend.secondsOf(() -> backend.run(plan, tensors.get(0), tensors.get(1), tensors.get(2), false));
        }

        private static double median(double[] seconds, int runs) {
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
                return new ConvPlan(request, backendName, candidate, "the choice when it was measured, "
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
        ConvPlan usual = unmeasured.choose(request, backendName, algorithms, workspaceLimit);
        List<ConvPlan> plans = candidates.stream().map(candidate -> new ConvPlan(request, backendName, candidate, "measured", List.of()))
                .toList();
        readiness.await(candidates);
        Map<String, Double> seconds = new LinkedHashMap<>();
        List<ConvPlan.PassedOver> refusals = new ArrayList<>();
        try (Trial trial = new Trial(request)) {
            for (ConvPlan plan : plans) {
                try {
                    seconds.put(plan.algorithm().name(), trial.measure(plan, least(seconds)));
                } catch (AlgorithmRefusedException e) {
                    refusals.add(new ConvPlan.PassedOver(plan.algorithm().name(), e.getMessage()));
                }
            }
            List<ConvPlan> close = plans.stream().filter(plan -> {
                Double taken = seconds.get(plan.algorithm().name());
                return taken != null && (taken <= CLOSE * least(seconds) || plan.algorithm().name().equals(usual.algorithm().name()));
            }).toList();
            if (close.size() > 1) {
                double[] inTurns = trial.compare(close);
                for (int i = 0; i < inTurns.length; i++) {
                    seconds.put(close.get(i).algorithm().name(), inTurns[i]);
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("{} could not be measured, so its algorithm is chosen without: {}", request, e.getMessage());
            return usual;
        }
        if (seconds.isEmpty()) {
            return usual;
        }
        return chosen(request, backendName, algorithms, workspaceLimit, candidates, seconds, refusals, usual.algorithm().name());
    }

    private ConvPlan chosen(ConvRequest request, String backendName, List<? extends ConvAlgorithm> algorithms, long workspaceLimit,
                            List<ConvAlgorithm> candidates, Map<String, Double> seconds, List<ConvPlan.PassedOver> refusals, String usual) {
        double least = least(seconds);
        boolean stays = seconds.containsKey(usual) && least > FASTER * seconds.get(usual);
        ConvAlgorithm winner = candidates.stream()
                .filter(candidate -> stays ? candidate.name().equals(usual) : Objects.equals(seconds.get(candidate.name()), least))
                .findFirst().orElseThrow();
        double taken = seconds.get(winner.name());
        remembered.remember(placeWithin(workspaceLimit, algorithms), request, new TunedChoices.Choice(winner.name(), taken * 1e6));
        List<ConvPlan.PassedOver> others = new ArrayList<>();
        for (ConvAlgorithm candidate : candidates) {
            Double time = seconds.get(candidate.name());
            if (time != null && candidate != winner) {
                others.add(new ConvPlan.PassedOver(candidate.name(), "it took " + micros(time)));
            }
            refusals.stream().filter(refusal -> refusal.algorithm().equals(candidate.name())).forEach(others::add);
        }
        String reason = taken == least ? "the fastest of " + candidates.size() : "the usual one, as fast as any of " + candidates.size();
        return new ConvPlan(request, backendName, winner, reason + " when measured, " + micros(taken), others);
    }

    private static double least(Map<String, Double> seconds) {
        return seconds.values().stream().mapToDouble(each -> each).min().orElse(Double.POSITIVE_INFINITY);
    }

    private static String micros(double seconds) {
        return String.format(Locale.ROOT, "%.1f us", seconds * 1e6);
    }
}
