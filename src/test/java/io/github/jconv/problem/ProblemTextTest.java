package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.Problems;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The canonical line and its parser. */
class ProblemTextTest {

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** Layers with every kind of padding and output padding: the inverses of problems, with other output paddings. */
    @Provide
    Arbitrary<TransposedConvolution> layers() {
        return Combinators.combine(Problems.any(), Arbitraries.longs().between(0, 3)).as((problem, wanted) -> {
            TransposedConvolution inverse = TransposedConvolution.inverseOf(problem);
            List<TransposedAxis> axes = inverse.axes().stream().map(axis -> new TransposedAxis(axis.input(), axis.filter(),
                    axis.stride(), axis.padBegin(), axis.padEnd(), axis.dilation(),
                    Math.max(axis.outputPadding(), wanted % Math.max(axis.stride(), axis.dilation())))).toList();
            ConvProblem equivalent = new ConvProblem(problem.batch(), problem.inputChannels(), problem.outputChannels(),
                    problem.groups(), axes.stream().map(TransposedAxis::equivalent).toList());
            return new TransposedConvolution(equivalent, axes);
        });
    }

    @Property
    void parserAndPrinterAreInverses(@ForAll("problems") ConvProblem problem) {
        assertEquals(problem, ConvProblem.parse(problem.toString()));
        assertEquals(problem.toString(), ConvProblem.parse(problem.toString()).toString());
        assertEquals(new ProblemEntry.Convolution("", problem), ProblemNotation.readOne(problem.toString(), false));
    }

    @Property
    void parserAndPrinterOfLayersAreInverses(@ForAll("layers") TransposedConvolution layer) {
        String line = layer.toString();
        assertEquals(layer, TransposedConvolution.parse(line));
        assertEquals(layer, TransposedConvolution.parse(line.replace("transposed:", "")));
        assertEquals(new ProblemEntry.Transposed("", layer), ProblemNotation.readOne(line, false));
        assertEquals(new ProblemEntry.Transposed("name", layer), ProblemNotation.readOne("name " + line, true));
    }

    /** Keys may come in any order, with underscores between them. */
    @Property(tries = 200)
    void orderAndUnderscoresDoNotMatter(@ForAll("problems") ConvProblem problem, @ForAll long seed) {
        List<String> parts = new ArrayList<>();
        Matcher matcher = Pattern.compile("[a-z]+-?\\d+(:-?\\d+)?").matcher(problem.toString());
        while (matcher.find()) {
            parts.add(matcher.group());
        }
        Collections.shuffle(parts, new Random(seed));
        assertEquals(problem, ConvProblem.parse(" _" + String.join("_", parts) + "__ "));
    }

    @Test
    void canonicalLineLooksAsDocumented() {
        ConvProblem problem = ConvProblem.conv2d().batch(2).input(6, 7, 9).filters(4, 3, 2).stride(2, 1).padBegin(1, 0)
                .dilation(1, 2).groups(2).build();
        assertEquals("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2", problem.toString());
        assertEquals("n1c3w5k2s2", ConvProblem.conv1d().input(3, 5).filters(2, 2).build().toString());
        assertEquals("n1c3d7h6w5k2t1r2s3_pd0:-1ph2pw0",
                ConvProblem.conv3d().input(3, 7, 6, 5).filters(2, 1, 2, 3).padBegin(0, 2, 0).padEnd(-1, 2, 0).build().toString());
        TransposedConvolution layer = TransposedConvolution.conv2d().input(256, 12, 12).filters(128, 3).stride(2).padding(1)
                .outputPadding(1).build();
        assertEquals("transposed:n1c256h12w12k128r3s3_sh2sw2_ph1pw1_oh1ow1", layer.toString());
        assertEquals("[1, 256, 12, 12] -> [1, 128, 24, 24]", layer.inputShape() + " -> " + layer.outputShape());
    }

