package io.github.jconv.problem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
 * <p>A block whose values are all defaults is left out when printed; otherwise it names every axis. When parsed, any value but
 * the sizes may be left out, {@code n} too (1), and underscores are ignored.
 */
public final class ProblemText {

    private static final Pattern TOKEN = Pattern.compile("([a-z]+)(-?\\d+)(?::(-?\\d+))?");

    private ProblemText() {
    }

    /** The canonical line. */
    public static String format(ConvProblem problem) {
        var text = new StringBuilder();
        int dims = problem.dimensions();
        text.append('n').append(problem.batch()).append('c').append(problem.inputChannels());
        appendAxes(text, problem, SpatialAxis::input, i -> String.valueOf(AxisNames.input(i, dims)));
        text.append('k').append(problem.outputChannels());
        appendAxes(text, problem, SpatialAxis::filter, i -> String.valueOf(AxisNames.filter(i, dims)));
        List<SpatialAxis> axes = problem.axes();
        if (axes.stream().anyMatch(a -> a.stride() != 1)) {
            text.append('_');
            appendAxes(text, problem, SpatialAxis::stride, i -> "s" + AxisNames.input(i, dims));
        }
        if (axes.stream().anyMatch(a -> a.padBegin() != 0 || a.padEnd() != 0)) {
            text.append('_');
            for (int i = 0; i < dims; i++) {
                SpatialAxis axis = axes.get(i);
                text.append('p').append(AxisNames.input(i, dims)).append(axis.padBegin());
                if (axis.padEnd() != axis.padBegin()) {
                    text.append(':').append(axis.padEnd());
                }
            }
        }
        if (axes.stream().anyMatch(a -> a.dilation() != 1)) {
            text.append('_');
            appendAxes(text, problem, SpatialAxis::dilation, i -> "d" + AxisNames.input(i, dims));
        }
        if (problem.groups() != 1) {
            text.append("_g").append(problem.groups());
        }
        return text.toString();
    }

    /**
     * Reads a canonical line.
     *
     * @throws InvalidProblemException quoting the line and naming what is wrong with it
     */
    public static ConvProblem parse(String line) {
        try {
            return fromTokens(tokens(line.strip()));
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException("problem line '" + line.strip() + "': " + e.getMessage(), e);
        }
    }

    private record Value(long first, Long second) {
    }

    private static Map<String, Value> tokens(String line) {
        Map<String, Value> tokens = new LinkedHashMap<>();
        Matcher matcher = TOKEN.matcher(line);
        int at = 0;
        while (at < line.length()) {
            if (line.charAt(at) == '_') {
                at++;
            } else if (matcher.region(at, line.length()).lookingAt()) {
                Value value = new Value(number(matcher.group(2)), matcher.group(3) == null ? null : number(matcher.group(3)));
                if (tokens.put(matcher.group(1), value) != null) {
                    throw new InvalidProblemException("'" + matcher.group(1) + "' is given twice");
                }
                at = matcher.end();
            } else {
                throw new InvalidProblemException("cannot read '" + line.substring(at) + "'; expected a key and a number");
            }
        }
        return tokens;
    }

    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new InvalidProblemException("'" + digits + "' is too large a number; allowed: up to " + SpatialAxis.MAX, e);
        }
    }

    private static ConvProblem fromTokens(Map<String, Value> tokens) {
        int dims = tokens.containsKey("d") ? 3 : tokens.containsKey("h") ? 2 : 1;
        long batch = take(tokens, "n", 1L);
        long channels = take(tokens, "c", null);
        long filters = take(tokens, "k", null);
        long groups = take(tokens, "g", 1L);
        List<SpatialAxis> axes = new ArrayList<>();
        LayerParameters names = new LayerParameters(dims);
        for (int i = 0; i < dims; i++) {
            String letter = String.valueOf(AxisNames.input(i, dims));
            long input = take(tokens, letter, null);
            long filter = take(tokens, String.valueOf(AxisNames.filter(i, dims)), null);
            long stride = take(tokens, "s" + letter, 1L);
            long dilation = take(tokens, "d" + letter, 1L);
            Value padding = tokens.remove("p" + letter);
            long begin = padding == null ? 0 : padding.first;
            long end = padding == null ? 0 : padding.second == null ? padding.first : padding.second;
            axes.add(names.inAxis(i, () -> new SpatialAxis(input, filter, stride, begin, end, dilation)));
        }
        if (!tokens.isEmpty()) {
            throw new InvalidProblemException("unknown keys " + tokens.keySet() + " for a problem with " + dims
                    + " spatial dimensions");
        }
        return new ConvProblem(batch, channels, filters, groups, axes);
    }

    private static long take(Map<String, Value> tokens, String key, Long byDefault) {
        Value value = tokens.remove(key);
        if (value == null) {
            if (byDefault == null) {
                throw new InvalidProblemException("'" + key + "' is missing");
            }
            return byDefault;
        }
        if (value.second != null) {
            throw new InvalidProblemException("'" + key + "' has two numbers; only padding has");
        }
        return value.first;
    }

    private static void appendAxes(StringBuilder text, ConvProblem problem, ToLongFunction<SpatialAxis> value,
                                   java.util.function.IntFunction<String> key) {
        for (int i = 0; i < problem.dimensions(); i++) {
            text.append(key.apply(i)).append(value.applyAsLong(problem.axes().get(i)));
        }
    }
}
