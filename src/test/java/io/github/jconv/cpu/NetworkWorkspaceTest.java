package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scratch memory of whole networks: all layers share what the layer with most of it needs. */
class NetworkWorkspaceTest {

    private static final long MOST_OF_THREAD = 32 << 20;

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 8", "2, 8"})
    void isAtMost32MiBForEachThread(int threads, long batch) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(threads).open()) {
            for (ProblemSuite suite : ProblemSuites.all()) {
                for (ConvProblem problem : suite.problems()) {
                    for (ConvOperation operation : ConvOperation.values()) {
                        ConvRequest request = ConvRequest.fp32(problem.withBatch(batch), operation);
                        for (ConvRequest each : List.of(request, request.withConstantFilters())) {
                            ConvPlan plan = engine.plan(each);
                            assertTrue(plan.workspaceBytes() <= threads * MOST_OF_THREAD, () -> each + " by "
                                    + plan.algorithm().name() + " needs " + plan.workspaceBytes() + " bytes");
                        }
                    }
                }
            }
        }
    }
}
