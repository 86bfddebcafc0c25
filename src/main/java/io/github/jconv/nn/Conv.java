package io.github.jconv.nn;

import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;

/**
 * A convolution with an optional bias; weight {@code [K, C/G, filter...]}. A fully connected layer is one whose filter is as large as
 * its input ({@link Layers#linear}); its output is then {@code [N, K]}.
 */
public final class Conv extends WeightedLayer {

    private final ConvProblem oneImage;
    private final PerBatch<ConvProblem> problems;
    private final PerBatch<TensorShape> mapShapes;
    private final LastView inputView = new LastView();
    private final LastView outputView = new LastView();
    private final LastView gradientView = new LastView();
    private Tensor x;

    Conv(NetworkContext context, String kind, TensorShape input, TensorShape output, ConvProblem oneImage, boolean withBias,
         Initialization initialization) {
        super(context, kind, input, output, oneImage.wShape(), withBias ? oneImage.biasShape() : null, initialization,
                (double) oneImage.channelsPerGroup() * oneImage.filterTaps(),
                (double) oneImage.filtersPerGroup() * oneImage.filterTaps());
        this.oneImage = oneImage;
        this.problems = new PerBatch<>(oneImage::withBatch);
        this.mapShapes = new PerBatch<>(batch -> oneImage.withBatch(batch).yShape());
    }

    /** The convolution of one image. */
    public ConvProblem problem() {
        return oneImage;
    }

    @Override
    public Tensor forward(Tensor input, Mode mode) {
        long batch = input.shape().size(0);
        x = inputView.of(input, inputShape(input));
        Tensor y = output(batch);
        context().engine().forward(problems.get(batch), x, weight(mode), bias(), outputView.of(y, mapShapes.get(batch)));
        return y;
    }

    @Override
    void backwardFilter(Tensor dy, Tensor weightGradient) {
        context().engine().backwardFilter(problem(dy), x, map(dy), weightGradient, WriteMode.ACCUMULATE);
    }

    @Override
    void backwardBias(Tensor dy, Tensor biasGradient) {
        context().engine().backwardBias(problem(dy), map(dy), biasGradient, WriteMode.ACCUMULATE);
    }

    @Override
    void backwardData(Tensor dy, Tensor dx) {
        context().engine().backwardData(problem(dy), map(dy), weight(), dx, WriteMode.OVERWRITE);
    }

    @Override
    public long macsPerImage() {
        return oneImage.macs();
    }

    private ConvProblem problem(Tensor dy) {
        return problems.get(dy.shape().size(0));
    }

    private Tensor map(Tensor dy) {
        return gradientView.of(dy, mapShapes.get(dy.shape().size(0)));
    }
}
