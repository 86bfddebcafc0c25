package io.github.jconv.check.sweep;

import io.github.jconv.check.report.Mismatch;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the source of a JUnit 5 test class with a test for each failure. */
final class FailureTest {

    static final String CLASS = "SweepFailuresTest";

    /** What tells such a file from others. */
    static final String MARK = "/** What jconv sweep found wrong: each test fails until";

    private static final String BEGIN = """
            import io.github.jconv.Backends;
            import io.github.jconv.algorithm.Backend;
            import io.github.jconv.check.BackendSubject;
            import io.github.jconv.check.CrossCheck;
            import io.github.jconv.problem.ConvOperation;
            import io.github.jconv.tensor.DataType;
            import io.github.jconv.tensor.Layout;
            import org.junit.jupiter.api.Test;

            /** What jconv sweep found wrong: each test fails until its algorithm is right on its problem. */
            class %s {
            """;

    private static final String PROPERTIES = """

                static {
            %s    }
            """;

    private static final String TEST = """

                /** %s */
                @Test
                void failure%d() {
                    check("%s", "%s", ConvOperation.%s, DataType.%s, Layout.%s, "%s");
                }
            """;

    private static final String END = """

                private static void check(String backend, String algorithm, ConvOperation operation, DataType type, Layout layout,
                                          String problem) {
                    try (Backend opened = Backends.open(backend, Runtime.getRuntime().availableProcessors())) {
                        CrossCheck.of(BackendSubject.named(opened, algorithm)).on(problem).operations(operation).dataTypes(type)
                                .layouts(layout).seed(%dL).assertAgrees();
                    }
                }
            }
            """;

    private FailureTest() {
    }

    static String source(List<Mismatch> failures, long seed, Map<String, String> properties) {
        StringBuilder source = new StringBuilder(BEGIN.formatted(CLASS));
        if (!properties.isEmpty()) {
            source.append(PROPERTIES.formatted(properties.entrySet().stream()
                    .map(each -> "        System.setProperty(\"%s\", \"%s\");\n".formatted(each.getKey(), each.getValue()))
                    .collect(Collectors.joining())));
        }
        for (int i = 0; i < failures.size(); i++) {
            Mismatch failure = failures.get(i);
            String[] subject = failure.subject().split(":", 2);
            source.append(TEST.formatted(comment(failure), i + 1, subject[0], subject[1], failure.operation(), failure.dataType(), failure.layout(),
                    FailureFiles.smallest(failure)));
        }
        return source.append(END.formatted(seed)).toString();
    }

    private static String comment(Mismatch failure) {
        String text = failure.subject() + ", " + failure.tier().text() + "/" + failure.check() + ": " + failure.finding();
        return FailureFiles.oneLine(text).replace("*/", "* /").replace("\\", "/");
    }
}
