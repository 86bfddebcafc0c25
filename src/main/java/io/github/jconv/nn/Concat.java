package io.github.jconv.nn;

import io.github.jconv.algorithm.TensorOps;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;

/** Branches that read the same input; their outputs stand side by side as channels. */
public final class Concat extends Layer {

    private final List<Layer> branches;

    private Concat(NetworkContext context, String kind, TensorShape input, TensorShape output, List<Layer> branches) {
        super(context, kind, input, output);
        this.branches = branches;
    }

    static Concat create(NetworkContext context, String kind, TensorShape input, List<LayerSpec> specs) {
        List<Layer> branches = new ArrayList<>();
        long channels = 0;
        for (LayerSpec spec : specs) {
            Layer branch = Sequential.create(context, "branch " + (branches.size() + 1) + " of " + kind, spec, input);
            long[] sizes = branch.outputShape().sizes();
            sizes[0] = branches.isEmpty() ? sizes[0] : branches.get(0).outputShape().size(0);
            if (!branches.isEmpty() && !TensorShape.of(sizes).equals(branches.get(0).outputShape())) {
                throw new IllegalArgumentException("branch " + branch.name() + " yields " + branch.outputShape() + " and branch "
                        + branches.get(0).name() + " yields " + branches.get(0).outputShape() + "; their positions must be the same");
            }
            branches.add(branch);
            channels += branch.outputShape().size(0);
        }
        if (branches.isEmpty()) {
            throw new IllegalArgumentException("a concatenation needs at least one branch");
        }
        long[] sizes = branches.get(0).outputShape().sizes();
        sizes[0] = channels;
        return new Concat(context, kind, input, TensorShape.of(sizes), List.copyOf(branches));
    }

    @Override
    public Tensor forward(Tensor x, Mode mode) {
        Tensor y = output(x.shape().size(0));
        long at = 0;
        for (int i = 0; i < branches.size(); i++) {
            Layer branch = branches.get(i);
            long channels = branch.outputShape().size(0);
            context().ops().copyChannels(branch.forward(x, mode), 0, y, at, channels);
            if (mode == Mode.INFERENCE) {
                branch.releaseOutputs();
            } else if (branch.leavesOutputFree()) {
                branch.releaseFreeOutput();
            }
            at += channels;
        }
        return y;
    }

    @Override
    boolean leavesOutputFree() {
        return true;
    }

    @Override
    public Tensor backward(Tensor dy, boolean wantInput) {
        TensorOps ops = context().ops();
        Tensor dx = null;
        long at = 0;
        for (int i = 0; i < branches.size(); i++) {
            Layer branch = branches.get(i);
            long channels = branch.outputShape().size(0);
            Tensor part = context().borrow(branch.outputShape(dy));
            ops.copyChannels(dy, at, part, 0, channels);
            Tensor gradient = branch.backward(part, wantInput);
            branch.releaseOutputs();
            if (!wantInput) {
                context().giveBack(gradient);
            } else if (dx == null) {
                dx = gradient;
            } else {
                ops.addScaled(gradient, 1, dx);
                context().giveBack(gradient);
            }
            at += channels;
        }
        context().giveBack(dy);
        return dx;
    }

    @Override
    public List<Parameter> parameters() {
        return branches.stream().flatMap(branch -> branch.parameters().stream()).toList();
    }

    @Override
    public List<Layer> children() {
        return branches;
    }
}
