package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import org.junit.jupiter.api.Test;

/** Plans are found by value, kept apart by operation and type, and the one that was not used for longest goes first. */
class PlanCacheTest {

    private static final CpuBackend BACKEND = new CpuBackend(1);
    private static final ConvProblem FIRST = ConvProblem.parse("n1c1w4k1s2");

    @Test
    void theLeastRecentlyUsedIsForgotten() {
        var cache = new PlanCache(2);
        ConvPlan first = plan(FIRST, ConvOperation.FORWARD, DataType.FLOAT32);
        cache.put(first);
        cache.put(plan(FIRST.withBatch(2), ConvOperation.FORWARD, DataType.FLOAT32));
        assertSame(first, cache.get(ConvProblem.parse(FIRST.toString()), ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW,
                FilterUse.CHANGING));
        cache.put(plan(FIRST.withBatch(3), ConvOperation.FORWARD, DataType.FLOAT32));
        assertNotNull(cache.get(FIRST, ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW, FilterUse.CHANGING), "used since");
        assertNull(cache.get(FIRST.withBatch(2), ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW, FilterUse.CHANGING), "not used for longest");
        assertNotNull(cache.get(FIRST.withBatch(3), ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW, FilterUse.CHANGING), "the newest");
    }

    @Test
    void operationsTypesLayoutsAndUsesOfFiltersAreKeptApart() {
        var cache = new PlanCache(2);
        cache.put(plan(FIRST, ConvOperation.FORWARD, DataType.FLOAT32));
        assertNull(cache.get(FIRST, ConvOperation.BACKWARD_DATA, DataType.FLOAT32, Layout.NCHW, FilterUse.CHANGING));
        assertNull(cache.get(FIRST, ConvOperation.FORWARD, DataType.FLOAT64, Layout.NCHW, FilterUse.CHANGING));
        assertNull(cache.get(FIRST, ConvOperation.FORWARD, DataType.FLOAT16, Layout.NCHW, FilterUse.CHANGING));
        assertNull(cache.get(FIRST, ConvOperation.FORWARD, DataType.FLOAT32, Layout.NHWC, FilterUse.CHANGING));
        assertNull(cache.get(FIRST, ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW, FilterUse.CONSTANT));
        assertNotNull(cache.get(FIRST, ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW, FilterUse.CHANGING));
    }

    private static ConvPlan plan(ConvProblem problem, ConvOperation operation, DataType type) {
        return AlgorithmChooser.firstThatSuits()
                .choose(new ConvRequest(problem, operation, type), BACKEND.name(), BACKEND.algorithms(), Long.MAX_VALUE);
    }
}
