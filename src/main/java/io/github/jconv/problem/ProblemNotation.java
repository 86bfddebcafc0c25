package io.github.jconv.problem;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The ways to write a problem down, told apart by their looks and all read through {@link #read}.
 *
 * <pre>
 *   CANONICAL    [name] n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2      {@link ProblemText}; transposed: in front for a layer
 *   BENCHDNN     g2mb2ic6ih7iw9oc4oh4ow5kh3kw2sh2sw1ph1pw0dh0dw1n"name"     oneDNN's benchmark driver; dilation from 0
 *   MIOPEN       MIOpenDriver conv -n 2 -c 6 -H 7 -W 9 -k 4 -y 3 -x 2 -u 2 -v 1 -p 1 -q 0 -l 1 -j 2 -g 2
 *   DEEPBENCH    w h c n k filter_w filter_h pad_w pad_h stride_w stride_h     eleven numbers, commas or blanks between them
 *   KEY_VALUE    [name] op=conv n=2 c=6 in=7x9 k=4 kernel=3x2 stride=2x1 pad=1x0 dil=1x2 groups=2
 * </pre>
 */
public enum ProblemNotation {
    CANONICAL {
        @Override
        List<ProblemEntry> readLine(String line, boolean transposed) {
            String[] words = words(line);
            String text = words[words.length - 1];
            requireAtMostNameAnd(words, "the problem");
            boolean layer = transposed || text.startsWith(ProblemText.TRANSPOSED);
            String keyed = text.startsWith(ProblemText.TRANSPOSED) ? text.substring(ProblemText.TRANSPOSED.length()) : text;
            return List.of(entry(words.length == 2 ? words[0] : "", ProblemText.parameters(keyed), layer));
        }
    },
    BENCHDNN {
        @Override
        List<ProblemEntry> readLine(String line, boolean transposed) {
            return List.of(new BenchdnnNotation(line, transposed).read());
        }
    },
    MIOPEN {
        @Override
        List<ProblemEntry> readLine(String line, boolean transposed) {
            return List.of(new MiopenNotation(words(line), transposed).read());
        }
    },
    DEEPBENCH {
        @Override
        List<ProblemEntry> readLine(String line, boolean transposed) {
            return List.of(DeepBenchNotation.read(line, transposed));
        }
    },
    KEY_VALUE {
        @Override
        List<ProblemEntry> readLine(String line, boolean transposed) {
            return new KeyValueNotation(words(line), transposed).read();
        }
    };

    private static final Pattern DRIVER_CALL = Pattern.compile("(\\S*MIOpenDriver\\b|conv\\w*\\s+-|-).*");
    private static final Pattern NUMBERS_ONLY = Pattern.compile("[\\d\\s,+-]+");

    /** Reads a line of this notation that has something in it. */
    abstract List<ProblemEntry> readLine(String line, boolean transposed);

    /** The notation that a line is written in, by its looks; a line that looks like none is taken for canonical. */
    public static ProblemNotation of(String line) {
        String stripped = line.strip();
        if (NUMBERS_ONLY.matcher(stripped).matches()) {
            return DEEPBENCH;
        }
        if (DRIVER_CALL.matcher(stripped).matches()) {
            return MIOPEN;
        }
        if (BenchdnnNotation.isLike(stripped)) {
            return BENCHDNN;
        }
        return stripped.indexOf('=') >= 0 ? KEY_VALUE : CANONICAL;
    }

    /**
     * Reads a line in whichever notation it is written. It describes one problem, or several when a {@link #KEY_VALUE} line lists
     * several batch sizes.
     *
     * @param transposed whether the line describes a transposed convolution; a line that says itself what it describes
     *                   ({@code transposed:}, {@code op=deconv}, {@code -m trans}) does not need it and is not changed by it
     * @throws InvalidProblemException quoting the line and naming the parameter, axis, value and allowed range that is wrong
     */
    public static List<ProblemEntry> read(String line, boolean transposed) {
        String stripped = line.strip();
        try {
            if (stripped.isEmpty()) {
                throw new InvalidProblemException("it is empty; expected a line such as n1c3h224w224k64r7s7_sh2sw2_ph3pw3");
            }
            return of(stripped).readLine(stripped, transposed);
        } catch (InvalidProblemException e) {
            throw LineQuote.quote(stripped, e);
        }
    }

    /**
     * Reads a line that describes exactly one problem.
     *
     * @throws InvalidProblemException as {@link #read}, or when the line describes several
     */
    public static ProblemEntry readOne(String line, boolean transposed) {
        List<ProblemEntry> entries = read(line, transposed);
        if (entries.size() != 1) {
            throw LineQuote.quote(line.strip(), new InvalidProblemException("it describes " + entries.size()
                    + " problems; allowed here: one, so give a single batch size"));
        }
        return entries.get(0);
    }

    static ProblemEntry entry(String name, LayerParameters parameters, boolean transposed) {
        return transposed
                ? new ProblemEntry.Transposed(name, parameters.transposed())
                : new ProblemEntry.Convolution(name, parameters.convolution());
    }

    private static String[] words(String line) {
        return line.strip().split("\\s+");
    }

    private static void requireAtMostNameAnd(String[] words, String what) {
        if (words.length > 2) {
            throw new InvalidProblemException("it has " + words.length + " words; expected " + what
                    + ", or a name without blanks and " + what);
        }
    }
}
