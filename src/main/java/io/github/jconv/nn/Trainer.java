package io.github.jconv.nn;

import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Trains a network on a data set: shuffles from a seed, computes loss and gradients batch by batch, and lets an optimiser change the
 * parameters. The same network, data and settings give the same values to the last bit, for any number of CPU threads.
 */
public final class Trainer {

    /** Told about the progress of training; every method may be left out. */
    public interface Listener {

        /** After each batch. */
        default void onBatch(int epoch, int batch, int batches, double loss) {
        }

        /**
         * After each batch, too: how the epoch goes.
         *
         * @param loss            mean training loss per image, of the epoch's images so far
         * @param accuracy        share of them that were classified right, NaN without classes
         * @param imagesPerSecond of the epoch so far
         */
        default void onProgress(int epoch, int batch, int batches, double loss, double accuracy, double imagesPerSecond) {
        }

        /** After each epoch, tests included. */
        default void onEpoch(EpochResult result) {
        }
    }

    private static final String SETTING = "setting.";
    private static final String NETWORK = "network.";
    private static final String OPTIMIZER = "optimizer.";
    private static final String DROPOUT_SEED = "dropout.seed";
    private static final String WHAT_MAY_HELP = ". A smaller learning rate or a clip norm may help";

    private final Network network;
    private final List<Parameter> parameters;
    private final PerBatch<Batch> batches = new PerBatch<>(images -> new Batch(network(), images, this::computeLosses, this::learn));
    private Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    private Optimizer optimizer;
    private Schedule schedule = Schedule.constant(1e-3);
    private int batchSize = 64;
    private long seed = 1;
    private double clipNorm = Double.POSITIVE_INFINITY;
    private boolean recordSteps = true;
    private Listener listener = new Listener() { };
    private int epochsDone;
    private long stepsDone;
    /** What to go back to when training diverges: the checkpoint that was written or restored last, and its epoch. */
    private String lastCheckpoint = "";

    private Trainer(Network network) {
        this.network = network;
        this.parameters = network.parameters();
    }

    public static Trainer of(Network network) {
        return new Trainer(Required.given(network, "network"));
    }

    /** SOFTMAX_CROSS_ENTROPY learns the labels; the others learn the {@link Dataset#target targets}: mostly the images themselves. */
    public Trainer loss(Loss function) {
        loss = Required.given(function, "loss");
        forgetRecordedSteps();
        return this;
    }

    /**
     * Such as {@link Optimizers#adam}; without one, plain Adam is used.
     *
     * @throws IllegalArgumentException when the rule gives an optimiser that {@link Optimizers} made for another network
     */
    public Trainer optimizer(Function<Network, Optimizer> rule) {
        Optimizer made = Required.given(Required.given(rule, "optimizer").apply(network), "optimizer of this network");
        if (Optimizers.isForAnother(made, network)) {
            throw new IllegalArgumentException("optimizer is one of another network, whose parameters it would change; allowed: one that"
                    + " the rule makes of the network it is given");
        }
        optimizer = made;
        forgetRecordedSteps();
        return this;
    }

    public Trainer schedule(Schedule learningRate) {
        schedule = Required.given(learningRate, "schedule");
        return this;
    }

    /** Images per step; the last batch of an epoch holds what is left. */
    public Trainer batch(int images) {
        if (images < 1) {
            throw new IllegalArgumentException("batch is " + images + "; allowed: 1 and up");
        }
        batchSize = images;
        return this;
    }

    /** Of the order of the images. */
    public Trainer seed(long value) {
        seed = value;
        return this;
    }

    /** That of the order of the images: of a restored checkpoint, where there is one. */
    public long seed() {
        return seed;
    }

