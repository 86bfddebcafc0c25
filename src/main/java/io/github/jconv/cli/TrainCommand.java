package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Activation;
import io.github.jconv.nn.EpochResult;
import io.github.jconv.nn.Loss;
import io.github.jconv.nn.Mode;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Optimizers;
import io.github.jconv.nn.PictureGrid;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.Trainer;
import io.github.jconv.nn.TrainingCurve;
import io.github.jconv.nn.TrainingDivergedException;
import io.github.jconv.nn.TrainingLog;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.GeneratedShapes;
import io.github.jconv.nn.data.Mnist;
import io.github.jconv.nn.models.Models;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a model of the library. */
@Command(name = "train", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        description = {"Trains a model: on digits in the IDX format (MNIST), or on generated pictures of shapes.",
            "With --out it writes log.jsonl, curve.png, checkpoint.safetensors and weights.safetensors, and for",
            "the autoencoders reconstructions.png: pictures above what comes back of them."})
final class TrainCommand implements Callable<Integer> {

    /** The models of the command line. */
    enum Model {
        LENET, AUTOENCODER, DEEP_AUTOENCODER;

        boolean learnsItsInput() {
            return this != LENET;
        }
    }

    private static final int GENERATED_PICTURES = 5_000;
    private static final int GENERATED_EDGE = 28;
    private static final int RECONSTRUCTIONS = 12;
    private static final String CHECKPOINT = "checkpoint.safetensors";