    @Test
    void whatIsLeftOutHasItsDefault() {
        ConvProblem problem = ConvProblem.parse("c3h5w6k2r3s3_pw1");
        assertEquals("n1c3h5w6k2r3s3_ph0pw1", problem.toString());
        assertEquals(1, problem.groups());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "n1c3h5w6k2r3s3x4 | unknown key 'x'; allowed here: n c k g h r sh dh oh ph w s sw dw ow pw",
        "n1c3h5w6k2r3s3 oops | cannot read ' oops'; expected a key of small letters and its number",
        "n1c3h5w6k2r3s3! | cannot read '!'; expected a key of small letters and its number",
        "n1c3h5w6k2r3s3_sh | cannot read 'sh'; expected a key of small letters and its number",
        "n1c3h5w6k2r3s3_c4 | 'c' is given twice",
        "n1c3h5w6r3s3 | 'k' is missing",
        "n1c3h5k2r3s3 | 'w' is missing",
        "n1c3h5w6k2s3 | 'r' is missing",
        "n1c3w6k2s3_d2 | 't' is missing",
        "n1c3h5w6k2r3s3_sh1:2 | 'sh' has two numbers; only padding has",
        "n1c3h5w6k2r3s3_sh0 | axis h: stride is 0; allowed: 1..2147483647",
        "n1c3h5w6k2r3s3_dw-1 | axis w: dilation is -1; allowed: 1..2147483647",
        "n1c3h5w6k2r3s3_ph-1 | axis h: padBegin is -1; allowed: 0..2147483647",
        "n-1c3h5w6k2r3s3 | batch is -1; allowed: 0..2147483647",
        "n1c0h5w6k2r3s3 | input channels is 0; allowed: 1..2147483647",
        "n1c3h5w6k0r3s3 | output channels (filters) is 0; allowed: 1..2147483647",
        "n1c3h5w6k2r3s3_g0 | groups is 0; allowed: 1..2147483647",
        "n1c6h5w6k8r3s3_g3 | groups is 3, which does not divide the 8 output channels (filters); allowed: 1, 2",
        "n1c8h5w6k6r3s3_g3 | groups is 3, which does not divide the 8 input channels; allowed: 1, 2",
        "n1c3h5w6k2r3s8 | axis w: filter is 8 with dilation 1, which spans 8 positions, but the padded input has only 6 "
                + "(6 + padding 0 + 0); allowed: a span of 1..6",
        "n1c3h5w6k2r3s99999999999999999999 | '99999999999999999999' is not a number in the allowed range: -2147483647..2147483647",
        "n1c3h5w2147483648k2r3s3 | '2147483648' is not a number in the allowed range: -2147483647..2147483647",
        "n1c3h5w6k2r3s3_oh1 | output padding is [1, 0]; allowed: none for a convolution, only a transposed convolution has it",
        "transposed:n1c3w6k2s3 | it describes a transposed convolution; allowed here: a convolution"})
    void badLinesAreQuotedAndSayWhatIsWrong(String line, String problem) {
        String message = assertThrows(InvalidProblemException.class, () -> ConvProblem.parse(line)).getMessage();
        assertEquals("problem line '" + line + "': " + problem, message);
    }

    @Test
    void countsBeyondLongAreRefusedByName() {
        String message = assertThrows(InvalidProblemException.class,
                () -> ConvProblem.parse("n1000000c1000000h1000000w1000000k1r1s1")).getMessage();
        assertEquals("problem line 'n1000000c1000000h1000000w1000000k1r1s1': the bytes of x: the product 8 * 1000000 * 1000000 * "
                + "1000000000000 is too large; allowed: up to 9223372036854775807", message);
    }

    /** Whatever is typed: a problem that reads back, or one clear error; nothing else comes out. */
    @Property
    void anyTextIsReadOrRefused(@ForAll("texts") String text, @ForAll boolean transposed) {
        try {
            for (ProblemEntry entry : ProblemNotation.read(text, transposed)) {
                assertEquals(entry.named(""), ProblemNotation.readOne(entry.line(), false));
            }
        } catch (InvalidProblemException e) {
            assertTrue(e.getMessage().startsWith("problem line '"), e.getMessage());
        }
    }

    /** Lines of every notation with something cut out, doubled, or replaced, and plain rubbish. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> seeds = Arbitraries.of("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2", "mb2ic6ih7oc4oh4kh3sh2ph1dh1n\"name\"",
                "MIOpenDriver conv -n 2 -c 6 -H 7 -W 9 -k 4 -y 3 -x 2 -m trans -Y 1", "700,161,1,4,32,20,5,0,0,2,2",
                "a/b op=deconv n=1,8 c=6 in=7x9 k=4 kernel=3 outpad=0 passes=fwd", "transposed:n1c2w3k4s5_sw2_ow1");
        Arbitrary<String> pieces = Arbitraries.of("", "0", "-1", "99999999999", "x", "_", " ", "=", ":", "n", "\"", "-", ",", "\0", "h3");
        Arbitrary<String> mutated = Combinators.combine(seeds, pieces, Arbitraries.integers().between(0, 80),
                Arbitraries.integers().between(0, 3)).as((seed, piece, at, cut) -> {
                    int from = Math.min(at, seed.length());
                    return seed.substring(0, from) + piece + seed.substring(Math.min(from + cut, seed.length()));
                });
        return Arbitraries.frequencyOf(Tuple.of(5, mutated), Tuple.of(1, Arbitraries.strings()));
    }
}
