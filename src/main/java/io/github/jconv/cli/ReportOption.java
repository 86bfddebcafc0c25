package io.github.jconv.cli;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.HtmlReport;
import io.github.jconv.check.report.JUnitReport;
import io.github.jconv.check.report.JsonReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a report is written to. What cannot be written is found out before the checks, not after them. */
final class ReportOption {

    /** A kind of report, told by the end of a file's name. */
    private enum Format {
        JSON(".json", JsonReport::write),
        HTML(".html", HtmlReport::write),
        JUNIT(".xml", JUnitReport::write);

        private final String ending;
        private final BiConsumer<CheckReport, Path> writer;

        Format(String ending, BiConsumer<CheckReport, Path> writer) {
            this.ending = ending;
            this.writer = writer;
        }

        static Optional<Format> of(Path file) {
            return Stream.of(values()).filter(format -> file.toString().endsWith(format.ending)).findFirst();
        }
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private final List<Path> files = new ArrayList<>();

    @Option(names = "--report", paramLabel = "FILE",
            description = "Also write the report to FILE.json, FILE.html, or FILE.xml in JUnit's format.")
    void addFiles(List<Path> more) {
        for (Path file : more) {
            if (Format.of(file).isEmpty()) {
                throw new ParameterException(command.commandLine(), "--report is " + file + "; allowed: a name that ends in .json,"
                        + " .html or .xml");
            }
            Path folder = file.toAbsolutePath().getParent();
            if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw new ParameterException(command.commandLine(), "--report is " + file + ", but " + folder
                        + " is no folder that can be written to");
            }
            if (Files.exists(file) && (Files.isDirectory(file) || !Files.isWritable(file))) {
                throw new ParameterException(command.commandLine(), "--report is " + file + ", which is "
                        + (Files.isDirectory(file) ? "a folder" : "a file that cannot be written to"));
            }
            files.add(file);
        }
    }

    void write(CheckReport report) {
        files.forEach(file -> Format.of(file).orElseThrow().writer.accept(report, file));
    }
}
