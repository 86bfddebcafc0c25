package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/** How to see a mismatch again. */
final class Reproduction {

    private Reproduction() {
    }

    /** A command line where the command can reach the subject, otherwise a Java expression. */
    static String ofProblem(ConvolutionUnderTest subject, ConvRequest request, long seed) {
        String options = subject.commandOptions();
        return options == null
                ? "CrossCheck.of(" + subject.name() + ").on(\"" + request.problem() + "\").operations(ConvOperation."
                        + request.operation() + ").seed(" + seed + ").assertAgrees()"
                : "jconv check --problem '" + request.problem() + "' --operation " + request.operation().text() + form(request) + " " + options
                        + " --seed " + seed;
    }

    private static String form(ConvRequest request) {
        return (request.dataType() == DataType.FLOAT32 ? "" : " --type " + request.dataType().text())
                + (request.layout() == Layout.NCHW ? "" : " --layout " + request.layout().text());
    }

    /** The same for recorded cases, which the command reads from where they are. */
    static String ofRecorded(ConvolutionUnderTest subject, ConvRequest request, String command) {
        String options = subject.commandOptions();
        return "jconv check " + command + " --operation " + request.operation().text() + (options == null ? "" : " " + options);
    }
}
