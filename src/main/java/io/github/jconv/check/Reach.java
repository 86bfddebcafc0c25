package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvProblem;

/** Whether a request can be checked at all. */
final class Reach {

    private static final double USABLE_SHARE_OF_HEAP = 0.8;

    private Reach() {
    }

    /** @param large whether subjects that do not suit the request are spared */
    static Support of(ConvolutionUnderTest subject, ConvRequest request, boolean large, CheckSettings settings) {
        boolean sampled = isSampled(request, settings);
        if (subject.isDefinition() && (sampled || request.problem().macs() > settings.effort().definition())) {
            return Support.no("it is the definition itself, which the others are compared with");
        }
        Support support = fitsInMemory(request, sampled).and(subject.supports(request));
        return large && support.yes() ? whole(subject.suits(request)) : support;
    }

    private static Support whole(Support suits) {
        return suits.yes() ? suits : Support.no("the problem is large and does not suit it: " + suits.reason());
    }

    /** Whether the whole reference would cost more than the budget. */
    static boolean isSampled(ConvRequest request, CheckSettings settings) {
        return request.problem().macs() > settings.effort().reference();
    }

    private static Support fitsInMemory(ConvRequest request, boolean sampled) {
        ConvProblem problem = request.problem();
        long output = request.operation().outputShape(problem).elements();
        long all = problem.xShape().elements() + problem.wShape().elements() + problem.yShape().elements();
        // Inputs: original, guarded copy, absolute values and their guarded copy; outputs: start, pivot's two, the present run's; sums of
        // values and of absolute values, what is expected and its bound.
        double bytes = 4.0 * all * request.dataType().bytes() + (sampled ? 0 : 4.0 * Double.BYTES * output);
        double heap = USABLE_SHARE_OF_HEAP * Runtime.getRuntime().maxMemory();
        return bytes <= heap ? Support.supported() : Support.no(String.format(java.util.Locale.ROOT,
                "its check needs %.0f MB of heap and %.0f MB are usable; raise it with -Xmx", bytes / 1e6, heap / 1e6));
    }
}
