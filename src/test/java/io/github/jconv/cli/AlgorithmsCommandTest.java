package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.Backends;
import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AlgorithmsCommandTest {

    private static final String LINE = "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2";

    @Test
    void everyAlgorithmOfEveryBackendAnswersForEveryOperation() {
        CommandRun run = CommandRun.of("algorithms", "--threads", "1", LINE);
        assertEquals(0, run.exitCode(), run.err());
        for (Backend backend : Backends.openAll(1)) {
            try (backend) {
                String ofBackend = run.out().substring(run.out().indexOf("backend " + backend.name()));
                for (ConvOperation operation : ConvOperation.values()) {
                    String table = ofBackend.substring(ofBackend.indexOf("\n" + operation.text() + " "));
                    for (ConvAlgorithm algorithm : backend.algorithms()) {
                        assertAnswered(table, algorithm, algorithm.supports(ConvRequest.fp32(ConvProblem.parse(LINE), operation)));
                    }
                }
            }
        }
    }

    @Test
    void theChosenOneIsTheEnginesChoice() {
        CommandRun run = CommandRun.of("algorithms", LINE);
        try (ConvEngine engine = ConvEngine.open()) {
            for (ConvOperation operation : ConvOperation.values()) {
                String table = run.out().substring(run.out().indexOf("\n" + operation.text() + " "));
                String chosen = table.lines().filter(line -> line.contains("<- chosen")).findFirst().orElseThrow();
                assertTrue(chosen.startsWith(engine.plan(ConvProblem.parse(LINE), operation).algorithm().name() + " "), chosen);
            }
        }
    }

    @Test
    void strictAccuracyIsSaidToForbidWhatWouldBeChosen() {
        String line = "n1c64h56w56k64r3s3_ph1pw1";
        String freely = CommandRun.of("algorithms", "--backend", "cpu", line).out();
        String strictly = CommandRun.of("algorithms", "--backend", "cpu", "--strict", line).out();
        assertTrue(freely.lines().anyMatch(row -> row.startsWith("winograd-4x4 ") && row.contains("<- chosen")), freely);
        assertTrue(strictly.lines().anyMatch(row -> row.startsWith("winograd-4x4 ")
                && row.endsWith("not chosen: strict accuracy forbids its arithmetic, WINOGRAD_4X4")), strictly);
    }

    private static void assertAnswered(String table, ConvAlgorithm algorithm, Support support) {
        String row = Arrays.stream(table.split("\n")).filter(line -> line.startsWith(algorithm.name() + " ")).findFirst()
                .orElseThrow(() -> new AssertionError(algorithm.name() + " is missing in\n" + table));
        assertTrue(row.contains(support.yes() ? " yes " : " no "), row);
        assertTrue(row.endsWith(support.reason()), row);
    }
}
