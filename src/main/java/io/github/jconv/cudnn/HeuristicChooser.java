package io.github.jconv.cudnn;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import java.util.ArrayList;
import java.util.List;

/** The algorithm that cuDNN's own heuristic ranks first among those that may be taken; the order of the list where it says nothing. */
final class HeuristicChooser implements AlgorithmChooser {

    private final CudnnHandle handle;
    private final MathMode mathMode;

    HeuristicChooser(CudnnHandle handle, MathMode mathMode) {
        this.handle = handle;
        this.mathMode = mathMode;
    }

    @Override
    public ConvPlan choose(ConvRequest request, String backend, List<? extends ConvAlgorithm> algorithms, long workspaceLimit) {
        List<ConvPlan.PassedOver> passedOver = new ArrayList<>();
        int place = 0;
        for (int number : ranking(request)) {
            place++;
            for (ConvAlgorithm algorithm : algorithms) {
                if (((CudnnAlgorithm) algorithm).number(request.operation()) == number) {
                    Support support = AlgorithmChooser.supportWithin(algorithm, request, workspaceLimit);
                    if (support.yes()) {
                        return new ConvPlan(request, backend, algorithm, "number " + place + " in cuDNN's heuristic", passedOver);
                    }
                    passedOver.add(new ConvPlan.PassedOver(algorithm.name(), support.reason()));
                }
            }
        }
        return AlgorithmChooser.firstThatSuits().choose(request, backend, algorithms, workspaceLimit);
    }

    private List<Integer> ranking(ConvRequest request) {
        CudnnShape given = new CudnnShape(request, mathMode);
        CudnnShape shape = given.describable().yes() || !Conversion.isNeeded(request) ? given
                : new CudnnShape(Conversion.blockOf(request), mathMode);
        return shape.isEmpty() || !shape.describable().yes() ? List.of() : handle.ranking(request.operation(), shape);
    }
}
