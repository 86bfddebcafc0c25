package io.github.jconv.nn;

/** Dropout drops and batch normalisation uses the batch's own statistics only in TRAINING. */
public enum Mode {
    TRAINING,
    INFERENCE
}
