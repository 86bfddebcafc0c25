package io.github.jconv.check.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A report as JUnit XML, as Surefire writes it and CI servers read it: a test case for each algorithm of each suite, which stands for
 * all its checks, and one for each mismatch. An algorithm that serves nothing of a suite is a skipped case, and so is, where a run was
 * broken off, what it did not come to.
 */
public final class JUnitReport {

    private static final String NAME = "jconv";

    private final CheckReport report;
    private final XMLStreamWriter xml;

    private JUnitReport(CheckReport report, XMLStreamWriter xml) {
        this.report = report;
        this.xml = xml;
    }

    public static void write(CheckReport report, Path file) {
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(writer);
            new JUnitReport(report, xml).write();
            xml.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        } catch (XMLStreamException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), new IOException(e));
        }
    }

    private void write() throws XMLStreamException {
        List<SubjectReport> subjects = report.suites().stream().flatMap(suite -> suite.subjects().stream()).toList();
        long right = subjects.stream().filter(subject -> subject.checks() > 0 && subject.failed() == 0).count();
        long idle = subjects.stream().filter(subject -> subject.checks() == 0).count();
        int failures = report.mismatches().size();
        int brokenOff = report.ending() == CheckReport.Ending.COMPLETE ? 0 : 1;
        xml.writeStartDocument("UTF-8", "1.0");
        startLine("testsuite");
        attribute("name", NAME);
        attribute("time", seconds(report.seconds()));
        attribute("tests", String.valueOf(right + idle + failures + brokenOff));
        attribute("errors", "0");
        attribute("skipped", String.valueOf(idle + brokenOff));
        attribute("failures", String.valueOf(failures));
        writeProperties();
        for (SuiteReport suite : report.suites()) {
            write(suite);
        }
        if (brokenOff > 0) {
            writeBrokenOff();
        }
        xml.writeCharacters("\n");
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private void writeBrokenOff() throws XMLStreamException {
        int done = report.suites().stream().mapToInt(SuiteReport::done).sum();
        startLine("testcase");
        attribute("name", "the rest of the run");
        attribute("classname", NAME);
        attribute("time", seconds(0));
        xml.writeStartElement("skipped");
        attribute("message", "the run was broken off" + (report.ending() == CheckReport.Ending.TIME_LIMIT ? " by its time limit" : "")
                + ": of the suites that it came to, " + done + " of " + report.problems() + " problems were checked to the end");
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private void writeProperties() throws XMLStreamException {
        startLine("properties");
        property("environment", report.environment());
        property("seed", String.valueOf(report.seed()));
        property("ending", report.ending().name().toLowerCase(Locale.ROOT));
        property("checks", String.valueOf(report.checks()));
        for (String note : report.notes()) {
            property("note", note);
        }
        xml.writeEndElement();
    }

    private void property(String name, String value) throws XMLStreamException {
        startLine("property");
        attribute("name", name);
        attribute("value", value);
        xml.writeEndElement();
    }

    private void write(SuiteReport suite) throws XMLStreamException {
        for (SubjectReport subject : suite.subjects()) {
            if (subject.failed() == 0) {
                startCase(suite, subject.checks() + (subject.checks() == 1 ? " check of " : " checks of ") + subject.subject(),
                        subject.seconds());
                if (subject.checks() == 0) {
                    xml.writeStartElement("skipped");
                    attribute("message", "nothing of this suite was checked with it");
                    xml.writeEndElement();
                }
                xml.writeEndElement();
            }
        }
        for (Mismatch mismatch : suite.mismatches()) {
            write(suite, mismatch);
        }
    }

    private void write(SuiteReport suite, Mismatch mismatch) throws XMLStreamException {
        String check = mismatch.tier().text() + "/" + mismatch.check();
        startCase(suite, mismatch.subject() + " " + mismatch.operation().text() + " of " + mismatch.problem() + " in "
                + mismatch.layout().text(mismatch.dataType()) + ", " + check, 0);
        xml.writeStartElement("failure");
        attribute("message", mismatch.verdict());
        attribute("type", check);
        xml.writeCharacters(allowed(mismatch.finding() + "\n"
                + (mismatch.shrunk() == null ? "" : "the smallest problem that still fails: " + mismatch.shrunk() + "\n")
                + mismatch.reproduce() + "\n"));
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private void startCase(SuiteReport suite, String name, double seconds) throws XMLStreamException {
        startLine("testcase");
        attribute("name", name);
        attribute("classname", NAME + "." + suite.suite());
        attribute("time", seconds(seconds));
    }

    private void startLine(String element) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement(element);
    }

    private void attribute(String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, allowed(value));
    }

    /** Without the characters that XML cannot hold, which the message of a failure may have. */
    private static String allowed(String text) {
        return text.replaceAll("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]", "?");
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.3f", seconds);
    }
}
