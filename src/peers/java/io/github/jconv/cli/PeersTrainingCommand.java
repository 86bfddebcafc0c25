package io.github.jconv.cli;

import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.peers.Alternation;
import io.github.jconv.peers.TrainedModel;
import io.github.jconv.peers.TrainingMatch;
import io.github.jconv.peers.TrainingRule;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times training steps of JConv beside PyTorch. */
@Command(name = "peers-training", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class, sortOptions = false,
        description = {"Times a training step of LeNet and of the autoencoder with JConv and with PyTorch, in turns in one process:",
            "the same weights, images, batch, optimiser and number of threads. The losses are compared first."})
final class PeersTrainingCommand implements Callable<Integer> {

    private static final int EDGE = 28;
    private static final int STEPS = 5;

    private final Console console;

    @Option(names = "--model", paramLabel = "NAME,...", hideParamSyntax = true, split = ",",
            description = "${COMPLETION-CANDIDATES}; all unless given.")
    private List<TrainedModel> models = List.of(TrainedModel.values());

    @Option(names = "--batch", paramLabel = "N,...", hideParamSyntax = true, split = ",", defaultValue = "64",
            description = "Batch sizes; 64 unless given.")
    private List<Integer> batches;

    @Option(names = "--threads", paramLabel = "N,...", hideParamSyntax = true, split = ",", defaultValue = "1,2",
            description = "Numbers of threads; 1,2 unless given.")
    private List<Integer> threads;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "3",
            description = "How long each library is timed; 3 unless given.")
    private double seconds;

    @Mixin
    private OneDnnOption oneDnn;

    PeersTrainingCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        oneDnn.apply();
        TrainingMatch match = new TrainingMatch(new Alternation(seconds, seconds));
        console.out().println("| model | optimiser | batch | threads | JConv ms/step | PyTorch ms/step | ratio | spread |");
        console.out().println("|---|---|--:|--:|--:|--:|--:|--:|");
        boolean agreed = true;
        for (TrainedModel model : models) {
            for (TrainingRule rule : List.of(TrainingRule.sgd(0.01, 0.9, 0), TrainingRule.adam(1e-3, 0))) {
                for (int batch : batches) {
                    Dataset data = new GeneratedShapes(STEPS * batch, EDGE, 1);
                    for (int count : threads) {
                        agreed &= measure(match, model, rule, data, batch, count);
                    }
                }
            }
        }
        return agreed ? 0 : JConv.MISMATCH;
    }

    /** Whether the losses were the same; what differs is not timed. */
    private boolean measure(TrainingMatch match, TrainedModel model, TrainingRule rule, Dataset data, int batch, int count) {
        try {
            show(model, rule, batch, count, match.measure(model, rule, data, batch, count));
            return true;
        } catch (IllegalStateException e) {
            console.err().println("not timed: " + model.name().toLowerCase(Locale.ROOT) + " " + rule.name() + ": " + e.getMessage());
            return false;
        }
    }

    private void show(TrainedModel model, TrainingRule rule, int batch, int count, TrainingMatch.Result result) {
        console.out().println(String.format(Locale.ROOT, "| %s | %s | %d | %d | %.3f | %.3f | %.2f | %.2f |",
                model.name().toLowerCase(Locale.ROOT), rule.name(), batch, count, result.jconvMs(), result.pytorchMs(), result.ratio(),
                result.spread()));
    }
}
