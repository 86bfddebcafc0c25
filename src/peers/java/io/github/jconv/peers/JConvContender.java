package io.github.jconv.peers;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** JConv on the CPU, called as a user calls it: one engine for each number of threads, tensors on the heap. */
public final class JConvContender implements Contender {

    private final String version;
    private final Consumer<ConvEngine.Builder> settings;
    private final Map<Integer, ConvEngine> engines = new TreeMap<>();

    /** @param settings what is set besides the backend and the threads */
    public JConvContender(String version, Consumer<ConvEngine.Builder> settings) {
        this.version = version;
        this.settings = settings;
    }

    @Override
    public String name() {
        return "jconv";
    }

    @Override
    public String version() {
        return "JConv " + version;
    }

    @Override
    public Support supports(LayerData data, ConvOperation pass) {
        return Support.supported();
    }

    @Override
    public Ready prepare(LayerData data, ConvOperation pass, int threads) {
        ConvEngine engine = engines.computeIfAbsent(threads, this::open);
        HostTensor result = HostTensor.zeros(data.resultShape(pass));
        Runnable run = data.entry() instanceof ProblemEntry.Transposed transposed
                ? layerPass(engine, transposed.layer(), data, pass, result)
                : convolutionPass(engine, data.entry().problem(), data, pass, result);
        return new JConvReady(run, result, engine.plan(data.entry().problem(), data.operation(pass)).algorithm().name());
    }

    @Override
    public void close() {
        engines.values().forEach(ConvEngine::close);
    }

    private ConvEngine open(int threads) {
        ConvEngine.Builder builder = ConvEngine.builder().backend("cpu").threads(threads);
        settings.accept(builder);
        return builder.open();
    }

    private static Runnable convolutionPass(ConvEngine engine, ConvProblem problem, LayerData data, ConvOperation pass,
                                            HostTensor result) {
        return switch (pass) {
            case FORWARD -> () -> engine.forward(problem, data.x(), data.w(), null, result);
            case BACKWARD_DATA -> () -> engine.backwardData(problem, data.dy(), data.w(), result, WriteMode.OVERWRITE);
            case BACKWARD_FILTER -> () -> engine.backwardFilter(problem, data.x(), data.dy(), result, WriteMode.OVERWRITE);
        };
    }

    private static Runnable layerPass(ConvEngine engine, TransposedConvolution layer, LayerData data, ConvOperation pass,
                                      HostTensor result) {
        return switch (pass) {
            case FORWARD -> () -> engine.forward(layer, data.x(), data.w(), null, result);
            case BACKWARD_DATA -> () -> engine.backwardData(layer, data.dy(), data.w(), result, WriteMode.OVERWRITE);
            case BACKWARD_FILTER -> () -> engine.backwardFilter(layer, data.x(), data.dy(), result, WriteMode.OVERWRITE);
        };
    }

    private record JConvReady(Runnable pass, HostTensor output, String algorithm) implements Ready {

        @Override
        public void run() {
            pass.run();
        }

        @Override
        public HostTensor result() {
            run();
            return output;
        }

        @Override
        public void close() {
            // Everything is on the heap.
        }
    }
}
