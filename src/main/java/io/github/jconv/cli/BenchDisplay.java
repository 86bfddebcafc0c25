package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.bench.Measurement;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.problem.ConvOperation;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What the user sees of a benchmark: what the backends could do at most, progress, and a row per measurement as it is done. */
final class BenchDisplay implements AutoCloseable {

    private static final double PEAK_SECONDS = 1;

    private final Console console;
    private final PrintWriter csv;
    private final Map<String, Double> peaks = new HashMap<>();
    private final TextTable table = new TextTable().left("problem").left("operation").left("algorithm").right("median")
            .right("fastest").right("runs").right("GFLOP/s").right("of peak").right("x forward");
    private final Progress progress;
    private Measurement lastForward;
    private int begun;

    /** @param csv where rows also go, or null */
    BenchDisplay(Console console, List<Backend> backends, List<ConvPlan> plans, PrintWriter csv) {
        this.console = console;
        this.csv = csv;
        backends.forEach(this::showBackend);
        console.out().println();
        for (ConvPlan plan : plans) {
            table.reserve(plan.request().problem(), plan.request().operation().text(),
                    name(plan.backend(), plan.algorithm().name()), "1.23 ms", "1.23 ms", "12345", "1234.5", "12 %", "12.34");
        }
        table.printHeading(console.out());
        if (csv != null) {
            csv.println(Measurement.CSV_HEADER);
        }
        progress = new Progress(console, "bench", plans.size());
    }

    void begin(ConvPlan plan) {
        progress.at(begun++, plan.algorithm().name() + " " + plan.request());
    }

    void show(Measurement row) {
        if (row.operation() == ConvOperation.FORWARD) {
            lastForward = row;
        }
        progress.println(table.line(row.problem(), row.operation().text(), name(row.backend(), row.algorithm()),
                Units.seconds(row.medianMs() * 1e-3), Units.seconds(row.minMs() * 1e-3), row.runs(),
                String.format(Locale.ROOT, "%.1f", row.gflops()), ofPeak(row), timesForward(row)));
        if (csv != null) {
            csv.println(row.csv());
            csv.flush();
        }
    }

    void showWrong(ConvPlan plan, Mismatch mismatch) {
        progress.println("wrong, so not timed: " + plan.request() + ", " + mismatch.verdict() + ": " + mismatch.finding());
    }

    @Override
    public void close() {
        progress.close();
    }

    private void showBackend(Backend backend) {
        OptionalDouble peak = backend.measurePeakGflops(PEAK_SECONDS);
        peak.ifPresent(gflops -> peaks.put(backend.name(), gflops));
        console.out().println("backend " + backend.name() + ": " + backend.description()
                + (peak.isPresent() ? String.format(Locale.ROOT, "; peak, measured: %.0f GFLOP/s", peak.getAsDouble()) : ""));
    }

    private String ofPeak(Measurement row) {
        Double peak = peaks.get(row.backend());
        return peak == null ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * row.gflops() / peak);
    }

    private String timesForward(Measurement row) {
        boolean comparable = lastForward != null && lastForward.problem().equals(row.problem())
                && lastForward.backend().equals(row.backend());
        return comparable ? String.format(Locale.ROOT, "%.2f", row.medianMs() / lastForward.medianMs()) : "";
    }

    private static String name(String backend, String algorithm) {
        return backend + ":" + algorithm;
    }
}
