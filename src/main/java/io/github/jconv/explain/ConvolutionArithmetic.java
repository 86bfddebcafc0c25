package io.github.jconv.explain;

import io.github.jconv.explain.Explanation.Section;
import io.github.jconv.problem.AxisNames;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedAxis;
import io.github.jconv.problem.TransposedConvolution;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The sizes of a convolution, and the way back from its output to its input. */
final class ConvolutionArithmetic {

    private final ConvProblem problem;
    private final long[] wanted;

    /** With the sizes that the way back should give, or null for those of the input. */
    ConvolutionArithmetic(ConvProblem problem, long[] wanted) {
        this.problem = problem;
        this.wanted = wanted;
    }

    List<Section> sections(String name) {
        return List.of(
                new Section((name.isEmpty() ? "" : name + "  ") + problem, tensors()),
                new Section("Output size", outputSize()),
                new Section("The way back: the transposed convolution that restores the input", wayBack()));
    }

    private List<String> tensors() {
        List<String> lines = new ArrayList<>(Words.columns("llll", List.of(
                List.of("input", "x", problem.xShape().toString(), "[N, C, input...]"),
                List.of("filters", "w", problem.wShape().toString(), "[K, C/G, filter...]"),
                List.of("output", "y", problem.yShape().toString(), "[N, K, output...]"),
                List.of("bias", "", problem.biasShape().toString(), "[K]"))));
        lines.add("");
        lines.addAll(howTheFilterMeetsTheInput(problem));
        if (problem.batch() == 0) {
            lines.add("The batch is empty: so are x and y; the gradients of w and of the bias are zero.");
        }
        return lines;
    }

    /** How a filter with one axis more than the image has is applied to it. */
    static List<String> howTheFilterMeetsTheInput(ConvProblem problem) {
        long channels = problem.channelsPerGroup();
        String taps = problem.axes().stream().map(axis -> " * " + axis.filter()).collect(Collectors.joining());
        String one = channels + taps + " = " + Words.count(channels * problem.filterTaps()) + " numbers";
        List<String> lines = new ArrayList<>();
        if (problem.groups() == 1) {
            lines.add((problem.outputChannels() == 1 ? "The filter" : "Each of the " + Words.count(problem.outputChannels()) + " filters")
                    + " has " + one + ". It meets "
                    + (channels == 1 ? "the one channel," : "all " + Words.count(channels) + " channels at once,"));
            lines.add("sums the products over channels and taps, and yields one channel of y.");
        } else {
            lines.add("The channels form " + problem.groups() + " groups of " + channels + " in, " + problem.filtersPerGroup()
                    + " out" + (problem.isDepthwise() ? " (depthwise)" : "") + ". Each filter has " + one + ",");
            lines.add("meets the " + Words.plural(channels, "channel") + " of its group and yields one channel of y.");
        }
        return lines;
    }

    private List<String> outputSize() {
        List<String> lines = new ArrayList<>();
        lines.add(AxisFormulas.CONVOLUTION);
        for (int i = 0; i < problem.dimensions(); i++) {
            lines.add(letter(i) + ": " + AxisFormulas.convolution(axis(i)));
        }
        for (int i = 0; i < problem.dimensions(); i++) {
            if (axis(i).unreached() > 0) {
                lines.add(letter(i) + ": the floor drops a rest of " + axis(i).unreached() + ": no output reads the last "
                        + Words.plural(axis(i).unreached(), "position") + " of the padded input.");
            }
            if (axis(i).padEnd() < 0) {
                lines.add(letter(i) + ": the padding of " + axis(i).padEnd() + " at the end crops: no output reads the last "
                        + Words.plural(-axis(i).padEnd(), "input") + ".");
            }
        }
        return lines;
    }

    private List<String> wayBack() {
        TransposedConvolution inverse = TransposedConvolution.inverseOf(problem);
        List<String> lines = new ArrayList<>();
        lines.add(inverse.toString());
        lines.add(AxisFormulas.TRANSPOSED);
        for (int i = 0; i < problem.dimensions(); i++) {
            lines.addAll(wayBack(i, inverse.axes().get(i)));
        }
        lines.add("The same weight serves both directions. The output padding surrounds nothing with zeros: it says");
        lines.add("which of the sizes was meant, by adding positions at the end of the output.");
        return lines;
    }

    private List<String> wayBack(int i, TransposedAxis back) {
        List<String> lines = new ArrayList<>();
        lines.add(letter(i) + ": " + AxisFormulas.transposedWithoutOutputPadding(back) + " + outputPadding = " + back.smallestOutput()
                + " + outputPadding");
        SpatialAxis axis = axis(i);
        if (axis.stride() > 1) {
            lines.add("   inputs of " + AxisFormulas.inputsWithTheSameOutput(axis) + " all have the output " + axis.output()
                    + ": the floor drops the rest");
            lines.add("   output padding 0.." + (back.largestOutput() - back.smallestOutput()) + " gives "
                    + Math.max(1, back.smallestOutput()) + ".." + back.largestOutput());
        }
        lines.add("   output padding " + AxisFormulas.unreached(axis) + " restores " + axis.input());
        if (wanted != null) {
            lines.add("   " + WantedSize.answer(back, wanted[i]));
        }
        return lines;
    }

    private SpatialAxis axis(int i) {
        return problem.axes().get(i);
    }

    private char letter(int i) {
        return AxisNames.input(i, problem.dimensions());
    }
}
