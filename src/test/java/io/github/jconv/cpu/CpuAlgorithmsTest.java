package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.testing.AlgorithmContract;
import org.junit.jupiter.api.Test;

/** The contract of algorithms for every algorithm in the CPU backend's list; run with one thread and with three. */
class CpuAlgorithmsTest extends AlgorithmContract {

    private static final CpuBackend ONE_THREAD = new CpuBackend(1);
    private static final CpuBackend THREE_THREADS = new CpuBackend(3);

    @Override
    protected Backend backend() {
        return ONE_THREAD;
    }

    @Override
    protected Backend otherwise() {
        return THREE_THREADS;
    }

    @Test
    void theDefinitionIsLast() {
        assertEquals("reference", ONE_THREAD.algorithms().get(ONE_THREAD.algorithms().size() - 1).name());
    }
}
