package io.github.jconv.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many CPU threads a command computes with. */
final class ThreadsOption {

    private static final int MOST = 1024;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads that share the work; all cores unless given.")
    void setThreads(int count) {
        if (count < 1 || count > MOST) {
            throw new ParameterException(command.commandLine(), "--threads is " + count + "; allowed: 1.." + MOST);
        }
        threads = count;
    }

    int threads() {
        return threads;
    }
}
