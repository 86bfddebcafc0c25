package io.github.jconv.algorithm;

/**
 * Work of a backend that was recorded once ({@link Backend#record}) and is run again as a whole: on the same tensors, with whatever
 * they hold by then. The tensors must outlive it.
 */
public interface RecordedWork extends AutoCloseable {

    /** Does the work, or enqueues it where the backend does not compute at once. */
    void run();

    @Override
    void close();
}
