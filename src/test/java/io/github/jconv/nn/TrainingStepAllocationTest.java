package io.github.jconv.nn;

import static io.github.jconv.nn.Layers.averagePool;
import static io.github.jconv.nn.Layers.batchNorm;
import static io.github.jconv.nn.Layers.concat;
import static io.github.jconv.nn.Layers.conv;
import static io.github.jconv.nn.Layers.convTranspose;
import static io.github.jconv.nn.Layers.dropout;
import static io.github.jconv.nn.Layers.linear;
import static io.github.jconv.nn.Layers.localResponseNorm;
import static io.github.jconv.nn.Layers.maxPool;
import static io.github.jconv.nn.Layers.relu;
import static io.github.jconv.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.github.jconv.ConvEngine;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Once it has seen a batch size, a training step allocates nothing; the JVM's counter of the bytes that a thread allocates says so. */
class TrainingStepAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int STEPS = 10;
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final int BATCH = 3;
    private static final String RESULT = " allocates ";

    /** In a JVM of its own: in one that has run much else, the JIT compiler may leave vectors on the heap that are no doing of ours. */
    @Test
    void aStepAllocatesNothing() throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=4"));
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            options.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        }
        List<String> lines = ChildJvm.run(TrainingStepAllocationTest.class, options, List.of()).lines()
                .filter(line -> line.contains(RESULT)).toList();
        assertEquals(List.of("sgd" + RESULT + 0, "adam" + RESULT + 0), lines, "bytes allocated by " + STEPS + " steps");
    }

    /** Prints for each rule what its steps allocate in the steady state. */
    public static void main(String[] args) {
        System.out.println("sgd" + RESULT + measure(Optimizers.sgd(0.9, 1e-4)));
        System.out.println("adam" + RESULT + measure(Optimizers.adam(1e-4)));
    }

    private static long measure(Function<Network, Optimizer> rule) {
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 5).input(2, 9, 10).build(
                        conv(4, 3).padding(1).withoutBias(), batchNorm(), relu(), maxPool(2), localResponseNorm(3, 0.1, 0.75, 1),
                        concat(conv(2, 1), conv(3, 3).padding(1)), relu(), convTranspose(3, 2).stride(2), sigmoid(), averagePool(2),
                        dropout(0.2), linear(6))) {
            Optimizer optimizer = rule.apply(network);
            HostTensor x = HostTensor.zeros(TensorShape.of(BATCH, 2, 9, 10));
            x.fill(0.5);
            HostTensor labels = HostTensor.of(TensorShape.of(BATCH), 0f, 5f, 2f);
            HostTensor loss = HostTensor.zeros(labels.shape());
            HostTensor gradient = HostTensor.zeros(TensorShape.of(BATCH, 6));
            Runnable step = () -> {
                network.zeroGradients();
                Loss.SOFTMAX_CROSS_ENTROPY.compute(network.context().ops(), network.forward(x, Mode.TRAINING), labels, 1.0 / BATCH, loss,
                        gradient);
                network.backward(gradient);
                optimizer.begin(1e-3);
                optimizer.apply();
            };
            // The first rounds load classes and make plans, and vectors are objects until their loops are compiled.
            long least = Long.MAX_VALUE;
            long begin = System.nanoTime();
            while (least > 0 && System.nanoTime() - begin < PATIENCE_NANOS) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < STEPS; i++) {
                    step.run();
                }
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            return least;
        }
    }
}
