package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The harness must be able to fail: every wrong variant is convicted, by the tier that is meant to, and nobody else is. */
class MutationTest {

    /** Lopsided, with everything that can be wrong: groups, strides, dilation, both paddings, output padding, odd batch. */
    private static final List<ConvProblem> PROBLEMS = Stream.of(
            "n3c4h8w11k6r3s2_sh2sw3_ph1:2pw0:1_g2",
            "n2c3h7w9k2r3s2_ph2pw1_dh2dw3",
            "n1c2w17k5s4_sw3_pw1:0_dw2",
            "n2c2d4h3w6k2t2r1s3_sd1sh2sw2_pd1:0ph0:1pw1").map(ConvProblem::parse).toList();

    /** A square problem, on which exchanged axes cannot be seen. */
    private static final ConvProblem SQUARE = ConvProblem.parse("n1c2h6w6k3r3s3_sh2sw2_ph1pw1");

    static Stream<Mutants.Mutant> mutants() {
        return Mutants.all().stream();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void everyMutantIsConvictedByItsTierAloneAndNobodyElseIs(Mutants.Mutant mutant) {
        boolean square = mutant.subject().name().contains("square");
        CheckReport report = CrossCheck.of(Mutants.correct(), mutant.subject()).tiers(mutant.caughtBy()).shrink(false)
                .on("problems", square ? List.of(SQUARE) : PROBLEMS).run();
        List<Mismatch> mismatches = report.mismatches();
        assertTrue(mismatches.stream().anyMatch(m -> m.tier() == mutant.caughtBy()), () -> mutant + " was not caught by " + mutant.caughtBy());
        for (Mismatch mismatch : mismatches) {
            assertEquals(List.of(mutant.subject().name()), mismatch.outside());
        }
    }

    @Test
    void mutantsDifferAndAreMany() {
        assertTrue(Mutants.all().stream().map(m -> m.subject().name()).distinct().count() >= 24);
        assertEquals(List.of(Tier.values()), Mutants.all().stream().map(Mutants.Mutant::caughtBy).distinct().sorted().toList());
    }

    @Test
    void onASquareProblemExchangedAxesAreSeenByTheLopsidedRelativeOnly() {
        List<String> checks = new ArrayList<>();
        CrossCheck.of(Mutants.named("height and width exchanged, seen on no square problem")).on(SQUARE).shrink(false).run()
                .mismatches().forEach(m -> checks.add(m.tier().text() + "/" + m.check()));
        assertEquals(List.of("hygiene/lopsided"), checks.stream().distinct().toList());
    }
}
