package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The wider bound of Winograd convolutions is no hiding place: wrong variants are convicted by it, right ones pass. */
class WinogradMutationTest {

    private static final List<String> PROBLEMS = List.of("n3c4h9w11k6r3s3_ph1pw0:2_g2", "n2c3h8w5k7r3s3_ph2pw1");

    private static List<WinogradLoops> wrongVariants(Accuracy accuracy) {
        List<WinogradLoops> wrong = new ArrayList<>();
        wrong.add(new WinogradLoops("a coefficient of A off by an eighth", accuracy) {
            @Override
            float output(int row, int point) {
                return row == 1 && point == 2 ? super.output(row, point) * 1.125f : super.output(row, point);
            }
        });
        wrong.add(new WinogradLoops("a coefficient of G off by an eighth", accuracy) {
            @Override
            float filter(int point, int tap) {
                return point == 2 && tap == 1 ? super.filter(point, tap) * 1.125f : super.filter(point, tap);
            }
        });
        wrong.add(new WinogradLoops("last row of tiles missing", accuracy) {
            @Override
            int tileRows(int outHeight) {
                return super.tileRows(outHeight) - 1;
            }
        });
        wrong.add(new WinogradLoops("filter not rotated for the gradient", accuracy) {
            @Override
            int tap(int tap, boolean forward) {
                return tap;
            }
        });
        wrong.add(new WinogradLoops("last row of tiles from the image before", accuracy) {
            @Override
            long imageOfTile(long image, int tileRow) {
                return tileRow > 0 ? Math.max(0, image - 1) : image;
            }
        });
        wrong.add(new WinogradLoops("a point left out", accuracy) {
            @Override
            float product(int point, float u, float v) {
                return point == 5 ? 0 : super.product(point, u, v);
            }
        });
        wrong.add(new WinogradLoops("products kept in bf16", accuracy) {
            @Override
            float product(int point, float u, float v) {
                return Float.intBitsToFloat(Float.floatToRawIntBits(super.product(point, u, v)) & 0xFFFF0000);
            }
        });
        wrong.add(new WinogradLoops("what is not finite taken for zero", accuracy) {
            @Override
            float product(int point, float u, float v) {
                return Float.isFinite(u * v) ? u * v : 0;
            }
        });
        return wrong;
    }

    static Stream<WinogradLoops> wrongVariantsAreConvicted() {
        return Stream.of(Accuracy.WINOGRAD_2X2, Accuracy.WINOGRAD_4X4).flatMap(a -> wrongVariants(a).stream());
    }

    @ParameterizedTest
    @MethodSource
    void wrongVariantsAreConvicted(WinogradLoops wrong) {
        CheckReport report = check(wrong);
        assertFalse(report.agrees(), wrong.name());
        for (Mismatch mismatch : report.mismatches()) {
            assertEquals(List.of(wrong.name()), mismatch.outside());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WINOGRAD_2X2", "WINOGRAD_4X4"})
    void theRightOnePasses(Accuracy accuracy) {
        CheckReport report = check(new WinogradLoops("right", accuracy));
        assertTrue(report.agrees(), () -> Mismatches.describe(report.mismatches()));
        assertTrue(report.suites().get(0).subjects().get(1).distribution().elements() > 0);
    }

    /** Integers leave F(2x2, 3x3) nothing to round: what its bound would allow is convicted there. */
    @Test
    void onIntegersTheSmallerFormIsHeldToEquality() {
        WinogradLoops slightlyOff = new WinogradLoops("off in the last bits", Accuracy.WINOGRAD_2X2) {
            @Override
            float product(int point, float u, float v) {
                return point == 0 ? Math.nextUp(u * v) : u * v;
            }
        };
        assertTrue(CrossCheck.of(slightlyOff).tiers(Tier.REAL).on(PROBLEMS.get(0)).shrink(false).run().agrees());
        assertFalse(CrossCheck.of(slightlyOff).tiers(Tier.EXACT).on(PROBLEMS.get(0)).shrink(false).run().agrees());
    }

    /** Where the reference covers a sample, a wrong tile outside it is found by comparison with another subject. */
    @ParameterizedTest
    @EnumSource(names = {"WINOGRAD_2X2", "WINOGRAD_4X4"})
    void aWrongTileOutsideTheSampleIsFound(Accuracy accuracy) {
        WinogradLoops wrong = new WinogradLoops("one row of tiles from the image before", accuracy) {
            @Override
            long imageOfTile(long image, int tileRow) {
                return tileRow == 4 ? Math.max(0, image - 1) : image;
            }
        };
        CheckReport report = CrossCheck.of(wrong, Mutants.correct()).tiers(Tier.REAL).on("n2c2h40w20k2r3s3_ph1pw1")
                .effort(Effort.thorough().withReference(600)).shrink(false).run();
        assertTrue(report.sampledChecks() > 0);
        assertEquals(List.of(wrong.name()), report.mismatches().stream().map(Mismatch::subject).distinct().toList());
    }

    private static CheckReport check(WinogradLoops subject) {
        CrossCheck check = CrossCheck.of(Mutants.correct(), subject).shrink(false);
        PROBLEMS.forEach(check::on);
        return check.run();
    }
}
