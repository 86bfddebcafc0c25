package io.github.jconv.algorithm.deny;

import io.github.jconv.algorithm.deny.ShapeCondition.Attribute;
import io.github.jconv.algorithm.deny.ShapeCondition.Comparison;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads one line of a deny-list; see {@link DenyList} for its form. */
final class DenyLineParser {

    private static final Pattern TERM = Pattern.compile("([a-z-]+)(>=|<=|=|<|>)(\\S+)");
    private static final Set<String> TYPES = Set.of("fp16", "bf16", "tf32", "fp32", "fp64");

    private final String line;
    private final Set<String> seen = new HashSet<>();
    private final List<ShapeCondition> conditions = new ArrayList<>();
    private String backend = "";
    private VersionRange versions = VersionRange.ANY;
    private String device = "";
    private ConvOperation operation;
    private String algorithm = "";
    private String type = "";
    private ConvProblem example;

    DenyLineParser(String line) {
        this.line = line;
    }

    /** @throws IllegalArgumentException saying what is wrong with the line */
    DenyEntry parse() {
        String[] parts = line.split("\\|", -1);
        require(parts.length >= 2 && parts.length <= 3 && !parts[1].isBlank(),
                "it has " + parts.length + " parts; allowed: CONDITIONS | REASON or CONDITIONS | REASON | LINK");
        for (String term : parts[0].strip().split("\\s+")) {
            read(term);
        }
        require(!backend.isEmpty(), "backend is missing; allowed: backend=NAME, such as backend=cudnn");
        return new DenyEntry(parts[0].strip(), backend, versions, device, operation, algorithm, type, conditions, example,
                parts[1].strip(), parts.length == 3 ? parts[2].strip() : "");
    }

    private void read(String term) {
        Matcher matcher = TERM.matcher(term);
        require(matcher.matches(), "'" + term + "' is no condition; allowed: NAME=VALUE, and <, >, <=, >= with numbers");
        String name = matcher.group(1);
        String value = matcher.group(3);
        if (isCondition(name)) {
            conditions.add(new ShapeCondition(attribute(name), Comparison.of(matcher.group(2)), number(name, value)));
            return;
        }
        require(matcher.group(2).equals("="), "'" + term + "' compares what is no number; allowed: " + name + "=VALUE");
        require(seen.add(name), name + " stands twice");
        switch (name) {
            case "backend" -> backend = value;
            case "versions" -> versions = VersionRange.parse(value);
            case "device" -> device = value;
            case "operation" -> operation = operation(value);
            case "algorithm" -> algorithm = value;
            case "type" -> type = type(value);
            case "example" -> example = example(value);
            default -> throw new IllegalArgumentException("'" + name + "' is not known; allowed: backend, versions, device, operation, "
                    + "algorithm, type, example, " + Attribute.names());
        }
    }

    private static boolean isCondition(String name) {
        return Arrays.stream(Attribute.values()).anyMatch(attribute -> attribute.text().equals(name));
    }

    private static Attribute attribute(String name) {
        return Arrays.stream(Attribute.values()).filter(attribute -> attribute.text().equals(name)).findFirst().orElseThrow();
    }

    private static long number(String name, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is compared with '" + value + "'; allowed: a whole number", e);
        }
    }

    private static ConvOperation operation(String value) {
        return Arrays.stream(ConvOperation.values()).filter(o -> o.text().equals(value)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("operation is '" + value + "'; allowed: "
                        + Arrays.stream(ConvOperation.values()).map(ConvOperation::text).collect(Collectors.joining(", "))));
    }

    private static String type(String value) {
        require(TYPES.contains(value), "type is '" + value + "'; allowed: fp16, bf16, tf32, fp32, fp64");
        return value;
    }

    private static ConvProblem example(String value) {
        try {
            return ConvProblem.parse(value);
        } catch (InvalidProblemException e) {
            throw new IllegalArgumentException("example: " + e.getMessage(), e);
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
