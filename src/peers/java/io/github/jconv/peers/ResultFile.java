package io.github.jconv.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Measurements in a CSV file that grows row by row, so that an interrupted run can be continued. */
public final class ResultFile {

    private final Path file;
    private final List<ResultRow> rows = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();

    private ResultFile(Path file) {
        this.file = file;
    }

    /** Opens a file with what is in it already, or begins a new one. */
    public static ResultFile open(Path file) throws IOException {
        ResultFile results = new ResultFile(file);
        if (!Files.exists(file)) {
            Files.writeString(file, ResultRow.CSV_HEADER + "\n");
            return results;
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).equals(ResultRow.CSV_HEADER)) {
            throw new IllegalArgumentException(file + " is no file of this benchmark; it begins with '"
                    + (lines.isEmpty() ? "" : lines.get(0)) + "', expected: '" + ResultRow.CSV_HEADER + "'");
        }
        lines.stream().skip(1).map(ResultRow::parse).forEach(results::remember);
        return results;
    }

    public boolean has(String key) {
        return keys.contains(key);
    }

    public void add(ResultRow row) throws IOException {
        Files.writeString(file, row.csv() + "\n", StandardOpenOption.APPEND);
        remember(row);
    }

    public List<ResultRow> rows() {
        return List.copyOf(rows);
    }

    private void remember(ResultRow row) {
        rows.add(row);
        keys.add(row.key());
    }
}
