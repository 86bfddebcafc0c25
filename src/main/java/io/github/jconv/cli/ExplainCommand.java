package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.explain.ConvolutionPicture;
import io.github.jconv.explain.Explanation;
import io.github.jconv.explain.MatrixLesson;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemNotation;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The arithmetic of a problem in words and numbers, as a matrix, and as a picture. */
@Command(name = "explain", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Explains the arithmetic of a convolution or a transposed convolution.",
            "In words and numbers: sizes with the formula filled in, the way back, the equivalent convolution, the form with"
                + " inserted zeros, the output sizes that are possible, memory and operations of every algorithm of this host.", ""},
        footer = {"",
            "Why 23 and not 24?  jconv explain --transposed --like n1c128h24w24k256r3s3_sh2sw2_ph1pw1"})
final class ExplainCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "LINE", arity = "0..1", description = "The problem, in any notation that jconv reads.")
    private String line;

    @Option(names = {"--transposed", "--deconv"},
            description = "A line that does not say it itself describes a transposed convolution.")
    private boolean transposed;

    @Option(names = "--like", paramLabel = "LINE",
            description = "Explain the transposed convolution that leads back from the output of this convolution to its input.")
    private String like;

    @Option(names = "--output-size", paramLabel = "HxW", hideParamSyntax = true, split = "[,x]",
            description = "Say how the transposed convolution gives an output of this size, one for each axis or one for all.")
    private long[] outputSize;

    @Option(names = "--matrix", description = "Show the convolution as a matrix, with numbers; for small problems.")
    private boolean matrix;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw a one- or two-dimensional problem cell by cell.")
    private Path svg;

    @Option(names = "--highlight", paramLabel = "HxW", hideParamSyntax = true, split = "[,x]",
            description = "The output whose inputs the picture highlights, an index for each axis.")
    private long[] highlight;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private final BackendsOption backends;

    ExplainCommand(Console console, BackendsOption.Source source) {
        this.console = console;
        this.backends = new BackendsOption(source);
    }

    @Override
    public Integer call() throws IOException {
        ProblemEntry subject = subject();
        String explanation = explanation(subject).text();
        MatrixLesson lesson = matrix ? MatrixLesson.of(subject.problem()) : null;
        if (svg != null) {
            Files.writeString(svg, picture(subject).svg());
        }
        console.out().print(explanation);
        if (lesson != null) {
            console.out().println();
            console.out().print(lesson.text());
        }
        if (svg != null) {
            console.out().println();
            console.out().println("The picture is in " + svg);
        }
        return lesson == null || lesson.agrees() ? 0 : JConv.MISMATCH;
    }

    private ProblemEntry subject() {
        if ((line == null) == (like == null)) {
            throw new ParameterException(command.commandLine(), "give either a LINE or --like LINE");
        }
        if (like == null) {
            return ProblemNotation.readOne(line, transposed);
        }
        ProblemEntry convolution = ProblemNotation.readOne(like, false);
        if (convolution.isTransposed()) {
            throw new ParameterException(command.commandLine(), "--like is " + convolution.line() + "; allowed: a convolution");
        }
        return new ProblemEntry.Transposed(convolution.name(), TransposedConvolution.inverseOf(convolution.problem()));
    }

    private Explanation explanation(ProblemEntry subject) {
        Explanation explanation = Explanation.of(subject);
        if (outputSize != null) {
            explanation = explanation.wanting(outputSize);
        } else if (like != null) {
            explanation = explanation.wanting(inputSizes(subject.problem()));
        }
        for (Backend backend : backends.open(threads.threads())) {
            try (backend) {
                explanation = explanation.withAlgorithms(backend.name(), backend.algorithms());
            }
        }
        return explanation;
    }

    private static long[] inputSizes(ConvProblem problem) {
        return problem.axes().stream().mapToLong(SpatialAxis::input).toArray();
    }

    private ConvolutionPicture picture(ProblemEntry subject) {
        ConvolutionPicture picture = ConvolutionPicture.of(subject);
        return highlight == null ? picture : picture.highlighting(highlight);
    }
}
