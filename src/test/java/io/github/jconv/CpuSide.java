package io.github.jconv;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.device.DevicePolicy;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.Doctor;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.testing.Tensors;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Everything that the CPU does, one thing after another; the names of what was done. Run by {@link WithoutJCudaTest}. */
final class CpuSide implements Callable<List<String>> {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c4h7w9k6r3s2_sh2sw1_ph1:0_g2");

    private final List<String> done = new ArrayList<>();

    @Override
    public List<String> call() {
        try (ConvEngine engine = ConvEngine.builder().device(DevicePolicy.PREFER_GPU).threads(2).open()) {
            done.add(engine.deviceChoice().toString());
            if (!engine.backend().name().equals("cpu")) {
                throw new AssertionError(engine.deviceChoice().toString());
            }
            HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
            HostTensor y = engine.forward(PROBLEM, Tensors.integers(PROBLEM.xShape(), 1), w);
            engine.backwardBias(PROBLEM, y);
            engine.forward(TransposedConvolution.inverseOf(PROBLEM), y, w);
            engine.backend().algorithms().forEach(this::runWith);
            CrossCheck.ofBackends(engine.backend()).on(PROBLEM).assertAgrees();
            done.add("harness");
        }
        done.add(Doctor.examine(DeviceRequest.AUTO, true).toString());
        return done;
    }

    private void runWith(ConvAlgorithm algorithm) {
        for (ConvOperation operation : ConvOperation.values()) {
            try (ConvEngine engine = ConvEngine.builder().backend("cpu").algorithm(algorithm.name()).threads(1).open()) {
                HostTensor x = Tensors.integers(PROBLEM.xShape(), 1);
                HostTensor w = Tensors.integers(PROBLEM.wShape(), 2);
                HostTensor y = Tensors.integers(PROBLEM.yShape(), 3);
                switch (operation) {
                    case FORWARD -> engine.forward(PROBLEM, x, w);
                    case BACKWARD_DATA -> engine.backwardData(PROBLEM, y, w);
                    case BACKWARD_FILTER -> engine.backwardFilter(PROBLEM, x, y);
                }
                done.add(algorithm.name() + " " + operation);
            } catch (UnsupportedRequestException notServed) {
                done.add(algorithm.name() + " does not serve " + operation);
            }
        }
    }
}
