package io.github.jconv.peers;

import io.github.jconv.nn.Network;
import io.github.jconv.nn.data.Dataset;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A model in PyTorch that begins with the weights of a network of JConv, trained with PyTorch's gradients and optimisers on given
 * batches.
 */
public final class TorchTraining implements AutoCloseable {

    private final TrainedModel model;
    private final torch.ScalarType type;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Optimizer optimizer;

    /** @param network what the model begins as; its type is the type that PyTorch computes in */
    public TorchTraining(TrainedModel model, Network network, TrainingRule rule) {
        this.model = model;
        this.type = network.context().type() == DataType.FLOAT64 ? torch.ScalarType.Double : torch.ScalarType.Float;
        TensorVector all = new TensorVector();
        network.values().forEach((name, value) -> {
            Tensor parameter = tensor(value).set_requires_grad(true);
            parameters.put(name, parameter);
            all.push_back(parameter);
        });
        this.optimizer = optimizer(rule, all);
    }

    private static Optimizer optimizer(TrainingRule rule, TensorVector parameters) {
        if (rule.isAdam()) {
            AdamOptions options = new AdamOptions(rule.rate());
            options.weight_decay().put(rule.decay());
            return new Adam(parameters, options);
        }
        SGDOptions options = new SGDOptions(rule.rate());
        options.momentum().put(rule.momentum());
        options.weight_decay().put(rule.decay());
        return new SGD(parameters, options);
    }

    /** Takes a step on images {@code order[begin..end)} of a data set; returns the mean loss of before the step. */
    public double step(Dataset data, int[] order, int begin, int end) {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = images(data, order, begin, end);
            Tensor loss = model.loss(parameters, x, labels(data, order, begin, end));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            return loss.item_double();
        }
    }

    /** How many of the images {@code begin..end} of a data set get their label. */
    public int countRight(Dataset data, int begin, int end) {
        int[] order = IntStream.range(0, end).toArray();
        try (PointerScope scope = new PointerScope(); NoGradGuard guard = new NoGradGuard()) {
            Tensor output = model.output(parameters, images(data, order, begin, end));
            Tensor right = output.argmax(new LongOptional(1), false).eq(labels(data, order, begin, end));
            return (int) right.sum().item_double();
        }
    }

    /** The Euclidean norm of each parameter, in the order of the network. */
    public Map<String, Double> norms() {
        Map<String, Double> norms = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope(); NoGradGuard guard = new NoGradGuard()) {
            parameters.forEach((name, value) -> norms.put(name, value.to(torch.ScalarType.Double).norm().item_double()));
        }
        return norms;
    }

    @Override
    public void close() {
        optimizer.close();
        parameters.values().forEach(Tensor::close);
    }

    private Tensor images(Dataset data, int[] order, int begin, int end) {
        int length = (int) data.imageShape().elements();
        float[] values = new float[length * (end - begin)];
        for (int i = begin; i < end; i++) {
            data.image(order[i], values, (i - begin) * length);
        }
        long[] shape = {end - begin, data.imageShape().size(0), data.imageShape().size(1), data.imageShape().size(2)};
        return torch.from_blob(new FloatPointer(values), shape).to(type);
    }

    private static Tensor labels(Dataset data, int[] order, int begin, int end) {
        long[] labels = new long[end - begin];
        for (int i = begin; i < end; i++) {
            labels[i - begin] = data.label(order[i]);
        }
        return torch.from_blob(new LongPointer(labels), new long[] {labels.length},
                new TensorOptions(torch.ScalarType.Long));
    }

    private Tensor tensor(HostTensor value) {
        double[] values = new double[value.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.get(i);
        }
        try (DoublePointer copied = new DoublePointer(values);
                Tensor view = torch.from_blob(copied, value.shape().sizes(), new TensorOptions(torch.ScalarType.Double));
                Tensor converted = view.to(type)) {
            return converted.clone();
        }
    }
}
