package io.github.jconv.check;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.cases.RecordedSuite;
import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.check.report.Ceilings;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Required;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Checks convolutions against the definition and against one another.
 *
 * <pre>{@code
 *   CrossCheck.of(myConvolution).on("n2c6h7w9k4r3s2_sh2_ph1:0").assertAgrees();
 * }</pre>
 *
 * <p>Every subject is checked in every {@link Tier} on every problem, in all three operations, unless less is asked for. Data
 * depend on the seed and the position alone: what failed once fails again.
 *
 * <p>Where the whole reference would cost too much ({@link Effort}), whole outputs are compared between the subjects and a seeded
 * sample of elements, all corners and some of every edge among them, with the reference; the report says so.
 */
public final class CrossCheck {

    /** The seed unless another is set. */
    public static final long DEFAULT_SEED = 1;

    private static final String UNNAMED_SUITE = "problems";

    private final List<List<ConvolutionUnderTest>> lanes = new ArrayList<>();
    private final List<CheckRun.Suite> suites = new ArrayList<>();
    private final List<ConvProblem> single = new ArrayList<>();
    private Set<Tier> tiers = EnumSet.allOf(Tier.class);
    private Set<ConvOperation> operations = EnumSet.allOf(ConvOperation.class);
    private Set<DataType> dataTypes = EnumSet.of(DataType.FLOAT32);
    private Set<Layout> layouts = EnumSet.of(Layout.NCHW);
    private long seed = DEFAULT_SEED;
    private Effort effort = Effort.thorough();
    private boolean shrink = true;
    private final List<String> notes = new ArrayList<>();
    private List<Ceilings> ceilings = List.of();
    private SubjectTimer timer = SubjectTimer.NONE;
    private CheckMemory memory = CheckMemory.NONE;
    private Duration timeLimit;
    private BooleanSupplier cancelled = () -> false;
    private final CheckListeners listeners = new CheckListeners();

    private CrossCheck(List<? extends ConvolutionUnderTest> subjects) {
        lanes.add(Required.eachGiven(subjects, "subjects"));
        if (subjects.isEmpty()) {
            throw new IllegalArgumentException("subjects are none; allowed: 1 and up");
        }
        long names = subjects.stream().map(ConvolutionUnderTest::name).distinct().count();
        if (names < subjects.size()) {
            throw new IllegalArgumentException("two subjects have the same name: "
                    + subjects.stream().map(ConvolutionUnderTest::name).toList());
        }
    }

    /** Checks one or several convolutions of your own. */
    public static CrossCheck of(ConvolutionUnderTest... subjects) {
        return new CrossCheck(Required.eachGiven(subjects, "subjects"));
    }

    /** Checks the subjects of a list, each under its own name. */
    public static CrossCheck of(List<? extends ConvolutionUnderTest> subjects) {
        return new CrossCheck(subjects);
    }

    /** Checks every algorithm of some backends, which stay the caller's to close. */
    public static CrossCheck ofBackends(Backend... backends) {
        List<ConvolutionUnderTest> all = new ArrayList<>();
        for (Backend backend : Required.eachGiven(backends, "backends")) {
            all.addAll(BackendSubject.allOf(backend));
        }
        return new CrossCheck(all);
    }

    // --- what is checked --------------------------------------------------------------------------------------------------

    /** Adds problems; all that are added so form one suite. */
    public CrossCheck on(ConvProblem... problems) {
        single.addAll(Required.eachGiven(problems, "problems"));
        return this;
    }

    /** Adds the problem of a canonical line. */
    public CrossCheck on(String line) {
        return on(ConvProblem.parse(Required.given(line, "line")));
    }

    /** Adds a suite. */
    public CrossCheck on(String suite, List<ConvProblem> problems) {
        return onScoped(suite, scoped(Required.eachGiven(problems, "problems")));
    }

    /** Adds a suite of problems that may say themselves what is checked of them. */
    public CrossCheck onScoped(String suite, List<ScopedProblem> problems) {
        suites.add(new CheckRun.Suite(Required.given(suite, "suite"),
                Required.eachGiven(problems, "problems").stream().map(CheckItem::of).toList()));
        return this;
    }

    /** Adds a suite, such as {@link io.github.jconv.problem.ProblemSuites#googlenet()}. */
    public CrossCheck on(ProblemSuite suite) {
        return on(Required.given(suite, "suite").name(), suite.problems());
    }

    /** Adds random problems, each in its own type and layout: {@link RandomProblems}. */
    public CrossCheck on(RandomProblems random) {
        return onScoped(Required.given(random, "random problems").name(), random.list().stream()
                .map(p -> new ScopedProblem(p.problem(), List.of(), List.of(p.dataType()), List.of(p.layout()))).toList());
    }

    /** Adds recorded cases: what others computed, from {@code OracleCases} or {@code OnnxCases}. */
    public CrossCheck on(RecordedSuite suite) {
        suites.add(new CheckRun.Suite(Required.given(suite, "suite").name(), suite.cases().stream().map(c -> CheckItem.of(c, suite.command())).toList()));
        return this;
    }

    /** Only these operations. */
    public CrossCheck operations(ConvOperation first, ConvOperation... more) {
        operations = setOf("operations", first, more);
        return this;
    }

