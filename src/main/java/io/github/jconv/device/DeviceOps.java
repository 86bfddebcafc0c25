package io.github.jconv.device;

import io.github.jconv.algorithm.TensorOps;

/** The other operations of a network on tensors of a device, with the memory of their own that {@link #close} gives back. */
public interface DeviceOps extends TensorOps, AutoCloseable {

    @Override
    void close();
}
