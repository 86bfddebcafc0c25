package io.github.jconv.check.report;

import com.github.mustachejava.DefaultMustacheFactory;
import com.github.mustachejava.Mustache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A report as one HTML file that needs nothing else: it opens without a network, on a phone, and prints. */
public final class HtmlReport {

    private static final String TEMPLATE = "io/github/jconv/check/report/report.html.mustache";

    private HtmlReport() {
    }

    public static void write(CheckReport report, Path file) {
        Mustache template = new DefaultMustacheFactory().compile(TEMPLATE);
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            template.execute(writer, HtmlView.of(report)).flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
