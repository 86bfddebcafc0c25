package io.github.jconv.algorithm.deny;

import java.util.List;

/** What a list may name: an entry about something else would deny nothing, and nobody would see it. */
public interface KnownAlgorithms {

    /** The names of all backends, whether or not this host can run them. */
    List<String> backends();

    /** The names of a backend's algorithms. */
    List<String> of(String backend);
}
