package io.github.jconv.cli;

import io.github.jconv.explain.Units;
import io.github.jconv.peers.Alternation;
import io.github.jconv.peers.ConvolutionMatch;
import io.github.jconv.peers.JConvContender;
import io.github.jconv.peers.LayerData;
import io.github.jconv.peers.RatioPlot;
import io.github.jconv.peers.RatioSummary;
import io.github.jconv.peers.ResultFile;
import io.github.jconv.peers.ResultRow;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ProblemEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times JConv beside PyTorch and ONNX Runtime. */
@Command(name = "peers", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Times JConv, PyTorch and ONNX Runtime on the same layers, in turns in one process.",
            "Results are compared before anything is timed. A ratio is the time of the faster of the other two divided by JConv's:"
                + " above 1, JConv is faster. ONNX Runtime takes part in forward passes.", ""},
        footer = {"", "Examples:",
            "  peers --out target/peers-googlenet --class googlenet --operation forward --threads 1",
            "  peers --out target/peers-sample --file cpu-problems.txt --every 9 --minutes 5"})
final class PeersCommand implements Callable<Integer> {

    private static final String MEASUREMENTS = "measurements.csv";
    private static final int SHOWN_SLOWEST = 15;

    private final Console console;

    @Mixin
    private PeersSelection selection;

    @Mixin
    private OperationsOption operations;

    @Option(names = "--threads", paramLabel = "N,...", hideParamSyntax = true, split = ",", defaultValue = "1,2",
            description = "Numbers of threads; 1,2 unless given.")
    private List<Integer> threads;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "0.25",
            description = "How long each library is timed on a measurement; 0.25 unless given.")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "S", defaultValue = "0.3",
            description = "How long each library runs before; 0.3 unless given.")
    private double warmUp;

    @Option(names = "--minutes", paramLabel = "M", defaultValue = "1e9",
            description = "Stop after that time; the same command goes on where it stopped.")
    private double minutes;

    @Option(names = "--autotune", paramLabel = "FILE", description = "Let JConv choose algorithms by measuring, and remember there.")
    private Path tuned;

    @Option(names = "--changing-weights",
            description = "Do not tell JConv that the weights of forward passes are constant, as they are in ONNX Runtime's models.")
    private boolean changingWeights;

    @Mixin
    private StrictOption strict;

    @Option(names = "--out", paramLabel = "DIR", required = true,
            description = "Where " + MEASUREMENTS + ", summary.md and ratios.png go. What is in " + MEASUREMENTS
                    + " is not measured again: take a new folder after a change.")
    private Path out;

    PeersCommand(Console console) {
        this.console = console;
    }

    /** A measurement that is to be made. */
    private record Task(PeersSelection.Member member, ConvOperation pass, int threads) {

        String key() {
            ProblemEntry entry = member.entry();
            return ResultRow.key(entry.label(), entry.line(), pass, threads);
        }
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(out);
        ResultFile results = ResultFile.open(out.resolve(MEASUREMENTS));
        List<Task> tasks = tasks().stream().filter(task -> !results.has(task.key())).toList();
        JConvContender jconv = new JConvContender(JConv.Version.number(), builder -> {
            if (tuned != null) {
                builder.autotune(tuned);
            }
            if (strict.isAsked()) {
                builder.strictAccuracy();
            }
        }, !changingWeights);
        boolean agreed;
        List<String> versions;
        try (ConvolutionMatch match = new ConvolutionMatch(jconv, new Alternation(warmUp, seconds))) {
            versions = match.versions();
            console.out().println(String.join(", ", versions));
            console.out().println(tasks.size() + " measurements to make, " + results.rows().size() + " are there; about "
                    + Units.seconds(tasks.size() * 3 * (warmUp + 1.3 * seconds)) + " or more");
            agreed = measure(tasks, match, results);
        }
        if (!results.rows().isEmpty()) {
            report(results.rows(), versions);
        }
        return agreed ? 0 : JConv.MISMATCH;
    }

    private List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        for (PeersSelection.Member member : selection.read()) {
            for (ConvOperation pass : operations.list()) {
                threads.forEach(count -> tasks.add(new Task(member, pass, count)));
            }
        }
        return selection.sample(tasks);
    }

    /** Whether all results agreed. */
    private boolean measure(List<Task> tasks, ConvolutionMatch match, ResultFile results) throws IOException {
        long begin = System.nanoTime();
        boolean agreed = true;
        LayerData data = null;
        try (Progress progress = new Progress(console, "peers", tasks.size())) {
            for (int i = 0; i < tasks.size() && (System.nanoTime() - begin) * 1e-9 < 60 * minutes; i++) {
                Task task = tasks.get(i);
                progress.at(i, task.member.entry().label() + " " + task.pass.text());
                if (data == null || !data.entry().equals(task.member.entry())) {
                    data = match.data(task.member.entry());
                }
                try {
                    ResultRow row = match.measure(task.member.group(), data, task.pass, task.threads);
                    results.add(row);
                    progress.println(line(row));
                } catch (IllegalStateException e) {
                    progress.println("not timed: " + task.member.entry().label() + " " + task.pass.text() + ": " + e.getMessage());
                    agreed = false;
                }
            }
        }
        return agreed;
    }

    private static String line(ResultRow row) {
        return String.format(Locale.ROOT, "%-36s %-15s %d  %-22s  %9.3f %9.3f %9.3f ms  %6.2f", row.problem(), row.pass().text(),
                row.threads(), row.algorithm(), row.jconvMs(), row.pytorchMs(), row.onnxruntimeMs(), row.ratio());
    }

    private void report(List<ResultRow> rows, List<String> versions) throws IOException {
        RatioSummary summary = new RatioSummary(rows);
        String tables = summary.byClass() + "\n" + summary.byThreadsAndBatch() + "\nWhere JConv is slowest beside the others:\n\n"
                + summary.slowest(SHOWN_SLOWEST);
        Files.writeString(out.resolve("summary.md"), "# JConv beside PyTorch and ONNX Runtime, " + LocalDate.now() + "\n\n"
                + String.join(", ", versions) + "; Java " + System.getProperty("java.version") + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors"
                + ". Geometric means of (time of the faster of PyTorch and ONNX Runtime) / (time of JConv).\n\n" + tables);
        RatioPlot.write(rows, out.resolve("ratios.png"));
        console.out().println();
        console.out().print(tables);
        console.out().println("\nresults in " + out);
    }
}
