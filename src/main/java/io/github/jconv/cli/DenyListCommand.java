package io.github.jconv.cli;

import io.github.jconv.DenyLists;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.deny.DenyEntry;
import io.github.jconv.algorithm.deny.DenyList;
import io.github.jconv.check.DenyListTrial;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the algorithms of libraries that are known to be wrong, and puts the entries to the proof. */
@Command(name = "denylist", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        description = {"Lists the algorithms of libraries that are known to be wrong and therefore never chosen.",
            "JConv's own list and the user's (-D" + DenyLists.PROPERTY + "=FILE)."},
        footer = {"", "Exit code: 0 the list was read, and --prove refutes none of it; 1 an entry is refuted; 2 the list cannot be read."})
final class DenyListCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--prove", description = "Check what is denied on the entries' examples, where this host has it. An entry"
            + " without example=LINE cannot be proved.")
    private boolean prove;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private final BackendsOption backends;

    DenyListCommand(Console console, BackendsOption.Source source) {
        this.console = console;
        this.backends = new BackendsOption(source);
    }

    @Override
    public Integer call() {
        DenyList list = DenyLists.ofThisHost();
        if (!prove) {
            list.entries().forEach(this::print);
            return 0;
        }
        List<Backend> opened = backends.open(threads.threads());
        int exitCode = 0;
        try {
            for (DenyListTrial.Finding finding : DenyListTrial.of(list, opened)) {
                print(finding.entry());
                console.out().println("    " + finding.verdict().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + ": "
                        + finding.because());
                if (finding.verdict() == DenyListTrial.Verdict.REFUTED) {
                    exitCode = JConv.MISMATCH;
                }
            }
        } finally {
            opened.forEach(Backend::close);
        }
        return exitCode;
    }

    private void print(DenyEntry entry) {
        console.out().println(entry.line());
        console.out().println("    " + entry.reason() + (entry.link().isEmpty() ? "" : ", " + entry.link()));
    }
}
