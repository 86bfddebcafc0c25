package io.github.jconv.cli;

import io.github.jconv.explain.Units;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the bundled suites, or the problems of one. */
@Command(name = "suites", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        description = "Lists the bundled suites of problems, or the problems of one.")
final class SuitesCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The suite whose problems are listed.")
    private String name;

    SuitesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (name == null) {
            listSuites();
        } else {
            listProblems(ProblemSuites.named(name));
        }
        return 0;
    }

    private void listSuites() {
        TextTable table = new TextTable().left("suite").right("problems").right("work").left("what it is");
        for (ProblemSuite suite : ProblemSuites.all()) {
            long flops = suite.problems().stream().mapToLong(problem -> problem.flops()).sum();
            table.row(suite.name(), suite.size(), Units.flops(flops), suite.title());
        }
        table.print(console.out());
    }

    private void listProblems(ProblemSuite suite) {
        console.out().println(suite.title());
        console.out().println();
        TextTable table = new TextTable().left("name").right("work").left("problem");
        for (ProblemEntry entry : suite) {
            table.row(entry.name(), Units.flops(entry.problem().flops()), entry.line());
        }
        table.print(console.out());
    }
}
