package io.github.jconv.bench;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.SubjectTimer;
import java.util.Optional;

/** Times algorithms of backends, data in place, for as short a time as gives a median. */
public final class BackendTimer implements SubjectTimer {

    private static final double SECONDS = 1e-3;
    private static final int PATIENCE = 100;

    private final int threads;
    private final ConvBenchmark.Effort effort;

    /**
     * @param threads the number of threads that the backends were opened with
     * @param runs    how many runs the median is taken of, at least; fewer only of an algorithm that takes long
     */
    public BackendTimer(int threads, int runs) {
        this.threads = threads;
        this.effort = new ConvBenchmark.Effort(SECONDS, SECONDS, runs, PATIENCE);
    }

    @Override
    public Optional<Timing> time(ConvolutionUnderTest subject, ConvRequest request) {
        if (!(subject instanceof BackendSubject ofBackend)) {
            return Optional.empty();
        }
        Measurement measured = new ConvBenchmark(ofBackend.backend(), threads, effort).measure(ofBackend.plan(request));
        return Optional.of(new Timing(measured.medianMs() * 1e-3, measured.runs(), measured.operandType()));
    }
}
