package io.github.jconv.problem;

import java.util.List;
import java.util.function.Function;

/**
 * The canonical line of a problem and its parser, inverses of one another.
 *
 * <pre>
 *   n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2
 *   sizes          strides padding  dilation groups
 *
 *   n batch   c input channels    d h w input sizes    k filters   t r s filter sizes
 *   sd sh sw  strides             pd ph pw padding (begin:end, or one number for both)
 *   dd dh dw  dilations from 1    g groups
 * </pre>
 *
 * <p>A transposed convolution is written in the same way, in the layer's own sizes, behind {@code transposed:}; stride, padding
 * and dilation are those of its equivalent convolution, and {@code od oh ow} are its output paddings:
 *
 * <pre>
 *   transposed:n1c256h12w12k128r3s3_sh2sw2_ph1pw1_oh1ow1        [1, 256, 12, 12] -> [1, 128, 24, 24]
 * </pre>
 *
 * <p>A block whose values are all defaults is left out when printed; otherwise it names every axis. When parsed, any value but
 * the sizes may be left out, {@code n} too (1), the keys may come in any order, and underscores are ignored.
 */
public final class ProblemText {

    /** What the line of a transposed convolution begins with. */
    static final String TRANSPOSED = "transposed:";

    private ProblemText() {
    }

    /** The canonical line. */
    public static String format(ConvProblem problem) {
        List<Row> rows = problem.axes().stream().map(Row::of).toList();
        return line(problem.batch(), problem.inputChannels(), problem.outputChannels(), problem.groups(), rows);
    }

    /** The canonical line of a transposed convolution. */
    public static String format(TransposedConvolution layer) {
        List<Row> rows = layer.axes().stream().map(Row::of).toList();
        return TRANSPOSED + line(layer.batch(), layer.inputChannels(), layer.outputChannels(), layer.groups(), rows);
    }

    /**
     * Reads the canonical line of a convolution.
     *
     * @throws InvalidProblemException quoting the line and naming what is wrong with it
     */
    public static ConvProblem parse(String line) {
        String stripped = line.strip();
        try {
            if (stripped.startsWith(TRANSPOSED)) {
                throw new InvalidProblemException("it describes a transposed convolution; allowed here: a convolution");
            }
            return parameters(stripped).convolution();
        } catch (InvalidProblemException e) {
            throw LineQuote.quote(stripped, e);
        }
    }

    /**
     * Reads the canonical line of a transposed convolution; {@code transposed:} in front of it may be left out.
     *
     * @throws InvalidProblemException quoting the line and naming what is wrong with it
     */
    public static TransposedConvolution parseTransposed(String line) {
        String stripped = line.strip();
        try {
            return parameters(stripped.startsWith(TRANSPOSED) ? stripped.substring(TRANSPOSED.length()) : stripped).transposed();
        } catch (InvalidProblemException e) {
            throw LineQuote.quote(stripped, e);
        }
    }

    /** The parameters in the keyed part of a line. */
    static LayerParameters parameters(String text) {
        var keys = new KeyedNumbers(text);
        int dims = keys.has("d") ? 3 : keys.has("h") ? 2 : 1;
        var parameters = new LayerParameters(dims);
        parameters.batch = keys.take("n", 1);
        parameters.inputChannels = keys.take("c");
        parameters.outputChannels = keys.take("k");
        parameters.groups = keys.take("g", 1);
        parameters.input = new long[dims];
        parameters.filter = new long[dims];
        parameters.outputPadding = new long[dims];
        for (int i = 0; i < dims; i++) {
            char letter = AxisNames.input(i, dims);
            parameters.input[i] = keys.take(String.valueOf(letter));
            parameters.filter[i] = keys.take(String.valueOf(AxisNames.filter(i, dims)));
            parameters.stride[i] = keys.take("s" + letter, 1);
            parameters.dilation[i] = keys.take("d" + letter, 1);
            parameters.outputPadding[i] = keys.take("o" + letter, 0);
            PaddingRule.Padding padding = keys.takePair("p" + letter);
            parameters.padBegin[i] = padding.begin();
            parameters.padEnd[i] = padding.end();
        }
        keys.requireAllTaken();
        return parameters;
    }

    /** What a line says of one axis. */
    private record Row(long input, long filter, long stride, long padBegin, long padEnd, long dilation, long outputPadding) {

        static Row of(SpatialAxis axis) {
            return new Row(axis.input(), axis.filter(), axis.stride(), axis.padBegin(), axis.padEnd(), axis.dilation(), 0);
        }

        static Row of(TransposedAxis axis) {
            return new Row(axis.input(), axis.filter(), axis.stride(), axis.padBegin(), axis.padEnd(), axis.dilation(),
                    axis.outputPadding());
        }

        String padding() {
            return padBegin == padEnd ? String.valueOf(padBegin) : padBegin + ":" + padEnd;
        }
    }

    private static String line(long batch, long inputChannels, long outputChannels, long groups, List<Row> rows) {
        int dims = rows.size();
        var text = new StringBuilder().append('n').append(batch).append('c').append(inputChannels);
        for (int i = 0; i < dims; i++) {
            text.append(AxisNames.input(i, dims)).append(rows.get(i).input);
        }
        text.append('k').append(outputChannels);
        for (int i = 0; i < dims; i++) {
            text.append(AxisNames.filter(i, dims)).append(rows.get(i).filter);
        }
        appendBlock(text, 's', rows, row -> String.valueOf(row.stride), "1");
        appendBlock(text, 'p', rows, Row::padding, "0");
        appendBlock(text, 'd', rows, row -> String.valueOf(row.dilation), "1");
        appendBlock(text, 'o', rows, row -> String.valueOf(row.outputPadding), "0");
        if (groups != 1) {
            text.append("_g").append(groups);
        }
        return text.toString();
    }

    /** Appends a block such as {@code _sh2sw1}, unless every axis has the default. */
    private static void appendBlock(StringBuilder text, char key, List<Row> rows, Function<Row, String> value, String byDefault) {
        if (rows.stream().map(value).allMatch(byDefault::equals)) {
            return;
        }
        text.append('_');
        for (int i = 0; i < rows.size(); i++) {
            text.append(key).append(AxisNames.input(i, rows.size())).append(value.apply(rows.get(i)));
        }
    }
}
