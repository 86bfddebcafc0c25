package io.github.jconv.check;

import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.SuiteReport;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs every check of every subject on every problem of some suites. */
final class CheckRun {

    /** Problems with their checks, under a name. */
    record Suite(String name, List<CheckItem> items) {

        Suite {
            items = List.copyOf(items);
        }
    }

    /**
     * So many small problems come before all others where several are checked at the same time: when the large ones come, the JIT
     * compiler is done with most of what they need, without which they take many times as long.
     */
    private static final int SMALLEST_FIRST = 64;

    private final CheckSettings settings;
    private final List<List<ConvolutionUnderTest>> lanes;
    private final List<Suite> suites;
    private final Deadline deadline;
    private final FailureShrinker shrinker;

    /** @param lanes the subjects; where there are several lists, each has the same ones once more, and problems are shared among them */
    CheckRun(CheckSettings settings, List<List<ConvolutionUnderTest>> lanes, List<Suite> suites) {
        this.settings = settings;
        this.lanes = List.copyOf(lanes);
        this.suites = List.copyOf(suites);
        this.deadline = new Deadline(settings.timeLimit(), settings.cancelled());
        this.shrinker = new FailureShrinker(settings, deadline);
    }

    CheckReport run() {
        List<SuiteReport> reports = lanes.size() == 1 ? oneByOne() : sideBySide();
        boolean complete = reports.size() == suites.size() && reports.stream().allMatch(r -> r.done() == r.problems());
        return new CheckReport(settings.seed(), names(), Environment.describe(), settings.notes(),
                settings.ceilings(), reports,
                complete ? CheckReport.Ending.COMPLETE : deadline.ending(), deadline.seconds());
    }

    private List<SuiteReport> oneByOne() {
        List<SuiteReport> reports = new ArrayList<>();
        for (int s = 0; s < suites.size() && !deadline.over(); s++) {
            Suite suite = suites.get(s);
            SuiteTally tally = tally(suite);
            begin(suite);
            for (int i = 0; i < suite.items.size() && !deadline.over(); i++) {
                begin(suite, tally, i);
                if (run(new Place(s, i), tally, lanes.get(0), Findings.toldAtOnce(tally, settings.listener()))) {
                    done(suite, tally, i);
                }
            }
            reports.add(end(tally));
        }
        return reports;
    }

    /** A problem that was checked, perhaps not wholly; null for one that the deadline came before. */
    private record Checked(Findings findings, boolean complete) {
    }

    /** Where a problem stands: the number of its suite, and its own in there. */
    private record Place(int suite, int item) {
    }

    /**
     * As many problems at the same time as there are lanes, but for large ones; what was found is told in the order of the suites. No
     * lane waits for the end of a suite: others go on with the next.
     */
    private List<SuiteReport> sideBySide() {
        List<SuiteReport> reports = new ArrayList<>();
        try (Lanes<List<ConvolutionUnderTest>> beside = new Lanes<>(lanes)) {
            Room room = Room.onHeap(lanes.size());
            List<SuiteTally> tallies = suites.stream().map(this::tally).toList();
            Map<Place, Future<Checked>> running = new HashMap<>();
            for (Place place : inOrderOfRuns()) {
                CheckItem item = item(place);
                running.put(place, beside.submit(subjects ->
                        room.run(bytes(item), () -> check(place, tallies.get(place.suite), subjects))));
            }
            for (int s = 0; s < suites.size(); s++) {
                List<Future<Checked>> ofSuite = places(s).map(running::get).toList();
                if (deadline.over() && ofSuite.stream().map(Lanes::await).allMatch(Objects::isNull)) {
                    break;
                }
                begin(suites.get(s));
                tell(suites.get(s), tallies.get(s), ofSuite);
                reports.add(end(tallies.get(s)));
            }
        }
        return reports;
    }

    /** The smallest problems, and then the others in order. */
    private List<Place> inOrderOfRuns() {
        List<Place> all = IntStream.range(0, suites.size()).boxed().flatMap(this::places).toList();
        Set<Place> smallest = all.stream().sorted(Comparator.comparingLong(place -> item(place).problem().macs())).limit(SMALLEST_FIRST)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return Stream.concat(smallest.stream(), all.stream().filter(place -> !smallest.contains(place))).toList();
    }

    private Stream<Place> places(int suite) {
        return IntStream.range(0, suites.get(suite).items.size()).mapToObj(item -> new Place(suite, item));
    }

    private CheckItem item(Place place) {
        return suites.get(place.suite).items.get(place.item);
    }

    /** Of the tensors of the largest problem that is run, in the widest type. */
    private long bytes(CheckItem item) {
        return item.operations(settings).stream().flatMap(operation -> item.rounds(operation, settings).stream())
                .mapToLong(round -> round.problem().tensorBytes(DataType.FLOAT64)).max().orElse(0);
    }

    private void tell(Suite suite, SuiteTally tally, List<Future<Checked>> running) {
        for (int i = 0; i < running.size(); i++) {
            Checked checked = Lanes.await(running.get(i));
            if (checked != null) {
                begin(suite, tally, i);
                checked.findings.tell();
                if (checked.complete) {
                    done(suite, tally, i);
                }
            }
        }
    }

    private Checked check(Place place, SuiteTally tally, List<ConvolutionUnderTest> subjects) {
        if (deadline.over()) {
            return null;
        }
        Findings findings = Findings.held(tally, settings.listener());
        return new Checked(findings, run(place, tally, subjects, findings));
    }

    /** What several lanes do at the same time counts as the time of all that passes. */
    private boolean run(Place place, SuiteTally tally, List<ConvolutionUnderTest> subjects, Findings findings) {
        long begin = System.nanoTime();
        String suite = suites.get(place.suite).name;
        settings.listener().running(suite, item(place).problem());
        boolean complete = new ItemRun(suite, item(place), settings, subjects, deadline, shrinker, findings).run();
        settings.listener().ran(suite, item(place).problem());
        tally.addTime((System.nanoTime() - begin) / lanes.size());
        return complete;
    }

    private SuiteTally tally(Suite suite) {
        return new SuiteTally(suite.name, suite.items.size(), names());
    }

    private void begin(Suite suite) {
        settings.listener().suiteStarted(suite.name, suite.items.size());
    }

    private SuiteReport end(SuiteTally tally) {
        SuiteReport report = tally.report();
        settings.listener().suiteDone(report);
        return report;
    }

    private void begin(Suite suite, SuiteTally tally, int index) {
        tally.begin(suite.items.get(index).problem());
        settings.listener().problemStarted(suite.name, suite.items.get(index).problem(), index);
    }

    private void done(Suite suite, SuiteTally tally, int index) {
        tally.problemDone();
        settings.listener().problemDone(suite.name, suite.items.get(index).problem(), index);
    }

    private List<String> names() {
        return lanes.get(0).stream().map(ConvolutionUnderTest::name).toList();
    }
}
