package io.github.jconv.device;

/** Whether an engine computes on a GPU. */
public enum DevicePolicy {
    /** On the CPU; nothing of CUDA is looked for. */
    CPU,
    /** On a GPU where one can be used, otherwise on the CPU; the reason can be asked for and is logged once. */
    PREFER_GPU,
    /** On a GPU; where none can be used, opening fails with the report of what was tried. */
    REQUIRE_GPU
}