    /** Gradients whose joint Euclidean norm exceeds this are scaled down to it (Pascanu et al., ICML 2013). */
    public Trainer clipNorm(double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("clip norm is " + limit + "; allowed: above 0");
        }
        clipNorm = limit;
        forgetRecordedSteps();
        return this;
    }

    /**
     * Whether a step is recorded once for each batch size and then run from the records, where the engine's backend can do that (CUDA
     * graphs, one up to the losses and one for the rest): the same bits for less work of the host. So unless set.
     */
    public Trainer recordSteps(boolean value) {
        recordSteps = value;
        return this;
    }

    private void forgetRecordedSteps() {
        batches.all().forEach(Batch::forget);
    }

    public Trainer listener(Listener toTell) {
        listener = Required.given(toTell, "listener");
        return this;
    }

    public Network network() {
        return network;
    }

    /** Epochs done, those before a restored checkpoint included. */
    public int epochsDone() {
        return epochsDone;
    }

    /** Trains for some epochs without a test set. */
    public List<EpochResult> fit(Dataset training, int epochs) {
        return fit(training, null, epochs);
    }

    /**
     * Trains for some epochs, and tests after each one.
     *
     * @throws TrainingDivergedException when the loss is not a number any more; the parameters then are those that it was computed with,
     *                                   but batch normalisations have taken the batch into their running values, which may not be finite
     *                                   any more. Also when an epoch leaves parameters that are not finite, or a test loss that is not. The
     *                                   message names the image that is to blame, where one has values that are not finite, and
     *                                   the checkpoint that was written or restored last, where there is one
     * @throws IllegalArgumentException  when the data does not fit the network, or when the last batch of an epoch would hold a single
     *                                   image and a batch normalisation has a single value of it for each channel
     */
    public List<EpochResult> fit(Dataset training, Dataset test, int epochs) {
        if (epochs < 0) {
            throw new IllegalArgumentException("epochs are " + epochs + "; allowed: 0 and up");
        }
        if (Required.given(training, "data set to train with").size() == 0) {
            throw new IllegalArgumentException("the data set to train with is empty; allowed: 1 image and up");
        }
        requireFits(training);
        if (test != null) {
            requireFits(test);
        }
        requireNormalizable(training);
        requireOptimizer();
        List<EpochResult> results = new ArrayList<>();
        for (int i = 0; i < epochs; i++) {
            EpochResult result = epoch(training, test);
            results.add(result);
            listener.onEpoch(result);
        }
        return results;
    }

    /** Mean loss and accuracy on a data set, in inference mode. */
    public Evaluation evaluate(Dataset data) {
        requireFits(Required.given(data, "data set"));
        Evaluation sum = new Evaluation();
        network.freeze();
        try {
            for (long begin = 0; begin < data.size(); begin += batchSize) {
                Batch batch = load(data, null, (int) begin);
                batch.forward(Mode.INFERENCE);
                batch.computeLoss(loss);
                sum.add(batch);
            }
        } finally {
            network.unfreeze();
        }
        return sum;
    }

    /**
     * Writes everything that training goes on from: values, optimiser state and progress. The file is replaced atomically.
     */
    public void saveCheckpoint(Path file) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        network.values().forEach((name, value) -> tensors.put(NETWORK + name, value));
        requireOptimizer().state().forEach((name, value) -> tensors.put(OPTIMIZER + name, value));
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("epochs", Integer.toString(epochsDone), "steps", Long.toString(stepsDone),
                "seed", Long.toString(seed)));
        settings().forEach((name, value) -> metadata.put(SETTING + name, value));
        new Safetensors(metadata, tensors).write(file);
        lastCheckpoint = epochsDone + ", " + file;
    }

    /**
     * How training is set up, by name: what a checkpoint holds besides its progress and {@link #seed}, and what it goes on with only. The
     * optimiser ({@code optimizer}, {@code optimizer.beta1}, ...), the {@code schedule} likewise, {@code batch}, {@code loss}, the
     * {@code clip_norm} where there is one, and of the network what neither values nor shapes tell ({@code dropout.rate}, ...): with
     * dropout its seed, too ({@code dropout.seed}).
     */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(requireOptimizer().settings());
        settings.putAll(schedule.settings());
        settings.put("batch", Integer.toString(batchSize));
        settings.put("loss", loss.name());
        if (clipNorm < Double.POSITIVE_INFINITY) {
            settings.put("clip_norm", Double.toString(clipNorm));
        }
        network.layers().forEach(layer -> new TreeMap<>(layer.settings())
                .forEach((name, value) -> settings.put(layer.name() + "." + name, value.toString())));
        if (network.layers().stream().anyMatch(Dropout.class::isInstance)) {
            settings.put(DROPOUT_SEED, Long.toString(network.context().seed()));
        }
        return settings;
    }

    /**
     * Goes on where a checkpoint was written: training then gives the same values to the last bit as without the interruption. The trainer
     * must have been set up in the same way; what is set afterwards holds from there on.
     *
     * @throws DataFormatException       when the file is damaged or no checkpoint
     * @throws DifferentSettingException when one of the {@link #settings} was another one
     * @throws IllegalArgumentException  when it is one of another network; nothing is changed in either case
     */
    public void restoreCheckpoint(Path file) throws IOException {
        Safetensors checkpoint = Safetensors.read(file);
        int epochs = (int) progress(file, checkpoint, "epochs", 0, Integer.MAX_VALUE);
        long steps = progress(file, checkpoint, "steps", 0, Long.MAX_VALUE);
        long seedOfOrder = progress(file, checkpoint, "seed", Long.MIN_VALUE, Long.MAX_VALUE);
        Map<String, String> stored = withPrefix(checkpoint.metadata(), SETTING);
        if (stored.isEmpty()) {
            throw new DataFormatException(file + ": metadata '" + SETTING + "optimizer' is missing; a checkpoint tells how training was set up");
        }
        Map<String, HostTensor> valuesBefore = network.values();
        Map<String, HostTensor> stateBefore = requireOptimizer().state();
        try {
            network.setValues(withPrefix(checkpoint.tensors(), NETWORK));
            Settings.requireSame(file, settingsToCompare(stored), stored);
            optimizer.setState(withPrefix(checkpoint.tensors(), OPTIMIZER));
        } catch (IllegalArgumentException e) {
            network.setValues(valuesBefore);
            optimizer.setState(stateBefore);
            throw e instanceof DifferentSettingException ? e : new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
        epochsDone = epochs;
        stepsDone = steps;
        seed = seedOfOrder;
        lastCheckpoint = epochsDone + ", " + file;
    }

    private Map<String, String> settingsToCompare(Map<String, String> stored) {
        Map<String, String> settings = settings();
        if (!stored.containsKey(DROPOUT_SEED)) {
            // Checkpoints have not always had it.
            settings.remove(DROPOUT_SEED);
        }
        return settings;
    }

    private static long progress(Path file, Safetensors checkpoint, String key, long min, long max) throws DataFormatException {
        String text = String.valueOf(checkpoint.metadata().get(key));
        String allowed = "; a checkpoint has a number there, " + min + ".." + max;
        try {
            long value = Long.parseLong(text);
            if (value < min || value > max) {
                throw new DataFormatException(file + ": metadata '" + key + "' is '" + value + "'" + allowed);
            }
            return value;
        } catch (NumberFormatException e) {
            throw new DataFormatException(file + ": metadata '" + key + "' is '" + text + "'" + allowed, e);
        }
    }

    /** What a file holds of a network: all of it, unless it is a checkpoint. */
    static Map<String, HostTensor> valuesOfNetwork(Safetensors file) {
        return withPrefix(file.metadata(), SETTING).isEmpty() ? file.tensors() : withPrefix(file.tensors(), NETWORK);
    }

    private static <T> Map<String, T> withPrefix(Map<String, T> named, String prefix) {
        Map<String, T> found = new LinkedHashMap<>();
        named.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    private Optimizer requireOptimizer() {
        if (optimizer == null) {
            optimizer(Optimizers.adam(0));
        }
        return optimizer;
    }

    private EpochResult epoch(Dataset training, Dataset test) {
        int epoch = epochsDone + 1;
        int[] order = order(training.size(), epoch);
        int batches = (training.size() - 1) / batchSize + 1;
        Evaluation sum = new Evaluation();
        double rate = 0;
        long start = System.nanoTime();
        for (int b = 0; b < batches; b++) {
            Batch batch = load(training, order, b * batchSize);
            rate = rate(epochsDone + (double) b / batches);
            double batchLoss = step(batch, rate, sum);
            listener.onBatch(epoch, b + 1, batches, batchLoss);
            listener.onProgress(epoch, b + 1, batches, sum.loss(), sum.accuracy(), sum.images / ((System.nanoTime() - start) * 1e-9));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        epochsDone = epoch;
        Evaluation tested = test == null ? new Evaluation() : evaluate(test);
        EpochResult result = new EpochResult(epoch, rate, sum.loss(), sum.accuracy(), tested.loss(), tested.accuracy(),
                training.size() / seconds, norms(Parameter::gradient), norms(Parameter::value));
        requireFinite(result, tested);
        return result;
    }

    /** The last step of an epoch may have been the one that went too far, which no further loss of that epoch shows. */
    private void requireFinite(EpochResult result, Evaluation tested) {
        result.weightNorms().forEach((name, norm) -> {
            if (!Double.isFinite(norm)) {
                throw diverged("after epoch " + result.epoch() + " values of " + name + " are not finite" + WHAT_MAY_HELP);
            }
        });
        if (tested.images > 0 && !Double.isFinite(tested.loss())) {
            throw diverged("after epoch " + result.epoch() + " the loss on the test data is " + tested.loss()
                    + tested.notFinite.map(Trainer::badData).orElse(WHAT_MAY_HELP));
        }
    }

    private static String badData(String image) {
        return "; " + image + "; allowed: finite values";
    }

    private TrainingDivergedException diverged(String message) {
        return new TrainingDivergedException(lastCheckpoint.isEmpty() ? message
                : message + ". The last checkpoint is that of epoch " + lastCheckpoint);
    }

    private double rate(double epoch) {
        double rate = schedule.rate(epoch);
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the schedule's learning rate at epoch " + epoch + " is " + rate + "; allowed: 0 and up");
        }
        return rate;
    }

    /** The batch from there on, or what is left. */
    private Batch load(Dataset data, int[] order, int begin) {
        Batch batch = batches.get(Math.min(batchSize, data.size() - begin));
        batch.load(data, order, begin, loss == Loss.SOFTMAX_CROSS_ENTROPY);
        return batch;
    }

    /** One step; returns the mean loss of the batch, of before the step. */
    private double step(Batch batch, double rate, Evaluation sum) {
        network.context().setStep(stepsDone++);
        optimizer.begin(rate);
        batch.forwardStep().run(recordSteps);
        // The backward pass overwrites the activations, which tell where a loss that is no number comes from.
        double batchLoss = sum.add(batch) + batch.sideLosses();
        if (!Double.isFinite(batchLoss)) {
            // Its second half did not run, and both are recorded in the same step.
            batch.forget();
            throw diverged("the loss is " + batchLoss + " at step " + stepsDone + " of epoch " + (epochsDone + 1)
                    + batch.firstNotFinite().map(Trainer::badData).orElseGet(() -> "; " + firstNotFinite() + WHAT_MAY_HELP));
        }
        batch.backwardStep().run(recordSteps);
        return batchLoss;
    }

    /** What a step does between the loading of its batch and the reading of its losses: waits for nothing. */
    private void computeLosses(Batch batch) {
        batch.forward(Mode.TRAINING);
        batch.computeLoss(loss);
        batch.computeSideLosses(loss);
    }

    /** What a step does then: waits for nothing either. */
    private void learn(Batch batch) {
        network.zeroGradients();
        network.backward(batch.gradient());
        if (clipNorm < Double.POSITIVE_INFINITY) {
            network.clipGradients(clipNorm);
        }
        optimizer.apply();
    }

    private Map<String, Double> norms(Function<Parameter, Tensor> which) {
        Map<String, Double> norms = new LinkedHashMap<>();
        Scalar squares = network.context().squares();
        for (Parameter parameter : parameters) {
            network.context().ops().fill(squares.tensor(), 0);
            network.context().ops().addSumOfSquares(which.apply(parameter), squares.tensor());
            norms.put(parameter.name(), Math.sqrt(squares.download()));
        }
        return norms;
    }

    private String firstNotFinite() {
        return network.root().firstNotFinite().map(layer -> "the first layer with a value that is not finite is " + layer.name())
                .orElse("every layer's output is finite, so the loss itself overflowed");
    }

    /** The shuffled order of an epoch: Fisher and Yates, a function of seed and epoch. */
    private int[] order(int size, int epoch) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = (int) Math.floorMod(CounterRandom.bits(seed, epoch, i), (long) i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The mean and variance of one value tell nothing; in a loop of one's own the layer itself refuses it. */
    private void requireNormalizable(Dataset training) {
        if ((training.size() - 1) % batchSize != 0) {
            return;
        }
        network.layers().stream().filter(layer -> layer instanceof BatchNorm normalization && normalization.isOfOneValue(1)).findFirst()
                .ifPresent(layer -> {
                    throw new IllegalArgumentException("batch is " + batchSize + " and the data set to train with has " + training.size()
                            + " images, so that " + layer.name() + " has one value per channel in the last batch; allowed: a batch that"
                            + " leaves 2 images and up for the last one");
                });
    }

    private void requireFits(Dataset data) {
        if (!data.imageShape().equals(network.inputShape())) {
            throw new IllegalArgumentException("images have shape " + data.imageShape() + "; the network needs " + network.inputShape());
        }
        long outputs = network.outputShape().elements();
        if (loss == Loss.SOFTMAX_CROSS_ENTROPY && outputs != data.classes()) {
            throw new IllegalArgumentException("the data has " + data.classes() + " classes; the network has " + outputs + " outputs");
        }
        if (loss != Loss.SOFTMAX_CROSS_ENTROPY && outputs != data.targetShape().elements()) {
            throw new IllegalArgumentException("the network's output " + network.outputShape() + " cannot be compared with targets "
                    + data.targetShape());
        }
        for (SideHead head : network.sideHeads()) {
            if (head.outputs() != outputs) {
                throw new IllegalArgumentException("the side head " + head.name() + " has " + head.outputs() + " outputs; the network has "
                        + outputs + ", and its loss is the same");
            }
        }
    }

    /** Loss and accuracy over the images seen so far. */
    public final class Evaluation {

        private double lossSum;
        private long right;
        private long images;
        private Optional<String> notFinite = Optional.empty();

        private Evaluation() {
        }

        /** Mean loss per image; NaN when there were none. */
        public double loss() {
            return lossSum / images;
        }

        /** Share of images whose largest output is that of their label; NaN without classes. */
        public double accuracy() {
            return loss == Loss.SOFTMAX_CROSS_ENTROPY ? (double) right / images : Double.NaN;
        }

        /** Adds a batch whose losses have been computed; returns their mean. */
        private double add(Batch batch) {
            double mean = batch.meanLoss();
            lossSum += mean * batch.size();
            images += batch.size();
            if (loss == Loss.SOFTMAX_CROSS_ENTROPY) {
                right += batch.countRight();
            }
            if (!Double.isFinite(mean) && notFinite.isEmpty()) {
                notFinite = batch.firstNotFinite();
            }
            return mean;
        }
    }
}
