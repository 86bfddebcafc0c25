package io.github.jconv.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times several things that do the same, in turns: each runs for some milliseconds, then the next one, round after round, so that
 * whatever else slows the machine down slows all of them down. Where runs are short, the first of a turn is not timed: by then the
 * threads of the one before have come to rest, and the caches hold what this one needs.
 */
public final class Alternation {

    private static final double TURN_SECONDS = 0.01;
    private static final double SHORT_RUN_SECONDS = 0.005;
    private static final int MIN_ROUNDS = 5;
    private static final int MIN_WARM_UP_RUNS = 3;
    private static final int PATIENCE = 2;
    private static final double DISTURBED = 1.5;
    private static final int REPETITIONS = 2;

    private final double warmUpSeconds;
    private final double seconds;

    /**
     * @param warmUpSeconds how long each one runs beforehand, 0 and up
     * @param seconds       how long each one is timed in all; less for a slow one, but at least five runs
     */
    public Alternation(double warmUpSeconds, double seconds) {
        if (!(warmUpSeconds >= 0) || !(seconds >= 0)) {
            throw new IllegalArgumentException("warm-up " + warmUpSeconds + " s, measured " + seconds + " s; allowed: 0 and up");
        }
        this.warmUpSeconds = warmUpSeconds;
        this.seconds = seconds;
    }

    /**
     * What one run of something takes.
     *
     * @param medianSeconds   of all timed runs
     * @param fastestSeconds  of all timed runs
     */
    public record Timing(double medianSeconds, double fastestSeconds) {

        /** How many times as long as the fastest run the median took: far above 1 where something else held it up. */
        public double spread() {
            return medianSeconds / fastestSeconds;
        }
    }

    /** The time of each, in their order. A measurement that something disturbed is made again, and the calmest one counts. */
    public List<Timing> measure(List<Runnable> contenders) {
        List<Timing> calmest = measureOnce(contenders);
        for (int again = 0; again < REPETITIONS && spread(calmest) > DISTURBED; again++) {
            List<Timing> next = measureOnce(contenders);
            calmest = spread(next) < spread(calmest) ? next : calmest;
        }
        return calmest;
    }

    /** The largest {@link Timing#spread()} of several. */
    public static double spread(List<Timing> timings) {
        return timings.stream().mapToDouble(Timing::spread).max().orElse(1);
    }

    private List<Timing> measureOnce(List<Runnable> contenders) {
        List<Turns> all = contenders.stream().map(Turns::new).toList();
        all.forEach(turns -> turns.warmUp(warmUpSeconds));
        long begin = System.nanoTime();
        for (int round = 0; round < MIN_ROUNDS || !isEnough(all, begin); round++) {
            for (int i = 0; i < all.size(); i++) {
                all.get((round + i) % all.size()).turn();
            }
        }
        return all.stream().map(Turns::timing).toList();
    }

    private boolean isEnough(List<Turns> all, long begin) {
        return secondsSince(begin) > PATIENCE * seconds * all.size() || all.stream().allMatch(turns -> turns.timed >= seconds);
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) * 1e-9;
    }

    private static final class Turns {

        private final Runnable run;
        private final List<Double> runSeconds = new ArrayList<>();
        private double timed;
        private double latest;

        Turns(Runnable run) {
            this.run = run;
        }

        void warmUp(double seconds) {
            long begin = System.nanoTime();
            for (int runs = 0; runs < MIN_WARM_UP_RUNS || secondsSince(begin) < seconds; runs++) {
                time();
                if (secondsSince(begin) > PATIENCE * seconds) {
                    break;
                }
            }
        }

        void turn() {
            if (latest < SHORT_RUN_SECONDS) {
                time();
            }
            long begin = System.nanoTime();
            do {
                time();
                timed += latest;
                runSeconds.add(latest);
            } while (secondsSince(begin) < TURN_SECONDS);
        }

        Timing timing() {
            double[] sorted = runSeconds.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new Timing(median, sorted[0]);
        }

        private void time() {
            long begin = System.nanoTime();
            run.run();
            latest = secondsSince(begin);
        }
    }
}
