package io.github.jconv.problem;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A descriptor of oneDNN's benchmark driver: {@code gXmbX_icXidXihXiwX_ocXodXohXowX_kdXkhXkwX_sdXshXswX_pdXphXpwX_ddXdhXdwXn"name"}.
 * The name is the rest of the line; its quotes may be missing.
 *
 * <p>Groups are 1 and the batch is 2 when left out, stride 1, dilation 0, which means dense. An axis of which nothing is said is
 * like the axis outside it: {@code h} alone is square, {@code d} alone cubic. {@code p} is the padding at the begin; the end gets
 * whatever makes the sizes fit exactly, which is negative when the last inputs are not read. With
 * {@code e = (k - 1) * (d + 1) + 1}:
 *
 * <pre>
 *                   output left out        padding left out, output given      padding at the end
 *   convolution     (i - e + 2p) / s + 1   ((o - 1) * s - i + e) / 2           (o - 1) * s - i + e - p
 *   transposed      (i - 1) * s + e - 2p   ((i - 1) * s - o + e) / 2           (i - 1) * s - o + e - p
 * </pre>
 */
final class BenchdnnNotation {

    /** A key that does not begin with n, in direct succession to the one before it. */
    private static final Pattern KEY = Pattern.compile("\\G_*((?!n)[a-z]+)-?\\d+_*");
    private static final Set<String> OWN_KEYS = Set.of("mb", "ic", "oc");
    private static final String AXIS_KEYS = "iokspd";
    private static final long DEFAULT_BATCH = 2;

    /** The padding at the begin and the output size, null when left out. */
    private record Given(Long padBegin, Long output) {
    }

    private final String name;
    private final KeyedNumbers keys;
    private final boolean transposed;
    private final LayerParameters parameters;

    BenchdnnNotation(String line, boolean transposed) {
        int end = endOfKeys(line);
        boolean named = line.startsWith("n", end);
        this.name = named ? unquoted(line.substring(end + 1)) : "";
        this.keys = new KeyedNumbers(named ? line.substring(0, end) : line);
        this.transposed = transposed;
        this.parameters = new LayerParameters(isMentioned('d') ? 3 : isMentioned('h') ? 2 : 1);
    }

    /** Whether a line begins with keys of this notation that the canonical one does not have. */
    static boolean isLike(String line) {
        Matcher matcher = KEY.matcher(line);
        boolean like = false;
        while (matcher.find()) {
            like |= OWN_KEYS.contains(matcher.group(1));
        }
        return like;
    }

    /** Where the keys end and the name begins. */
    private static int endOfKeys(String line) {
        Matcher matcher = KEY.matcher(line);
        int end = 0;
        while (matcher.find()) {
            end = matcher.end();
        }
        return end;
    }

    private static String unquoted(String name) {
        if (!name.startsWith("\"")) {
            return name;
        }
        if (name.length() < 2 || !name.endsWith("\"")) {
            throw new InvalidProblemException("the name " + LineQuote.of(name) + " is not closed; expected n\"name\" at the end");
        }
        return name.substring(1, name.length() - 1);
    }

    ProblemEntry read() {
        parameters.groups = keys.take("g", 1);
        parameters.batch = keys.take("mb", DEFAULT_BATCH);
        parameters.inputChannels = keys.take("ic");
        parameters.outputChannels = keys.take("oc");
        parameters.input = new long[parameters.dimensions];
        parameters.filter = new long[parameters.dimensions];
        for (int i = 0; i < parameters.dimensions; i++) {
            if (isLikeOuterAxis(i)) {
                copyAxis(i - 1, i);
            } else {
                readAxis(i, AxisNames.input(i, parameters.dimensions));
            }
        }
        keys.requireAllTaken();
        return ProblemNotation.entry(name, parameters, transposed);
    }

    private boolean isMentioned(char axis) {
        return AXIS_KEYS.chars().anyMatch(key -> keys.has((char) key + String.valueOf(axis)));
    }

    /** Nothing is said of this axis and of those inside it. */
    private boolean isLikeOuterAxis(int axis) {
        boolean said = false;
        for (int i = axis; i < parameters.dimensions; i++) {
            said |= isMentioned(AxisNames.input(i, parameters.dimensions));
        }
        return axis > 0 && !said;
    }

    private void copyAxis(int from, int to) {
        parameters.input[to] = parameters.input[from];
        parameters.filter[to] = parameters.filter[from];
        parameters.stride[to] = parameters.stride[from];
        parameters.dilation[to] = parameters.dilation[from];
        parameters.padBegin[to] = parameters.padBegin[from];
        parameters.padEnd[to] = parameters.padEnd[from];
    }

    private void readAxis(int axis, char letter) {
        parameters.input[axis] = takeBetween("i" + letter, 1, null);
        parameters.filter[axis] = takeBetween("k" + letter, 1, null);
        parameters.stride[axis] = takeBetween("s" + letter, 1, 1L);
        parameters.dilation[axis] = takeBetween("d" + letter, 0, 0L) + 1;
        var given = new Given(keys.takeOrNull("p" + letter), keys.takeOrNull("o" + letter));
        if (given.output != null) {
            SpatialAxis.requireBetween("o" + letter, given.output, 1);
        }
        if (transposed) {
            padTransposed(axis, given);
        } else {
            padConvolution(axis, given);
        }
    }

    private void padConvolution(int axis, Given given) {
        long stride = parameters.stride[axis];
        long overhang = extent(axis) - parameters.input[axis];
        long begin = padBegin(given, given.output == null ? 0 : (given.output - 1) * stride + overhang);
        parameters.padBegin[axis] = begin;
        if (given.output != null) {
            parameters.padEnd[axis] = (given.output - 1) * stride + overhang - begin;
        } else if (2 * begin < overhang) {
            parameters.padEnd[axis] = begin; // the filter does not fit: for the validator to say
        } else {
            parameters.padEnd[axis] = (2 * begin - overhang) / stride * stride + overhang - begin;
        }
    }

    private void padTransposed(int axis, Given given) {
        long unpadded = (parameters.input[axis] - 1) * parameters.stride[axis] + extent(axis);
        long begin = padBegin(given, given.output == null ? 0 : unpadded - given.output);
        parameters.padBegin[axis] = begin;
        parameters.padEnd[axis] = given.output == null ? begin : unpadded - given.output - begin;
    }

    private static long padBegin(Given given, long total) {
        return given.padBegin != null ? given.padBegin : total / 2;
    }

    private long extent(int axis) {
        return (parameters.filter[axis] - 1) * parameters.dilation[axis] + 1;
    }

    /** Checked here, under the name that it has in this notation, because arithmetic follows. */
    private long takeBetween(String key, long min, Long byDefault) {
        long value = byDefault == null ? keys.take(key) : keys.take(key, byDefault);
        SpatialAxis.requireBetween(key, value, min);
        return value;
    }
}
