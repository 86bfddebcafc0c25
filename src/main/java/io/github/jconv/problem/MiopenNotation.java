package io.github.jconv.problem;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of MIOpen's driver, short or long: {@code ./bin/MIOpenDriver conv -n 32 -c 64 -H 28 -W 28 -k 64 -y 3 -x 3 ...}.
 *
 * <p>What is left out has the driver's own default: batch 100, 3 channels, 32 filters, 32 positions and 3 taps per axis, stride 1, no
 * padding, dilation 1, one group. {@code --spatial_dim 3}, or any option of the depth axis, makes it three-dimensional. Options that
 * say how to run and not what ({@code -F -t -V -i -s -b} ...) are accepted and change nothing.
 */
final class MiopenNotation {

    private static final Map<String, String> LONG_NAMES = new HashMap<>();
    private static final Set<String> DEPTH_OPTIONS = Set.of("!", "@", "#", "$", "^", "%");
    private static final long DEFAULT_BATCH = 100;
    private static final long DEFAULT_CHANNELS = 3;
    private static final long DEFAULT_FILTERS = 32;
    private static final long DEFAULT_INPUT = 32;
    private static final long DEFAULT_FILTER = 3;

    static {
        String[] names = {"in_layout I", "out_layout O", "fil_layout f", "spatial_dim _", "forw F", "batchsize n", "in_channels c",
            "in_d !", "in_h H", "in_w W", "out_channels k", "fil_d @", "fil_h y", "fil_w x", "conv_stride_d #", "conv_stride_h u",
            "conv_stride_w v", "pad_d $", "pad_h p", "pad_w q", "pad_val r", "trans_output_pad_d %", "trans_output_pad_h Y",
            "trans_output_pad_w X", "iter i", "verify V", "verification_cache C", "time t", "wall w", "search s", "printconv P",
            "dump_output o", "in_data d", "weights e", "bias b", "in_bias a", "dout_data D", "solution S", "mode m", "pad_mode z",
            "dilation_d ^", "dilation_h l", "dilation_w j", "group_count g", "gpualloc G", "gpubuffer_check ~", "in_cast_type U",
            "out_cast_type T", "wei_cast_type R"};
        for (String name : names) {
            LONG_NAMES.put(name.split(" ")[0], name.split(" ")[1]);
        }
    }

    private final Map<String, String> options = new HashMap<>();
    private final boolean transposedUnlessSaid;

    MiopenNotation(String[] words, boolean transposed) {
        this.transposedUnlessSaid = transposed;
        int at = 0;
        while (at < words.length && !words[at].startsWith("-")) {
            requireProgram(words[at++]);
        }
        while (at < words.length) {
            String option = shortName(words[at]);
            if (at + 1 == words.length) {
                throw new InvalidProblemException("option " + words[at] + " has no value");
            }
            if (options.put(option, words[at + 1]) != null) {
                throw new InvalidProblemException("option " + words[at] + " is given twice");
            }
            at += 2;
        }
    }

    ProblemEntry read() {
        boolean transposed = isTransposed();
        var parameters = new LayerParameters(dimensions());
        parameters.batch = number("n", DEFAULT_BATCH);
        parameters.inputChannels = number("c", DEFAULT_CHANNELS);
        parameters.outputChannels = number("k", DEFAULT_FILTERS);
        parameters.groups = number("g", 1);
        parameters.input = perAxis(parameters, "!HW", DEFAULT_INPUT);
        parameters.filter = perAxis(parameters, "@yx", DEFAULT_FILTER);
        parameters.stride = perAxis(parameters, "#uv", 1);
        parameters.padBegin = perAxis(parameters, "$pq", 0);
        parameters.padEnd = parameters.padBegin.clone();
        parameters.dilation = perAxis(parameters, "^lj", 1);
        long[] outputPadding = perAxis(parameters, "%YX", 0);
        parameters.outputPadding = transposed ? outputPadding : null;
        requirePaddingByZeros();
        return ProblemNotation.entry("", parameters, transposed);
    }

    private static void requireProgram(String word) {
        String program = word.substring(word.lastIndexOf('/') + 1);
        if (!program.equals("MIOpenDriver") && !program.matches("conv(fp16|bfp16|int8|fp8|bfp8)?")) {
            throw new InvalidProblemException("cannot read '" + LineQuote.of(word) + "'; expected MIOpenDriver conv and its options");
        }
    }

    private static String shortName(String word) {
        String option = word.startsWith("--") ? LONG_NAMES.get(word.substring(2)) : word.substring(1);
        if (option == null || !LONG_NAMES.containsValue(option)) {
            throw new InvalidProblemException("unknown option '" + LineQuote.of(word) + "'; expected one of MIOpenDriver conv, such as "
                    + "-n -c -H -W -k -y -x -p -q -u -v -l -j -g -m, or its long name");
        }
        return option;
    }

    private boolean isTransposed() {
        String mode = options.getOrDefault("m", transposedUnlessSaid ? "trans" : "conv");
        return switch (mode) {
            case "conv" -> false;
            case "trans" -> true;
            default -> throw new InvalidProblemException("mode is '" + LineQuote.of(mode) + "'; allowed: conv, trans");
        };
    }

    private int dimensions() {
        boolean depth = DEPTH_OPTIONS.stream().anyMatch(options::containsKey);
        long dims = number("_", depth ? 3 : 2);
        if (dims != 2 && dims != 3) {
            throw new InvalidProblemException("spatial_dim is " + dims + "; allowed: 2, 3");
        }
        if (dims == 2 && depth) {
            throw new InvalidProblemException("spatial_dim is 2, but an option of the depth axis is given; allowed with it: 3");
        }
        return (int) dims;
    }

    private void requirePaddingByZeros() {
        if (number("r", 0) != 0) {
            throw new InvalidProblemException("pad_val is " + options.get("r") + "; allowed: 0");
        }
        if (!options.getOrDefault("z", "default").equals("default")) {
            throw new InvalidProblemException("pad_mode is '" + LineQuote.of(options.get("z"))
                    + "'; allowed: default, with the padding written out");
        }
    }

    /** The values of the options for depth, height and width, without depth for a two-dimensional problem. */
    private long[] perAxis(LayerParameters parameters, String letters, long byDefault) {
        return letters.substring(3 - parameters.dimensions).chars()
                .mapToLong(letter -> number(String.valueOf((char) letter), byDefault)).toArray();
    }

    private long number(String option, long byDefault) {
        String value = options.get(option);
        if (value == null) {
            return byDefault;
        }
        try {
            return KeyedNumbers.number(value);
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException("option -" + option + ": " + e.getMessage(), e);
        }
    }
}
