package io.github.jconv.cli;

import io.github.jconv.check.ScopedProblem;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The problems that checks are made on, with what the lines of files say of how.
 *
 * @param ofTheRun what they say of the whole run: values of options by their names
 * @param notes    what else a reader must know, in sentences
 */
record ScopedSelection(List<Suite> suites, Map<String, String> ofTheRun, List<String> notes) {

    /** The names of options that say where and how to compute, and the properties that say the same. */
    static final Map<String, String> PROPERTIES = Map.of("--device", DeviceRequest.PROPERTY, "--math", MathMode.PROPERTY);

    /** Problems that belong together, under a name. */
    record Suite(String name, List<ScopedProblem> problems) {

        static Suite of(ProblemSuite suite) {
            return new Suite(suite.name(), suite.problems().stream().map(ScopedProblem::of).toList());
        }

        List<ConvProblem> plain() {
            return problems.stream().map(ScopedProblem::problem).distinct().toList();
        }
    }

    /** Suites of which nothing is said. */
    static ScopedSelection of(List<ProblemSuite> suites) {
        return new ScopedSelection(suites.stream().map(Suite::of).toList(), Map.of(), List.of());
    }

    /** The options that say where and how this process computes, by name, whoever has set their properties. */
    static Map<String, String> optionsInForce() {
        Map<String, String> options = new TreeMap<>();
        PROPERTIES.forEach((option, property) -> {
            if (System.getProperty(property) != null) {
                options.put(option, System.getProperty(property));
            }
        });
        return options;
    }

    /** The properties that say the same, as they are set. */
    static Map<String, String> propertiesInForce() {
        Map<String, String> properties = new LinkedHashMap<>();
        optionsInForce().forEach((option, value) -> properties.put(PROPERTIES.get(option), value));
        return properties;
    }

    /** The seed that lines say. */
    OptionalLong seed() {
        return ofTheRun.containsKey("--seed") ? OptionalLong.of(Long.parseLong(ofTheRun.get("--seed"))) : OptionalLong.empty();
    }

    /** The properties that say where and how lines want to be computed. */
    Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        PROPERTIES.forEach((option, property) -> {
            if (ofTheRun.containsKey(option)) {
                properties.put(property, ofTheRun.get(option));
            }
        });
        return properties;
    }
}
