package io.github.jconv.peers;

import io.github.jconv.problem.ConvOperation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Geometric means of {@link ResultRow#ratio()} as tables in Markdown. */
public final class RatioSummary {

    private final List<ResultRow> rows;

    public RatioSummary(List<ResultRow> rows) {
        this.rows = rows.stream().filter(row -> !Double.isNaN(row.ratio())).toList();
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** One row per class and one for all of them. */
    public String byClass() {
        return table("class", ResultRow::group);
    }

    /** One row per number of threads and batch size. */
    public String byThreadsAndBatch() {
        return table("threads, batch", row -> row.threads() + (row.threads() == 1 ? " thread, " : " threads, ") + "batch "
                + row.batch());
    }

    /** The problems where JConv does worst beside the others. */
    public String slowest(int count) {
        List<String> lines = new ArrayList<>(List.of("| problem | pass | threads | algorithm | JConv ms | PyTorch ms "
                + "| ONNX Runtime ms | ratio |", "|---|---|--:|---|--:|--:|--:|--:|"));
        rows.stream().sorted((a, b) -> Double.compare(a.ratio(), b.ratio())).limit(count)
                .map(row -> String.format(Locale.ROOT, "| `%s` | %s | %d | %s | %.3f | %s | %s | %.2f |", row.problem(),
                        row.pass().text(), row.threads(), row.algorithm(), row.jconvMs(), cell("%.3f", row.pytorchMs()),
                        cell("%.3f", row.onnxruntimeMs()), row.ratio()))
                .forEach(lines::add);
        return String.join("\n", lines) + "\n";
    }

    private String table(String heading, Function<ResultRow, String> key) {
        Map<String, List<ResultRow>> groups = rows.stream()
                .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
        List<String> lines = new ArrayList<>(List.of("| " + heading + " | forward | backward_data | backward_filter | all | rows "
                + "| least |", "|---|--:|--:|--:|--:|--:|--:|"));
        groups.forEach((name, group) -> lines.add(line(name, group)));
        lines.add(line("**all**", rows));
        return String.join("\n", lines) + "\n";
    }

    private static String line(String name, List<ResultRow> group) {
        double least = group.stream().mapToDouble(ResultRow::ratio).min().orElse(Double.NaN);
        return "| " + name + " | " + cell(group, ConvOperation.FORWARD) + " | " + cell(group, ConvOperation.BACKWARD_DATA) + " | "
                + cell(group, ConvOperation.BACKWARD_FILTER) + " | " + cell("%.2f", geometricMean(group, row -> true)) + " | "
                + group.size() + " | " + cell("%.2f", least) + " |";
    }

    private static String cell(List<ResultRow> group, ConvOperation pass) {
        return cell("%.2f", geometricMean(group, row -> row.pass() == pass));
    }

    private static String cell(String format, double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }

    static double geometricMean(List<ResultRow> group, Predicate<ResultRow> which) {
        return Math.exp(group.stream().filter(which).mapToDouble(row -> Math.log(row.ratio())).average().orElse(Double.NaN));
    }
}
