package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.junit.jupiter.api.Test;

class TrainingCurveTest {

    @Test
    void theLegendTellsLossFromAccuracy() {
        JFreeChart chart = TrainingCurve.chart(List.of(new EpochResult(1, 1e-3, 2.5, 0.25, 2.25, 0.5, 1234.5, Map.of("conv.weight", 0.125),
                Map.of("conv.weight", 3.0))));
        LegendItemCollection legend = chart.getPlot().getLegendItems();
        assertEquals(List.of("training loss", "test loss", "training accuracy", "test accuracy", "conv.weight"),
                IntStream.range(0, legend.getItemCount()).mapToObj(i -> legend.get(i).getLabel()).toList());
    }

    @Test
    void noEpochIsRefused() {
        assertEquals("results are of no epoch; allowed: of 1 and up",
                assertThrows(IllegalArgumentException.class, () -> TrainingCurve.write(List.of(), Path.of("curve.png"))).getMessage());
    }
}
