package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.SharedMaterial;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bundled suites against what the papers print of their networks. */
class ProblemSuitesTest {

    private static long macs(ProblemSuite suite) {
        return suite.problems().stream().mapToLong(ConvProblem::macs).sum();
    }

    private static long weights(ProblemSuite suite) {
        return suite.problems().stream().mapToLong(problem -> problem.parameters(false)).sum();
    }

    /**
     * Table 1 of the GoogLeNet paper: widths, parameters in units of 1024, operations (multiply-accumulates) in millions. The table
     * rounds now up, now down, so one unit of the last place either way is allowed. Its parameters of 4a and of 4c to 5b
     * (364 463 580 840 1072 1388) and its operations of 5a (54) do not follow from the widths in the same rows; there the test
     * asks for what the widths give, and so for the operations that the table prints beside them.
     */
    @ParameterizedTest
    @CsvSource({
        "3a, 192, 28,  64,  96, 128, 16,  32,  32,  159, 128",
        "3b, 256, 28, 128, 128, 192, 32,  96,  64,  380, 304",
        "4a, 480, 14, 192,  96, 208, 16,  48,  64,     , 73",
        "4b, 512, 14, 160, 112, 224, 24,  64,  64,  437, 88",
        "4c, 512, 14, 128, 128, 256, 24,  64,  64,     , 100",
        "4d, 512, 14, 112, 144, 288, 32,  64,  64,     , 119",
        "4e, 528, 14, 256, 160, 320, 32, 128, 128,     , 170",
        "5a, 832,  7, 256, 160, 320, 32, 128, 128,     , ",
        "5b, 832,  7, 384, 192, 384, 48, 128, 128,     , 71"})
    void googlenetModulesAreThoseOfThePaper(String module, long c, long size, long ones, long reduce3, long threes, long reduce5,
                                            long fives, long projected, Long kiloParameters, Long megaOperations) {
        List<ConvProblem> layers = ProblemSuites.googlenet().stream().filter(entry -> entry.name().startsWith(module))
                .map(ProblemEntry::problem).toList();
        long parameters = layers.stream().mapToLong(layer -> layer.parameters(false)).sum();
        long operations = layers.stream().mapToLong(ConvProblem::macs).sum();
        assertEquals(c * (ones + reduce3 + reduce5 + projected) + reduce3 * threes * 9 + reduce5 * fives * 25, parameters);
        assertEquals(parameters * size * size, operations);
        if (kiloParameters != null) {
            assertEquals(kiloParameters, parameters / 1024.0, 1.0);
        }
        if (megaOperations != null) {
            assertEquals(megaOperations, operations / 1e6, 1.0);
        }
    }

    /** The second row of the table: 112K parameters and 360M operations. */
    @Test
    void googlenetConv2IsThatOfThePaper() {
        List<ConvProblem> conv2 = ProblemSuites.googlenet().problems().subList(1, 3);
        assertEquals(112 * 1024, conv2.stream().mapToLong(layer -> layer.parameters(false)).sum());
        assertEquals(360, conv2.stream().mapToLong(ConvProblem::macs).sum() / 1e6, 1.0);
    }

    /** A second writing down of the same network, by others: the same set of layers. */
    @Test
    void googlenetIsThatOfBenchdnn() {
        Path list = SharedMaterial.path("cases/benchdnn/conv/googlenet_v1.txt");
        Set<ConvProblem> theirs = ProblemFile.read(list, false).stream().map(entry -> entry.problem().withBatch(1))
                .collect(Collectors.toSet());
        Set<ConvProblem> ours = ProblemSuites.googlenet().problems().stream().map(ProblemSuitesTest::withEndPaddingThatIsRead)
                .collect(Collectors.toSet());
        assertTrue(theirs.containsAll(ours), () -> "not in benchdnn's list: " + ours.stream().filter(p -> !theirs.contains(p)).toList());
    }

    /** benchdnn's end padding is what the last output reads. */
    private static ConvProblem withEndPaddingThatIsRead(ConvProblem problem) {
        List<SpatialAxis> axes = problem.axes().stream().map(axis -> new SpatialAxis(axis.input(), axis.filter(), axis.stride(),
                axis.padBegin(), axis.padEnd() - axis.unreached(), axis.dilation())).toList();
        return new ConvProblem(problem.batch(), problem.inputChannels(), problem.outputChannels(), problem.groups(), axes);
    }

    @Test
    void googlenetHas57ConvolutionsOfAbout1Point6GigaOperations() {
        assertEquals(57, ProblemSuites.googlenet().size());
        assertEquals(1.6, macs(ProblemSuites.googlenet()) / 1e9, 0.05);
    }

    @Test
    void resnet50Has53ConvolutionsOfAbout3Point9GigaOperations() {
        assertEquals(53, ProblemSuites.resnet50().size());
        assertEquals(3.9, macs(ProblemSuites.resnet50()) / 1e9, 0.05);
        // 25.5 million parameters of the network, less the classifier of 2048 * 1000 weights
        assertEquals(23.45, weights(ProblemSuites.resnet50()) / 1e6, 0.05);
    }

