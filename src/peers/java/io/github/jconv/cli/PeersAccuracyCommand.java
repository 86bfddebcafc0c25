package io.github.jconv.cli;

import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.Mnist;
import io.github.jconv.peers.AccuracyMatch;
import io.github.jconv.peers.PyTorchContender;
import io.github.jconv.peers.TrainingRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains LeNet with JConv and PyTorch and compares what they learn. */
@Command(name = "peers-accuracy", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class, sortOptions = false,
        description = {"Trains LeNet with JConv and with PyTorch: the same initial weights, batches and learning rate.",
            "What jconv train lenet does with its defaults; of a folder with test digits only, the first four fifths train."})
final class PeersAccuracyCommand implements Callable<Integer> {

    private static final double RATE = 1e-3;
    private static final int BATCH = 64;

    private final Console console;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "Folder with MNIST files, plain or gzipped.")
    private Path data;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "10", description = "${DEFAULT-VALUE} unless given.")
    private int epochs;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "${DEFAULT-VALUE} unless given.")
    private long seed;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private OneDnnOption oneDnn;

    PeersAccuracyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Dataset all = Mnist.read(data);
        Dataset training = Mnist.hasTraining(data) ? all : all.range(0, all.size() / 5 * 4);
        Dataset test = Mnist.hasTraining(data) ? Mnist.readTest(data) : all.range(all.size() / 5 * 4, all.size());
        torch.set_num_threads(threads.threads());
        oneDnn.apply();
        console.out().println("JConv " + JConv.Version.number() + ", " + PyTorchContender.VERSION + ", Java " + Runtime.version() + "; "
                + training.size() + " images train, " + test.size() + " test; Adam, rate " + RATE + ", batch " + BATCH + ", seed " + seed
                + "\n\n| epoch | JConv | PyTorch |\n|--:|--:|--:|");
        List<AccuracyMatch.Epoch> results;
        try {
            results = AccuracyMatch.run(training, test, epochs, TrainingRule.adam(RATE, 0), BATCH, seed, threads.threads());
        } catch (IllegalStateException e) {
            console.err().println("not compared: " + e.getMessage());
            return JConv.MISMATCH;
        }
        for (AccuracyMatch.Epoch epoch : results) {
            console.out().println(String.format(Locale.ROOT, "| %d | %.2f %% | %.2f %% |", epoch.number(), 100 * epoch.jconv(),
                    100 * epoch.pytorch()));
        }
        return 0;
    }
}
