package io.github.jconv.bench;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Times single operations: tensors are made once and stay in place, warm-up runs let the JVM compile, then every run is timed
 * on its own and the median and the fastest are reported.
 *
 * <p>It measures whatever the backend computes, right or wrong: verify first.
 */
public final class ConvBenchmark {

    private static final long SEED = 17;

    private final Backend backend;
    private final int threads;
    private final Effort effort;

    /**
     * How long to warm up and to measure: until both the time and the number of runs are reached, except that the time
     * alone ends it after {@code patience} times as long, so that a slow algorithm is run at least once of each.
     *
     * @param warmUpSeconds   time to warm up, 0 and up
     * @param measuredSeconds time to measure, 0 and up
     * @param minRuns         runs of each kind, 1 and up
     * @param patience        how many times the time may be exceeded to reach the runs, 1 and up
     */
    public record Effort(double warmUpSeconds, double measuredSeconds, int minRuns, int patience) {

        public Effort {
            if (!(warmUpSeconds >= 0) || !(measuredSeconds >= 0) || minRuns < 1 || patience < 1) {
                throw new IllegalArgumentException("warm-up " + warmUpSeconds + " s, measured " + measuredSeconds + " s, runs "
                        + minRuns + ", patience " + patience + "; allowed: times 0 and up, numbers 1 and up");
            }
        }
    }

    /**
     * @param backend what to measure; stays the caller's to close
     * @param threads the number of threads that it was opened with, for the report
     */
    public ConvBenchmark(Backend backend, int threads, Effort effort) {
        this.backend = backend;
        this.threads = threads;
        this.effort = effort;
    }

    /** Times a plan of the backend on random data from [-1, 1). */
    public Measurement measure(ConvPlan plan) {
        return measure(plan, false);
    }

    /** Times the plan of a forward with a bias and a ReLU in the same call: {@link Backend#runWithBiasAndRelu}. */
    public Measurement measureFused(ConvPlan plan) {
        return measure(plan, true);
    }

    private Measurement measure(ConvPlan plan, boolean fused) {
        ConvProblem problem = plan.request().problem();
        ConvRequest request = plan.request();
        try (Tensor x = randomTensor(request, problem.xShape(), 0); Tensor w = randomTensor(request, problem.wShape(), 1);
                Tensor y = randomTensor(request, problem.yShape(), 2);
                Tensor bias = fused ? randomTensor(request, problem.biasShape(), 3) : null) {
            if (request.filters() == FilterUse.CONSTANT) {
                w.constant();
            }
            Runnable run = fused ? () -> backend.runWithBiasAndRelu(plan, x, w, y, bias) : () -> backend.run(plan, x, w, y, false);
            repeat(run, effort.warmUpSeconds);
            double[] seconds = repeat(run, effort.measuredSeconds);
            Arrays.sort(seconds);
            return new Measurement(backend.name(), plan.algorithm().name() + request.filters().mark(), threads, problem,
                    request.operation(), fused, request.dataType(), request.layout(), plan.algorithm().operandType(request),
                    median(seconds) * 1e3, seconds[0] * 1e3, seconds.length);
        }
    }

    private double[] repeat(Runnable call, double atLeastSeconds) {
        double[] seconds = new double[effort.minRuns];
        int runs = 0;
        long begin = System.nanoTime();
        double total = 0;
        while ((total < atLeastSeconds || runs < effort.minRuns) && (runs == 0 || total < atLeastSeconds * effort.patience)) {
            double latest = backend.secondsOf(call);
            if (runs == seconds.length) {
                seconds = Arrays.copyOf(seconds, 2 * runs);
            }
            seconds[runs++] = latest;
            total = (System.nanoTime() - begin) * 1e-9;
        }
        return Arrays.copyOf(seconds, runs);
    }

    /** The middle of sorted values, or the mean of the two middle ones. */
    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** By all cores: a GPU is done with a tensor long before one core has filled it. */
    private Tensor randomTensor(ConvRequest request, TensorShape shape, long stream) {
        HostTensor values = HostTensor.zeros(request.dataType(), request.layout(), shape);
        IntStream.range(0, values.length()).parallel().forEach(i -> values.set(i, 2 * CounterRandom.uniform(SEED, stream, i) - 1));
        Tensor tensor = backend.newTensor(request.dataType(), request.layout(), shape);
        backend.upload(values, tensor);
        return tensor;
    }
}
