package io.github.jconv.check.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A report as a JSON file: {@code format}, {@code complete} (whether the run came to its end), {@code agrees} (whether nothing was wrong as
 * far as it came) and {@code checks}, and under {@code report} the records of this package
 * with their components by name. Numbers that JSON lacks are the texts {@code "Infinity"} and {@code "NaN"}.
 */
public final class JsonReport {

    /** The value of {@code format}; changes when a reader would have to. */
    public static final String FORMAT = "jconv-check-3";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonReport() {
    }

    public static void write(CheckReport report, Path file) {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT);
        root.put("complete", report.ending() == CheckReport.Ending.COMPLETE);
        root.put("agrees", report.agrees());
        root.put("checks", report.checks());
        root.set("report", JSON.valueToTree(report));
        try {
            Files.writeString(file, JSON.writeValueAsString(root) + "\n", StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException when the file is not such a report */
    public static CheckReport read(Path file) {
        try {
            JsonNode root = JSON.readTree(Files.readString(file, StandardCharsets.UTF_8));
            if (!FORMAT.equals(root.path("format").asText())) {
                throw new IllegalArgumentException(file + ": format is '" + root.path("format").asText() + "'; allowed: " + FORMAT);
            }
            return JSON.treeToValue(root.path("report"), CheckReport.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ": is not a report: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
