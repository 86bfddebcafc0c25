package io.github.jconv.check.sweep;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jconv.check.report.CheckKey;
import io.github.jconv.check.report.CheckRecord;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.SubjectResult;
import io.github.jconv.check.report.TimeRecord;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a sweep's file. Each is a JSON object whose {@code kind} says what it is: {@code sweep}, the first line, with the
 * format, the arguments and the machine; {@code check}, a {@link CheckRecord}, the components of its key beside its own;
 * {@code time}, a {@link TimeRecord}. Components are left out where they are 0, an empty text or null.
 */
final class SweepLines {

    static final String SWEEP = "sweep";
    static final String CHECK = "check";
    static final String TIME = "time";

    /** What the file of a sweep begins with. */
    static final String BEGIN = "{\"kind\":\"sweep\",";

    private static final String KIND = "kind";

    private static final ObjectMapper JSON = mapper();

    private SweepLines() {
    }

    private static ObjectMapper mapper() {
        ObjectMapper mapper = new ObjectMapper()
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_DEFAULT)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        mapper.configOverride(List.class)
                .setInclude(JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS));
        return mapper;
    }

    static String line(SweepHeader header) {
        return text(kind(SWEEP).setAll(tree(header)));
    }

    static String line(CheckRecord check) {
        ObjectNode line = kind(CHECK);
        line.setAll(tree(check.key()));
        line.set("results", JSON.valueToTree(check.results()));
        line.set("mismatches", JSON.valueToTree(check.mismatches()));
        return text(line);
    }

    static String line(TimeRecord time) {
        return text(kind(TIME).setAll(tree(time)));
    }

    /** @throws JsonProcessingException when it is no JSON */
    static JsonNode parse(String line) throws JsonProcessingException {
        return JSON.readTree(line);
    }

    static String kindOf(JsonNode line) {
        return line.path(KIND).asText();
    }

    static SweepHeader header(JsonNode line) throws JsonProcessingException {
        return JSON.treeToValue(line, SweepHeader.class);
    }

    static CheckRecord check(JsonNode line) throws JsonProcessingException {
        require(line, "problem", "operation", "dataType", "check", "results");
        List<SubjectResult> results = new ArrayList<>();
        for (JsonNode result : line.path("results")) {
            results.add(JSON.treeToValue(result, SubjectResult.class));
        }
        List<Mismatch> mismatches = new ArrayList<>();
        for (JsonNode mismatch : line.path("mismatches")) {
            mismatches.add(JSON.treeToValue(mismatch, Mismatch.class));
        }
        return new CheckRecord(JSON.treeToValue(line, CheckKey.class), results, mismatches);
    }

    static TimeRecord time(JsonNode line) throws JsonProcessingException {
        require(line, "subject", "problem", "operation", "dataType");
        return JSON.treeToValue(line, TimeRecord.class);
    }

    /** What is never 0, empty or null is never left out. */
    private static void require(JsonNode line, String... components) throws JsonProcessingException {
        for (String component : components) {
            if (!line.hasNonNull(component)) {
                throw JsonMappingException.from((JsonParser) null, "'" + component + "' is missing");
            }
        }
    }

    private static ObjectNode kind(String kind) {
        return JSON.createObjectNode().put(KIND, kind);
    }

    private static ObjectNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    private static String text(JsonNode line) {
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
