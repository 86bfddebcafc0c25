package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.explain.Units;
import io.github.jconv.nn.DifferentSettingException;
import io.github.jconv.nn.EpochResult;
import io.github.jconv.nn.Mode;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Optimizer;
import io.github.jconv.nn.PictureGrid;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.Trainer;
import io.github.jconv.nn.TrainingCurve;
import io.github.jconv.nn.TrainingDivergedException;
import io.github.jconv.nn.TrainingLog;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.nn.data.FileFailures;
import io.github.jconv.nn.models.GoogLeNetTable;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a model of the library. */
@Command(name = "train", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        description = {"Trains a model: on digits (MNIST), on CIFAR-10, on pictures in folders, or on generated shapes.",
            "With --out it writes log.jsonl, curve.png, checkpoint.safetensors and weights.safetensors,",
            "and where pictures come out reconstructions.png: what is wanted above what comes out.",
            "googlenet takes pictures of 224x224 and has two auxiliary losses weighted 0.3;",
            "dcgan-generator learns to make 64x64 pictures from codes.", ""},
        footer = {"", "Examples:",
            "  jconv train lenet --data mnist --epochs 10 --out lenet",
            "  jconv train lenet --data mnist --epochs 20 --out lenet --resume",
            "  jconv train lenet --optimizer adamw --beta2 0.99 --weight-decay 0.01 --schedule cosine --warmup 1 --epochs 10",
            "  jconv train lenet --momentum 0.9 --rate 0.01 --schedule step --step-every 4 --epochs 10",
            "  jconv train autoencoder --epochs 3 --out autoencoder",
            "  jconv train googlenet --epochs 1"})
final class TrainCommand implements Callable<Integer> {

    private static final int RECONSTRUCTIONS = 12;
    private static final String CHECKPOINT = "checkpoint.safetensors";
    private static final String LOG = "log.jsonl";
    static final int MOST_EPOCHS = 100_000;

    /** The options that set what a checkpoint goes on with only; see {@link Trainer#settings}. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("optimizer", "--optimizer"),
            Map.entry("optimizer.momentum", "--momentum"),
            Map.entry("optimizer.nesterov", "--nesterov"),
            Map.entry("optimizer.beta1", "--beta1"),
            Map.entry("optimizer.beta2", "--beta2"),
            Map.entry("optimizer.epsilon", "--epsilon"),
            Map.entry("optimizer.weight_decay", "--weight-decay"),
            Map.entry("schedule", "--schedule"),
            Map.entry("schedule.rate", "--rate"),
            Map.entry("schedule.factor", "--step-factor"),
            Map.entry("schedule.every", "--step-every"),
            Map.entry("schedule.epochs", "--cosine-epochs"),
            Map.entry("schedule.warmup", "--warmup"),
            Map.entry("dropout.seed", "--seed"),
            Map.entry("batch", "--batch"),
            Map.entry("clip_norm", "--clip-norm"));

    private final Console console;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "MODEL", description = "${COMPLETION-CANDIDATES}", converter = TrainableModel.ByName.class,
            completionCandidates = TrainableModel.Names.class)
    private TrainableModel model;

    @Option(names = "--data", paramLabel = "DIR", description = Pictures.SOURCES)
    private Path data;

    private int epochs = 5;
    private int batch;

    @Mixin
    private OptimizerOption optimizer;

    @Mixin
    private ScheduleOption schedule;

    @Option(names = "--clip-norm", paramLabel = "L",
            description = "Gradients whose joint norm exceeds this are scaled down to it; never unless given.")
    private Double clipNorm;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of weights, order and dropout; ${DEFAULT-VALUE} unless given. The same seed gives the same weights to the"
                    + " last bit, for every number of threads.")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for the results; made when it is missing.")
    private Path out;

    @Option(names = "--resume", description = "Go on from the checkpoint in the --out folder, up to --epochs in all."
            + " Where it holds all of them, only the results are written that come after the last one.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Begin anew in an --out folder that holds a checkpoint, which is lost.")
    private boolean overwrite;

    /** Epochs that the checkpoint holds. */
    private volatile int kept;

