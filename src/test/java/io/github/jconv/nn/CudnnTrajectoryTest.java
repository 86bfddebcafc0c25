package io.github.jconv.nn;

/** The same with the convolutions of cuDNN. */
class CudnnTrajectoryTest extends DeviceTrajectoryTest {

    @Override
    String backend() {
        return "cudnn";
    }
}
