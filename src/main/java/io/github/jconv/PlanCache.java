package io.github.jconv;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The plans of an engine, the least recently used forgotten first. One map per operation, type, layout and use of the filters, keyed by
 * the problem alone, so that finding a plan allocates nothing.
 */
final class PlanCache {

    private static final int OPERATIONS = ConvOperation.values().length;
    private static final int TYPES = DataType.values().length;
    private static final int USES = FilterUse.values().length;
    private static final int LAYOUTS = Layout.values().length;

    private final int capacity;
    private final Plans[] maps;

    PlanCache(int capacity) {
        this.capacity = capacity;
        this.maps = new Plans[OPERATIONS * TYPES * LAYOUTS * USES];
        for (int i = 0; i < maps.length; i++) {
            maps[i] = new Plans();
        }
    }

    /** The remembered plan or null. */
    synchronized ConvPlan get(ConvProblem problem, ConvOperation operation, DataType type, Layout layout, FilterUse filters) {
        return map(operation, type, layout, filters).get(problem);
    }

    synchronized void put(ConvPlan plan) {
        map(plan.request()).put(plan.request().problem(), plan);
    }

    synchronized void forget(ConvPlan plan) {
        map(plan.request()).remove(plan.request().problem(), plan);
    }

    private Plans map(ConvRequest request) {
        return map(request.operation(), request.dataType(), request.layout(), request.filters());
    }

    private Plans map(ConvOperation operation, DataType type, Layout layout, FilterUse filters) {
        return maps[((operation.ordinal() * TYPES + type.ordinal()) * LAYOUTS + layout.ordinal()) * USES + filters.ordinal()];
    }

    private final class Plans extends LinkedHashMap<ConvProblem, ConvPlan> {

        private static final long serialVersionUID = 1L;

        Plans() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<ConvProblem, ConvPlan> eldest) {
            return size() > capacity;
        }
    }
}
