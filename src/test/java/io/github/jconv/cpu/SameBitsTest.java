package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.ElementBounds;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * On real data: every CPU algorithm gives the same bits with every SIMD provider and every number of threads, and they lie within
 * the derived bound of the definition.
 */
class SameBitsTest {

    private static final List<CpuBackend> BACKENDS = backends();

    private static List<CpuBackend> backends() {
        List<CpuBackend> backends = new ArrayList<>();
        for (SimdProvider simd : SimdProvider.all()) {
            for (int threads : new int[] {1, 2, 5}) {
                backends.add(new CpuBackend(threads, simd));
            }
        }
        return backends;
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    @Property(tries = 60)
    void onRandomProblems(@ForAll("problems") ConvProblem problem) {
        check(problem);
    }

    /** One less, equal and one more than the blocks of positions, of depth and of rows that the matrix products are cut into. */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c1w511k7s1", "n1c2w512k6s1", "n2c3w513k5s1", "n1c255w5k1s1", "n1c256w3k2s1", "n1c257w2k3s1",
        "n1c5w513k3s3_pw1", "n1c5w516k7s5_sw2_dw2", "n1c85h4w3k7r3s1_ph1", "n1c2h17w31k13r3s2", "n1c2h33w16k12r2s3_pw1",
        "n1c6h23w23k11r3s3_sh2sw1_ph1pw1", "n3c257h1w1k7r1s1", "n2c3h5w4k33r5s4", "n1c66h5w7k62r3s3_ph1pw1_g2",
        "n1c3d5h7w9k7t3r2s3_pd1ph1pw1", "n2c4w2050k3s9_sw3_pw4:2",
        "n1c4h129w257k8r3s5_sh1sw2_ph1pw2_g4", "n2c3d9h41w67k3t2r3s3_sd2sh1sw3_pd1ph0pw2_g3", "n1c2w70001k2s3_pw1_g2"})
    void aroundTheEdgesOfBlocks(String line) {
        check(ConvProblem.parse(line));
    }

    /**
     * The cuts of a matrix product whose columns run over all images: vectors and panels, blocks of positions along each axis, images that
     * share vectors and those of the last block, rows of tiles, blocks of channels; with padding as wide as makes positions those of the
     * input, and otherwise.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c3w31k11s3_pw1", "n1c3w32k12s3_pw1", "n1c3w33k13s3_pw1", "n3c2h3w5k23r3s3_ph1pw1", "n2c2h3w5k24r3s3_ph1pw1", "n9c1h3w5k25r3s3_ph1pw1",
        "n3c2h3w5k5r3s3", "n5c2h7w7k6r5s5_ph2pw2", "n40c1h4w4k4r3s3_ph1pw1", "n1c63w9k3s3_pw1", "n1c64w9k3s3_pw1", "n1c65w9k3s3_pw1",
        "n1c2h16w31k4r3s3_ph1pw1", "n1c2h16w32k4r3s3_ph1pw1", "n1c2h16w33k4r3s3_ph1pw1", "n1c2d9h8w8k4t3r3s3_pd1ph1pw1",
        "n1c2d3h24w25k4t3r3s3_pd1ph1pw1", "n11c2h7w7k4r3s3_ph1pw1", "n2c1h1w600k4r1s3_pw1", "n1c2h16w33k4r1s7_pw3", "n1c2h16w33k4r5s3_ph4pw2_dh2dw2",
        "n2c2h15w15k4r14s14_ph6:7pw6:7", "n2c3h9w11k13r3s3_ph1pw1_sh2sw3",
        // few columns of filters, of which several panels are made at a time: positions of an image below and above those written in place
        "n3c1w127k13s3_pw1", "n3c1w128k12s3_pw1", "n2c1w129k25s3_pw1", "n2c1w700k26s10_sw5", "n4c2h9w15k14r2s2_ph0:1", "n2c1d3h8w9k13t2r2s2",
        "n5c8h12w14k38r3s2_ph1_g2", "n1c5h20w27k11r3s3_ph1pw1", "n1c3h20w30k60r3s3_sh2sw2_ph1pw1",
        // depths that meet other taps than the next, or none, in a plane of one less, equal and one more than pays
        "n3c2d2h9w5k14t3r3s3_pd1ph1pw1", "n9c3d1h4w8k5t3r3s3_pd1ph1pw1", "n2c3d2h31w1k13t3r2s1_pd1ph0:1", "n2c3d2h33w1k13t3r2s1_pd1ph0:1",
        "n1c2d3h4w9k13t5r3s2_sd2_pd3:1ph1pw1", "n2c4d3h5w7k6t4r1s3_dd2_pd4pw1_g2", "n1c3d2h5w8k7t2r1s2_pd3:2pw1", "n2c3d9h5w8k7t3r1s2_sd4_pd1pw1"})
    void whereColumnsRunOverImages(String line) {
        check(ConvProblem.parse(line));
    }

    /**
     * Filters of the same product that are copied in rows: one less, equal and one more than are copied at a time, than a row holds and than
     * stay in a cache; taps that follow one another and those of residue classes, groups, single rows.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c95h3w5k97r3s3_ph1pw1", "n2c96h3w4k95r3s2_ph1", "n1c97h3w4k96r3s3_sh2sw2_ph1pw1", "n1c2w40k13s255_pw127", "n1c2w40k13s256_pw128:127",
        "n1c2w40k13s257_pw128", "n1c1w9k1s3_pw1", "n3c1h4w5k1r3s3", "n1c959w4k3s2", "n1c962w4k3s2", "n1c965w4k3s2", "n1c3w4k962s2", "n1c3w4k965s2",
        "n1c194h3w4k190r3s2_g2", "n1c33h5w6k35r5s4_sh2sw3_ph2pw1", "n2c30h4w3k100r1s2_dw2_pw1", "n1c100d3h4w3k40t3r2s2_pd1"})
    void whereFiltersAreCopiedInRows(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("implicit-gemm"));
    }

    /**
     * Copies of small maps: one less, as many and one more positions than vectors hold, blocks of channels, rows of tiles; taps above and
     * below, all on one side, and beyond the map; even filters, dilations, groups, one axis.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c5h7w7k13r3s3_ph1pw1", "n2c40h7w7k18r3s3_ph1pw1", "n1c71h3w5k6r3s3_ph1pw1", "n3c36h4w4k7r3s3_ph1pw1", "n1c35h1w17k12r1s3_pw1",
        "n1c3h3w21k19r3s5_ph1pw2", "n1c4h8w8k24r5s5_ph2pw2", "n1c6h13w5k25r3s1_ph2:0", "n1c7h5w13k11r1s3_pw0:2", "n2c8h9w7k16r2s2_ph0:1pw1:0",
        "n1c9h5w6k14r3s3_ph4pw5_dh4dw5", "n1c12h2w3k10r3s3_ph3pw3_dh3dw3", "n2c24h7w7k18r3s3_ph1pw1_g2", "n1c330w31k17s3_pw1", "n1c6w255k7s2_pw0:1",
        "n1c6h16w16k8r3s3_ph1pw1", "n0c6h7w7k8r3s3_ph1pw1"})
    void aroundTheEdgesOfFlatMaps(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("flat-gemm"));
    }

    /**
     * The same product turned around: positions of all images in tiles of even numbers of rows, whole and in pieces of rows; output channels
     * around whole vectors, panels and parts of these; blocks of input channels, of which several are made at a time, and blocks of images.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c3h1w3k15r1s3_pw1", "n1c5h2w2k16r3s3_ph1pw1", "n2c4h3w3k17r3s3_ph1pw1", "n1c7h7w7k31r3s3_ph1pw1", "n3c2h4w5k32r3s2_pw1:0",
        "n1c3h5w5k33r3s3_ph1pw1", "n1c2h7w7k64r3s3_ph1pw1", "n1c4h9w11k65r3s3_sh2sw3_ph1pw2", "n1c150h7w7k40r3s3_ph1pw1", "n2c22h6w5k97r3s3_ph1pw1",
        "n6c3h7w7k20r3s3_ph1pw1", "n12c3h7w7k20r3s3_ph1pw1", "n1c6h16w16k34r3s3_ph1pw1", "n2c3h15w17k12r3s3_ph1pw1", "n2c12h6w5k66r2s3_g2_ph1pw1",
        "n1c3d2h4w5k18t2r3s3_pd1ph1pw1", "n1c5h8w9k24r5s5_ph2pw2", "n1c2h9w9k12r3s3_ph4pw4_dh4dw4", "n0c3h4w4k8r3s3", "n1c700h4w4k36r3s3_ph1pw1",
        "n3c2h13w14k26r13s14_ph6pw6:7", "n1c33w200k35s3_pw1"})
    void aroundTheEdgesOfTurnedProducts(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("turned-gemm"));
    }

    /**
     * One less, equal and one more than the blocks of channels, the positions from which on tiles of a product with packed filters go
     * through several panels, and the panels that they go through; rows and columns to spare, groups, images.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n2c3w511k48s1", "n2c2w512k6s1", "n1c5w513k49s1", "n1c127w1041k48s1", "n1c128w1087k50s1", "n1c255w577k52s1", "n1c256w560k48s1",
        "n1c257w545k48s1", "n1c50w1088k128s1", "n2c8h23w23k100r1s1_g2", "n3c96h24w25k98r1s1_g2", "n1c1w2113k56s1", "n1c64w1025k64s1",
        "n2c511w1041k52s1", "n1c513w1088k62s1", "n1c300w600k49s1", "n1c514w530k260s1"})
    void aroundTheEdgesOfSharedTiles(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("packed-1x1"));
    }

    /** Few positions, turned around, and output channels in one less and as many and one more panels as threads and their blocks. */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c300h7w7k257r1s1", "n2c257h7w7k64r1s1", "n1c40h5w7k97r1s1", "n9c33h3w3k130r1s1", "n1c64h1w1k640r1s1", "n2c24h7w6k160r1s1_g2"})
    void aroundTheEdgesOfTurnedPointwiseBlocks(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("packed-1x1"));
    }

    /**
     * One less, equal and one more than Winograd's tiles of outputs, whole vectors of tiles and blocks of channels, padding of any width;
     * dilations, by which maps divide or not; and channels and blocks of tiles of which threads have shares of several lengths.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c6h1w2k6r3s3_ph1pw1", "n2c7h3w4k8r3s3_ph0:1pw2:0", "n1c12h5w6k13r3s3_ph2pw1", "n2c6h7w8k6r3s3_ph1pw1", "n3c9h9w10k7r3s3_ph1pw1",
        "n1c16h11w15k6r3s3_ph3:0pw0:3", "n1c17h16w17k19r3s3_pw1", "n1c6h31w33k6r3s3_ph1pw1", "n1c7h4w127k6r3s3_ph1pw1",
        "n2c14h10w66k26r3s3_ph1pw1_g2", "n1c191h6w5k6r3s3_ph1pw1", "n1c193h5w6k98r3s3_ph1pw1", "n1c65h3w3k193r3s3_ph1pw1",
        "n1c6h30w261k7r3s3_ph1pw1", "n1c480h4w5k486r3s3_ph1pw1",
        "n2c7h9w10k8r3s3_ph2pw2_dh2dw2", "n1c12h17w16k13r3s3_ph3:1pw0:5_dh3dw5", "n2c14h25w24k26r3s3_ph4pw1_dh4_g2",
        "n1c65h20w33k66r3s3_pw2_dw2", "n1c6h33w34k6r3s3_ph16pw15_dh16dw15",
        "n1c9h6w7k223r3s3_ph1pw1", "n1c81h6w5k79r3s3_pw1", "n2c33h38w39k150r3s3_ph1pw1", "n3c66h21w26k62r3s3_ph1pw1_g2"})
    void aroundTheEdgesOfWinogradTiles(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().startsWith("winograd"));
    }

    /** One less, equal and one more than the rows and columns that padded rows are computed by, and every way that taps share rows. */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c3h3w15k3r3s3_ph1pw1_g3", "n2c3h4w16k3r3s3_ph1pw1_g3", "n1c3h5w17k3r2s3_ph1pw1_g3", "n3c2h7w7k2r3s3_ph1pw1_g2",
        "n1c5h8w7k5r7s7_ph3pw3_g5", "n1c3h9w33k3r5s2_ph2:1pw0:1_g3", "n2c3h15w31k6r4s3_ph1pw1_g3", "n1c7h2w1k7r3s3_ph2pw2_g7",
        "n1c4h11w13k6r3s5_ph1pw2_g2", "n2c3h14w14k3r3s3_sh2sw2_ph1pw1_g3", "n1c3h16w31k3r5s5_sh2sw2_ph2pw2_g3",
        "n1c3h17w32k3r6s3_sh2sw2_ph2:3pw0_g3", "n1c3h15w33k3r7s3_sh2sw2_ph3pw1_g3", "n1c3h18w65k3r3s3_sh3sw2_ph1pw1_g3",
        "n1c3h12w66k6r3s3_sh1sw2_ph1pw1_g3", "n1c3h13w18k3r3s3_dh2dw3_ph2pw3_g3", "n1c3h19w18k3r5s2_sh2dh2_ph4_g3",
        "n1c2h12w9k2r4s2_sh4sw1_dh2_g2", "n1c2d4h7w6k4t3r3s3_pd1ph1pw1_g2", "n2c2d5h8w9k2t2r3s3_sd2sh1sw2_dd2_pd2ph1pw1_g2",
        "n1c40h4w3k40r3s3_ph1pw1_g40"})
    void aroundTheEdgesOfPaddedRows(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("padded-rows"));
    }

    /**
     * Channels side by side: one less, equal and one more than vectors have lanes, rows around whole vectors and tiles of seven outputs,
     * taps around those that are summed up at a time, strides, dilations, rows and columns that are all padding, cropping.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c15h7w7k15r3s3_ph1pw1_g15", "n2c16h6w8k16r3s3_ph1pw1_g16", "n3c17h8w6k17r7s7_ph3pw3_g17", "n2c33h14w14k33r3s3_sh2sw2_ph1pw1_g33",
        "n1c31h13w15k31r5s2_sh1sw3_ph2:1pw0:1_g31", "n2c32h15w16k32r1s5_pw2_g32", "n1c16h16w17k16r2s4_sh3sw2_dh2_ph3:0pw5:2_g16",
        "n2c20h9w33k20r3s3_sh2sw1_ph7pw1_g20", "n1c4h10w31k4r4s1_sh4sw4_g4", "n1c64w40k64s9_sw2_dw3_pw4_g64",
        "n2c16h12w12k16r2s2_sh3sw3_g16", "n1c18h9w10k18r3s3_ph0:-1pw0:-2_g18", "n5c3h5w5k3r5s5_ph2pw2_g3", "n1c1h20w20k1r3s3_ph1pw1"})
    void aroundTheEdgesOfChannelLanes(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("channel-lanes"));
    }

    /**
     * Depthwise 3x3: one less, equal and one more than vectors of columns, than the columns of which two rows fit one vector, and than the
     * channels whose sums are kept together; odd and even rows; single rows and columns; padding on either side only; maps so small that
     * vectors write behind several of them.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n2c9h7w7k9r3s3_ph1pw1_g9", "n3c8h6w8k8r3s3_ph1pw1_g8", "n2c7h5w9k7r3s3_ph1pw1_g7", "n2c17h1w1k17r3s3_ph1pw1_g17",
        "n2c40h2w3k40r3s3_ph1pw1_g40", "n1c5h3w2k5r3s3_ph1pw1_g5", "n2c5h9w15k5r3s3_ph1pw1_g5", "n2c5h4w16k5r3s3_ph1pw1_g5",
        "n2c5h3w17k5r3s3_ph1pw1_g5", "n1c3h5w33k3r3s3_ph1pw1_g3", "n2c5h8w11k5r3s3_g5", "n2c5h8w11k5r3s3_ph1:0pw0:1_g5",
        "n2c5h7w6k5r3s3_ph0:1pw1:0_g5", "n2c33h14w14k33r3s3_sh2sw2_ph1pw1_g33", "n2c4h13w15k4r3s3_sh2sw2_ph1pw1_g4", "n2c4h8w16k4r3s3_sh2sw2_ph1pw1_g4",
        "n2c4h9w17k4r3s3_sh2sw2_ph1pw1_g4", "n1c4h5w31k4r3s3_sh2sw2_ph1pw1_g4", "n1c4h6w32k4r3s3_sh2sw2_ph1pw1_g4",
        "n1c4h7w33k4r3s3_sh2sw2_ph1pw1_g4", "n1c4h4w66k4r3s3_sh2sw2_ph1pw1_g4", "n2c19h1w1k19r3s3_sh2sw2_ph1pw1_g19",
        "n2c19h2w3k19r3s3_sh2sw2_ph1pw1_g19", "n2c4h12w12k4r3s3_sh2sw2_ph0:1pw0:1_g4", "n1c1h6w7k1r3s3_ph1pw1"})
    void aroundTheEdgesOfDepthwiseMaps(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("depthwise-3x3"));
    }

    /**
     * Pieces of dilated maps: dilations that divide maps or not, wider than them too, one less, equal and one more than vectors and panels of
     * two of them, tiles of rows and blocks of depth; images side by side; cropping, padding beside which there is nothing, single taps.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c7h13w11k9r3s3_ph4pw4_dh4dw4", "n3c5h9w8k13r3s2_ph3:1pw5:0_dh3dw5", "n2c8h10w12k26r2s3_ph2pw1_dh5dw4_g2",
        "n1c33d5h7w9k14t3r2s3_dd2dh3dw4_pd2ph1pw4", "n1c3h9w10k5r3s3_ph0:-1pw2:-2_dh2dw3", "n1c6w15k11s2_dw15_pw15",
        "n1c4h9w33k12r1s3_pw16_dw16", "n1c5w32k13s3_pw17_dw17", "n1c4w31k12s3_pw15:33_dw15", "n1c2h8w10k7r2s2_ph8pw10_dh8dw10",
        "n1c255w6k3s2_dw3", "n1c257h4w5k10r3s3_ph2pw2_dh2dw2", "n1c513w9k25s3_pw4_dw4", "n4c6h7w6k97r3s3_ph3pw3_dh3dw3",
        "n7c3w5k4s3_pw4_dw2", "n12c2h3w3k2r3s3_ph2pw2_dh2dw2", "n2c3h4w5k6r3s3_ph1pw1", "n1c2h5w6k3r1s1_ph2:1pw0:3", "n1c2w4k3s2_pw9:0_dw3"})
    void aroundTheEdgesOfPieces(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("lattice-gemm"));
    }

    /**
     * Filters no larger than their stride: boxes around whole vectors and panels and those that are packed together, rows and planes of them,
     * pairs of taps and others, with gaps, that tiles of rows part, inputs that no box covers, one less, equal and one more than tiles of rows
     * and blocks of depth, groups, images that share a panel.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n2c6h8w10k13r2s2_sh2sw2", "n3c5h15w31k12r2s2_sh2sw2", "n1c7h16w64k11r2s2_sh2sw2", "n1c4h33w66k14r2s2_sh2sw2",
        "n5c14h8w9k26r2s3_sh2sw3_g2", "n1c63h6w34k3r2s2_sh2sw2", "n1c64h4w32k5r2s2_sh2sw2", "n2c65h5w30k6r2s2_sh2sw2",
        "n1c3h48w49k255r16s16_sh16sw16", "n2c2h30w60k257r15s15_sh15sw15", "n1c3h34w51k256r17s17_sh17sw17", "n1c6h20w28k9r4s4_sh4sw4",
        "n2c5h23w38k7r3s2_sh5sw4_dh2dw3", "n1c4w257k13s5_sw8", "n1c5w199k10s6_sw6", "n2c3w140k9s7_sw8", "n1c6h33w7k8r3s1_sh3",
        "n1c3h9w66k25r1s2_sw2", "n2c3d4h6w8k16t2r2s2_sd2sh2sw2", "n1c4d5h7w11k6t2r3s2_sd2sh3sw2", "n1c3d7h5w9k12t3r1s2_sd3sw2_dd1",
        "n1c2h40w1100k8r2s2_sh2sw2", "n1c260h4w70k12r2s2_sh2sw2", "n1c520h2w130k14r1s2_sw2", "n9c2h6w6k97r3s3_sh3sw3", "n1c8h7w9k8r1s1_sh2sw2"})
    void aroundTheEdgesOfBoxes(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("box-gemm"));
    }

    /**
     * Windows: filters one less, equal and one more than strides and tiles of columns, few filters and many, rows of outputs around tiles,
     * pieces of rows, more than one row of taps at a row of dx and none, height with padding, dilation and any stride, cropping, images.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n2c3h20w126k4r5s16_sh3sw10", "n1c18h17w168k20r5s64_sh2sw64_ph2_g2", "n2c3h40w264k3r17s128_sh8sw64_g3", "n1c9w515k10s128_sw65",
        "n1c2h9w521k7r3s129_sh2sw64", "n2c5h30w511k8r7s127_sh3sw63_ph1:4", "n3c2h12w387k9r2s65_sh5sw64", "n1c2h11w448k2r3s96_sh2sw70_dh2_ph3",
        "n1c3h7w600k13r2s80_sh1sw64_ph2:0pw0:-3", "n2c4h70w300k5r4s48_sh3sw4", "n1c7h5w130k6r5s64_sw1", "n2c33h3w200k1r2s17_sw9",
        "n1c1h200w90k33r3s16_sw12", "n2c4h9w96k12r3s32_sh3sw16_g2", "n1c1h21w135k1r6s32_sh5sw17"})
    void aroundTheEdgesOfWindows(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("window-gemm"));
    }

    /** The same for filters as wide as the input: tiles of rows and of columns, blocks of turned columns, threads, groups, images. */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c1h64w300k25r3s300", "n2c1h17w16k6r4s16", "n1c2h18w17k7r4s17", "n3c3h9w31k13r5s31", "n2c2h33w33k12r2s33_g2",
        "n1c4h67w65k14r1s65_g2", "n1c1h130w80k11r2s80", "n1c1h70w64k24r7s64"})
    void aroundTheEdgesOfFullWidthTiles(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("full-width-gemm"));
    }

    /**
     * One less, equal and one more than tiles of rows and columns, pieces and blocks of positions, channels with and without taps as rows,
     * with the last taps, strides and padding of any width.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c11h14w14k31r3s3_ph1pw1", "n2c12h15w13k32r3s3_ph1pw1", "n1c13h10w20k33r2s3_pw1", "n1c6h7w9k65r3s3_ph1pw1", "n1c7h4w4k63r2s2",
        "n1c3h10w20k65r3s5_ph1pw2", "n2c5h9w23k17r3s4_sh2sw3_pw2:1", "n1c1h4w199k5r2s3_ph0:1pw1", "n1c2w201k7s6_pw9:0", "n1c4w403k13s5_dw3_pw12",
        "n1c25h16w25k63r1s1", "n2c64h4w4k65r3s3_ph1pw1", "n1c26h9w8k54r3s3_ph4pw4_dh4dw4_g2", "n2c6d4h5w7k12t3r2s3_pd1ph1pw1_sd2",
        "n1c3d4h5w7k9t2r2s3_pd1pw2", "n1c12h40w12k2r17s3_pw1", "n1c7h12w11k13r3s3_ph0:-2pw1:-2", "n9c3h40w40k6r1s1", "n1c4h200w150k5r3s2_ph1",
        "n1c2w20000k11s4_sw2_pw3"})
    void aroundTheEdgesOfTurnedPanels(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("channels-last-gemm"));
    }

    /**
     * Groups whose taps along rows are joined: several groups turned around together and what is left of them, channels and filters around
     * those that fill vectors and panels, blocks of filters, blocks and pieces of rows, strides, dilations, crops and slices.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n2c32h14w14k32r3s3_ph1pw1_g2", "n1c40h9w13k25r3s3_ph1pw1_g5", "n1c21h10w20k28r3s3_ph1pw1_g7", "n3c30h7w7k34r3s3_ph1pw1_g2",
        "n1c34h15w13k30r2s4_ph1pw2:1_g2", "n1c45h8w17k51r3s5_sh2sw2_ph1pw2_g3", "n2c32h5w9k66r3s2_dh2_ph2pw1_g2", "n1c64h40w60k50r3s3_g2",
        "n1c14h12w11k26r3s3_ph0:-2pw1:-2_g2", "n1c18d4h5w7k15t3r2s3_pd1ph1pw1_sd2_g3", "n2c33w300k27s7_pw3_g3", "n1c16h3w150k16r3s1_ph1_g2",
        "n1c24h130w9k24r5s3_ph2pw1_sh3_g4", "n1c20h6w7k200r3s3_ph1pw1_g2", "n1c12h14w14k12r3s3_ph4pw4_g2"})
    void aroundTheEdgesOfJoinedTaps(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("grouped-gemm"));
    }

    /**
     * Few channels, whose taps are merged: several blocks of rows, of columns and of images, as many as there are parts and more, and
     * several blocks of filters.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n3c3h60w70k33r3s3_ph1pw1", "n2c5h33w31k65r2s3_sh2", "n1c2w17000k7s5_pw3:1", "n40c3h9w9k130r3s3_dh2_ph2pw1",
        "n1c1h150w160k20r4s4_ph0:2", "n5c4d5h17w19k64t3r2s2_pd1_sd2pw1", "n17c3h32w32k31r5s5"})
    void aroundTheEdgesOfMergedTaps(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("channels-last-gemm"));
    }

    /**
     * One factor turned around, x or dy: tiles of all heights and rows to spare, blocks of rows and what is left for the last, panels of
     * columns and halves of these, blocks of panels, parts of positions, images, groups; one less, equal and one more of each.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c4h3w5k4r1s1", "n1c7h3w5k6r1s1", "n1c6h3w5k7r1s1", "n2c15h8w16k12r1s1", "n2c16h1w129k14r1s1", "n3c17h11w23k10r1s1",
        "n2c48h7w7k15r1s1", "n1c63h13w10k64r1s1", "n1c65h16w17k26r1s1", "n3c98h5w7k33r1s1", "n2c110h14w14k50r1s1", "n1c300h4w5k302r1s1",
        "n1c26h6w6k257r1s1", "n1c255h3w43k38r1s1", "n2c12h6w7k20r1s1_g2", "n2c66h5w5k28r1s1_g2", "n4c14d3h4w5k8t1r1s1", "n1c130w127k8s1",
        "n0c8h4w4k8r1s1", "n1c122h9w9k1r1s1", "n1c1h9w9k98r1s1",
        "n1c95h5w51k40r1s1", "n1c96h16w16k33r1s1", "n1c97h1w257k32r1s1", "n1c5h9w9k3r1s1", "n2c193h4w5k31r1s1", "n1c289h1w513k256r1s1",
        // blocks of an image, and of several
        "n3c7w17000k9s1", "n5c13w8000k8s1", "n5c8w8000k13s1", "n4c6h60w70k10r1s1_g2"})
    void aroundTheEdgesOfOneTurnedFactor(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("turned-1x1"));
    }

    /**
     * The same for columns turned around: slabs of filters, tiles of four and six of them, panels of columns and halves of these, blocks of
     * outputs, images that share a block, strides, dilations, groups, padding of any width and none.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c15h3w5k47r1s1", "n1c16h7w7k48r1s1", "n2c17h8w8k49r1s1", "n3c63h5w8k5r1s1", "n2c64h16w8k6r1s1", "n1c65h3w43k7r1s1",
        "n1c7h7w7k50r3s3_ph1pw1", "n5c7h5w5k97r3s3_ph1pw1", "n7c4h4w4k9r3s2_ph2:0pw0:1", "n1c128h12w11k3r1s1", "n1c33h16w17k13r1s1_sh2sw3",
        "n2c9h9w11k96r2s3_sh2sw1_dh2_ph1:2pw3", "n2c14h7w7k102r3s3_ph1pw1_g2", "n1c6h8w9k12r3s3_ph0:-2pw0:-1_g3", "n2c3w129k11s5_pw2",
        "n1c2w1000k95s7_sw3_dw2_pw6", "n2c5d4h5w6k8t2r3s2_pd1:0ph1pw0:1_sd2", "n1c3d7h7w3k49t1r2s3", "n9c1h3w3k5r2s2", "n1c31h1w130k4r1s1",
        "n1c2h40w40k8r9s1_ph4", "n1c513h3w3k47r3s3_ph1pw1", "n2c3h9w20k33r2s16_sw4", "n3c5h11w23k48r4s5", "n2c9w40k51s17_g3",
        "n2c4h12w13k47r7s7_sh2sw3_ph3pw3"})
    void aroundTheEdgesOfTurnedColumns(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("columns-last-gemm"));
    }

    /**
     * Products with packed filters: positions around whole vectors and panels, channels around tiles of rows and blocks of depth, maps
     * of few positions that are turned around, tiles that reach from one image into the next, gaps between positions.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c7h3w5k6r1s1", "n2c6h4w4k5r1s1", "n1c127h5w13k20r1s1", "n1c128h1w64k19r1s1", "n1c129h3w43k21r1s1", "n3c3h7w7k64r1s1",
        "n2c4h7w7k65r1s1", "n5c17h1w1k33r1s1", "n1c5w1024k97s1", "n1c6w1025k96s1", "n2c2h31w33k13r1s1", "n2c14h7w9k22r1s1_g2",
        "n2c60h3w3k128r1s1_g2", "n1c257h7w7k130r1s1", "n2c9h15w17k7r1s1_sh2sw2", "n2c40h7w9k64r1s1_sh2sw3", "n1c100h9w7k6r1s1_sh3sw1",
        "n3c6d5h4w7k11t1r1s1_sd2sh1sw2", "n1c2h2w1k1r1s1_sh1sw2", "n2c30h5w3k32r1s1_sh2sw2", "n7c5h3w4k35r3s4",
        "n1c6h2w3k66r2s3_g2", "n2c8h5w66k30r1s1_sh1sw2_g2", "n1c3d3h4w5k700t1r1s1", "n1c255h11w17k11r1s1", "n2c256h14w14k12r1s1",
        "n1c513h13w15k13r1s1", "n2c40h7w7k47r1s1", "n1c300h7w7k49r1s1", "n1c90h1w33k25r1s1", "n2c31h4w4k96r1s1", "n3c33h3w5k160r1s1"})
    void aroundTheEdgesOfPackedTiles(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().startsWith("packed"));
    }

    /**
     * One less, equal and one more than strips of rows, panels of columns, blocks of depth, of channels and of filters that are packed;
     * boxes of many columns and few filters; few positions, of one image and of several, whose columns are made transposed.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c1h23w92k3r3s3_ph1pw1", "n1c2h24w90k130r3s3_ph1pw1_g2", "n1c3h23w92k65r3s3_ph1pw1", "n2c14h7w9k129r3s2_sh2sw2_ph1pw1",
        "n1c50h7w8k127r2s2_sh2sw2", "n1c4h8w8k12r4s4_sh2sw2_ph1pw1", "n1c50h9w11k128r3s3_sh2sw2_ph1pw1", "n3c13h5w5k257r5s5_sh2sw2_ph2pw2",
        "n5c9h3w5k6r3s2_sh2sw1_ph1pw1_g3", "n1c260h3w3k3r3s3_sh2sw2_ph1pw1", "n2c48h2w2k8r2s2_sh2sw2_g4", "n1c33h13w13k17r3s3_sh2sw2_ph1pw1",
        "n1c7h10w12k31r2s3_sh3sw2_ph0pw1", "n2c21h40w24k13r8s8_sh4sw4", "n1c6d5h7w9k14t3r3s3_sd2sh2sw2_pd1ph1pw1", "n1c3w300k9s16_sw8_pw4",
        "n2c5h9w9k20r3s3_sh2sw2_ph4pw4", "n1c97w160k7s2_sw2", "n1c199w140k131s1", "n1c65h5w9k400r3s3_sh1sw2_ph1pw1", "n1c4h33w66k20r3s3_sh2sw3_dh2dw2_ph2pw1"})
    void aroundTheEdgesOfPackedColumns(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("gemm-col2im"));
    }

    /**
     * One less, equal and one more than what is transformed side by side, in channels, groups, tiles and images; one tile and many, on one
     * axis to three; what is placed apart by strides and dilations, and padding wider than the filter.
     */
    @ParameterizedTest
    @ValueSource(strings = {
        "n1c1w40k1s2", "n1c1w300k1s33", "n2c3w1001k2s64_pw63:10", "n1c15w90k1s7", "n1c16w90k2s7_pw9", "n1c17w91k5s7_pw0:-3",
        "n1c2w97k4s9_sw5_dw3_pw4:20", "n1c1w2500k1s40_sw3", "n1c8h9w11k8r5s4_ph2pw1_g8", "n2c15h14w9k15r9s3_ph4pw1_g15",
        "n1c16h13w12k16r13s11_ph6pw5_g16", "n3c17h10w19k17r7s7_ph3pw3_g17", "n1c33h8w40k66r3s9_ph1pw4_g33", "n2c32h7w6k16r5s5_ph9pw2_g16",
        "n1c2h70w75k3r5s6_ph2pw3", "n2c3h33w31k5r17s15_ph8pw7", "n1c4h40w13k6r6s5_sh2sw3_dh3dw2_ph2:0pw1:4_g2",
        "n2c2d5h9w13k3t3r4s5_pd1ph2pw2", "n1c1d40h6w7k2t5r2s3", "n1c8d7h11w5k8t2r5s3_sd2dh2_pd1ph2pw1_g8", "n1c1d9h1w1k1t4r1s1",
        "n1c5h31w2k9r9s2", "n33c2w70k2s21_pw10", "n31c1w45k1s11_pw5"})
    void aroundTheEdgesOfFourierTiles(String line) {
        check(ConvProblem.parse(line), algorithm -> algorithm.name().equals("fft"));
    }

    private static void check(ConvProblem problem) {
        check(problem, algorithm -> true);
    }

    private static void check(ConvProblem problem, Predicate<CpuAlgorithm> which) {
        HostTensor x = Tensors.reals(DataType.FLOAT32, problem.xShape(), 1);
        HostTensor w = Tensors.reals(DataType.FLOAT32, problem.wShape(), 2);
        HostTensor y = Tensors.reals(DataType.FLOAT32, problem.yShape(), 3);
        for (ConvOperation operation : ConvOperation.values()) {
            ConvRequest request = ConvRequest.fp32(problem, operation);
            List<? extends CpuAlgorithm> algorithms = BACKENDS.get(0).algorithms().stream().filter(which)
                    .filter(algorithm -> algorithm.supports(request).yes() && !algorithm.name().equals("reference")).toList();
            if (!algorithms.isEmpty()) {
                HostTensor exact = definition(problem, operation, x, w, y);
                for (CpuAlgorithm algorithm : algorithms) {
                    String what = algorithm.name() + " " + request;
                    HostTensor first = run(BACKENDS.get(0), algorithm.name(), request, x, w, y);
                    assertWithinBound(exact, first, ElementBounds.of(algorithm.accuracy(request), request, x, w, y, null, false), what);
                    for (CpuBackend backend : BACKENDS.subList(1, BACKENDS.size())) {
                        HostTensor other = run(backend, algorithm.name(), request, x, w, y);
                        assertArrayEquals(first.floats(), other.floats(), () -> what + " with " + backend.description());
                    }
                    checkConstant(algorithm, request.withConstantFilters(), first, x, w, y);
                }
            }
        }
    }

    /** What is kept of constant filters, beside one tensor for all of them, too. */
    private static void checkConstant(CpuAlgorithm algorithm, ConvRequest request, HostTensor first, HostTensor x, HostTensor w, HostTensor y) {
        if (!algorithm.supports(request).yes() || algorithm.filterForm(request) == null) {
            return;
        }
        HostTensor constant = HostTensor.wrap(w.shape(), w.floats(), w.offset()).constant();
        for (CpuBackend backend : BACKENDS) {
            HostTensor other = run(backend, algorithm.name(), request, x, constant, y);
            assertArrayEquals(first.floats(), other.floats(), () -> algorithm.name() + " " + request + " with " + backend.description());
        }
    }

    private static HostTensor run(CpuBackend backend, String algorithm, ConvRequest request, HostTensor x, HostTensor w, HostTensor y) {
        ConvPlan plan = AlgorithmChooser.fixed(algorithm).choose(request, backend.name(), backend.algorithms(), Long.MAX_VALUE);
        TensorShape shape = request.operation().outputShape(request.problem());
        HostTensor output = Tensors.poison(shape);
        backend.poisonWorkspace(plan);
        switch (request.operation()) {
            case FORWARD -> backend.run(plan, x, w, output, false);
            case BACKWARD_DATA -> backend.run(plan, output, w, y, false);
            case BACKWARD_FILTER -> backend.run(plan, x, output, y, false);
        }
        return output;
    }

    private static HostTensor definition(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y) {
        HostTensor output = HostTensor.zeros(DataType.FLOAT64, operation.outputShape(problem));
        switch (operation) {
            case FORWARD -> ReferenceConvolution.run(problem, operation, x, w, output, false);
            case BACKWARD_DATA -> ReferenceConvolution.run(problem, operation, output, w, y, false);
            case BACKWARD_FILTER -> ReferenceConvolution.run(problem, operation, x, output, y, false);
        }
        return output;
    }

    private static void assertWithinBound(HostTensor exact, HostTensor actual, double[] bounds, String what) {
        for (int i = 0; i < exact.length(); i++) {
            double error = Math.abs(actual.get(i) - exact.get(i));
            if (!(error <= bounds[i])) {
                fail(what + ": element " + i + " is " + actual.get(i) + " instead of " + exact.get(i) + "; allowed error " + bounds[i]);
            }
        }
    }
}
