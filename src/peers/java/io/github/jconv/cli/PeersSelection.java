package io.github.jconv.cli;

import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemFile;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The layers of a comparison, each with the class that it is summarised under. */
final class PeersSelection {

    /** @param group the suite, or what stands in front of the slash in the name of a file's problem */
    record Member(String group, ProblemEntry entry) {
    }

    @Option(names = "--file", paramLabel = "FILE...", arity = "1..*", hideParamSyntax = true,
            description = "Files with a problem per line; the bundled suites unless given.")
    private List<Path> files = List.of();

    @Option(names = "--class", paramLabel = "NAME,...", hideParamSyntax = true, split = ",",
            description = "Only these suites, or problems of a file whose names begin with NAME/.")
    private Set<String> groups = Set.of();

    @Option(names = "--only", paramLabel = "TEXT", defaultValue = "", description = "Only problems whose names contain this.")
    private String part;

    @Option(names = "--batch", paramLabel = "N,...", hideParamSyntax = true, split = ",",
            description = "Batch sizes: of the suites 1,8 unless given, of a file's problems only these.")
    private Set<Long> batches = Set.of();

    @Option(names = "--every", paramLabel = "N", defaultValue = "1",
            description = "Make only every N-th measurement, spread over all classes, for an estimate.")
    private int every;

    List<Member> read() {
        List<Member> members = files.isEmpty() ? ofSuites() : ofFiles();
        Set<String> seen = new HashSet<>();
        List<Member> selected = members.stream()
                .filter(member -> groups.isEmpty() || groups.contains(member.group))
                .filter(member -> member.entry.label().contains(part))
                .filter(member -> seen.add(member.entry.line()))
                .toList();
        if (selected.isEmpty()) {
            throw new IllegalArgumentException("no problem is selected; the classes are "
                    + String.join(", ", members.stream().map(Member::group).distinct().toList()));
        }
        return selected;
    }

    /** Every N-th of the measurements. */
    <T> List<T> sample(List<T> all) {
        return IntStream.range(0, all.size()).filter(i -> i % every == 0).mapToObj(all::get).toList();
    }

    private List<Member> ofFiles() {
        List<Member> members = new ArrayList<>();
        for (Path file : files) {
            for (ProblemEntry entry : ProblemFile.read(file, false)) {
                int slash = entry.name().indexOf('/');
                String group = slash < 0 ? file.getFileName().toString() : entry.name().substring(0, slash);
                if (batches.isEmpty() || batches.contains(entry.problem().batch())) {
                    members.add(new Member(group, entry));
                }
            }
        }
        return members;
    }

    private List<Member> ofSuites() {
        List<Member> members = new ArrayList<>();
        for (ProblemSuite suite : ProblemSuites.all()) {
            for (long batch : batches.isEmpty() ? Set.of(1L, 8L) : batches) {
                suite.stream().map(entry -> entry.withBatch(batch))
                        .map(entry -> entry.named(suite.name() + "/" + entry.label().replace(',', ' ') + "/n" + batch))
                        .forEach(entry -> members.add(new Member(suite.name(), entry)));
            }
        }
        return members;
    }
}
