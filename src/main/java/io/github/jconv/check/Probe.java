package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.tensor.HostTensor;
import java.util.EnumMap;
import java.util.Map;

/** The data of one kind for a request, what the definition makes of them, and the means to run subjects on them. */
final class Probe {

    /** Differing elements that the reference is asked about when two subjects disagree outside the sample. */
    private static final int ELEMENTS_TO_DECIDE = 64;

    /** Multiply-adds of a problem up to which bounds of all elements of a Winograd convolution are computed: seconds. */
    private static final long WINOGRAD_COMPARED = 1L << 31;

    private final DataKind kind;
    private final Operands operands;
    private final GuardedRun guarded;
    private final ContributingTerms terms;
    private final ErrorBound errorBound;
    private final long[] sample;
    private final long seed;
    private ElementSums sums;
    private HostTensor start;
    private HostTensor broadcastBias;
    private HostTensor bias;
    private Shared last;
    private double shareOfNonZeros = Double.NaN;
    private Pivot overwriting;
    private Pivot accumulating;
    private final Map<Accuracy, TransformSums> transforms = new EnumMap<>(Accuracy.class);
    private final Map<Accuracy, TransformSums> wholeTransforms = new EnumMap<>(Accuracy.class);

    /** What is expected of all subjects of an arithmetic; as long as they come one after the other, since it can be large. */
    private record Shared(Accuracy accuracy, HostTensor start, Expectation expectation) {
    }

    /** @param sample the elements to compare with the reference, or null for all */
    Probe(DataKind kind, Operands operands, long[] sample, long seed) {
        this.kind = kind;
        this.operands = operands;
        this.guarded = new GuardedRun(operands);
        this.terms = new ContributingTerms(operands.request());
        this.errorBound = ErrorBound.of(operands.request().dataType());
        this.sample = sample;
        this.seed = seed;
    }

    DataKind kind() {
        return kind;
    }

    Operands operands() {
        return operands;
    }

    /** Runs a subject, overwriting or accumulating onto {@link #start()}. */
    HostTensor run(ConvolutionUnderTest subject, boolean accumulate) {
        return guarded.run(subject, accumulate ? start() : null);
    }

    /** Runs a subject with a {@linkplain #expectationWithBias bias}. */
    HostTensor runWithBias(BiasedConvolutionUnderTest subject) {
        return guarded.runWithBias(subject, bias());
    }

    /** The values that accumulation begins with. */
    HostTensor start() {
        if (start == null) {
            start = kind.start(operands.request(), seed);
        }
        return start;
    }

    /** All elements of the output, or the sample, for a result in the subject's arithmetic. */
    Expectation expectation(ConvolutionUnderTest subject, boolean accumulate) {
        return expectationFrom(subject, accumulate ? start() : null);
    }

    /** The same for a result with a bias. */
    Expectation expectationWithBias(ConvolutionUnderTest subject) {
        if (broadcastBias == null) {
            broadcastBias = Biases.broadcast(bias(), operands.request().layout(), operands.outputShape());
        }
        return expectationFrom(subject, broadcastBias);
    }

    private HostTensor bias() {
        if (bias == null) {
            bias = kind.fill(operands.request(), Biases.shape(operands.outputShape()), Fills.hash(seed, 5));
        }
        return bias;
    }

    private Expectation expectationFrom(ConvolutionUnderTest subject, HostTensor startOfCaller) {
        Accuracy accuracy = subject.accuracy(operands.request());
        if (last == null || last.accuracy != accuracy || last.start != startOfCaller) {
            Expectation definition = new DefinitionExpectation(sums(), terms, startOfCaller, kind.isExact(), operands.request().dataType(),
                    accuracy, transforms(accuracy));
            last = new Shared(accuracy, startOfCaller, KnownExpectation.of(definition, sample));
        }
        return last.expectation;
    }

