package io.github.jconv.algorithm;

import java.util.ArrayList;
import java.util.List;

/** Lets another chooser choose from the algorithms that multiply what the definition multiplies. */
final class StrictChooser implements AlgorithmChooser {

    private final AlgorithmChooser chooser;

    StrictChooser(AlgorithmChooser chooser) {
        this.chooser = chooser;
    }

    @Override
    public ConvPlan choose(ConvRequest request, String backend, List<? extends ConvAlgorithm> algorithms, long workspaceLimit) {
        List<ConvAlgorithm> strict = new ArrayList<>();
        List<ConvPlan.PassedOver> others = new ArrayList<>();
        for (ConvAlgorithm algorithm : algorithms) {
            Support allowed = AlgorithmChooser.strictly(algorithm, request);
            if (allowed.yes()) {
                strict.add(algorithm);
            } else {
                others.add(new ConvPlan.PassedOver(algorithm.name(), allowed.reason()));
            }
        }
        return chooser.choose(request, backend, strict, workspaceLimit).alsoPassedOver(others);
    }
}
