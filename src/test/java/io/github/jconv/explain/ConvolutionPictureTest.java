package io.github.jconv.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemNotation;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.testing.Problems;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import javax.xml.parsers.DocumentBuilderFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The pictures are well-formed, and what is drawn is what the arithmetic says. */
class ConvolutionPictureTest {

    private record Rect(double x, double y, double size, String mark) {

        boolean overlaps(Rect other) {
            return x < other.x + other.size - 0.01 && other.x < x + size - 0.01 && y < other.y + other.size - 0.01
                    && other.y < y + size - 0.01;
        }
    }

    private static Document parse(String svg) {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        } catch (Exception e) {
            throw new AssertionError("not well-formed: " + svg, e);
        }
    }

    private static List<Rect> cells(Document document) {
        NodeList nodes = document.getElementsByTagName("rect");
        List<Rect> cells = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            Element element = (Element) nodes.item(i);
            if (!element.getAttribute("class").equals("page")) {
                cells.add(new Rect(Double.parseDouble(element.getAttribute("x")), Double.parseDouble(element.getAttribute("y")),
                        Double.parseDouble(element.getAttribute("width")), element.getAttribute("class")));
            }
        }
        return cells;
    }

    /** Cells of the pictures; the small ones belong to the legend. */
    private static long count(String svg, String mark) {
        return cells(parse(svg)).stream().filter(cell -> cell.size > 20 && cell.mark.equals(mark)).count();
    }

    @Provide
    Arbitrary<ConvProblem> drawable() {
        return Arbitraries.oneOf(Problems.ofDimensions(1), Problems.ofDimensions(2));
    }

    private static boolean fits(ConvProblem problem) {
        return problem.axes().stream().allMatch(axis -> axis.input() + axis.padBegin() + Math.max(0, axis.padEnd()) <= 20
                && axis.zeroInsertedOutput() + Math.max(0, axis.transposedPadBegin()) + Math.max(0, axis.transposedPadEnd()) <= 20);
    }

    /** Both views: values, padding, inserted zeros, footprints, filters and outputs, cell by cell. */
    @Property(tries = 150)
    void cellsAreWhatTheArithmeticSays(@ForAll("drawable") ConvProblem problem) {
        Assume.that(fits(problem));
        String svg = ConvolutionPicture.of(problem).svg();
        long padded = product(problem, a -> a.input() + a.padBegin() + Math.max(0, a.padEnd()));
        long map = product(problem, a -> a.zeroInsertedOutput() + Math.max(0, a.transposedPadBegin())
                + Math.max(0, a.transposedPadEnd()));
        long taps = problem.filterTaps();
        assertEquals(2 * taps, count(svg, "footprint"));
        assertEquals(2 * taps, count(svg, "filter"));
        assertEquals(2, count(svg, "chosen"));
        assertEquals(problem.outputPositions() + problem.inputPositions() - 2, count(svg, "output"));
        assertEquals(padded + map, count(svg, "value") + count(svg, "padding") + count(svg, "zero") + count(svg, "footprint"));
        assertTrue(count(svg, "value") <= problem.inputPositions() + problem.outputPositions());
    }

    private static long product(ConvProblem problem, ToLongFunction<SpatialAxis> size) {
        return problem.axes().stream().mapToLong(size).reduce(1, (a, b) -> a * b);
    }

    /** No cell covers another, and every cell lies on the page. */
    @Property(tries = 60)
    void cellsDoNotOverlap(@ForAll("drawable") ConvProblem problem) {
        Assume.that(problem.axes().stream().allMatch(axis -> axis.extent() <= 20));
        Document document = parse(ConvolutionPicture.of(TransposedConvolution.inverseOf(problem)).svg());
        List<Rect> cells = cells(document);
        String[] page = document.getDocumentElement().getAttribute("viewBox").split(" ");
        for (int i = 0; i < cells.size(); i++) {
            Rect cell = cells.get(i);
            assertTrue(cell.x >= 0 && cell.y >= 0 && cell.x + cell.size <= Double.parseDouble(page[2])
                    && cell.y + cell.size <= Double.parseDouble(page[3]), "off the page");
            for (int j = i + 1; j < cells.size(); j++) {
                assertTrue(!cell.overlaps(cells.get(j)), "overlap in " + problem);
            }
        }
    }

    /** 3x4, stride 2, three taps, padding 1, output padding 1: the counts by hand. */
    @Test
    void aTransposedLayerByHand() {
        String svg = ConvolutionPicture.of(TransposedConvolution.parse("n1c1h3w4k1r3s3_sh2sw2_ph1pw1_oh1ow1")).highlighting(3, 4).svg();
        // the map of 8x10 holds 12 values and 23 inserted zeros in its 5x7; the chosen output reads 2 values, 7 zeros
        assertEquals(18, count(svg, "footprint"));
        assertEquals(12 - 2 + 48 - 9, count(svg, "value"));
        assertEquals(23 - 7, count(svg, "zero"));
        assertEquals((80 - 35) + (80 - 48), count(svg, "padding"));
        assertEquals(47 + 11, count(svg, "output"));
        assertTrue(svg.contains("y[3, 4] = sum over r, s of w[2-r, 2-s] map[3 + r, 4 + s]"), svg);
        assertTrue(svg.contains("height: 3 values and 2 zeros = 5; padding 1 in front, padding 2 behind; 5 + 1 + 2 - 1 * (3 - 1) = 6"));
    }

    /** The rotated filter: the first cell of the second view carries the last weight. */
    @Test
    void weightsAreRotatedInTheSecondView() {
        String svg = ConvolutionPicture.of(ConvProblem.parse("n1c1w6k1s3_sw2_pw1")).svg();
        List<String> weights = new ArrayList<>();
        NodeList texts = parse(svg).getElementsByTagName("text");
        for (int i = 0; i < texts.getLength(); i++) {
            if (texts.item(i).getTextContent().matches("w\\d")) {
                weights.add(texts.item(i).getTextContent());
            }
        }
        assertEquals(List.of("w0", "w1", "w2", "w2", "w1", "w0"), weights);
    }

    /** Wide problems are shortened by gaps, with the ends and the footprint in view. */
    @Test
    void wideProblemsAreShortened() {
        String svg = ConvolutionPicture.of(ConvProblem.parse("n1c3h224w1000k64r7s7_sh2sw2_ph3pw3")).svg();
        assertTrue(svg.contains("\u2026"));
        assertEquals(2 * 49, count(svg, "footprint"));
        assertTrue(cells(parse(svg)).size() < 1500);
        String line = ConvolutionPicture.of(ConvProblem.parse("n1c1w100000k1s3_pw1")).highlighting(0).svg();
        assertTrue(line.contains(">x99999<") && line.contains(">y0<"));
    }

    @Test
    void namesWithSpecialCharactersAreEscaped() {
        ProblemEntry entry = ProblemNotation.readOne("ic1iw5oc1kw3n\"a<b&\"c\"", false);
        assertTrue(parse(ConvolutionPicture.of(entry).svg()).getElementsByTagName("title").item(0).getTextContent().startsWith("a<b&\"c"));
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        assertEquals("the problem n1c1d3h3w3k1t1r1s1 has 3 spatial dimensions; allowed in a picture: 1, 2",
                messageOf(() -> ConvolutionPicture.of(ConvProblem.parse("n1c1d3h3w3k1t1r1s1"))));
        assertEquals("the filter spans 64 positions on axis h; allowed in a picture: up to 20",
                messageOf(() -> ConvolutionPicture.of(TransposedConvolution.parse("n1c1h4w4k1r64s64_sh32sw32")).svg()));
        ConvolutionPicture picture = ConvolutionPicture.of(ConvProblem.parse("n1c1h5w6k1r3s3"));
        assertEquals("axis w: the highlighted output is 4; allowed: 0..3", messageOf(() -> picture.highlighting(2, 4)));
        assertEquals("axis h: the highlighted output is -1; allowed: 0..2", messageOf(() -> picture.highlighting(-1, 0)));
        assertEquals("the highlighted output has 1 indices; allowed: 2, one per spatial axis of n1c1h5w6k1r3s3",
                messageOf(() -> picture.highlighting(1)));
    }

    private static String messageOf(Executable action) {
        return assertThrows(InvalidProblemException.class, action).getMessage();
    }
}
