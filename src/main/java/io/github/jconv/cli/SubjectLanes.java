package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Further backends with the same algorithms, so that several problems are checked at the same time: small ones spend less time in the
 * algorithms than around them, where there is nothing for threads to share. These backends use one thread each, the first one all of
 * them, so that both are checked.
 */
final class SubjectLanes implements AutoCloseable {

    /** Fewer problems, or larger ones, are checked one after the other: the threads of the algorithms are then worth more. */
    private static final int MANY = 64;

    /** What the tensors of a problem may take of the heap if each lane has one: its checks hold several copies, and sums in fp64. */
    private static final double SHARE_OF_HEAP = 0.02;

    private final List<Backend> opened = new ArrayList<>();

    /** Adds nothing where that would not help. */
    void addTo(CrossCheck check, List<Backend> first, int threads, Collection<ConvProblem> problems, SubjectsOption subjects) {
        boolean onlyHere = first.stream().allMatch(backend -> backend.name().equals("cpu"));
        long largest = problems.stream().mapToLong(problem -> problem.tensorBytes(DataType.FLOAT64)).max().orElse(0);
        if (onlyHere && problems.size() >= MANY && largest * threads <= SHARE_OF_HEAP * Runtime.getRuntime().maxMemory()) {
            for (int lane = 1; lane < threads; lane++) {
                List<Backend> ofLane = subjects.open(1);
                opened.addAll(ofLane);
                check.beside(subjects.of(ofLane));
            }
        }
    }

    @Override
    public void close() {
        opened.forEach(Backend::close);
    }
}
