package io.github.jconv.nn;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/**
 * A convolution with an optional bias; weight {@code [K, C/G, filter...]}. A fully connected layer is one whose filter is as large as
 * its input ({@link Layers#linear}); its output is then {@code [N, K]}.
 */
public final class Conv extends Layer {

    private final ConvProblem oneImage;
    private final Parameter weight;
    private final Parameter bias;
    private final PerBatch<ConvProblem> problems;
    private final PerBatch<TensorShape> mapShapes;
    private final PerBatch<Tensor> outputMaps;
    private final LastView inputView = new LastView();
    private final LastView gradientView = new LastView();
    private Tensor x;

    Conv(NetworkContext context, String kind, TensorShape input, TensorShape output, ConvProblem oneImage, boolean withBias,
         Initialization initialization) {
        super(context, kind, input, output);
        this.oneImage = oneImage;
        double fanIn = (double) oneImage.channelsPerGroup() * oneImage.filterTaps();
        double fanOut = (double) oneImage.filtersPerGroup() * oneImage.filterTaps();
        this.weight = context.weight(name() + ".weight", oneImage.wShape(), initialization, fanIn, fanOut);
        this.bias = withBias
                ? context.add(name() + ".bias", HostTensor.zeros(context.type(), oneImage.biasShape()), false) : null;
        this.problems = new PerBatch<>(oneImage::withBatch);
        this.mapShapes = new PerBatch<>(batch -> oneImage.withBatch(batch).yShape());
        this.outputMaps = new PerBatch<>(batch -> output(batch).view(mapShapes.get(batch)));
    }

    /** The convolution of one image. */
    public ConvProblem problem() {
        return oneImage;
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        long batch = input.shape().size(0);
        x = inputView.of(input, inputShape(input));
        Tensor y = outputMaps.get(batch);
        context().engine().forward(problems.get(batch), x, weight.value(), bias == null ? null : bias.value(), y);
        return output(batch);
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        long batch = dy.shape().size(0);
        ConvProblem problem = problems.get(batch);
        Tensor dyMap = gradientView.of(dy, mapShapes.get(batch));
        context().engine().backwardFilter(problem, x, dyMap, weight.gradient(), WriteMode.ACCUMULATE);
        if (bias != null) {
            context().engine().backwardBias(problem, dyMap, bias.gradient(), WriteMode.ACCUMULATE);
        }
        Tensor dx = null;
        if (wantInput) {
            dx = context().borrow(inputShape(dy));
            context().engine().backwardData(problem, dyMap, weight.value(), dx, WriteMode.OVERWRITE);
        }
        context().giveBack(dy);
        return dx;
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    @Override
    public long macsPerImage() {
        return oneImage.macs();
    }
}
