package io.github.jconv.nn;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.util.Map;

/** One JSON object per epoch and line, written as training goes on. What is not a number (a test loss without a test set) is left out. */
public final class TrainingLog {

    private static final JsonFactory JSON = new JsonFactory();

    private final Writer writer;

    public TrainingLog(Writer writer) {
        this.writer = writer;
    }

    public void add(EpochResult result) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeNumberField("epoch", result.epoch());
            number(json, "rate", result.rate());
            number(json, "loss", result.loss());
            number(json, "accuracy", result.accuracy());
            number(json, "test_loss", result.testLoss());
            number(json, "test_accuracy", result.testAccuracy());
            number(json, "images_per_second", result.imagesPerSecond());
            norms(json, "gradient_norms", result.gradientNorms());
            norms(json, "weight_norms", result.weightNorms());
            json.writeEndObject();
        }
        writer.write(line + "\n");
        writer.flush();
    }

    private static void norms(JsonGenerator json, String name, Map<String, Double> norms) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Double> norm : norms.entrySet()) {
            number(json, norm.getKey(), norm.getValue());
        }
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumberField(name, value);
        }
    }
}
