package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.CrossCheck;
import java.util.ArrayList;
import java.util.List;

/**
 * Further backends with the same algorithms, so that several problems are checked at the same time: small ones spend less time in the
 * algorithms than around them, where there is nothing for threads to share. These backends use one thread each, the first one all of
 * them, so that both are checked.
 */
final class SubjectLanes implements AutoCloseable {

    /** Fewer problems are checked one after the other: the threads of the algorithms are then worth more. */
    private static final int MANY = 64;

    private final List<Backend> opened = new ArrayList<>();

    /** Adds nothing where that would not help. */
    void addTo(CrossCheck check, List<Backend> first, int threads, int problems, SubjectsOption subjects) {
        boolean onlyHere = first.stream().allMatch(backend -> backend.name().equals("cpu"));
        if (onlyHere && problems >= MANY) {
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