    @Option(names = "--backend", paramLabel = "NAME",
            description = "Where to train; unless given, on the GPU where there is one (see --device), otherwise on the CPU.")
    private String backend;

    @Mixin
    private AutotuneOption autotune;

    @Mixin
    private StrictOption strict;

    @Mixin
    private ThreadsOption threads;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Option(names = "--epochs", paramLabel = "N", description = "Times that every picture is seen, those before a checkpoint included; 5"
            + " unless given.")
    void setEpochs(int value) {
        epochs = requireBetween("--epochs", value, 1, MOST_EPOCHS);
    }

    @Option(names = "--batch", paramLabel = "N", description = "Pictures per step; 64 unless given, 8 for googlenet, 16 for dcgan-generator.")
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
        Schedule rates = schedule.schedule(epochs);
        Function<Network, Optimizer> rule = optimizer.optimizer();
        if (clipNorm != null && !(clipNorm > 0)) {
            throw new ParameterException(command.commandLine(), "--clip-norm is " + clipNorm + "; allowed: above 0");
        }
        if (resume && (out == null || !Files.exists(out.resolve(CHECKPOINT)))) {
            throw new ParameterException(command.commandLine(), "--resume needs --out with a folder that holds " + CHECKPOINT);
        }
        if (out != null && Files.exists(out) && !Files.isDirectory(out)) {
            throw new ParameterException(command.commandLine(), "--out is " + out + ", which is not a folder");
        }
        if (resume && overwrite) {
            throw new ParameterException(command.commandLine(), "--resume and --overwrite exclude each other");
        }
        if (!resume && !overwrite && out != null && Files.exists(out.resolve(CHECKPOINT))) {
            throw new ParameterException(command.commandLine(), "--out is " + out + ", which holds " + CHECKPOINT + " of an earlier training;"
                    + " allowed: another folder, --resume to go on from it, or --overwrite to lose it");
        }
        if (batch == 0) {
            batch = model.usualBatch();
        }
        Pictures pictures = Pictures.read(data, model, seed);
        if (out != null) {
            Files.createDirectories(out);
        }
        try (ConvEngine engine = autotune.open(backend, threads.threads(), strict)) {
            try (Network network = model.network(engine, seed, pictures.training())) {
                Trainer trainer = Trainer.of(network).batch(batch).seed(seed).schedule(rates).loss(model.loss()).optimizer(rule);
                return train(trainer, pictures.training(), pictures.test());
            }
        } catch (TrainingDivergedException e) {
            console.err().println("jconv train: " + e.getMessage());
            return JConv.MISMATCH;
        }
    }

    private int train(Trainer trainer, Dataset training, Dataset test) throws IOException {
        Network network = trainer.network();
        if (clipNorm != null) {
            trainer.clipNorm(clipNorm);
        }
        List<EpochResult> results = new ArrayList<>();
        if (resume) {
            restoreCheckpoint(trainer);
            if (trainer.seed() != seed) {
                throw new ParameterException(command.commandLine(), "--seed is " + seed + ", and the checkpoint was written with "
                        + trainer.seed() + "; allowed: " + trainer.seed());
            }
            kept = trainer.epochsDone();
            if (kept > epochs) {
                throw new ParameterException(command.commandLine(), "--epochs is " + epochs + ", and the checkpoint was written after "
                        + kept + "; allowed: " + kept + " and up");
            }
            results.addAll(resultsUpTo(kept));
        }
        if (model == TrainableModel.GOOGLENET) {
            printTable(GoogLeNetTable.of(network));
        }
        console.out().println(network.parameterCount() + " parameters, " + training.size() + " pictures " + training.imageShape()
                + " to train, " + test.size() + " to test, " + network.engine().backend().description());
        console.out().println(described(trainer.settings(), "optimizer") + "; " + described(trainer.settings(), "schedule") + "; batch "
                + batch + ", seed " + seed);
        console.out().println(header());
        int before = kept;
        int batches = (training.size() + batch - 1) / batch;
        try (Writer log = openLog(results); Progress progress = new Progress(console, "train", (long) batches * (epochs - before));
                Interruption interruption = new Interruption(() -> sayWhatIsKept(progress))) {
            TrainingLog lines = new TrainingLog(log);
            trainer.listener(new Trainer.Listener() {
                @Override
                public void onProgress(int epoch, int number, int ofEpoch, double loss, double accuracy, double imagesPerSecond) {
                    progress.at((long) (epoch - before - 1) * batches + number, String.format(Locale.ROOT, "epoch %d, loss %.4f%s, %s"
                            + " pictures/s", epoch, loss, model.makesPictures() ? "" : String.format(Locale.ROOT, ", accuracy %.2f%%",
                            100 * accuracy), speed(imagesPerSecond)));
                }
            });
            while (trainer.epochsDone() < epochs) {
                EpochResult result = trainer.fit(training, test, 1).get(0);
                results.add(result);
                progress.println(row(result));
                addLine(lines, result);
                if (out != null) {
                    trainer.saveCheckpoint(out.resolve(CHECKPOINT));
                    kept = trainer.epochsDone();
                }
            }
        }
        if (before == epochs) {
            console.out().println("nothing is left to train: the checkpoint was written after all " + epochs + " of --epochs");
        } else {
            console.out().println("memory: " + Units.bytes(network.memoryBytes()) + " for activations and their gradients, the activations"
                    + " alone " + Units.bytes(network.activationBytes()) + ", for batches of " + Math.min(batch, training.size())
                    + "; parameters, the optimiser's state and workspace are not counted");
        }
        if (out != null) {
            writeResults(network, results, test);
        }
        return 0;
    }

    private void writeResults(Network network, List<EpochResult> results, Dataset test) throws IOException {
        network.save(out.resolve("weights.safetensors"));
        if (results.isEmpty()) {
            // Somebody has deleted the log of a checkpoint that holds all epochs.
            console.out().println("no curve, as " + out.resolve(LOG) + " tells of no epoch");
        } else {
            TrainingCurve.write(results, out.resolve("curve.png"));
        }
        if (model.makesPictures()) {
            writeReconstructions(network, test);
        }
        console.out().println("results in " + out);
    }

    private void restoreCheckpoint(Trainer trainer) throws IOException {
        try {
            trainer.restoreCheckpoint(out.resolve(CHECKPOINT));
        } catch (DifferentSettingException e) {
            String option = OPTIONS.get(e.setting());
            throw new ParameterException(command.commandLine(), option == null ? e.getMessage() : e.messageFor(option));
        }
    }

    /** A choice and the numbers in it, as people write them. */
    private static String described(Map<String, String> settings, String kind) {
        String begin = kind + ".";
        return kind + " " + settings.get(kind) + ": " + settings.entrySet().stream().filter(each -> each.getKey().startsWith(begin))
                .map(each -> each.getKey().substring(begin.length()).replace('_', ' ') + " "
                        + each.getValue().replaceFirst("\\.0(?=E|$)", "").replace('E', 'e'))
                .collect(Collectors.joining(", "));
    }

    private void addLine(TrainingLog lines, EpochResult result) throws IOException {
        try {
            lines.add(result);
        } catch (IOException e) {
            throw FileFailures.in(out.resolve(LOG), e);
        }
    }

    private static String speed(double imagesPerSecond) {
        return String.format(Locale.ROOT, imagesPerSecond < 10 ? "%.2f" : "%.0f", imagesPerSecond);
    }

    private void sayWhatIsKept(Progress progress) {
        progress.close();
        console.err().println("jconv train: interrupted; " + (out == null ? "without --out nothing is kept" : kept == 0
                ? "no epoch was complete, so there is no checkpoint"
                : "the same command with --resume goes on behind epoch " + kept));
    }

    /** What the log tells of the epochs that the checkpoint holds; nothing where there is no log. */
    private List<EpochResult> resultsUpTo(int epoch) throws IOException {
        Path log = out.resolve(LOG);
        return !Files.exists(log) ? List.of() : TrainingLog.read(log).stream().filter(result -> result.epoch() <= epoch).toList();
    }

    /** The log with the epochs that are there already, and room for more: one that was killed may have told of an epoch that is lost. */
    private Writer openLog(List<EpochResult> earlier) throws IOException {
        if (out == null) {
            return Writer.nullWriter();
        }
        Path rewritten = out.resolve(LOG + ".part");
        try (Writer writer = Files.newBufferedWriter(rewritten)) {
            TrainingLog lines = new TrainingLog(writer);
            for (EpochResult result : earlier) {
                lines.add(result);
            }
        }
        if (overwrite) {
            // Otherwise --resume would go on from the training that this one takes the place of.
            Files.deleteIfExists(out.resolve(CHECKPOINT));
        }
        Path log = Files.move(rewritten, out.resolve(LOG), StandardCopyOption.REPLACE_EXISTING);
        return Files.newBufferedWriter(log, StandardOpenOption.APPEND);
    }

    private String header() {
        return model.makesPictures() ? "epoch      rate      loss   test loss   pictures/s"
                : "epoch      rate      loss  accuracy   test loss  test accuracy   pictures/s";
    }

    private String row(EpochResult r) {
        return model.makesPictures()
                ? String.format(Locale.ROOT, "%5d %9.2e %9.4f   %9.4f   %10s", r.epoch(), r.rate(), r.loss(), r.testLoss(),
                        speed(r.imagesPerSecond()))
                : String.format(Locale.ROOT, "%5d %9.2e %9.4f  %7.2f%%   %9.4f  %12.2f%%   %10s", r.epoch(), r.rate(), r.loss(),
                        100 * r.accuracy(), r.testLoss(), 100 * r.testAccuracy(), speed(r.imagesPerSecond()));
    }

    private void printTable(List<GoogLeNetTable.Row> rows) {
        TextTable table = new TextTable().left("layer").left("output").right("parameters").right("paper").right("operations")
                .right("paper");
        for (GoogLeNetTable.Row row : rows) {
            table.row(row.name(), row.output(), String.format(Locale.ROOT, "%.1fK", row.weights() / 1024.0), row.paperParameters(),
                    String.format(Locale.ROOT, "%.1fM", row.macs() / 1e6), row.paperOperations());
        }
        table.print(console.out());
        console.out().println("The paper's figures (Szegedy et al., CVPR 2015, table 1) are rounded; those further off do not follow from the"
                + " widths in their own rows, but for the last, which are of 1000 classes.");
        console.out().println();
    }

    /** What is to come out above what does. */
    private void writeReconstructions(Network network, Dataset test) throws IOException {
        int count = Math.min(RECONSTRUCTIONS, test.size());
        HostTensor inputs = HostTensor.zeros(batchOf(count, test.imageShape()));
        HostTensor wanted = HostTensor.zeros(batchOf(count, test.targetShape()));
        for (int i = 0; i < count; i++) {
            test.image(i, inputs.floats(), i * (int) test.imageShape().elements());
            test.target(i, wanted.floats(), i * (int) test.targetShape().elements());
        }
        HostTensor made = HostTensor.zeros(wanted.shape());
        try (Tensor x = network.engine().newTensor(inputs.dataType(), inputs.shape())) {
            network.engine().upload(inputs, x);
            network.engine().download(network.forward(x, Mode.INFERENCE), made);
        }
        for (int i = 0; i < made.length(); i++) {
            wanted.set(i, model.targetToPicture(wanted.get(i)));
            made.set(i, model.outputToPicture(made.get(i)));
        }
        PictureGrid.write(List.of(wanted, made), out.resolve("reconstructions.png"));
    }

    private static TensorShape batchOf(int count, TensorShape shape) {
        return TensorShape.of(count, shape.size(0), shape.size(1), shape.size(2));
    }
}
