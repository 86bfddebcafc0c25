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
import java.util.stream.LongStream;

/** The sizes of a transposed convolution, and its equivalent convolution. */
final class TransposedArithmetic {

    private static final int MOST_LISTED = 5;

    private final TransposedConvolution layer;
    private final long[] wanted;

    /** With the output sizes that somebody would like to have, or null. */
    TransposedArithmetic(TransposedConvolution layer, long[] wanted) {
        this.layer = layer;
        this.wanted = wanted;
    }

    List<Section> sections(String name) {
        return List.of(
                new Section((name.isEmpty() ? "" : name + "  ") + layer, tensors()),
                new Section("Output size", outputSize()),
                new Section("The equivalent convolution", equivalent()));
    }

    private List<String> tensors() {
        List<String> lines = new ArrayList<>(Words.columns("lll", List.of(
                List.of("input", layer.inputShape().toString(), "[N, inputChannels, input...]"),
                List.of("weight", layer.weightShape().toString(), "[inputChannels, outputChannels/G, filter...]"),
                List.of("output", layer.outputShape().toString(), "[N, outputChannels, output...]"),
                List.of("bias", layer.biasShape().toString(), "[outputChannels]"))));
        lines.add("");
        lines.add("Every input element is multiplied by a whole filter for each output channel, and the products are");
        lines.add("added to the output. The footprints of neighbours begin a stride apart; where the filter is longer,");
        lines.add("they overlap.");
        if (layer.batch() == 0) {
            lines.add("The batch is empty: so are input and output; the gradients of weight and bias are zero.");
        }
        return lines;
    }

    private List<String> outputSize() {
        List<String> lines = new ArrayList<>();
        lines.add(AxisFormulas.TRANSPOSED);
        for (int i = 0; i < layer.dimensions(); i++) {
            lines.add(letter(i) + ": " + AxisFormulas.transposed(axis(i)));
        }
        lines.add("Padding is removed from the output; output padding adds positions at its end, fewer than the");
        lines.add("stride (or than the dilation, where that is larger). So these sizes are possible:");
        for (int i = 0; i < layer.dimensions(); i++) {
            lines.add(letter(i) + ": " + possibleSizes(axis(i)));
            if (wanted != null) {
                lines.add("   " + WantedSize.answer(axis(i), wanted[i]));
            }
        }
        return lines;
    }

    private static String possibleSizes(TransposedAxis axis) {
        long least = Math.max(0, 1 - axis.smallestOutput());
        long most = axis.largestOutput() - axis.smallestOutput();
        if (most - least >= MOST_LISTED) {
            return "output padding " + least + ".." + most + " -> " + (axis.smallestOutput() + least) + ".." + axis.largestOutput()
                    + "; this layer has " + axis.outputPadding();
        }
        return "output padding " + LongStream.rangeClosed(least, most).mapToObj(padding -> padding + " -> "
                + (axis.smallestOutput() + padding) + (padding == axis.outputPadding() ? " (this layer)" : ""))
                .collect(Collectors.joining(", "));
    }

    private List<String> equivalent() {
        ConvProblem equivalent = layer.equivalent();
        List<String> lines = new ArrayList<>();
        lines.add(equivalent.toString());
        lines.add("Stride, padding and dilation of a transposed convolution are those of this convolution, which leads");
        lines.add("from its output back to its input: " + equivalent.xShape() + " -> " + equivalent.yShape() + ".");
        lines.add(AxisFormulas.CONVOLUTION);
        for (int i = 0; i < layer.dimensions(); i++) {
            lines.add(letter(i) + ": " + AxisFormulas.convolution(equivalent.axes().get(i)));
        }
        for (int i = 0; i < layer.dimensions(); i++) {
            SpatialAxis axis = equivalent.axes().get(i);
            if (axis.stride() > 1) {
                lines.add(letter(i) + ": its inputs " + AxisFormulas.inputsWithTheSameOutput(axis) + " all have the output "
                        + axis.output() + ", because the floor drops the rest;");
                lines.add("   so an output padding has to say which of them is meant");
            }
        }
        lines.add("The layer's passes are computed as those of this convolution, with the weight as it is stored:");
        lines.addAll(Words.columns("lll", List.of(
                List.of("  forward", "backward_data", "of dy = input, w = weight"),
                List.of("  data gradient", "forward", "of x = gradient of the output, w = weight"),
                List.of("  filter gradient", "backward_filter", "of x = gradient of the output, dy = input"))));
        return lines;
    }

    private TransposedAxis axis(int i) {
        return layer.axes().get(i);
    }

    private char letter(int i) {
        return AxisNames.input(i, layer.dimensions());
    }
}
