package io.github.jconv.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table in plain text: columns as wide as their longest cell, a rule below the heading. */
final class TextTable {

    /** How the cells of a column stand. */
    enum Align { LEFT, RIGHT }

    private record Column(String heading, Align align) {
    }

    private static final String GAP = "  ";

    private final List<Column> columns = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>();

    TextTable left(String heading) {
        columns.add(new Column(heading, Align.LEFT));
        return this;
    }

    TextTable right(String heading) {
        columns.add(new Column(heading, Align.RIGHT));
        return this;
    }

    void row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException("a row of " + cells.length + " cells in a table of " + columns.size() + " columns");
        }
        String[] texts = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            texts[i] = String.valueOf(cells[i]);
        }
        rows.add(texts);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(PrintStream out) {
        int[] widths = new int[columns.size()];
        int total = 0;
        for (int i = 0; i < widths.length; i++) {
            widths[i] = columns.get(i).heading.length();
            for (String[] row : rows) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
            total += widths[i] + (i == 0 ? 0 : GAP.length());
        }
        out.println(line(columns.stream().map(Column::heading).toArray(String[]::new), widths));
        out.println("-".repeat(total));
        for (String[] row : rows) {
            out.println(line(row, widths));
        }
    }

    private String line(String[] cells, int[] widths) {
        var line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String fill = " ".repeat(widths[i] - cells[i].length());
            line.append(i == 0 ? "" : GAP);
            line.append(columns.get(i).align == Align.LEFT ? cells[i] + fill : fill + cells[i]);
        }
        return line.toString().stripTrailing();
    }
}
