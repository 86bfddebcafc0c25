package io.github.jconv.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A command line that was run in this JVM, as the user of a pipe would see it: exit code, standard output and error. */
record CommandRun(int exitCode, String out, String err) {

    static CommandRun of(String... args) {
        return on(BackendsOption.Source.HOST, args);
    }

    /** With other backends than those of this host. */
    static CommandRun on(BackendsOption.Source backends, String... args) {
        return run(backends, 0, args);
    }

    /** As the user of a terminal of so many columns would see it. */
    static CommandRun onTerminal(int columns, String... args) {
        return run(BackendsOption.Source.HOST, columns, args);
    }

    private static CommandRun run(BackendsOption.Source backends, int columns, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), columns);
        int exitCode = JConv.run(console, backends, args);
        return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