    /** Null for other arithmetic. */
    private TransformSums transforms(Accuracy accuracy) {
        return transforms.computeIfAbsent(accuracy, a -> TransformSums.of(a, operands, sample));
    }

    /** Computes what {@link #expectation} needs. */
    void prepare(boolean accumulate) {
        sums();
        if (accumulate) {
            start();
        }
    }

    /** The share of elements different from zero among those that have terms at all; 1 when there are none. */
    double shareOfNonZeros() {
        if (Double.isNaN(shareOfNonZeros)) {
            shareOfNonZeros = countShareOfNonZeros();
        }
        return shareOfNonZeros;
    }

    private double countShareOfNonZeros() {
        long reached = 0;
        long nonZero = 0;
        for (int i = 0; i < sums().size(); i++) {
            reached += terms.at(sums.index(i)) > 0 ? 1 : 0;
            nonZero += sums.sum(i) != 0 ? 1 : 0;
        }
        return reached == 0 ? 1 : (double) nonZero / reached;
    }

    /**
     * Compares a whole output, whose sample has been found right, with that of the pivot, where only a sample is compared with the
     * reference. The first such output becomes the pivot.
     *
     * @return the pivot's name, or null when the output was compared with nobody else's
     * @throws Disagreement when they differ
     */
    String compareWithPivot(ConvolutionUnderTest subject, HostTensor output, boolean accumulate) {
        Pivot pivot = accumulate ? accumulating : overwriting;
        Accuracy accuracy = subject.accuracy(operands.request());
        if (sample == null || !isComparable(accuracy)) {
            return null;
        }
        if (pivot == null) {
            if (accuracy == Accuracy.SUM_OF_PRODUCTS) {
                setPivot(subject, output, accumulate);
            }
            return null;
        }
        Expectation expectation = expectation(pivot, accuracy, accumulate ? start() : null);
        long[] wrong = Comparison.wrongIndices(output, expectation, ELEMENTS_TO_DECIDE);
        if (wrong.length > 0) {
            throw new Disagreement(wrong);
        }
        return pivot.subject().name();
    }

    private Expectation expectation(Pivot pivot, Accuracy accuracy, HostTensor startOfBoth) {
        if (!accuracy.hasTransforms()) {
            return pivot.expectation(terms, startOfBoth, errorBound);
        }
        TransformSums sumsOfAll = wholeTransforms.computeIfAbsent(accuracy, a -> TransformSums.of(a, operands, null));
        return pivot.expectation(terms, startOfBoth, errorBound, sumsOfAll, kind.isExact());
    }

    /** Other arithmetic than sums of products is compared with the definition alone, unless there are bounds for single elements. */
    private boolean isComparable(Accuracy accuracy) {
        return switch (accuracy) {
            case SUM_OF_PRODUCTS, FOURIER -> true;
            case TENSOR_CORE_SUMS, TF32_PRODUCTS, THREE_TF32_PRODUCTS, FP16_FACTORS, BF16_FACTORS -> kind.isExact();
            case WINOGRAD_2X2, WINOGRAD_4X4 -> operands.request().problem().macs() <= WINOGRAD_COMPARED;
            case FP16_PRODUCTS, BF16_PRODUCTS, TRANSFORMED -> false;
        };
    }

    private void setPivot(ConvolutionUnderTest subject, HostTensor output, boolean accumulate) {
        HostTensor absolute = null;
        if (!kind.isExact()) {
            absolute = overwriting != null && overwriting.subject() == subject ? overwriting.absolute()
                    : new GuardedRun(operands.absolute()).run(subject, null);
        }
        Pivot pivot = new Pivot(subject, output, absolute);
        if (accumulate) {
            accumulating = pivot;
        } else {
            overwriting = pivot;
        }
    }

    private ElementSums sums() {
        if (sums == null) {
            sums = ElementSums.of(operands, sample, !kind.isExact());
        }
        return sums;
    }
}
