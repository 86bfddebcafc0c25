package io.github.jconv.cli;

import io.github.jconv.peers.LayerRecorder;
import io.github.jconv.peers.PyTorchContender;
import io.github.jconv.peers.TrainedModel;
import io.github.jconv.peers.TrainingRule;
import io.github.jconv.peers.TrajectoryRecorder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Records PyTorch's trajectories and layers for the tests of parity. */
@Command(name = "peers-record", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class, sortOptions = false,
        description = {"Records fifty training steps of PyTorch for each model and optimiser, and what it makes of layers, losses and steps.",
            "The tests compare JConv's steps with them. They have to be recorded anew when the initial weights, the generated"
                + " pictures or the order of the images change."})
final class PeersRecordCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "src/test/resources/io/github/jconv/nn/trajectories",
            description = "Where the recordings go; ${DEFAULT-VALUE} unless given.")
    private Path out;

    PeersRecordCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        record(TrainedModel.LENET, TrainingRule.sgd(0.01, 0.9, 0));
        record(TrainedModel.LENET, TrainingRule.adam(1e-3, 0));
        record(TrainedModel.AUTOENCODER, TrainingRule.sgd(1e-4, 0.9, 0));
        record(TrainedModel.AUTOENCODER, TrainingRule.adam(1e-2, 0));
        console.out().println(LayerRecorder.record(PyTorchContender.VERSION, out));
        return 0;
    }

    private void record(TrainedModel model, TrainingRule rule) throws IOException {
        console.out().println(TrajectoryRecorder.record(model, rule, PyTorchContender.VERSION, out));
    }
}
