package io.github.jconv.algorithm;

import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for algorithms that are about to be timed until what they call is compiled: the same code may be a hundred times slower before. On
 * a crowded machine, or where the compiler has left something aside, that may be never; so there is an end to it, one for all calls
 * together.
 */
public final class Readiness {

    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

    private static final double PATIENCE_SECONDS = 15;

    /** How long a wait is not worth a word. */
    private static final double SILENT_SECONDS = 2;

    private static final long PAUSE_MILLIS = 20;

    private double waitedSeconds;

    /** Returns when all are ready, when patience has ended, or, with the thread's flag set, when it is interrupted. */
    public synchronized void await(Collection<? extends ConvAlgorithm> algorithms) {
        long begin = System.nanoTime();
        double before = waitedSeconds;
        boolean said = false;
        while (waitedSeconds < PATIENCE_SECONDS && !algorithms.stream().allMatch(ConvAlgorithm::isReady)) {
            if (waitedSeconds > SILENT_SECONDS && !said) {
                LOG.info("Waiting for algorithms to be compiled before they are measured");
                said = true;
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            waitedSeconds = before + (System.nanoTime() - begin) * 1e-9;
        }
    }
}
