package io.github.jconv.cli;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.HtmlReport;
import io.github.jconv.check.report.JsonReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a report is written to. What cannot be written is found out before the checks, not after them. */
final class ReportOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private final List<Path> files = new ArrayList<>();

    @Option(names = "--report", paramLabel = "FILE", description = "Also write the report to FILE.json or FILE.html.")
    void addFiles(List<Path> more) {
        for (Path file : more) {
            if (!isJson(file) && !isHtml(file)) {
                throw new ParameterException(command.commandLine(), "--report is " + file + "; allowed: a name that ends in .json"
                        + " or .html");
            }
            Path folder = file.toAbsolutePath().getParent();
            if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw new ParameterException(command.commandLine(), "--report is " + file + ", but " + folder
                        + " is no folder that can be written to");
            }
            files.add(file);
        }
    }

    void write(CheckReport report) {
        for (Path file : files) {
            if (isJson(file)) {
                JsonReport.write(report, file);
            } else {
                HtmlReport.write(report, file);
            }
        }
    }

    private static boolean isJson(Path file) {
        return file.toString().endsWith(".json");
    }

    private static boolean isHtml(Path file) {
        return file.toString().endsWith(".html");
    }
}
