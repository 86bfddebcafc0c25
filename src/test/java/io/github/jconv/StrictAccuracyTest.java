package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With strict accuracy an engine computes with sums of products alone, however it chooses. */
class StrictAccuracyTest {

    private static final ConvProblem LAYER = ConvProblem.parse("n1c64h56w56k64r3s3_ph1pw1");
    private static final ConvProblem SMALL = ConvProblem.parse("n1c8h9w10k6r3s3_ph1pw1");

    @Test
    void noLayerOfANetworkIsComputedOtherwise() {
        try (ConvEngine engine = strict().open()) {
            for (ProblemSuite suite : ProblemSuites.all()) {
                for (ConvProblem problem : suite.problems()) {
                    for (ConvOperation operation : ConvOperation.values()) {
                        assertEquals(Accuracy.SUM_OF_PRODUCTS, engine.plan(problem, operation).accuracy(), problem::toString);
                    }
                }
            }
        }
    }

    @Test
    void whatIsAskedForByNameIsRefused() {
        try (ConvEngine engine = strict().algorithm("winograd-4x4").open()) {
            var refused = assertThrows(UnsupportedRequestException.class, () -> engine.plan(LAYER, ConvOperation.FORWARD));
            assertTrue(refused.getMessage().endsWith("strict accuracy forbids its arithmetic, WINOGRAD_4X4"), refused.getMessage());
        }
        try (ConvEngine engine = strict().algorithm(ConvOperation.BACKWARD_DATA, "winograd-2x2").open()) {
            assertThrows(UnsupportedRequestException.class, () -> engine.plan(LAYER, ConvOperation.BACKWARD_DATA));
            assertEquals(Accuracy.SUM_OF_PRODUCTS, engine.plan(LAYER, ConvOperation.FORWARD).accuracy());
        }
    }

    /** What was measured with all algorithms is not taken for what was measured without some. */
    @Test
    void measuringKeepsToIt(@TempDir Path folder) {
        Path file = folder.resolve("tuned.txt");
        for (int round = 0; round < 2; round++) {
            try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).autotune(file).open()) {
                engine.plan(SMALL, ConvOperation.FORWARD);
            }
            try (ConvEngine engine = strict().autotune(file).open()) {
                assertEquals(Accuracy.SUM_OF_PRODUCTS, engine.plan(SMALL, ConvOperation.FORWARD).accuracy());
            }
        }
    }

    @Test
    void thePropertySetsIt() {
        System.setProperty("jconv.strict", "true");
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).algorithm("winograd-4x4").open()) {
            assertThrows(UnsupportedRequestException.class, () -> engine.plan(LAYER, ConvOperation.FORWARD));
        } finally {
            System.clearProperty("jconv.strict");
        }
    }

    private static ConvEngine.Builder strict() {
        return ConvEngine.builder().backend("cpu").threads(1).strictAccuracy();
    }
}
