package io.github.jconv.nn;

import io.github.jconv.tensor.HostTensor;
import java.util.Map;

/** Changes the parameters of the network it was made for, along their gradients. */
public interface Optimizer {

    /** One step with this learning rate. */
    void step(double rate);

    /** The state that a checkpoint must hold, by name; copies on the heap. */
    Map<String, HostTensor> state();

    /** Sets the state; the counterpart of {@link #state()}. */
    void setState(Map<String, HostTensor> state);
}
