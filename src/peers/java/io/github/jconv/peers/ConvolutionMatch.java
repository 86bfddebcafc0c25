package io.github.jconv.peers;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;

/** JConv, PyTorch and ONNX Runtime on the same layers: each result is compared with the others', then all are timed in turns. */
public final class ConvolutionMatch implements AutoCloseable {

    private static final long SEED = 17;

    private final JConvContender jconv;
    private final PyTorchContender pytorch = new PyTorchContender();
    private final OnnxContender onnxruntime = new OnnxContender();
    private final Alternation alternation;

    public ConvolutionMatch(JConvContender jconv, Alternation alternation) {
        this.jconv = jconv;
        this.alternation = alternation;
    }

    /** What takes part. */
    public List<String> versions() {
        return List.of(jconv.version(), pytorch.version(), onnxruntime.version());
    }

    /** The same values for a layer each time. */
    public LayerData data(ProblemEntry entry) {
        return LayerData.random(entry, SEED);
    }

    /**
     * @param group what the layer is summarised under
     * @throws IllegalStateException when results differ by more than rounding explains
     */
    public ResultRow measure(String group, LayerData data, ConvOperation pass, int threads) {
        List<Contender> all = List.of(jconv, pytorch, onnxruntime);
        List<Contender> taking = all.stream().filter(contender -> contender.supports(data, pass).yes()).toList();
        List<Contender.Ready> ready = new ArrayList<>();
        try {
            taking.forEach(contender -> ready.add(contender.prepare(data, pass, threads)));
            verify(data, pass, threads, taking, ready);
            List<Runnable> runs = ready.stream().<Runnable>map(each -> each::run).toList();
            List<Alternation.Timing> timings = alternation.measure(runs);
            ProblemEntry entry = data.entry();
            return new ResultRow(group, entry.label(), entry.line(), entry.problem().batch(), pass, threads,
                    ready.get(0).algorithm(), ms(jconv, taking, timings), ms(pytorch, taking, timings),
                    ms(onnxruntime, taking, timings), entry.problem().flops() * 1e-9,
                    Alternation.spread(timings));
        } finally {
            ready.forEach(Contender.Ready::close);
        }
    }

    @Override
    public void close() {
        jconv.close();
        pytorch.close();
        onnxruntime.close();
    }

    private void verify(LayerData data, ConvOperation pass, int threads, List<Contender> taking, List<Contender.Ready> ready) {
        if (taking.size() < 2) {
            return;
        }
        Agreement agreement = Agreement.of(data, pass, taking.get(1), threads);
        HostTensor first = ready.get(0).result();
        for (int i = 1; i < ready.size(); i++) {
            agreement.require(taking.get(0).name(), first, taking.get(i).name(), ready.get(i).result());
        }
    }

    private static double ms(Contender contender, List<Contender> taking, List<Alternation.Timing> timings) {
        int index = taking.indexOf(contender);
        return index < 0 ? Double.NaN : timings.get(index).medianSeconds() * 1e3;
    }
}
