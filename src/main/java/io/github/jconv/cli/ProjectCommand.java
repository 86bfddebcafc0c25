package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.PictureGrid;
import io.github.jconv.nn.Projection;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what the features of a trained model answer to. */
@Command(name = "project", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class, sortOptions = false,
        description = {"Shows what the channels of a layer answer to, as a picture.",
            "The strongest activations are carried back to the pixels through transposed convolutions and unpooling (Zeiler and Fergus,"
                + " ECCV 2014). The picture has two rows for each channel: the test pictures with its largest activations, and below"
                + " them what is answered to, grey being nothing.", ""},
        footer = {"", "Example:",
            "  jconv project lenet --weights lenet/weights.safetensors --data mnist --layer conv2 --out features.png"})
final class ProjectCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "MODEL", description = "${COMPLETION-CANDIDATES}", converter = TrainableModel.TakerByName.class,
            completionCandidates = TrainableModel.NamesOfTakers.class)
    private TrainableModel model;

    @Option(names = "--weights", paramLabel = "FILE", required = true,
            description = "Weights as jconv train wrote them, or a checkpoint of it.")
    private Path weights;

    @Option(names = "--data", paramLabel = "DIR", description = Pictures.SOURCES)
    private Path data;

    @Option(names = "--layer", paramLabel = "NAME", defaultValue = "conv",
            description = "A layer with convolutions, ReLUs and pooling in front of it; ${DEFAULT-VALUE} unless given.")
    private String layer;

    private int channels = 6;
    private int top = 9;
    private int activations = 1;
    private int searched = 500;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The PNG file to write.")
    private Path out;

    @Mixin
    private ThreadsOption threads;

    ProjectCommand(Console console) {
        this.console = console;
    }

    @Option(names = "--channels", paramLabel = "N", description = "Channels to show, those with the largest activations; 6 unless given.")
    void setChannels(int value) {
        channels = requirePositive("--channels", value);
    }

    @Option(names = "--top", paramLabel = "K", description = "Pictures for each channel; 9 unless given.")
    void setTop(int value) {
        top = requirePositive("--top", value);
    }

    @Option(names = "--activations", paramLabel = "N",
            description = "Activations of a channel that are carried back together, the strongest; 1 unless given.")
    void setActivations(int value) {
        activations = requirePositive("--activations", value);
    }

    @Option(names = "--pictures", paramLabel = "N", description = "How many test pictures are searched; 500 unless given.")
    void setSearched(int value) {
        searched = requirePositive("--pictures", value);
    }

    private int requirePositive(String option, int value) {
        if (value < 1 || value > 100_000) {
            throw new ParameterException(command.commandLine(), option + " is " + value + "; allowed: 1..100000");
        }
        return value;
    }

    @Override
    public Integer call() throws IOException {
        Path folder = out.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(out)) {
            throw new ParameterException(command.commandLine(), "--out is " + out + "; allowed: a file in a folder that is there");
        }
        Pictures pictures = Pictures.read(data, model, 1);
        Dataset images = pictures.test().range(0, Math.min(searched, pictures.test().size()));
        try (ConvEngine engine = ConvEngine.builder().threads(threads.threads()).open();
                Network network = model.network(engine, 1, images)) {
            network.load(weights);
            network.freeze();
            Projection projection = Projection.of(network, layer);
            double[][] strongest = new double[images.size()][];
            for (int i = 0; i < strongest.length; i++) {
                strongest[i] = projection.strongest(picture(images, i));
            }
            List<HostTensor> rows = new ArrayList<>();
            for (int channel : strongestChannels(strongest)) {
                rows.addAll(rows(projection, images, strongest, channel));
            }
            PictureGrid.write(rows, out);
        }
        console.out().println("features in " + out);
        return 0;
    }

    private List<Integer> strongestChannels(double[][] strongest) {
        return IntStream.range(0, strongest[0].length).boxed()
                .sorted(Comparator.comparingDouble(channel -> -IntStream.range(0, strongest.length)
                        .mapToDouble(image -> strongest[image][channel]).max().orElseThrow()))
                .limit(channels).toList();
    }

    /** The pictures with a channel's largest activations, and their projections. */
    private List<HostTensor> rows(Projection projection, Dataset images, double[][] strongest, int channel) {
        List<Integer> best = IntStream.range(0, strongest.length).boxed()
                .sorted(Comparator.comparingDouble(image -> -strongest[image][channel])).limit(top).toList();
        console.out().println("channel " + channel + ", picture (activation): " + best.stream()
                .map(image -> String.format(Locale.ROOT, "%d (%.2f)", image, strongest[image][channel])).collect(Collectors.joining(", ")));
        HostTensor pictures = HostTensor.zeros(batchOf(best.size(), images.imageShape()));
        HostTensor projections = HostTensor.zeros(pictures.shape());
        int length = (int) images.imageShape().elements();
        for (int i = 0; i < best.size(); i++) {
            HostTensor picture = picture(images, best.get(i));
            System.arraycopy(picture.floats(), 0, pictures.floats(), i * length, length);
            System.arraycopy(visible(projection.project(picture, channel, activations)), 0, projections.floats(), i * length, length);
        }
        return List.of(pictures, projections);
    }

    /** Zero in the middle of [0, 1], and the value farthest from it at an end. */
    private static float[] visible(HostTensor pixels) {
        float[] values = pixels.floats().clone();
        float largest = Float.MIN_NORMAL;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.5f + 0.5f * values[i] / largest;
        }
        return values;
    }

    private static HostTensor picture(Dataset images, int index) {
        HostTensor picture = HostTensor.zeros(batchOf(1, images.imageShape()));
        images.image(index, picture.floats(), 0);
        return picture;
    }

    private static TensorShape batchOf(int count, TensorShape shape) {
        return TensorShape.of(count, shape.size(0), shape.size(1), shape.size(2));
    }
}
