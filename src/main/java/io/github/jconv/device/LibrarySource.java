package io.github.jconv.device;

/** Whose libraries a process uses: the two have the same names, so a process that has loaded one set cannot load the other. */
public enum LibrarySource {
    /** NVIDIA's, as installed on the host or found on the class path. */
    INSTALLED,
    /** The emulated device's, which run the kernels on the CPU; see {@code native-test/}. */
    EMULATED
}
