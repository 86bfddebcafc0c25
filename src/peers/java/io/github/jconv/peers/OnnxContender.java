package io.github.jconv.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * ONNX Runtime on the CPU: a model of one node, whose weight is a constant that it may lay out as it likes beforehand, with all its
 * optimisations and an output that is allocated once. It computes forward passes only.
 */
public final class OnnxContender implements Contender {

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    @Override
    public String name() {
        return "onnxruntime";
    }

    @Override
    public String version() {
        return "ONNX Runtime " + environment.getVersion();
    }

    @Override
    public Support supports(LayerData data, ConvOperation pass) {
        return pass == ConvOperation.FORWARD ? Support.supported() : Support.no("it computes forward passes only");
    }

    @Override
    public Ready prepare(LayerData data, ConvOperation pass, int threads) {
        try {
            return new OnnxReady(environment, data, threads);
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime refuses " + data.entry() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        environment.close();
    }

    private static final class OnnxReady implements Ready {

        private final OrtSession session;
        private final OnnxTensor x;
        private final FloatBuffer output;
        private final OnnxTensor y;
        private final TensorShape shape;
        private final Map<String, OnnxTensor> inputs;
        private final Map<String, OnnxTensor> outputs;

        OnnxReady(OrtEnvironment environment, LayerData data, int threads) throws OrtException {
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(threads);
                options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
                // Its idle threads must not take the processors from whoever is timed next.
                options.addConfigEntry("session.force_spinning_stop", "1");
                session = environment.createSession(OnnxModel.of(data), options);
            }
            shape = data.resultShape(ConvOperation.FORWARD);
            FloatBuffer input = direct(data.x().length());
            input.put(data.x().floats()).rewind();
            output = direct(Math.toIntExact(shape.elements()));
            x = OnnxTensor.createTensor(environment, input, data.x().shape().sizes());
            y = OnnxTensor.createTensor(environment, output, shape.sizes());
            inputs = Map.of(OnnxModel.INPUT, x);
            outputs = Map.of(OnnxModel.OUTPUT, y);
        }

        @Override
        public void run() {
            try {
                session.run(inputs, outputs).close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime fails: " + e.getMessage(), e);
            }
        }

        @Override
        public HostTensor result() {
            run();
            HostTensor values = HostTensor.zeros(shape);
            output.duplicate().rewind().get(values.floats());
            return values;
        }

        @Override
        public String algorithm() {
            return "";
        }

        @Override
        public void close() {
            try {
                x.close();
                y.close();
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime does not close its session: " + e.getMessage(), e);
            }
        }

        private static FloatBuffer direct(int elements) {
            return ByteBuffer.allocateDirect(Math.multiplyExact(elements, Float.BYTES)).order(ByteOrder.nativeOrder()).asFloatBuffer();
        }
    }
}
