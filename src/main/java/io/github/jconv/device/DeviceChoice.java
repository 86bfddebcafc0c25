package io.github.jconv.device;

/**
 * Where an engine computes, and why there.
 *
 * @param backend   name of the backend
 * @param place     what it runs on, as {@code device 0: NVIDIA H200, ...} or {@code 8 threads}
 * @param reason    why, in a sentence; for a CPU in place of a GPU, what is missing and what mends it
 * @param libraries what was tried to load CUDA; null when nothing was
 */
public record DeviceChoice(String backend, String place, String reason, LibraryReport libraries) {

    /** In a sentence, without the report of the libraries. */
    @Override
    public String toString() {
        return backend + " (" + place + "), because " + reason;
    }
}
