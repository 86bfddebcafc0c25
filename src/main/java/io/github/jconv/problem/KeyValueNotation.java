package io.github.jconv.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Words of the form {@code key=value}, with a name in front:
 * {@code name op=conv|deconv n=1,8 c=64 in=56x56 k=192 kernel=3x3 stride=1 pad=1 dil=1 groups=1 outpad=0 count=1 passes=fwd}.
 *
 * <p>{@code in} and {@code kernel} have one size per axis joined by x; {@code stride pad dil outpad} too, or one number for all.
 * Several batch sizes joined by commas describe as many problems. {@code count} (how often the layer occurs in its network) and
 * {@code passes} ({@code fwd}, {@code bwd_data}, {@code bwd_filter}) are checked and otherwise left to whoever runs the problem.
 */
final class KeyValueNotation {

    private static final Set<String> PASSES = Set.of("fwd", "bwd_data", "bwd_filter");

    private final String name;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();
    private final boolean transposedUnlessSaid;

    KeyValueNotation(String[] words, boolean transposed) {
        boolean named = words[0].indexOf('=') < 0;
        this.name = named ? words[0] : "";
        this.transposedUnlessSaid = transposed;
        for (String word : Arrays.asList(words).subList(named ? 1 : 0, words.length)) {
            int equals = word.indexOf('=');
            if (equals < 1 || equals == word.length() - 1) {
                throw new InvalidProblemException("cannot read '" + LineQuote.of(word) + "'; expected key=value");
            }
            if (values.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw new InvalidProblemException("'" + word.substring(0, equals) + "' is given twice");
            }
        }
    }

    List<ProblemEntry> read() {
        boolean transposed = isTransposed();
        long[] batches = numbers("n", take("n", "1"), ",");
        long channels = one("c", take("c", null));
        long[] input = numbers("in", take("in", null), "x");
        if (input.length > 3) {
            throw new InvalidProblemException("in has " + input.length + " sizes; allowed: 1..3");
        }
        var parameters = new LayerParameters(input.length);
        parameters.inputChannels = channels;
        parameters.input = input;
        parameters.outputChannels = one("k", take("k", null));
        parameters.filter = perAxis(parameters, "kernel", null);
        parameters.stride = perAxis(parameters, "stride", "1");
        parameters.padBegin = perAxis(parameters, "pad", "0");
        parameters.padEnd = parameters.padBegin.clone();
        parameters.dilation = perAxis(parameters, "dil", "1");
        parameters.outputPadding = perAxis(parameters, "outpad", "0");
        parameters.groups = one("groups", take("groups", "1"));
        checkTheRest();
        List<ProblemEntry> entries = new ArrayList<>();
        for (long batch : batches) {
            parameters.batch = batch;
            entries.add(ProblemNotation.entry(batches.length == 1 ? name : nameWith(batch), parameters, transposed));
        }
        return entries;
    }

    private boolean isTransposed() {
        String op = take("op", transposedUnlessSaid ? "deconv" : "conv");
        return switch (op) {
            case "conv" -> false;
            case "deconv" -> true;
            default -> throw new InvalidProblemException("op is '" + LineQuote.of(op) + "'; allowed: conv, deconv");
        };
    }

    private String nameWith(long batch) {
        return name.isEmpty() ? "" : name + "/n" + batch;
    }

    private void checkTheRest() {
        SpatialAxis.requireBetween("count", one("count", take("count", "1")), 1);
        for (String pass : take("passes", "fwd").split(",", -1)) {
            if (!PASSES.contains(pass)) {
                throw new InvalidProblemException("passes has '" + LineQuote.of(pass) + "'; allowed: fwd, bwd_data, bwd_filter");
            }
        }
        if (!values.isEmpty()) {
            throw new InvalidProblemException("unknown key '" + values.keySet().iterator().next() + "'; allowed: "
                    + String.join(" ", known));
        }
    }

    private String take(String key, String byDefault) {
        known.add(key);
        String value = values.remove(key);
        if (value == null && byDefault == null) {
            throw new InvalidProblemException("'" + key + "' is missing");
        }
        return value == null ? byDefault : value;
    }

    private long[] perAxis(LayerParameters parameters, String key, String byDefault) {
        return parameters.perAxis(key, numbers(key, take(key, byDefault), "x"));
    }

    private static long one(String key, String value) {
        long[] numbers = numbers(key, value, ",");
        if (numbers.length != 1) {
            throw new InvalidProblemException(key + " has " + numbers.length + " numbers " + Arrays.toString(numbers) + "; allowed: 1");
        }
        return numbers[0];
    }

    private static long[] numbers(String key, String value, String separator) {
        try {
            return Arrays.stream(value.split(separator, -1)).mapToLong(KeyedNumbers::number).toArray();
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException(key + " is '" + LineQuote.of(value) + "': " + e.getMessage(), e);
        }
    }
}