    private final Console console;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "MODEL", description = "${COMPLETION-CANDIDATES}")
    private Model model;

    @Option(names = "--data", paramLabel = "DIR",
            description = "Folder with MNIST files, plain or gzipped; generated shapes unless given. Without the train- files the first"
                    + " four fifths of the t10k- files train and the rest tests.")
    private Path data;

    private int epochs = 5;
    private int batch = 64;

    @Option(names = "--rate", paramLabel = "R", defaultValue = "0.001", description = "Learning rate; ${DEFAULT-VALUE} unless given.")
    private double rate;

    @Option(names = "--momentum", paramLabel = "M",
            description = "Gradient descent with this momentum; Adam unless given.")
    private Double momentum;

    @Option(names = "--decay", paramLabel = "D", defaultValue = "0", description = "Weight decay; ${DEFAULT-VALUE} unless given.")
    private double decay;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of weights, order and dropout; ${DEFAULT-VALUE} unless given. The same seed gives the same weights to the"
                    + " last bit, for every number of threads.")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for the results; made when it is missing.")
    private Path out;

    @Option(names = "--resume", description = "Go on from the checkpoint in the --out folder.")
    private boolean resume;

    @Option(names = "--backend", paramLabel = "NAME",
            description = "Where to train; unless given, on the GPU where there is one (see --device), otherwise on the CPU.")
    private String backend;

    @Mixin
    private AutotuneOption autotune;

    @Mixin
    private ThreadsOption threads;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Option(names = "--epochs", paramLabel = "N", description = "Times that every picture is seen; 5 unless given.")
    void setEpochs(int value) {
        epochs = requireBetween("--epochs", value, 1, 100_000);
    }

    @Option(names = "--batch", paramLabel = "N", description = "Pictures per step; 64 unless given.")
    void setBatch(int value) {
        batch = requireBetween("--batch", value, 1, 65_536);
    }

    private int requireBetween(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(command.commandLine(), option + " is " + value + "; allowed: " + min + ".." + max);
        }
        return value;
    }

    @Override
    public Integer call() throws IOException {
        if (!(rate > 0 && rate <= 100)) {
            throw new ParameterException(command.commandLine(), "--rate is " + rate + "; allowed: above 0, up to 100");
        }
        if (resume && (out == null || !Files.exists(out.resolve(CHECKPOINT)))) {
            throw new ParameterException(command.commandLine(), "--resume needs --out with a folder that holds " + CHECKPOINT);
        }
        Dataset training;
        Dataset test;
        if (data != null && Mnist.hasTraining(data)) {
            training = Mnist.readTraining(data);
            test = Mnist.readTest(data);
        } else {
            Dataset all = data == null ? new GeneratedShapes(GENERATED_PICTURES, GENERATED_EDGE, 1) : Mnist.readTest(data);
            training = all.range(0, all.size() / 5 * 4);
            test = all.range(all.size() / 5 * 4, all.size());
        }
        if (out != null) {
            Files.createDirectories(out);
        }
        try (ConvEngine engine = autotune.open(backend, threads.threads())) {
            try (Network network = network(engine, training)) {
                return train(network, training, test);
            }
        } catch (TrainingDivergedException e) {
            console.err().println("jconv train: " + e.getMessage());
            return JConv.MISMATCH;
        }
    }

    private Network network(ConvEngine engine, Dataset images) {
        TensorShape shape = images.imageShape();
        return switch (model) {
            case LENET -> Models.leNet(engine, seed, shape.size(0), shape.size(1), shape.size(2), images.classes());
            case AUTOENCODER -> Models.autoencoder(engine, seed, shape.size(0), shape.size(1), shape.size(2));
            case DEEP_AUTOENCODER -> Models.deepAutoencoder(engine, seed, shape.size(0), shape.size(1), shape.size(2));
        };
    }

    private int train(Network network, Dataset training, Dataset test) throws IOException {
        Trainer trainer = Trainer.of(network).batch(batch).seed(seed).schedule(Schedule.constant(rate))
                .loss(model.learnsItsInput() ? Loss.SIGMOID_CROSS_ENTROPY : Loss.SOFTMAX_CROSS_ENTROPY)
                .optimizer(momentum == null ? Optimizers.adam(decay) : Optimizers.sgd(momentum, decay));
        if (resume) {
            trainer.restoreCheckpoint(out.resolve(CHECKPOINT));
        }
        console.out().println(network.parameterCount() + " parameters, " + training.size() + " pictures " + training.imageShape()
                + " to train, " + test.size() + " to test, " + network.engine().backend().description());
        console.out().println(header());
        List<EpochResult> results = new ArrayList<>();
        int batches = (training.size() + batch - 1) / batch;
        try (Writer log = openLog(); Progress progress = new Progress(console, "train", (long) batches * epochs)) {
            TrainingLog lines = new TrainingLog(log);
            int before = trainer.epochsDone();
            trainer.listener(new Trainer.Listener() {
                @Override
                public void onBatch(int epoch, int number, int ofEpoch, double loss) {
                    progress.at((long) (epoch - before - 1) * batches + number,
                            String.format(Locale.ROOT, "epoch %d, loss %.4f", epoch, loss));
                }
            });
            for (int i = 0; i < epochs; i++) {
                EpochResult result = trainer.fit(training, test, 1).get(0);
                results.add(result);
                progress.println(row(result));
                lines.add(result);
                if (out != null) {
                    trainer.saveCheckpoint(out.resolve(CHECKPOINT));
                }
            }
        }
        if (out != null) {
            network.save(out.resolve("weights.safetensors"));
            TrainingCurve.write(results, out.resolve("curve.png"));
            if (model.learnsItsInput()) {
                writeReconstructions(network, test);
            }
            console.out().println("results in " + out);
        }
        return 0;
    }

    private Writer openLog() throws IOException {
        return out == null ? Writer.nullWriter() : Files.newBufferedWriter(out.resolve("log.jsonl"), StandardOpenOption.CREATE,
                resume ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private String header() {
        return model.learnsItsInput() ? "epoch      loss   test loss   pictures/s"
                : "epoch      loss  accuracy   test loss  test accuracy   pictures/s";
    }

    private String row(EpochResult r) {
        return model.learnsItsInput()
                ? String.format(Locale.ROOT, "%5d %9.4f   %9.4f   %10.0f", r.epoch(), r.loss(), r.testLoss(), r.imagesPerSecond())
                : String.format(Locale.ROOT, "%5d %9.4f  %7.2f%%   %9.4f  %12.2f%%   %10.0f", r.epoch(), r.loss(), 100 * r.accuracy(),
                        r.testLoss(), 100 * r.testAccuracy(), r.imagesPerSecond());
    }

    private void writeReconstructions(Network network, Dataset test) throws IOException {
        int count = Math.min(RECONSTRUCTIONS, test.size());
        long[] sizes = {count, test.imageShape().size(0), test.imageShape().size(1), test.imageShape().size(2)};
        HostTensor pictures = HostTensor.zeros(TensorShape.of(sizes));
        for (int i = 0; i < count; i++) {
            test.image(i, pictures.floats(), i * (int) test.imageShape().elements());
        }
        HostTensor restored = HostTensor.zeros(pictures.shape());
        try (Tensor x = network.engine().newTensor(pictures.dataType(), pictures.shape())) {
            network.engine().upload(pictures, x);
            network.engine().networkOps().activation(Activation.SIGMOID, 0, network.forward(x, Mode.INFERENCE), x);
            network.engine().download(x, restored);
        }
        PictureGrid.write(List.of(pictures, restored), out.resolve("reconstructions.png"));
    }
}
