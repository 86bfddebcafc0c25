package io.github.jconv.explain;

import io.github.jconv.problem.AxisNames;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One of the two ways to look at a problem: a filter that slides over the axes of a map.
 *
 * @param heading  what is seen
 * @param from     the letter of what is read
 * @param to       the letter of what is computed
 * @param axes     outermost first
 * @param captions the formulas with their numbers
 */
record PictureView(String heading, String from, String to, List<SlidingAxis> axes, List<String> captions) {

    private static final String[] AXES = {"height", "width"};

    /** The convolution as it is defined; of a transposed layer, its data gradient. */
    static PictureView plain(ProblemEntry subject, long[] chosen) {
        ConvProblem problem = subject.problem();
        String from = subject.isTransposed() ? "dy" : "x";
        String to = subject.isTransposed() ? "dx" : "y";
        List<SlidingAxis> axes = axes(chosen, i -> SlidingAxis.plain(problem.axes().get(i), chosen[i]));
        List<String> captions = new ArrayList<>();
        captions.add(element(to, chosen) + " = sum over " + letters(axes) + " of w[" + letters(axes) + "] " + from + "["
                + join(axes, i -> axes.get(i).start() + chosen[i] * axes.get(i).step() + plusTap(axes, i)) + "]");
        forEachAxis(axes, i -> captions.add(axisName(axes, i) + AxisFormulas.convolution(problem.axes().get(i))));
        return new PictureView(subject.isTransposed()
                ? "Its way back: the equivalent convolution, from dy, the gradient of y, to dx, the gradient of x"
                : "The convolution: the filter moves in steps of " + join(axes, i -> String.valueOf(axes.get(i).step())), from, to, axes, captions);
    }

    /** Backward-data over inserted zeros; the forward of a transposed layer. */
    static PictureView zeroInserted(ProblemEntry subject, long[] chosen) {
        ConvProblem problem = subject.problem();
        String from = subject.isTransposed() ? "x" : "dy";
        String to = subject.isTransposed() ? "y" : "dx";
        List<SlidingAxis> axes = axes(chosen, i -> SlidingAxis.zeroInserted(problem.axes().get(i), chosen[i]));
        List<String> captions = new ArrayList<>();
        captions.add(element(to, chosen) + " = sum over " + letters(axes) + " of w["
                + join(axes, i -> axes.get(i).filter() - 1 + "-" + letter(axes, i)) + "] map["
                + join(axes, i -> chosen[i] + plusTap(axes, i)) + "], map = " + from + " with zeros and padding, counted from its corner");
        forEachAxis(axes, i -> captions.add(axisName(axes, i) + zeroInsertedSize(problem.axes().get(i))));
        captions.add("The rotation is what people forget: every size is right without it, and the numbers are wrong.");
        return new PictureView((subject.isTransposed() ? "The transposed convolution: " : "Its transposed convolution, from dy to dx: ")
                + "zeros inserted, stride 1, filter rotated by 180 degrees", from, to, axes, captions);
    }

    /** {@code 4 values and 3 zeros = 7; padding 1 in front, 2 behind; 7 + 1 + 2 - 1 * (3 - 1) = 8}. */
    private static String zeroInsertedSize(SpatialAxis axis) {
        long zeros = axis.zeroInsertedOutput() - axis.output();
        return axis.output() + " values and " + zeros + " zeros = " + axis.zeroInsertedOutput() + "; "
                + padOrCrop(axis.transposedPadBegin()) + " in front, " + padOrCrop(axis.transposedPadEnd()) + " behind; "
                + axis.zeroInsertedOutput() + AxisFormulas.plus(axis.transposedPadBegin()) + AxisFormulas.plus(axis.transposedPadEnd())
                + " - " + axis.dilation() + " * (" + axis.filter() + " - 1) = " + axis.input();
    }

    private static String padOrCrop(long padding) {
        return padding < 0 ? "crop " + -padding : "padding " + padding;
    }

    private interface PerAxis<T> {
        T at(int axis);
    }

    private static List<SlidingAxis> axes(long[] chosen, PerAxis<SlidingAxis> axis) {
        return IntStream.range(0, chosen.length).mapToObj(axis::at).toList();
    }

    private static void forEachAxis(List<SlidingAxis> axes, IntConsumer action) {
        IntStream.range(0, axes.size()).forEach(action);
    }

    private static String join(List<SlidingAxis> axes, PerAxis<String> text) {
        return IntStream.range(0, axes.size()).mapToObj(text::at).collect(Collectors.joining(", "));
    }

    private static String element(String letter, long[] index) {
        return letter + Arrays.toString(index);
    }

    private static String letters(List<SlidingAxis> axes) {
        return join(axes, i -> String.valueOf(letter(axes, i)));
    }

    private static char letter(List<SlidingAxis> axes, int i) {
        return AxisNames.filter(i, axes.size());
    }

    private static String plusTap(List<SlidingAxis> axes, int i) {
        return " + " + (axes.get(i).dilation() == 1 ? "" : axes.get(i).dilation()) + letter(axes, i);
    }

    private static String axisName(List<SlidingAxis> axes, int i) {
        return AXES[i + 2 - axes.size()] + ": ";
    }
}
