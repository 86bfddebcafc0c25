package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.bench.BackendCeilings;
import io.github.jconv.bench.Floor;
import io.github.jconv.bench.Measurement;
import io.github.jconv.check.report.Ceilings;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.sweep.LineFile;
import io.github.jconv.explain.Units;
import io.github.jconv.problem.ConvOperation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the user sees of a benchmark: what the backends could do at most, progress, and a row per measurement as it is done. */
final class BenchDisplay implements AutoCloseable {

    private static final double CEILING_SECONDS = 1;

    private final Console console;
    private final LineFile csv;
    private final Map<String, Ceilings> ceilings;
    private final TextTable table = new TextTable().left("problem").left("operation").left("type").left("layout")
            .left("algorithm").right("median").right("fastest").right("runs").right("GFLOP/s").right("floor")
            .right("of floor").left("bound by").right("x forward");
    private final Progress progress;
    private Measurement lastForward;
    private int begun;

    /** @param csv where rows also go, or null */
    BenchDisplay(Console console, List<Backend> backends, List<BenchRow> rows, LineFile csv) {
        this.console = console;
        this.csv = csv;
        ceilings = BackendCeilings.measure(backends, CEILING_SECONDS).stream()
                .collect(Collectors.toMap(Ceilings::backend, Function.identity()));
        backends.forEach(this::showBackend);
        console.out().println();
        for (BenchRow row : rows) {
            ConvPlan plan = row.plan();
            ConvRequest request = plan.request();
            table.reserve(request.problem(), row.work(), request.dataType().text(), request.layout().text(),
                    name(plan.backend(), plan.algorithm().name() + request.filters().mark()), "1.23 ms", "1.23 ms", "12345",
                    "1234.5", "1.23 ms", "12 %", arithmetic(plan.algorithm().operandType(request)), "12.34");
        }
        table.printHeading(console.out());
        if (csv != null) {
            csv.println(Measurement.CSV_HEADER);
        }
        progress = new Progress(console, "bench", rows.size());
    }

    void begin(BenchRow row) {
        progress.at(begun++, row.plan().algorithm().name() + " " + row.plan().request() + (row.fused() ? " with bias and ReLU" : ""));
    }

    void show(Measurement row) {
        if (row.operation() == ConvOperation.FORWARD && !row.fused()) {
            lastForward = row;
        }
        Floor floor = Floor.of(row, ceilings.get(row.backend()));
        progress.println(table.line(row.problem(), row.work(), row.dataType().text(), row.layout().text(),
                name(row.backend(), row.algorithm()),
                Units.seconds(row.medianMs() * 1e-3), Units.seconds(row.minMs() * 1e-3), row.runs(),
                String.format(Locale.ROOT, "%.1f", row.gflops()), floor == null ? "" : Units.seconds(floor.seconds()),
                floor == null ? "" : String.format(Locale.ROOT, "%.0f %%", floor.percentOf(row)),
                floor == null ? "" : floor.ofMemory() ? "memory" : arithmetic(row.operandType()), timesForward(row)));
        if (csv != null) {
            csv.println(row.csv(floor));
        }
    }

    void showWrong(BenchRow row, Mismatch mismatch) {
        progress.println("wrong, so not timed: " + row.plan().request() + (row.fused() ? " with bias and ReLU, " : ", ")
                + mismatch.verdict() + ": " + mismatch.finding());
    }

    @Override
    public void close() {
        progress.close();
    }

    private void showBackend(Backend backend) {
        Ceilings best = ceilings.get(backend.name());
        console.out().println("backend " + backend.name() + ": " + backend.description()
                + (best == null ? "" : "; measured: " + best));
    }

    private String timesForward(Measurement row) {
        boolean comparable = lastForward != null && lastForward.problem().equals(row.problem())
                && lastForward.dataType() == row.dataType() && lastForward.layout() == row.layout()
                && lastForward.backend().equals(row.backend());
        return comparable ? String.format(Locale.ROOT, "%.2f", row.medianMs() / lastForward.medianMs()) : "";
    }

    private static String arithmetic(String operandType) {
        return operandType + " arithmetic";
    }

    private static String name(String backend, String algorithm) {
        return backend + ":" + algorithm;
    }
}
