package io.github.jconv.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A table in plain text: columns as wide as their longest cell, a rule below the heading. It can be printed as a whole when all
 * rows are known, or row by row, with columns as wide as the rows that {@link #reserve} was told of.
 */
final class TextTable {

    /** How the cells of a column stand. */
    private enum Align { LEFT, RIGHT }

    private record Column(String heading, Align align) {
    }

    private static final String GAP = "  ";

    private final List<Column> columns = new ArrayList<>();
    private final List<Integer> widths = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>();

    TextTable left(String heading) {
        return column(new Column(heading, Align.LEFT));
    }

    TextTable right(String heading) {
        return column(new Column(heading, Align.RIGHT));
    }

    /** Makes the columns wide enough for a row that is not there yet. */
    void reserve(Object... cells) {
        String[] texts = texts(cells);
        for (int i = 0; i < texts.length; i++) {
            widths.set(i, Math.max(widths.get(i), texts[i].length()));
        }
    }

    /** Keeps a row for {@link #print}. */
    void row(Object... cells) {
        reserve(cells);
        rows.add(texts(cells));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(PrintStream out) {
        printHeading(out);
        rows.forEach(row -> out.println(line(row)));
    }

    void printHeading(PrintStream out) {
        out.println(line(columns.stream().map(Column::heading).toArray(String[]::new)));
        out.println("-".repeat(widths.stream().mapToInt(Integer::intValue).sum() + GAP.length() * (columns.size() - 1)));
    }

    /** A row as it would be printed. */
    String line(Object... cells) {
        String[] texts = texts(cells);
        var line = new StringBuilder();
        for (int i = 0; i < texts.length; i++) {
            String fill = " ".repeat(Math.max(0, widths.get(i) - texts[i].length()));
            line.append(i == 0 ? "" : GAP);
            line.append(columns.get(i).align == Align.LEFT ? texts[i] + fill : fill + texts[i]);
        }
        return line.toString().stripTrailing();
    }

    private TextTable column(Column column) {
        columns.add(column);
        widths.add(column.heading.length());
        return this;
    }

    private String[] texts(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException("a row of " + cells.length + " cells in a table of " + columns.size() + " columns");
        }
        return Stream.of(cells).map(String::valueOf).toArray(String[]::new);
    }
}