    /** Only these tiers. */
    public CrossCheck tiers(Tier first, Tier... more) {
        tiers = setOf("tiers", first, more);
        return this;
    }

    /** These types of tensors; fp32 unless set. */
    public CrossCheck dataTypes(DataType first, DataType... more) {
        dataTypes = setOf("data types", first, more);
        return this;
    }

    /** These layouts of tensors; NCHW unless set. */
    public CrossCheck layouts(Layout first, Layout... more) {
        layouts = setOf("layouts", first, more);
        return this;
    }

    /** Other data. */
    public CrossCheck seed(long value) {
        seed = value;
        return this;
    }

    /** Adds a sentence to the report, such as what was done to the problems before they came here. */
    public CrossCheck note(String sentence) {
        notes.add(Required.given(sentence, "note"));
        return this;
    }

    // --- how much it may cost ------------------------------------------------------------------------------------------------

    /** How much a problem may cost; {@link Effort#thorough()} unless set. */
    public CrossCheck effort(Effort wanted) {
        effort = Required.given(wanted, "effort");
        return this;
    }

    /** Compares every element of every problem with the reference, whatever it takes. */
    public CrossCheck full() {
        return effort(Effort.full());
    }

    /** Begins no further check after this time; the report then says that it is incomplete. */
    public CrossCheck timeLimit(Duration limit) {
        if (Required.given(limit, "time limit").isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("time limit is " + limit + "; allowed: longer than nothing");
        }
        timeLimit = limit;
        return this;
    }

    /** Begins no further check once this is true; asked before every check, from the thread that runs them. */
    public CrossCheck cancelWhen(BooleanSupplier condition) {
        cancelled = Required.given(condition, "condition to cancel");
        return this;
    }

    /** Whether a failing problem is reduced to a minimal one that still fails; so unless set otherwise. */
    public CrossCheck shrink(boolean whether) {
        shrink = whether;
        return this;
    }

    /**
     * Times the subjects that are found right too.
     *
     * @param withTimer what measures
     * @param best      what the backends reach at best, for the report
     */
    public CrossCheck timed(SubjectTimer withTimer, List<Ceilings> best) {
        timer = Required.given(withTimer, "timer");
        ceilings = Required.eachGiven(best, "ceilings");
        return this;
    }

    /** Goes on where an earlier run ended: what the memory knows counts as done. */
    public CrossCheck recalling(CheckMemory earlier) {
        memory = Required.given(earlier, "memory");
        return this;
    }

    /** Follows the run, beside those who do so already. */
    public CrossCheck listener(CheckListener follower) {
        listeners.add(Required.given(follower, "listener"));
        return this;
    }

    /**
     * Checks several problems at the same time: with each call, one more on the given subjects, which are the same ones as those of this
     * check, in the same order, but share nothing with them. What is found is told in the same order. It is for many small problems.
     */
    public CrossCheck beside(List<? extends ConvolutionUnderTest> sameSubjects) {
        List<ConvolutionUnderTest> beside = Required.eachGiven(sameSubjects, "subjects");
        if (!names(beside).equals(names(lanes.get(0)))) {
            throw new IllegalArgumentException("subjects are " + names(beside) + "; allowed beside the others: "
                    + names(lanes.get(0)));
        }
        lanes.add(beside);
        return this;
    }

    // --- results ---------------------------------------------------------------------------------------------------------------

    /** Runs everything and tells what was found. */
    public CheckReport run() {
        List<CheckRun.Suite> all = new ArrayList<>(suites);
        if (!single.isEmpty()) {
            all.add(new CheckRun.Suite(UNNAMED_SUITE, scoped(single).stream().map(CheckItem::of).toList()));
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("problems are none; allowed: 1 and up, given with on(...)");
        }
        if (lanes.size() > 1 && timer != SubjectTimer.NONE) {
            throw new IllegalArgumentException("subjects are timed while others run beside them; allowed: one or the other");
        }
        return new CheckRun(new CheckSettings(tiers, operations, dataTypes, layouts, seed, effort, shrink, List.copyOf(notes), ceilings,
                timer, memory, timeLimit, cancelled, listeners), lanes, all).run();
    }

    /**
     * Runs everything, for use in a test.
     *
     * @throws AssertionError when a check fails, with the verdict, the worst element and how to reproduce each mismatch; or when
     *                        nothing at all could be checked
     */
    public void assertAgrees() {
        CheckReport report = run();
        if (!report.agrees()) {
            throw new AssertionError(Mismatches.describe(report.mismatches()));
        }
        if (report.checks() == 0) {
            throw new AssertionError("nothing was checked: " + report.reasons().toList());
        }
    }

    private static <E extends Enum<E>> Set<E> setOf(String parameter, E first, E[] more) {
        Set<E> set = EnumSet.of(Required.given(first, parameter));
        set.addAll(Required.eachGiven(more, parameter));
        return set;
    }

    private static List<String> names(List<? extends ConvolutionUnderTest> subjects) {
        return subjects.stream().map(ConvolutionUnderTest::name).toList();
    }

    private static List<ScopedProblem> scoped(List<ConvProblem> problems) {
        return problems.stream().map(ScopedProblem::of).toList();
    }
}
