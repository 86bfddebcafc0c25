package io.github.jconv.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.BFloat16;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Float16;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be wrong about 16 bits and about layouts is convicted, and plain loops that are right about them are not. */
class FormMutationTest {

    private static final List<ConvProblem> PROBLEMS = Stream.of("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2",
            "n3c8w11k6s3_pw1", "n2c3d4h5w6k5t2r3s2_sd2sh1sw3_pd1:0ph1pw0:1").map(ConvProblem::parse).toList();

    /** Stores results in its own way. */
    private abstract static class Storing extends Loops {

        Storing(String name) {
            super(name);
        }

        /** @param start what the sum is added to; 0 when overwriting */
        abstract double stored(DataType type, double sum, double start);

        @Override
        void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                     WriteMode mode) {
            HostTensor sums = sums(problem, operation, x, w, y);
            for (int i = 0; i < output.length(); i++) {
                output.set(i, stored(output.dataType(), sums.get(i), mode == WriteMode.ACCUMULATE ? output.get(i) : 0));
            }
        }
    }

    static List<Loops> wrongRoundings() {
        return List.of(
                new Storing("cut off instead of rounded") {
                    @Override
                    double stored(DataType type, double sum, double start) {
                        return towardsZero(type, sum + start);
                    }
                },
                new Storing("halves away from zero") {
                    @Override
                    double stored(DataType type, double sum, double start) {
                        double exact = sum + start;
                        double low = Math.abs(towardsZero(type, exact));
                        double high = above(type, low);
                        return Math.abs(exact) >= low + (high - low) / 2 ? Math.copySign(high, exact) : Math.copySign(low, exact);
                    }
                },
                new Storing("rounded before it is added, and again") {
                    @Override
                    double stored(DataType type, double sum, double start) {
                        return type.round(sum) + start;
                    }
                },
                new Loops("sums kept in 16 bits") {
                    private DataType type = DataType.FLOAT32;

                    @Override
                    void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                                 WriteMode mode) {
                        type = output.dataType();
                        super.compute(problem, operation, x, w, y, output, mode);
                    }

                    @Override
                    double partial(double sum) {
                        return type.round(sum);
                    }
                });
    }

    private static double towardsZero(DataType type, double value) {
        double nearest = Math.abs(type.round(value));
        return Math.copySign(nearest > Math.abs(value) ? beside(type, nearest, -1) : nearest, value);
    }

    private static double above(DataType type, double magnitude) {
        return beside(type, magnitude, 1);
    }

    private static double beside(DataType type, double magnitude, int steps) {
        return type == DataType.FLOAT16 ? Float16.toFloat((short) (Float16.bits(magnitude) + steps))
                : BFloat16.toFloat((short) (BFloat16.bits(magnitude) + steps));
    }

    @ParameterizedTest
    @MethodSource
    void wrongRoundings(Loops wrong) {
        for (DataType type : List.of(DataType.FLOAT16, DataType.BFLOAT16)) {
            CheckReport report = CrossCheck.of(Mutants.correct(), wrong).tiers(Tier.EXACT).shrink(false).dataTypes(type)
                    .on("problems", PROBLEMS).run();
            assertConvicted(wrong, report);
            assertTrue(report.mismatches().stream().allMatch(m -> m.check().contains("rounded")),
                    () -> "integers that need no rounding cannot show it: " + report.mismatches());
            assertTrue(report.mismatches().stream().allMatch(m -> m.reproduce().isEmpty() || m.dataType() == type));
        }
    }

    static List<Loops> wrongLayouts() {
        return List.of(
                new Loops("filters read with the channels first") {
                    @Override
                    void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                                 WriteMode mode) {
                        super.compute(problem, operation, x, output == w ? w : channelsFirst(w), y, output, mode);
                    }
                },
                new Loops("x read with the channels first") {
                    @Override
                    void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                                 WriteMode mode) {
                        super.compute(problem, operation, output == x ? x : channelsFirst(x), w, y, output, mode);
                    }
                },
                new Loops("results written with the channels first") {
                    @Override
                    void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                                 WriteMode mode) {
                        super.compute(problem, operation, x, w, y, channelsFirst(output), mode);
                    }
                });
    }

    /** The same memory, taken for the other layout. */
    private static HostTensor channelsFirst(HostTensor tensor) {
        return switch (tensor.dataType()) {
            case FLOAT32 -> HostTensor.wrap(Layout.NCHW, tensor.shape(), tensor.floats(), tensor.offset());
            case FLOAT64 -> HostTensor.wrap(Layout.NCHW, tensor.shape(), tensor.doubles(), tensor.offset());
            case FLOAT16, BFLOAT16 -> HostTensor.wrap(tensor.dataType(), Layout.NCHW, tensor.shape(), tensor.shorts(), tensor.offset());
        };
    }

    @ParameterizedTest
    @MethodSource
    void wrongLayouts(Loops wrong) {
        for (DataType type : DataType.values()) {
            assertConvicted(wrong, CrossCheck.of(Mutants.correct(), wrong).tiers(Tier.EXACT).shrink(false).dataTypes(type)
                    .layouts(Layout.NHWC).on("problems", PROBLEMS).run());
            assertTrue(CrossCheck.of(wrong).tiers(Tier.EXACT).dataTypes(type).on("problems", PROBLEMS).run().agrees(),
                    "with the channels first there is nothing to see");
        }
    }

    private static void assertConvicted(Loops wrong, CheckReport report) {
        assertFalse(report.agrees(), wrong.name());
        for (Mismatch mismatch : report.mismatches()) {
            assertEquals(List.of(wrong.name()), mismatch.outside());
        }
    }

    @ParameterizedTest
    @EnumSource
    void loopsThatAreRightPassEveryCheck(DataType type) {
        CheckReport report = CrossCheck.of(Mutants.correct()).dataTypes(type).layouts(Layout.NCHW, Layout.NHWC).on("problems", PROBLEMS).run();
        assertTrue(report.agrees(), () -> Mismatches.describe(report.mismatches()));
        assertTrue(report.checks() > 100, () -> "" + report.checks());
    }

    @Test
    void reportsNameTypeAndLayout() {
        CheckReport report = CrossCheck.of(wrongLayouts().get(0)).tiers(Tier.EXACT).shrink(false).dataTypes(DataType.BFLOAT16)
                .layouts(Layout.NHWC).on("problems", PROBLEMS).run();
        assertEquals(Layout.NHWC, report.mismatches().get(0).layout());
        String text = Mismatches.describe(report.mismatches());
        assertTrue(text.contains(" of " + PROBLEMS.get(0) + " in bfloat16 nhwc, exact/overwrite"), text);
    }
}
