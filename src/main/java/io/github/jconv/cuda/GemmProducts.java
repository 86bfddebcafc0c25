package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.GemmGeometry;
import java.util.List;

/**
 * The implicit matrix products that make up forward or a data gradient, each a launch: forward is one, a data gradient one for each class
 * of inputs that the same taps meet.
 */
record GemmProducts(List<GemmGeometry> launches) {

    /** Of the inputs of a data gradient. */
    private static final long MOST_CLASSES = 64;

    /** Launches the kernel of a product; keeps nothing of the call, so that a run allocates nothing. */
    interface Launcher {
        void launch(CudaCall call, GemmGeometry product, long source, long target);
    }

    static GemmProducts of(ConvRequest request) {
        return switch (request.operation()) {
            case FORWARD -> new GemmProducts(List.of(GemmGeometry.forward(request.problem())));
            case BACKWARD_DATA -> new GemmProducts(GemmGeometry.backwardData(request.problem()));
            case BACKWARD_FILTER -> throw new IllegalArgumentException("a filter gradient is no product of filters");
        };
    }

    /** Whether a request needs few launches. */
    static Support areFew(ConvRequest request) {
        long classes = request.operation() == ConvOperation.BACKWARD_DATA ? GemmGeometry.classCount(request.problem()) : 1;
        return Support.when(classes <= MOST_CLASSES,
                "the strides divide the inputs into " + classes + " classes, each a launch; it takes at most " + MOST_CLASSES);
    }

    /** Inputs that no tap meets become zero, or stay what they are, and end like the others. */
    void launchAll(CudaCall call, Launcher launcher) {
        boolean forward = call.plan().request().operation() == ConvOperation.FORWARD;
        long source = forward ? call.x() : call.y();
        long target = forward ? call.y() : call.x();
        boolean staysAsItIs = call.accumulate() && call.bias() == 0 && !call.relu();
        for (int i = 0; i < launches.size(); i++) {
            GemmGeometry product = launches.get(i);
            if (product.taps() > 0 || !staysAsItIs) {
                launcher.launch(call, product, source, target);
            }
        }
    }
}
