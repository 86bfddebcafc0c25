package io.github.jconv.cli;

import io.github.jconv.check.ScopedProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemFile;
import io.github.jconv.problem.ProblemNotation;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The problems that a command works on: bundled suites, lines and files. */
final class ProblemSelection {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--suite", paramLabel = "NAME,...", hideParamSyntax = true, split = ",",
            description = "Bundled suites; jconv suites lists them.")
    private List<String> suites = List.of();

    @Parameters(paramLabel = "LINE", arity = "0..*", hideParamSyntax = true, description = "Problems.")
    private List<String> plainLines = List.of();

    @Option(names = "--problem", paramLabel = "LINE", description = "The same, for one problem; may be given several times.")
    private List<String> lines = List.of();

    @Option(names = "--file", paramLabel = "FILE...", arity = "1..*", hideParamSyntax = true,
            description = "Files with a problem per line: canonical, benchdnn, MIOpenDriver or DeepBench; for check and sweep, options may"
                    + " stand behind it, which count unless given here: --operation, --type, --layout, --seed, --device, --math.")
    private List<Path> files = List.of();

    @Option(names = "--deconv",
            description = "Lines that do not say it themselves describe transposed convolutions.")
    private boolean deconv;

    private Long batch;

    @Option(names = "--batch", paramLabel = "N", description = "Another batch size for all problems.")
    void setBatch(long size) {
        if (size < 0) {
            throw new ParameterException(command.commandLine(), "--batch is " + size + "; allowed: 0 and up");
        }
        batch = size;
    }

    boolean isEmpty() {
        return suites.isEmpty() && plainLines.isEmpty() && lines.isEmpty() && files.isEmpty();
    }

    /** What was asked for, a suite for each bundled suite and each file and one for all lines; files have problems alone. */
    List<ProblemSuite> read() {
        List<ProblemSuite> read = new ArrayList<>(bundled());
        for (Path file : files) {
            List<ProblemEntry> entries = ProblemFile.read(file, deconv);
            read.add(new ProblemSuite(nameOf(file), file.toString(), entries));
        }
        read.addAll(ofCommandLine());
        return inBatches(read);
    }

    /**
     * The same with what lines of files say of how their problems are to be checked.
     *
     * @param given the names of the options that are given on the command line, which go before those of lines
     */
    ScopedSelection readScoped(Set<String> given) {
        List<ScopedSelection.Suite> read = new ArrayList<>();
        inBatches(bundled()).forEach(suite -> read.add(ScopedSelection.Suite.of(suite)));
        LineReader reader = new LineReader(given);
        for (Path file : files) {
            List<ScopedProblem> problems = reader.read(ProblemFile.readLines(file, deconv), this::inBatch);
            read.add(new ScopedSelection.Suite(nameOf(file), problems));
        }
        inBatches(ofCommandLine()).forEach(suite -> read.add(ScopedSelection.Suite.of(suite)));
        return new ScopedSelection(read, reader.ofTheRun(), reader.notes());
    }

    private List<ProblemSuite> bundled() {
        return suites.stream().map(ProblemSuites::named).toList();
    }

    /** Without its folder, where that tells all files apart. */
    private String nameOf(Path file) {
        boolean shortNames = files.stream().map(Path::getFileName).distinct().count() == files.size();
        return shortNames ? file.getFileName().toString() : file.toString();
    }

    private List<ProblemSuite> ofCommandLine() {
        List<ProblemEntry> entries = Stream.concat(plainLines.stream(), lines.stream())
                .flatMap(line -> ProblemNotation.read(line, deconv).stream()).toList();
        return entries.isEmpty() ? List.of() : List.of(new ProblemSuite("problems", "problems of the command line", entries));
    }

    /** The same suites in the batch size that was asked for, if one was. */
    List<ProblemSuite> inBatches(List<ProblemSuite> read) {
        return read.stream().map(suite -> new ProblemSuite(suite.name(), suite.title(), suite.stream().map(this::inBatch).toList()))
                .toList();
    }

    private ProblemEntry inBatch(ProblemEntry entry) {
        return batch == null ? entry : entry.withBatch(batch);
    }
}
