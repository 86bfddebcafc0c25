package io.github.jconv.nn;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.nn.data.FileFailures;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

    /**
     * The epochs that a log tells of, the first first. A last line that was not finished is left out, and of an epoch that is there more
     * than once, as after a training that was killed and went on, all but the last.
     *
     * @throws DataFormatException naming the line that is none of a training log
     */
    public static List<EpochResult> read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new DataFormatException(file + " is no training log: it is not UTF-8 text", e);
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
        List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        TreeMap<Integer, EpochResult> epochs = new TreeMap<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                EpochResult result = parse(lines.get(i));
                epochs.put(result.epoch(), result);
            } catch (JsonProcessingException e) {
                throw new DataFormatException(file + ": line " + (i + 1) + " is none of a training log; expected: a JSON object with the"
                        + " number 'epoch', other numbers, and objects of numbers", e);
            }
        }
        return List.copyOf(epochs.values());
    }

    private static EpochResult parse(String line) throws IOException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        Map<String, Map<String, Double>> norms = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(line)) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.START_OBJECT) {
                    norms.put(name, numbers(json));
                } else {
                    numbers.put(name, json.getDoubleValue());
                }
            }
            expect(json, json.currentToken(), JsonToken.END_OBJECT);
            if (!numbers.containsKey("epoch")) {
                throw new JsonParseException(json, "there is no epoch");
            }
        }
        return new EpochResult(numbers.get("epoch").intValue(), number(numbers, "rate"), number(numbers, "loss"),
                number(numbers, "accuracy"), number(numbers, "test_loss"), number(numbers, "test_accuracy"),
                number(numbers, "images_per_second"), norms.getOrDefault("gradient_norms", Map.of()),
                norms.getOrDefault("weight_norms", Map.of()));
    }

    private static Map<String, Double> numbers(JsonParser json) throws IOException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            numbers.put(name, json.getDoubleValue());
        }
        return numbers;
    }

    private static double number(Map<String, Double> numbers, String name) {
        return numbers.getOrDefault(name, Double.NaN);
    }

    private static void expect(JsonParser json, JsonToken token, JsonToken expected) throws JsonParseException {
        if (token != expected) {
            throw new JsonParseException(json, token + " stands where " + expected + " belongs");
        }
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
