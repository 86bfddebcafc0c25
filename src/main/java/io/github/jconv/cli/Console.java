package io.github.jconv.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command writes: results to {@code out}, progress and messages to {@code err}.
 *
 * @param columns width of the terminal that {@code err} is, 0 when it is none
 */
record Console(PrintStream out, PrintStream err, int columns) {

    private static final int NARROWEST = 40;

    /** The streams of the process, with what the launcher found out about the terminal. */
    static Console ofProcess() {
        return new Console(utf8(System.out), utf8(standardError()), terminalColumns());
    }

    boolean isTerminal() {
        return columns > 0;
    }

    /** The exit code of a command whose results have reached standard output; a stream does not say so by itself when they have not. */
    int requireWritten(int exitCode) {
        if (!out.checkError()) {
            return exitCode;
        }
        err.println("jconv: standard output cannot be written to the end: its disk is full, or its reader has ended");
        return exitCode == 0 ? JConv.BAD_INPUT : exitCode;
    }

    /** The launcher filters what the JVM itself writes to standard error and puts the real one in the place of standard input. */
    private static PrintStream standardError() {
        if (Boolean.getBoolean("jconv.launcher")) {
            System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.in), true, StandardCharsets.UTF_8));
        }
        return System.err;
    }

    private static PrintStream utf8(PrintStream stream) {
        return new PrintStream(stream, true, StandardCharsets.UTF_8);
    }

    private static int terminalColumns() {
        String columns = System.getProperty("jconv.columns");
        if (columns == null) {
            return 0;
        }
        return columns.matches("\\d{1,4}") ? Math.max(NARROWEST, Integer.parseInt(columns)) : 80;
    }
}
