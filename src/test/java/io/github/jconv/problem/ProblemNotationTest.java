package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every notation through the one entry point: what it means, and what it refuses. */
class ProblemNotationTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "CANONICAL | n2c6h7w9k4r3s2",
        "CANONICAL | some/name_mb2 transposed:n2c6h7w9k4r3s2",
        "CANONICAL | what is this",
        "BENCHDNN | g2mb2ic6ih7oc4kh3n\"a name = 1 -x\"",
        "BENCHDNN | g2_ic6oc4_iw7kw3",
        "MIOPEN | ./bin/MIOpenDriver conv -n 2",
        "MIOPEN | --batchsize 2 -c 3",
        "MIOPEN | conv -n 2",
        "MIOPEN | MIOpenDriver",
        "DEEPBENCH | 700,161,1,4,32,20,5,0,0,2,2",
        "DEEPBENCH | 700 161 1 4 32 20 5 0 0 2 2",
        "KEY_VALUE | a/b op=conv c=1 in=4 k=1 kernel=2"})
    void isToldByItsLooks(ProblemNotation notation, String line) {
        assertEquals(notation, ProblemNotation.of(line));
    }

    /** One problem in every notation: rectangular, strided, dilated, grouped. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "n2c6h7w9k4r3s2_sh2sw1_ph1pw0_dh1dw2_g2",
        "g2mb2ic6ih7iw9oc4kh3kw2sh2sw1ph1pw0dh0dw1",
        "conv -n 2 -c 6 -H 7 -W 9 -k 4 -y 3 -x 2 -u 2 -v 1 -p 1 -q 0 -l 1 -j 2 -g 2",
        "op=conv n=2 c=6 in=7x9 k=4 kernel=3x2 stride=2x1 pad=1x0 dil=1x2 groups=2"})
    void oneProblemInEveryNotation(String line) {
        ProblemEntry entry = ProblemNotation.readOne(line, false);
        assertEquals("n2c6h7w9k4r3s2_sh2sw1_ph1pw0_dh1dw2_g2", entry.line());
        assertEquals("", entry.name());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "transposed:n2c6h7w9k4r3s2_sh2sw1_ph1pw0_dh1dw2_g2",
        "g2mb2ic6ih7iw9oc4kh3kw2sh2sw1ph1pw0dh0dw1",
        "conv -n 2 -c 6 -H 7 -W 9 -k 4 -y 3 -x 2 -u 2 -v 1 -p 1 -q 0 -l 1 -j 2 -g 2",
        "op=deconv n=2 c=6 in=7x9 k=4 kernel=3x2 stride=2x1 pad=1x0 dil=1x2 groups=2 outpad=0"})
    void oneTransposedLayerInEveryNotation(String line) {
        assertEquals("transposed:n2c6h7w9k4r3s2_sh2sw1_ph1pw0_dh1dw2_g2", ProblemNotation.readOne(line, true).line());
    }

    /** benchdnn: defaults, axes that are left out, and padding derived from given outputs. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "ic3oc4_ih8kh3 | n2c3h8w8k4r3s3",
        "ic3oc4_id8kd3sd2pd1 | n2c3d8h8w8k4t3r3s3_sd2sh2sw2_pd1:0ph1:0pw1:0",
        "ic3oc4_id5kd2_ih8kh3 | n2c3d5h8w8k4t2r3s3",
        "ic3oc4_iw8kw3dw1 | n2c3w8k4s3_dw2",
        "ic3oc4_ih224oh112kh7sh2_iw224ow112kw7sw2 | n2c3h224w224k4r7s7_sh2sw2_ph2:3pw2:3",
        "mb1ic3ih8oh8kh3ph1oc4n | n1c3h8w8k4r3s3_ph1pw1",
        "mb1ic3iw8ow3kw3sw2pw0oc4nname without quotes | n1c3w8k4s3_sw2_pw0:-1",
        "mb1ic3iw8ow9kw3oc4pw1 | n1c3w8k4s3_pw1:2"})
    void benchdnn(String line, String canonical) {
        assertEquals(canonical, ProblemNotation.readOne(line, false).line());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "mb1ic3iw8oc4ow17kw3sw2pw1 | transposed:n1c3w8k4s3_sw2_pw1:-1",
        "mb1ic3iw8oc4ow16kw3sw2 | transposed:n1c3w8k4s3_sw2_pw0:1",
        "mb1ic3iw8oc4kw3sw2pw1 | transposed:n1c3w8k4s3_sw2_pw1"})
    void benchdnnTransposed(String line, String canonical) {
        assertEquals(canonical, ProblemNotation.readOne(line, true).line().replace("ow0", ""));
    }

    @Test
    void namesAreKept() {
        assertEquals("conv1/7x7 s2", ProblemNotation.readOne("ic3ih8kh3oc4n\"conv1/7x7 s2\"", false).name());
        assertEquals("oc%simd!=0", ProblemNotation.readOne("ic3ih8kh3oc4noc%simd!=0", false).name());
        assertEquals("3a/1x1", ProblemNotation.readOne("3a/1x1  n1c3w8k4s3", false).name());
        assertEquals("a/b", ProblemNotation.readOne("a/b op=conv c=1 in=4 k=1 kernel=2", false).name());
    }

    /** MIOpen's driver: its defaults, long names, three dimensions, transposed with output padding, and options of the run. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "MIOpenDriver conv | n100c3h32w32k32r3s3",
        "./bin/MIOpenDriver convfp16 -n 8 -c 64 -H 28 -W 14 -k 32 -y 5 -x 3 -p 2 -q 1 -F 1 -t 1 -V 0 | n8c64h28w14k32r5s3_ph2pw1",
        "conv --batchsize 8 --in_channels 4 --in_h 9 --in_w 8 --out_channels 2 --fil_h 3 --fil_w 1 --pad_h 1 --forw 4 "
                + "| n8c4h9w8k2r3s1_ph1pw0",
        "conv -n 1 -c 3 --spatial_dim 3 --in_d 16 -H 9 -W 8 -k 4 --fil_d 2 -y 3 -x 1 --conv_stride_d 2 --pad_d 1 --dilation_d 3 "
                + "| n1c3d16h9w8k4t2r3s1_sd2sh1sw1_pd1ph0pw0_dd3dh1dw1",
        "conv -n 1 -c 3 --in_d 16 -H 9 -W 8 -k 4 -@ 2 | n1c3d16h9w8k4t2r3s3",
        "conv -n 1 -c 6 -H 9 -W 8 -k 4 -m trans -u 2 -v 3 -Y 1 -X 2 -g 2 | transposed:n1c6h9w8k4r3s3_sh2sw3_oh1ow2_g2"})
    void miopen(String line, String canonical) {
        assertEquals(canonical, ProblemNotation.readOne(line, false).line());
    }

    /** DeepBench puts the width first. */
    @Test
    void deepBench() {
        String canonical = "n4c1h161w700k32r5s20_sh3sw2_ph4pw6";
        assertEquals(canonical, ProblemNotation.readOne("700, 161, 1, 4, 32, 20, 5, 6, 4, 2, 3", false).line());
        assertEquals(canonical, ProblemNotation.readOne("  700 161 1 4\t32 20 5 6 4 2 3 ", false).line());
    }

    @Test
    void severalBatchSizesAreSeveralProblems() {
        List<ProblemEntry> entries = ProblemNotation.read("net/up op=deconv n=1,8 c=4 in=5 k=3 kernel=4 stride=2 pad=1 count=2", false);
        assertEquals(List.of("net/up/n1 transposed:n1c4w5k3s4_sw2_pw1", "net/up/n8 transposed:n8c4w5k3s4_sw2_pw1"),
                entries.stream().map(ProblemEntry::toString).toList());
        assertEquals("problem line 'op=conv n=1,8 c=4 in=5 k=3 kernel=4': it describes 2 problems; allowed here: one, so give a single "
                + "batch size", assertThrows(InvalidProblemException.class,
                        () -> ProblemNotation.readOne("op=conv n=1,8 c=4 in=5 k=3 kernel=4", false)).getMessage());
    }

    /** A line that says what it is stays what it is. */
    @Test
    void linesThatSayWhatTheyAre() {
        assertEquals(false, ProblemNotation.readOne("op=conv c=4 in=5 k=3 kernel=4", true).isTransposed());
        assertEquals(true, ProblemNotation.readOne("op=deconv c=4 in=5 k=3 kernel=4", false).isTransposed());
        assertEquals(false, ProblemNotation.readOne("conv -m conv", true).isTransposed());
        assertEquals(true, ProblemNotation.readOne("conv -m trans", false).isTransposed());
        assertEquals(true, ProblemNotation.readOne("transposed:n1c2w3k4s2", false).isTransposed());
        assertEquals(true, ProblemNotation.readOne("n1c2w3k4s2", true).isTransposed());
    }

    @Test
    void anEntryKnowsWhatIsComputed() {
        ProblemEntry entry = ProblemNotation.readOne("up transposed:n1c4w5k3s4_sw2_pw1", false);
        assertEquals("n1c3w10k4s4_sw2_pw1", entry.problem().toString());
        assertEquals("up", entry.label());
        assertEquals("transposed:n1c4w5k3s4_sw2_pw1", entry.named("").label());
        assertEquals("transposed:n7c4w5k3s4_sw2_pw1", entry.withBatch(7).line());
        assertEquals("n7c3w10k4s4_sw2_pw1", entry.withBatch(7).problem().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "`` | it is empty; expected a line such as n1c3h224w224k64r7s7_sh2sw2_ph3pw3",
        "name n1c3w8k4s3 extra | it has 3 words; expected the problem, or a name without blanks and the problem",
        "n1c3w8k4s3 -x | cannot read '-x'; expected a key of small letters and its number",
        "ic3ih8kh3 | 'oc' is missing",
        "ic3oc4_id8kd3_iw8kw3 | 'ih' is missing",
        "ic3oc4ih8 | 'kh' is missing",
        "ic3oc4ih8kh3dh-1 | dh is -1; allowed: 0..2147483647",
        "ic3oc4ih8kh3oh0 | oh is 0; allowed: 1..2147483647",
        "ic3oc4ih8kh9 | axis h: filter is 9 with dilation 1, which spans 9 positions, but the padded input has only 8 "
                + "(8 + padding 0 + 0); allowed: a span of 1..8",
        "ic3oc4ih8kh3q5 | unknown key 'q'; allowed here: g mb ic oc ih kh sh dh ph oh",
        "ic3oc4ih8kh3 oops | cannot read ' oops'; expected a key of small letters and its number",
        "ic3oc4ih8kh3n\"open | the name \"open is not closed; expected n\"name\" at the end",
        "1 2 3 | it has 3 numbers; expected the 11 of DeepBench: w h c n k filter_w filter_h pad_w pad_h stride_w stride_h",
        "700,161,1,4,32,20,5,0,0,2,2,9 | it has 12 numbers; expected the 11 of DeepBench: w h c n k filter_w filter_h pad_w pad_h "
                + "stride_w stride_h",
        "700,161,1,4,32,20,5,0,0,2,0 | axis h: stride is 0; allowed: 1..2147483647",
        "op=pool c=1 in=4 k=1 kernel=2 | op is 'pool'; allowed: conv, deconv",
        "op=conv c=1 in=4 k=1 | 'kernel' is missing",
        "op=conv c=1 in=4 k=1 kernel= | cannot read 'kernel='; expected key=value",
        "op=conv c=1 in=4x5 k=1 kernel=2x2x2 | kernel has 3 values [2, 2, 2]; allowed: 1 or 2, one per spatial axis",
        "op=conv c=1 in=4x5x6x7 k=1 kernel=2 | in has 4 sizes; allowed: 1..3",
        "op=conv c=1,2 in=4 k=1 kernel=2 | c has 2 numbers [1, 2]; allowed: 1",
        "op=conv c=1 in=4 k=1 kernel=two | kernel is 'two': 'two' is not a number in the allowed range: -2147483647..2147483647",
        "op=conv c=1 in=4 k=1 kernel=2 colour=red | unknown key 'colour'; allowed: op n c in k kernel stride pad dil outpad groups "
                + "count passes",
        "op=conv c=1 c=2 in=4 k=1 kernel=2 | 'c' is given twice",
        "op=conv c=1 in=4 k=1 kernel=2 passes=fwd,sideways | passes has 'sideways'; allowed: fwd, bwd_data, bwd_filter",
        "op=conv c=1 in=4 k=1 kernel=2 count=0 | count is 0; allowed: 1..2147483647",
        "op=conv c=1 in=4 k=1 kernel=2 outpad=1 | output padding is [1]; allowed: none for a convolution, only a transposed "
                + "convolution has it",
        "op=deconv c=1 in=4 k=1 kernel=2 outpad=1 | axis w: output padding is 1; allowed: 0..0 (below the stride 1 or the dilation 1)",
        "conv -n | option -n has no value",
        "conv -n 1 -n 2 | option -n is given twice",
        "conv -n x | option -n: 'x' is not a number in the allowed range: -2147483647..2147483647",
        "bin/MIOpenDriver pool -n 1 | cannot read 'pool'; expected MIOpenDriver conv and its options",
        "conv --depth 1 | unknown option '--depth'; expected one of MIOpenDriver conv, such as -n -c -H -W -k -y -x -p -q -u -v -l -j "
                + "-g -m, or its long name",
        "conv -m sideways | mode is 'sideways'; allowed: conv, trans",
        "conv --spatial_dim 4 | spatial_dim is 4; allowed: 2, 3",
        "conv --spatial_dim 2 --in_d 4 | spatial_dim is 2, but an option of the depth axis is given; allowed with it: 3",
        "conv -r 1 | pad_val is 1; allowed: 0",
        "conv -z same | pad_mode is 'same'; allowed: default, with the padding written out"})
    void badLinesAreQuotedAndSayWhatIsWrong(String line, String problem) {
        String message = assertThrows(InvalidProblemException.class, () -> ProblemNotation.read(line, false)).getMessage();
        assertEquals("problem line '" + line + "': " + problem, message);
    }
}
