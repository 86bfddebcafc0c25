package io.github.jconv.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemNotation;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.testing.Problems;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The explanation says what is so: its formulas, evaluated, give its numbers. */
class ExplanationTest {

    private static final Pattern ARITHMETIC = Pattern.compile("([(\\d][-+*/()\\d ]*(?:mod [\\d]+)?) = (-?\\d+)");

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), () -> "'" + part + "' is not in\n" + text);
        }
    }

    @Test
    void why23AndNot24() {
        String text = Explanation.of(ConvProblem.parse("n1c128h24w24k256r3s3_sh2sw2_ph1pw1")).wanting(24).text();
        assertContains(text,
                "h: floor((24 + 1 + 1 - 1 * (3 - 1) - 1) / 2) + 1 = floor(23 / 2) + 1 = 12",
                "transposed:n1c256h12w12k128r3s3_sh2sw2_ph1pw1_oh1ow1",
                "w: (12 - 1) * 2 + 1 * (3 - 1) + 1 - 1 - 1 + outputPadding = 23 + outputPadding",
                "inputs of 23..24 all have the output 12: the floor drops the rest",
                "output padding 0..1 gives 23..24",
                "output padding (24 + 1 + 1 - 1 * (3 - 1) - 1) mod 2 = 1 restores 24",
                "wanted 24: output padding 24 - 23 = 1");
        assertContains(Explanation.of(ConvProblem.parse("n1c128h24w24k256r3s3_sh2sw2_ph1pw1")).wanting(22, 23).text(),
                "wanted 22: not possible; possible are 23..24 (input 12, filter 3, stride 2, padding 1 and 1, dilation 1)",
                "wanted 23: output padding 23 - 23 = 0");
    }

    @Test
    void aTransposedLayerInItsOwnWords() {
        TransposedConvolution layer = TransposedConvolution.parse("n1c4h5w6k3r3s2_sh2sw3_ph4pw1_dh1dw2_oh1ow2");
        String text = Explanation.of(layer).wanting(4, 19).text();
        assertContains(text,
                "input   [1, 4, 5, 6]", "weight  [4, 3, 3, 2]", "output  [1, 3, 4, 18]",
                "h: (5 - 1) * 2 + 1 * (3 - 1) + 1 - 4 - 4 + 1 = 4",
                "w: output padding 0 -> 16, 1 -> 17, 2 -> 18 (this layer)",
                "wanted 4: output padding 4 - 3 = 1",
                "wanted 19: not possible; possible are 16..18",
                "n1c3h4w18k4r3s2_sh2sw3_ph4pw1_dh1dw2",
                "[1, 3, 4, 18] -> [1, 4, 5, 6]",
                "w'[c, k, r, s] = w[k, c, 2-r, 1-s]",
                "h: z = 1: 5 -> 9;  p' = 1 * (3 - 1) - 4 = -2 (crop 2) in front,  1 * (3 - 1) - 4 + 1 = -1 (crop 1) behind;",
                "The rotation is what people forget");
    }

    /** 3 channels and 192 filters of 5x5: with numbers. */
    @Test
    void howTheFilterMeetsTheInput() {
        assertContains(Explanation.of(ConvProblem.parse("n1c3h32w32k192r5s5_ph2pw2")).text(),
                "Each of the 192 filters has 3 * 5 * 5 = 75 numbers. It meets all 3 channels at once,");
        assertContains(Explanation.of(ConvProblem.parse("n1c6h8w8k12r3s3_g6")).text(),
                "The channels form 6 groups of 1 in, 2 out (depthwise). Each filter has 1 * 3 * 3 = 9 numbers,");
    }

    @Test
    void costsAreNamed() {
        assertContains(Explanation.of(ConvProblem.parse("n1c192h28w28k128r3s3_ph1pw1")).text(),
                "parameters                          221,184  K * C/G * taps; with a bias 221,312",
                "multiply-accumulates            173,408,256");
    }

    @Test
    void batch0AndCropsAreSaid() {
        assertContains(Explanation.of(ConvProblem.parse("n0c2w9k3s2_pw1:-2")).text(),
                "The batch is empty: so are x and y; the gradients of w and of the bias are zero.",
                "w: the padding of -2 at the end crops: no output reads the last 2 inputs.");
    }

    /** What algorithms need is what they say they need. */
    @Test
    void algorithmsWithTheirMemoryAndOperations() {
        ConvProblem problem = ConvProblem.parse("n1c1w4k1s3");
        String text = Explanation.of(problem).withAlgorithms("toy", List.of(new Toy())).text();
        assertContains(text, "Algorithms of backend toy (fp32)", "operation  algorithm  workspace  and tensors  FLOPs",
                "forward    doubling    1.50 KiB     1.54 KiB     24",
                "not backward_data, backward_filter by doubling: it looks forward only");
    }

    /** An algorithm that needs 1536 bytes and computes everything twice. */
    private static final class Toy implements ConvAlgorithm {

        @Override
        public String name() {
            return "doubling";
        }

        @Override
        public Support supports(ConvRequest request) {
            return Support.when(request.operation() == ConvOperation.FORWARD, "it looks forward only");
        }

        @Override
        public long workspaceBytes(ConvRequest request) {
            return 1536;
        }

        @Override
        public long flops(ConvRequest request) {
            return 2 * request.problem().flops();
        }
    }

    /** Every equation in the text is true: its left side, evaluated, is its right side. */
    @Property(tries = 200)
    void everyEquationIsTrue(@ForAll("problems") ConvProblem problem) {
        int equations = checkEquations(Explanation.of(problem).wanting(7).text())
                + checkEquations(Explanation.of(TransposedConvolution.inverseOf(problem)).text());
        assertTrue(equations >= 8 * problem.dimensions(), () -> "only " + equations + " equations found");
    }

    private static int checkEquations(String text) {
        int count = 0;
        Matcher matcher = ARITHMETIC.matcher(text.replaceAll("floor\\(([^=]*?) / (\\d+)\\)", "($1 / $2)"));
        while (matcher.find()) {
            String expression = matcher.group(1);
            if (balanced(expression)) {
                assertEquals(Long.parseLong(matcher.group(2)), new Expression(expression).value(), matcher.group());
                count++;
            }
        }
        return count;
    }

    private static boolean balanced(String expression) {
        return expression.chars().filter(c -> c == '(').count() == expression.chars().filter(c -> c == ')').count();
    }

    /** Integer arithmetic with the usual precedence; division rounds down. */
    private static final class Expression {

        private final String text;
        private int at;

        Expression(String text) {
            this.text = text.replace(" ", "").replace("mod", "%");
        }

        long value() {
            long value = sum();
            assertEquals(text.length(), at, text);
            return value;
        }

        private long sum() {
            long value = product();
            while (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                value += text.charAt(at++) == '+' ? product() : -product();
            }
            return value;
        }

        private long product() {
            long value = factor();
            while (at < text.length() && "*/%".indexOf(text.charAt(at)) >= 0) {
                char operator = text.charAt(at++);
                long right = factor();
                value = operator == '*' ? value * right : operator == '/' ? Math.floorDiv(value, right) : Math.floorMod(value, right);
            }
            return value;
        }

        private long factor() {
            if (text.charAt(at) == '(') {
                at++;
                long value = sum();
                at++;
                return value;
            }
            int from = at;
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
            return Long.parseLong(text.substring(from, at));
        }
    }

    /** Lines stay near the width of a terminal, even with the largest numbers of the suites; no line ends in blanks. */
    @Test
    void textIsLaidOutForATerminal() {
        for (ProblemSuite suite : ProblemSuites.all()) {
            for (ProblemEntry entry : suite) {
                for (String line : Explanation.of(entry).text().split("\n")) {
                    assertTrue(line.length() <= 112, line);
                    assertEquals(line.stripTrailing(), line);
                }
            }
        }
    }

    @Test
    void sectionsInOrder() {
        ProblemEntry entry = ProblemNotation.readOne("up transposed:n1c4w5k3s3_sw2", false);
        assertEquals(List.of("up  transposed:n1c4w5k3s3_sw2", "Output size", "The equivalent convolution",
                "With inserted zeros: the layer as an ordinary convolution",
                "Costs (N, C, K, taps and positions of the equivalent convolution)"),
                Explanation.of(entry).sections().stream().map(Explanation.Section::title).toList());
    }

    @Test
    void wantedSizesOfAnotherDimensionAreRefused() {
        assertEquals("the wanted output has 3 sizes; allowed: 1 or 2, one per spatial axis of n1c1h4w4k1r3s3",
                assertThrows(InvalidProblemException.class,
                        () -> Explanation.of(ConvProblem.parse("n1c1h4w4k1r3s3")).wanting(1, 2, 3)).getMessage());
    }

    @Test
    void oneFilterAndOneChannelAreNotManyOfThem() {
        assertContains(Explanation.of(ConvProblem.parse("n1c1h5w6k1r2s3")).text(),
                "The filter has 1 * 2 * 3 = 6 numbers. It meets the one channel,");
    }
}
