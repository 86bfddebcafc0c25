package io.github.jconv.explain;

import io.github.jconv.explain.Explanation.Section;
import io.github.jconv.problem.AxisNames;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.List;

/** Backward-data, and with it every transposed convolution, as an ordinary convolution over a map with inserted zeros. */
final class InsertedZeros {

    private InsertedZeros() {
    }

    static Section section(ProblemEntry subject) {
        ConvProblem problem = subject.problem();
        int dims = problem.dimensions();
        boolean layer = subject.isTransposed();
        List<String> lines = new ArrayList<>();
        lines.add(layer ? "The layer gives the same numbers as a convolution with stride 1 and dilation d' = d over its input:"
                : "The gradient of x is a convolution with stride 1 and dilation d' = d over dy:");
        lines.add("  1. z = stride - 1 zeros go between neighbours of " + (layer ? "the input" : "dy") + ";");
        lines.add("  2. p' = dilation * (filter - 1) - padding zeros go around it, at the end a more; negative crops;");
        lines.add("     a = (input + padBegin + padEnd - dilation * (filter - 1) - 1) mod stride"
                + (layer ? " of the equivalent" : "") + ";");
        lines.add("  3. the filter is rotated by 180 degrees and its channel axes change places within each group:");
        lines.add("     w'[c, k, " + Words.filterLetters(dims, r -> String.valueOf((char) r)) + "] = w[k, c, "
                + rotatedIndex(problem) + "].");
        for (int i = 0; i < dims; i++) {
            lines.addAll(axis(AxisNames.input(i, dims), problem.axes().get(i)));
        }
        lines.add("The rotation is what people forget: without it every size is right and the numbers are wrong, unless");
        lines.add("the filter is symmetric. It comes from counting the taps from the other end, so that a larger tap");
        lines.add("meets a larger position.");
        long strides = problem.axes().stream().mapToLong(SpatialAxis::stride).reduce(1, Math::multiplyExact);
        if (strides > 1) {
            lines.add("About 1 of " + Words.count(strides) + " products is not with an inserted zero; other algorithms leave them out.");
        }
        return new Section("With inserted zeros: " + (layer ? "the layer" : "backward-data") + " as an ordinary convolution", lines);
    }

    private static String rotatedIndex(ConvProblem problem) {
        int dims = problem.dimensions();
        List<String> index = new ArrayList<>();
        for (int i = 0; i < dims; i++) {
            index.add(problem.axes().get(i).filter() - 1 + "-" + AxisNames.filter(i, dims));
        }
        return String.join(", ", index);
    }

    private static List<String> axis(char letter, SpatialAxis axis) {
        String reach = axis.dilation() + " * (" + axis.filter() + " - 1)";
        long map = axis.zeroInsertedOutput();
        return List.of(
                letter + ": z = " + axis.insertedZeros() + ": " + axis.output() + " -> " + map + ";  p' = " + reach
                        + AxisFormulas.minus(axis.padBegin()) + " = " + padOrCrop(axis.transposedPadBegin()) + " in front,  " + reach
                        + AxisFormulas.minus(axis.padEnd()) + AxisFormulas.plus(axis.unreached()) + " = "
                        + padOrCrop(axis.transposedPadEnd()) + " behind;",
                "   " + map + AxisFormulas.plus(axis.transposedPadBegin()) + AxisFormulas.plus(axis.transposedPadEnd()) + " - " + reach
                        + " = " + axis.input());
    }

    private static String padOrCrop(long padding) {
        return padding < 0 ? padding + " (crop " + -padding + ")" : String.valueOf(padding);
    }
}