    @Test
    void vgg16Has13ConvolutionsOf15Point3GigaOperations() {
        assertEquals(13, ProblemSuites.vgg16().size());
        assertEquals(15.3, macs(ProblemSuites.vgg16()) / 1e9, 0.05);
        assertEquals(14.71, weights(ProblemSuites.vgg16()) / 1e6, 0.005);
    }

    /** Table 8 of the MobileNet paper: 569 million multiply-adds and 4.2 million parameters, the classifier's 1024 * 1000 included. */
    @Test
    void mobilenetHas27ConvolutionsOf569MegaOperations() {
        ProblemSuite mobilenet = ProblemSuites.mobilenet();
        assertEquals(27, mobilenet.size());
        assertEquals(13, mobilenet.problems().stream().filter(ConvProblem::isDepthwise).count());
        assertEquals(569, (macs(mobilenet) + 1024 * 1000) / 1e6, 0.5);
        assertEquals(4.2, (weights(mobilenet) + 1024 * 1000) / 1e6, 0.05);
    }

    /** The output of a layer is the input of the next. */
    @Test
    void dcganGoesFrom1To64AndFrom4To64() {
        List<TransposedConvolution> layers = layers(ProblemSuites.dcgan());
        assertEquals(9, layers.size());
        for (int i : new int[] {0, 1, 2, 3, 5, 6, 7}) {
            assertEquals(layers.get(i).outputShape(), layers.get(i + 1).inputShape());
        }
        assertEquals("[1, 3, 64, 64]", layers.get(4).outputShape().toString());
        assertEquals("[1, 1024, 4, 4]", layers.get(5).inputShape().toString());
        assertEquals("[1, 3, 64, 64]", layers.get(8).outputShape().toString());
    }

    @Test
    void unetDoublesAndHalves() {
        for (TransposedConvolution layer : layers(ProblemSuites.unet())) {
            assertEquals(layer.inputChannels(), 2 * layer.outputChannels());
            assertEquals(2 * layer.axes().get(0).input(), layer.axes().get(0).output());
        }
    }

    /** 500x500 images are padded by 100; the scores of the three nets are up-sampled to 544, 560 and 568. */
    @ParameterizedTest
    @CsvSource({"fcn32s_up32, 544", "fcn16s_up2, 34", "fcn16s_up16, 560", "fcn8s_up2_pool4, 70", "fcn8s_up8_bilinear, 568"})
    void fcnUpsamples(String name, long output) {
        ProblemEntry entry = ProblemSuites.fcn().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
        assertEquals(output, ((ProblemEntry.Transposed) entry).layer().axes().get(1).output());
    }

    @Test
    void autoencoderPairIsOneProblemSeenFromBothEnds() {
        List<ProblemEntry> pair = ProblemSuites.autoencoder().entries().subList(0, 2);
        assertEquals(pair.get(0).problem(), pair.get(1).problem());
        assertTrue(pair.get(1).isTransposed());
    }

    @Test
    void edgeCasesAreWhatTheirNamesSay() {
        ProblemSuite edge = ProblemSuites.edge();
        assertTrue(edge.problems().stream().anyMatch(p -> p.batch() == 0));
        assertTrue(edge.problems().stream().anyMatch(p -> p.isDepthwise() && p.filtersPerGroup() > 1));
        assertTrue(edge.problems().stream().anyMatch(p -> p.isFullSize() && p.filterTaps() > 1));
        Predicate<SpatialAxis> largePadding = axis -> axis.padBegin() > axis.extent();
        Predicate<SpatialAxis> crop = axis -> axis.padEnd() < 0;
        Predicate<SpatialAxis> gaps = axis -> axis.stride() > axis.extent();
        for (Predicate<SpatialAxis> kind : List.of(largePadding, crop, gaps)) {
            assertTrue(edge.problems().stream().flatMap(p -> p.axes().stream()).anyMatch(kind));
        }
    }

    @Test
    void everySuiteHasATitleAndDifferentNames() {
        assertEquals(ProblemSuites.names(), ProblemSuites.all().stream().map(ProblemSuite::name).toList());
        for (ProblemSuite suite : ProblemSuites.all()) {
            assertTrue(suite.title().length() > 10, suite.name());
            var names = new HashSet<String>();
            for (ProblemEntry entry : suite) {
                assertTrue(!entry.name().isEmpty() && names.add(entry.name()), () -> suite.name() + " " + entry);
            }
        }
    }

    @Test
    void anUnknownNameIsAnsweredWithTheList() {
        var error = assertThrows(InvalidProblemException.class, () -> ProblemSuites.named("alexnet"));
        assertEquals("suite is 'alexnet'; allowed: googlenet, resnet50, vgg16, mobilenet, dcgan, unet, fcn, autoencoder, sequence, "
                + "volume, edge", error.getMessage());
        assertEquals(ProblemSuites.edge(), ProblemSuites.named("edge"));
    }

    private static List<TransposedConvolution> layers(ProblemSuite suite) {
        return suite.stream().map(entry -> ((ProblemEntry.Transposed) entry).layer()).toList();
    }
}
