package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The generator of random problems reaches every corner that it promises. */
class ProblemsTest {

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    @Property(tries = 300)
    void spatialSizesOfOneProblemDiffer(@ForAll("problems") ConvProblem problem) {
        assertEquals(problem.dimensions(), problem.axes().stream().mapToLong(SpatialAxis::input).distinct().count());
    }

    @Test
    void everyKindOfProblemComesUp() {
        List<ConvProblem> sample = Problems.any().sampleStream().limit(2000).toList();
        Map<String, Predicate<ConvProblem>> kinds = new LinkedHashMap<>();
        for (int dimensions = 1; dimensions <= 3; dimensions++) {
            int wanted = dimensions;
            kinds.put(dimensions + "-d", p -> p.dimensions() == wanted);
        }
        for (int batch = 0; batch <= 3; batch++) {
            int wanted = batch;
            kinds.put("batch " + batch, p -> p.batch() == wanted);
        }
        kinds.put("one group", p -> p.groups() == 1);
        kinds.put("groups", p -> p.groups() > 1 && p.channelsPerGroup() > 1);
        kinds.put("depthwise", p -> p.isDepthwise() && p.filtersPerGroup() == 1);
        kinds.put("channel multiplier", p -> p.isDepthwise() && p.filtersPerGroup() > 1);
        kinds.put("pointwise", ConvProblem::isPointwise);
        kinds.put("filter as large as the input", p -> p.isFullSize() && p.filterTaps() > 1);
        kinds.put("stride 4", anyAxis(a -> a.stride() == 4));
        kinds.put("stride above the filter", anyAxis(a -> a.stride() > a.filter()));
        kinds.put("dilation 3", anyAxis(a -> a.dilation() == 3 && a.filter() > 1));
        kinds.put("symmetric padding", anyAxis(a -> a.padBegin() > 0 && a.padBegin() == a.padEnd()));
        kinds.put("more at the end", anyAxis(a -> a.padEnd() > a.padBegin()));
        kinds.put("more at the begin", anyAxis(a -> a.padEnd() >= 0 && a.padEnd() < a.padBegin()));
        kinds.put("padding larger than the filter", anyAxis(a -> a.padBegin() > a.extent() && a.padEnd() > a.extent()));
        kinds.put("cropped end", anyAxis(a -> a.padEnd() < 0));
        kinds.put("inputs that no output reaches", anyAxis(a -> a.unreached() > 0));
        kinds.forEach((kind, predicate) -> assertTrue(sample.stream().anyMatch(predicate), kind));
    }

    private static Predicate<ConvProblem> anyAxis(Predicate<SpatialAxis> predicate) {
        return problem -> problem.axes().stream().anyMatch(predicate);
    }

    @Test
    void problemsVary() {
        long different = Problems.any().sampleStream().limit(500).distinct().count();
        assertTrue(different > 450, () -> different + " different problems of 500");
    }
}
