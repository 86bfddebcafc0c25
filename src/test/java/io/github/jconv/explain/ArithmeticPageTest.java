package io.github.jconv.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page docs/arithmetic.md quotes what the program says. */
class ArithmeticPageTest {

    private String page;

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(Path.of("docs", "arithmetic.md"));
    }

    private void assertQuoted(String text) {
        assertTrue(page.contains("\n```\n" + text + "```\n"), () -> "docs/arithmetic.md does not quote\n" + text);
    }

    @Test
    void why23AndNot24() {
        ConvProblem down = ConvProblem.parse("n1c128h24w24k256r3s3_sh2sw2_ph1pw1");
        assertQuoted(Explanation.of(TransposedConvolution.inverseOf(down)).wanting(24, 24).text());
    }

    @Test
    void theMatrixForm() {
        assertQuoted(MatrixLesson.of(ConvProblem.parse("n1c1w4k1s3_pw1")).text());
    }

    @Test
    void thePicture() throws IOException {
        TransposedConvolution layer = TransposedConvolution.parse("transposed:n1c1h3w4k1r3s3_sh2sw2_ph1pw1_oh1ow1");
        assertEquals(ConvolutionPicture.of(layer).svg(), Files.readString(Path.of("docs", "transposed-convolution.svg")));
    }

    @Test
    void theFilterOf4Dimensions() {
        ConvProblem layer = ConvProblem.conv2d().input(3, 32, 32).filters(192, 5).build();
        ConvProblem padded = ConvProblem.conv2d().input(3, 32, 32).filters(192, 5).padding(2).build();
        assertTrue(page.contains("w is `" + layer.wShape() + "`"));
        assertTrue(page.contains("`" + layer.xShape() + "` becomes `" + layer.yShape() + "` or `" + padded.yShape() + "`"), page);
    }
}
