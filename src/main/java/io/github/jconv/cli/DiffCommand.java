package io.github.jconv.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.jconv.check.sweep.SweepDiff;
import io.github.jconv.check.sweep.SweepFile;
import io.github.jconv.check.report.CheckKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares the files of two sweeps. */
@Command(name = "diff", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Compares what two sweeps found: whose verdict changed, who became less exact, what only one has.",
            "Exit code 0 when no verdict changed, 1 when one did.", ""})
final class DiffCommand implements Callable<Integer> {

    private static final int SHOWN = 20;

    private final Console console;

    @Parameters(paramLabel = "A.jsonl", index = "0", description = "A file that jconv sweep --out wrote.")
    private Path first;

    @Parameters(paramLabel = "B.jsonl", index = "1", description = "Another one.")
    private Path second;

    @Option(names = "--json", paramLabel = "FILE.json", description = "Also write everything that differs to a file.")
    private Path json;

    DiffCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        SweepFile before = read(first);
        SweepFile after = read(second);
        SweepDiff diff = SweepDiff.of(before, after);
        if (diff.common() == 0) {
            throw new IllegalArgumentException(first + " and " + second + " have no check in common");
        }
        if (json != null) {
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), diff);
        }
        before.header().arguments().differenceTo(after.header().arguments())
                .ifPresent(difference -> console.out().println("The sweeps differ: " + difference));
        show(diff);
        return diff.changed().isEmpty() ? 0 : JConv.MISMATCH;
    }

    private static SweepFile read(Path path) {
        SweepFile file = SweepFile.read(path);
        if (file.header() == null) {
            throw new IllegalArgumentException(path + " has no whole line");
        }
        return file;
    }

    private void show(SweepDiff diff) {
        showChanged(diff.changed());
        showWorse(diff.worse());
        showLone(first, diff.onlyIn1());
        showLone(second, diff.onlyIn2());
        console.out().println();
        console.out().println(diff.common() + " results in both: " + diff.same() + " the same, " + diff.changed().size()
                + " with another verdict, " + diff.worse().size() + " with a larger and " + diff.better()
                + " with a smaller error/bound.");
    }

    private void showChanged(List<SweepDiff.Change> changed) {
        TextTable table = new TextTable().left("verdict").left("").left("algorithm").left("check");
        for (SweepDiff.Change change : changed.subList(0, Math.min(SHOWN, changed.size()))) {
            table.row(text(change.before().outcome()), "-> " + text(change.after().outcome()), change.subject(), change.key());
        }
        print("Another verdict", changed.size(), table);
        changed.stream().limit(SHOWN).filter(change -> !change.after().detail().isEmpty())
                .forEach(change -> console.out().println("  " + change.subject() + ", " + where(change.key()) + ": "
                        + change.after().detail()));
    }

    private void showWorse(List<SweepDiff.Change> worse) {
        TextTable table = new TextTable().right("error/bound").right("").left("algorithm").left("check");
        for (SweepDiff.Change change : worse.subList(0, Math.min(SHOWN, worse.size()))) {
            table.row(ratio(change.before().worstRatio()), "-> " + ratio(change.after().worstRatio()), change.subject(),
                    change.key());
        }
        print("Larger error/bound", worse.size(), table);
    }

    private void showLone(Path file, List<SweepDiff.Lone> lone) {
        TextTable table = new TextTable().left("verdict").left("algorithm").left("check");
        for (SweepDiff.Lone one : lone.subList(0, Math.min(SHOWN, lone.size()))) {
            table.row(text(one.result().outcome()), one.subject(), one.key());
        }
        print("Only in " + file, lone.size(), table);
    }

    private void print(String title, int rows, TextTable table) {
        if (rows > 0) {
            console.out().println();
            console.out().println(title + ": " + rows + (rows > SHOWN ? ", the first " + SHOWN + " of them" : ""));
            table.print(console.out());
        }
    }

    private static String where(CheckKey key) {
        return key.operation().text() + " of " + key.problem();
    }

    private static String text(Enum<?> outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.3g", ratio);
    }
}
