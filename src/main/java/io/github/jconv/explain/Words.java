package io.github.jconv.explain;

import io.github.jconv.problem.AxisNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Numbers and tables as text. */
final class Words {

    private Words() {
    }

    /** {@code 294912} as {@code 294,912}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code "1 position"}, {@code "2 positions"}. */
    static String plural(long number, String singular) {
        return count(number) + " " + singular + (number == 1 ? "" : "s");
    }

    /** The letters of the filter's axes with the formatted rest: {@code r, s}. */
    static String filterLetters(int dimensions, LongFunction<String> format) {
        return IntStream.range(0, dimensions).mapToObj(i -> format.apply(AxisNames.filter(i, dimensions)))
                .collect(Collectors.joining(", "));
    }

    /** Rows with columns of equal width: a letter for each column, l to stand left, r to stand right. */
    static List<String> columns(String alignment, List<List<String>> rows) {
        int[] widths = new int[alignment.length()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String fill = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(alignment.charAt(i) == 'l' ? row.get(i) + fill : fill + row.get(i));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
