package io.github.jconv.algorithm.deny;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.UnsupportedRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lets another chooser choose from what a deny-list leaves. */
final class DenyingChooser implements AlgorithmChooser {

    private final DenyList list;
    private final AlgorithmChooser chooser;

    DenyingChooser(DenyList list, AlgorithmChooser chooser) {
        this.list = list;
        this.chooser = chooser;
    }

    @Override
    public ConvPlan choose(ConvRequest request, String backend, List<? extends ConvAlgorithm> algorithms, long workspaceLimit) {
        List<ConvAlgorithm> left = new ArrayList<>();
        List<ConvPlan.PassedOver> denied = new ArrayList<>();
        for (ConvAlgorithm algorithm : algorithms) {
            Optional<DenyEntry> entry = list.find(request, algorithm);
            entry.ifPresentOrElse(found -> denied.add(new ConvPlan.PassedOver(algorithm.name(), found.because())),
                    () -> left.add(algorithm));
        }
        try {
            return chooser.choose(request, backend, left, workspaceLimit).alsoPassedOver(denied);
        } catch (UnsupportedRequestException e) {
            throw denied.isEmpty() ? e : new UnsupportedRequestException(e.getMessage() + "; " + denied);
        }
    }
}
