package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import java.util.Map;

/** Changes the parameters of the network it was made for, along their gradients. */
public interface Optimizer {

    /** Begins a step with this learning rate, 0 and up: makes it known where the network computes. */
    void begin(double rate);

    /** Changes the parameters, as the step that was begun last says. Waits for nothing, so it can be recorded and run again. */
    void apply();

    /** Its name as {@code optimizer}, and the numbers in its rule; a checkpoint goes on with no other ones. */
    default Map<String, String> settings() {
        return Settings.of("optimizer", "custom");
    }

    /** The state that a checkpoint must hold, by name; copies on the heap. */
    Map<String, HostTensor> state();

    /** Sets the state; the counterpart of {@link #state()}. */
    void setState(Map<String, HostTensor> state);
}
