package io.github.jconv.peers;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.Readiness;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * JConv on the CPU, called as a user calls it: one engine for each number of threads, tensors on the heap. The weights of forward passes are
 * constant, as those of ONNX Runtime's models are, unless asked otherwise.
 */
public final class JConvContender implements Contender {

    private final String version;
    private final Consumer<ConvEngine.Builder> settings;
    private final boolean constantWeights;
    private final Map<Integer, ConvEngine> engines = new TreeMap<>();
    private final Readiness readiness = new Readiness();

    /**
     * @param settings        what is set besides the backend and the threads
     * @param constantWeights whether the weights of forward passes are said not to change
     */
    public JConvContender(String version, Consumer<ConvEngine.Builder> settings, boolean constantWeights) {
        this.version = version;
        this.settings = settings;
        this.constantWeights = constantWeights;
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
        HostTensor w = constantWeights && pass == ConvOperation.FORWARD ? data.w().copy().constant() : data.w();
        Runnable run = data.entry() instanceof ProblemEntry.Transposed transposed
                ? layerPass(engine, transposed.layer(), data, w, pass, result)
                : convolutionPass(engine, data.entry().problem(), data, w, pass, result);
        ConvOperation operation = data.operation(pass);
        var request = new ConvRequest(data.entry().problem(), operation, w.dataType(), w.layout(), FilterUse.of(operation, w));
        ConvAlgorithm algorithm = engine.plan(request).algorithm();
        // Until the JIT compiler is done it would take processor time from the others, too.
        readiness.await(List.of(algorithm));
        return new JConvReady(run, result, algorithm.name());
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

    private static Runnable convolutionPass(ConvEngine engine, ConvProblem problem, LayerData data, HostTensor w,
                                            ConvOperation pass, HostTensor result) {
        return switch (pass) {
            case FORWARD -> () -> engine.forward(problem, data.x(), w, null, result);
            case BACKWARD_DATA -> () -> engine.backwardData(problem, data.dy(), w, result, WriteMode.OVERWRITE);
            case BACKWARD_FILTER -> () -> engine.backwardFilter(problem, data.x(), data.dy(), result, WriteMode.OVERWRITE);
        };
    }

    private static Runnable layerPass(ConvEngine engine, TransposedConvolution layer, LayerData data, HostTensor w,
                                      ConvOperation pass, HostTensor result) {
        return switch (pass) {
            case FORWARD -> () -> engine.forward(layer, data.x(), w, null, result);
            case BACKWARD_DATA -> () -> engine.backwardData(layer, data.dy(), w, result, WriteMode.OVERWRITE);
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
