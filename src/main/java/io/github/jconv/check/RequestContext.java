package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.tensor.TensorShape;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** A request with the data and references that its checks share. Used by one thread. */
final class RequestContext {

    /** Bytes of the tensors of a problem from which no more copies of them are kept than must be. */
    private static final long LARGE = 1 << 24;

    private final ConvRequest request;
    private final CheckSettings settings;
    private final List<ConvolutionUnderTest> subjects;
    private final Map<Object, Object> remembered = new HashMap<>();
    private final Set<Long> suspects = new TreeSet<>();
    private Probe lastProbe;
    private Object lastShared;
    private final Map<Operands, GuardedRun> guarded = new IdentityHashMap<>();

    /** @param subjects those that serve the request, in order of preference as a pivot */
    RequestContext(ConvRequest request, CheckSettings settings, List<ConvolutionUnderTest> subjects) {
        this.request = request;
        this.settings = settings;
        // Outputs are compared with that of a sum of products, which therefore must come first.
        this.subjects = subjects.stream().sorted(Comparator.comparing(subject -> subject.accuracy(request) != Accuracy.SUM_OF_PRODUCTS)).toList();
    }

    ConvRequest request() {
        return request;
    }

    long seed() {
        return settings.seed();
    }

    List<ConvolutionUnderTest> subjects() {
        return subjects;
    }

    /** What was remembered under the key, made on first use: for references that all subjects of a check share. */
    <T> T remembered(Object key, Class<T> type, Supplier<T> make) {
        return type.cast(remembered.computeIfAbsent(key, k -> make.get()));
    }

    /**
     * What all subjects share in a check, made for the first of them. Only what was asked for last is kept, since it can be large.
     *
     * @param type says what it is
     */
    <T> T shared(Class<T> type, Supplier<T> make) {
        if (!type.isInstance(lastShared)) {
            lastShared = null;
            guarded.clear();
            lastShared = make.get();
        }
        return type.cast(lastShared);
    }

    /** Runs on operands that are {@link #shared}; their copies in guarded memory are, too, unless they are large. */
    GuardedRun guarded(Operands operands) {
        ConvRequest asked = operands.request();
        return asked.problem().tensorBytes(asked.dataType()) > LARGE ? new GuardedRun(operands)
                : guarded.computeIfAbsent(operands, GuardedRun::new);
    }

    /** Whether the whole reference would cost more than the budget. */
    boolean sampled() {
        return Reach.isSampled(request, settings);
    }

    /** Has these elements compared with the reference too, from the beginning, in all checks that follow. */
    void addToSample(long[] indices) {
        for (long index : indices) {
            suspects.add(index);
        }
        lastProbe = null;
    }

    /** The data of one kind and their reference; only those asked for last are kept, since they can be large. */
    Probe probe(DataKind kind) {
        if (lastProbe == null || lastProbe.kind() != kind) {
            lastProbe = null;
            lastProbe = new Probe(kind, kind.operands(request, settings.seed()), sample(), settings.seed());
        }
        return lastProbe;
    }

    /** The elements that are compared with the reference, or null for all. */
    private long[] sample() {
        if (!sampled()) {
            return null;
        }
        TensorShape shape = request.operation().outputShape(request.problem());
        long affordable = settings.effort().reference() / request.operation().accumulationLength(request.problem());
        long[] chosen = SampleChooser.choose(shape, affordable, settings.seed());
        return LongStream.concat(LongStream.of(chosen), suspects.stream().mapToLong(Long::longValue)).sorted().distinct().toArray();
    }
}
