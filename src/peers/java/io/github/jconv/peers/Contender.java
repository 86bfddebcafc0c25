package io.github.jconv.peers;

import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;

/** A library that computes convolutions. */
public interface Contender extends AutoCloseable {

    /** One word for tables and files. */
    String name();

    /** Name and version for people. */
    String version();

    /** Whether it computes a pass of a layer. */
    Support supports(LayerData data, ConvOperation pass);

    /** Makes everything ready for a pass on one or more threads. All that are ready at a time have the same number of threads. */
    Ready prepare(LayerData data, ConvOperation pass, int threads);

    @Override
    void close();

    /** A pass of a layer that can be run again and again. */
    interface Ready extends AutoCloseable {

        /** Computes the pass. */
        void run();

        /** Computes the pass and returns what comes out. */
        HostTensor result();

        /** Which algorithm computes it, where that is known; or empty. */
        String algorithm();

        @Override
        void close();
    }
}
