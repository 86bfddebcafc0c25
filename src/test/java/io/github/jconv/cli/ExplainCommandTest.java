package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The explain command: what it prints, draws and refuses. */
class ExplainCommandTest {

    @TempDir
    Path folder;

    private static String explained(String... args) {
        CommandRun run = CommandRun.of(args);
        assertEquals(0, run.exitCode(), run.err());
        return run.out();
    }

    @Test
    void aConvolution() {
        String out = explained("explain", "n1c128h24w24k256r3s3_sh2sw2_ph1pw1");
        assertTrue(out.contains("floor((24 + 1 + 1 - 1 * (3 - 1) - 1) / 2) + 1 = floor(23 / 2) + 1 = 12"), out);
        assertTrue(out.contains("Algorithms of backend cpu (fp32)"), out);
        assertTrue(out.contains("backward_data    reference"), out);
    }

    @Test
    void why23AndNot24() {
        String out = explained("explain", "--transposed", "--like", "n1c128h24w24k256r3s3_sh2sw2_ph1pw1");
        assertTrue(out.startsWith("transposed:n1c256h12w12k128r3s3_sh2sw2_ph1pw1_oh1ow1\n"), out);
        assertTrue(out.contains("h: output padding 0 -> 23, 1 -> 24 (this layer)\n     wanted 24: output padding 24 - 23 = 1"), out);
        assertTrue(out.contains("h: its inputs 23..24 all have the output 12, because the floor drops the rest"), out);
    }

    @Test
    void wantedSizes() {
        String out = explained("explain", "--transposed", "n1c256h12w12k128r3s3_sh2sw2_ph1pw1", "--output-size", "24x25");
        assertTrue(out.contains("wanted 24: output padding 24 - 23 = 1"), out);
        assertTrue(out.contains("wanted 25: not possible; possible are 23..24"), out);
    }

    @Test
    void theMatrix() {
        String out = explained("explain", "n1c1h4w4k1r3s3", "--matrix");
        assertTrue(out.contains("y11  [    .    .    .    .    .  w00  w01  w02    .  w10  w11  w12    .  w20  w21  w22  ]"), out);
        assertTrue(out.contains("the same as the transposed convolution by its definition"), out);
    }

    @Test
    void thePicture() throws IOException {
        Path file = folder.resolve("layer.svg");
        String out = explained("explain", "up transposed:n1c1h3w4k1r3s3_sh2sw2_ph1pw1_oh1ow1", "--svg", file.toString(),
                "--highlight", "3,4");
        assertTrue(out.endsWith("The picture is in " + file + "\n"), out);
        String svg = Files.readString(file);
        assertTrue(svg.contains("<svg ") && svg.contains("y[3, 4] = "), svg);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "explain | give either a LINE or --like LINE",
        "explain n1c1w5k1s2 --like n1c1w5k1s2 | give either a LINE or --like LINE",
        "explain --like transposed:n1c1w5k1s2 | --like is transposed:n1c1w5k1s2; allowed: a convolution",
        "explain n1c1w5k1s9 | the padded input has only 5",
        "explain n1c64h56w56k64r3s3 --matrix | allowed: up to 64 of each",
        "explain n1c1d3h3w3k1t1r1s1 --svg x.svg | allowed in a picture: 1, 2",
        "explain n1c1h5w6k1r3s3 --svg x.svg --highlight 9,9 | the highlighted output is 9; allowed: 0..2",
        "explain n1c1h5w6k1r3s3 --svg no/such/folder/x.svg | no/such/folder",
        "explain n1c1h5w6k1r3s3 --output-size 1,2,3 | the wanted output has 3 sizes",
        "explain op=conv n=1,2 c=1 in=5 k=1 kernel=2 | Unmatched argument"})
    void badInputIsOneLineAndExitCode2(String arguments, String message) {
        CommandRun run = CommandRun.of(arguments.split(" "));
        assertEquals(2, run.exitCode(), run.out());
        assertEquals(1, run.err().strip().lines().count(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals("", run.out());
        assertFalse(Files.exists(Path.of("x.svg")));
    }
}
