package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/** The elements by the definition: exactly on integers, within the {@link ErrorBound} on reals. */
final class DefinitionExpectation implements Expectation {

    private final ElementSums sums;
    private final ContributingTerms terms;
    private final HostTensor start;
    private final boolean exact;
    private final DataType type;
    private final ErrorBound stored;
    private final ErrorBound errorBound;
    private final Accuracy accuracy;
    private final TransformSums transforms;
    private double norm = Double.NaN;

    /**
     * @param start the values that the sums are added to, or null
     * @param exact    whether equality is demanded of sums of products
     * @param type     that results are stored in
     * @param accuracy the arithmetic of the result
     * @param transforms what bounds the error of each element if that is an arithmetic of transforms, else null
     */
    DefinitionExpectation(ElementSums sums, ContributingTerms terms, HostTensor start, boolean exact, DataType type,
                          Accuracy accuracy, TransformSums transforms) {
        this.sums = sums;
        this.terms = terms;
        this.start = start;
        this.exact = exact;
        this.type = type;
        this.stored = ErrorBound.of(type);
        this.errorBound = stored.ofSums();
        this.accuracy = accuracy;
        this.transforms = transforms;
    }

    @Override
    public int size() {
        return sums.size();
    }

    @Override
    public long index(int i) {
        return sums.index(i);
    }

    /** Where it must be equal, the number of the type that is nearest to the definition's. */
    @Override
    public double value(int i) {
        double defined = defined(i);
        return exact && type.isNarrow() && unrounded(i) == 0 ? type.round(defined) : defined;
    }

    private double defined(int i) {
        return start == null ? sums.sum(i) : sums.sum(i) + start.get(index(i));
    }

    @Override
    public double bound(int i) {
        double unrounded = unrounded(i);
        return exact && unrounded == 0 ? 0 : stored.asStored(unrounded, defined(i));
    }

    /** What the element may be off before it is rounded to the type of the tensors, if that has 16 bits. */
    private double unrounded(int i) {
        if (transforms != null) {
            return exact && transforms.isExact(i, accuracy, errorBound) ? 0
                    : transforms.bound(i, errorBound, start == null ? 0 : start.get(index(i)), start != null);
        }
        double ofSum = exact ? 0 : ofSum(i);
        double startSize = start == null ? 0 : Math.abs(start.get(index(i)));
        return switch (accuracy) {
            case SUM_OF_PRODUCTS, WINOGRAD_2X2, WINOGRAD_4X4, FOURIER -> ofSum;
            case TENSOR_CORE_SUMS -> exact ? 0 : ofSum + errorBound.ofTensorCores(terms.at(index(i)), sums.absoluteSum(i), startSize);
            case TF32_PRODUCTS -> exact ? 0 : ofSum + errorBound.ofTf32(terms.at(index(i)), sums.absoluteSum(i), startSize);
            case THREE_TF32_PRODUCTS -> exact ? 0 : ofSum + errorBound.ofThreeTf32(terms.at(index(i)), sums.absoluteSum(i));
            case FP16_FACTORS -> exact ? 0 : ofSum + ofNarrowFactors(i, NarrowType.FP16, startSize);
            case BF16_FACTORS -> exact ? 0 : ofSum + ofNarrowFactors(i, NarrowType.BF16, startSize);
            case FP16_PRODUCTS -> ofSum + ofNarrow(i, NarrowType.FP16);
            case BF16_PRODUCTS -> ofSum + ofNarrow(i, NarrowType.BF16);
            case TRANSFORMED -> ofSum + errorBound.ofTransforms(norm());
        };
    }

    private double ofSum(int i) {
        long n = terms.at(index(i));
        return start == null ? errorBound.of(n, sums.absoluteSum(i), defined(i))
                : errorBound.withStart(n, sums.absoluteSum(i), start.get(index(i)), defined(i));
    }

    private double ofNarrowFactors(int i, NarrowType type, double startSize) {
        return errorBound.ofNarrowFactors(type, terms.at(index(i)), sums.absoluteSum(i), startSize);
    }

    private double ofNarrow(int i, NarrowType type) {
        return exact ? type.ofResult(sums.sum(i))
                : errorBound.ofNarrow(type, terms.at(index(i)), sums.absoluteSum(i), sums.sum(i));
    }

    /** Of all elements; estimated from those expected where they are a sample. */
    private double norm() {
        if (Double.isNaN(norm)) {
            double squares = 0;
            for (int i = 0; i < size(); i++) {
                squares += defined(i) * defined(i);
            }
            norm = Math.sqrt(squares / Math.max(1, size()) * terms.elements());
        }
        return norm;
    }
}
