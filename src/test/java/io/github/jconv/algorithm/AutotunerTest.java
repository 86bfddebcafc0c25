package io.github.jconv.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measured choice, on a backend whose clock shows what the test says. */
class AutotunerTest {

    private static final ConvRequest REQUEST = ConvRequest.fp32(ConvProblem.parse("n2c3h6w7k4r3s2"), ConvOperation.FORWARD);
    private static final long LIMIT = 1000;

    @TempDir
    Path folder;

    private Path file;
    private final Map<String, Double> seconds = new HashMap<>();
    private final List<String> runs = new ArrayList<>();
    private String description = "a clock of the test";
    private Consumer<String> afterRun = name -> { };

    /** An algorithm that never computes anything. */
    private record Named(String name, long workspaceBytes, boolean servesToCheck) implements ConvAlgorithm {

        @Override
        public Support supports(ConvRequest request) {
            return Support.when(!name.equals("unable"), "it is not able");
        }

        @Override
        public long workspaceBytes(ConvRequest request) {
            return workspaceBytes;
        }
    }

    @BeforeEach
    void setUp() {
        file = folder.resolve("cache").resolve("choices.txt");
    }

    private ConvPlan choose(String... names) {
        List<ConvAlgorithm> algorithms = new ArrayList<>();
        for (String name : names) {
            algorithms.add(new Named(name, name.equals("greedy") ? LIMIT + 1 : 0, name.equals("definition")));
        }
        return choose(LIMIT, algorithms);
    }

    private ConvPlan choose(long limit, List<ConvAlgorithm> algorithms) {
        return new Autotuner(backend(), TunedChoices.inFile(file, "1.0")).choose(REQUEST, "test", algorithms, limit);
    }

    /** Runs nothing; the time of a run is that of its algorithm's name. A name without a time fails. */
    private Backend backend() {
        Backend real = new CpuBackend(1);
        return (Backend) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, args) ->
                switch (method.getName()) {
                    case "description" -> description;
                    case "run" -> runs.add(((ConvPlan) args[0]).algorithm().name()) ? null : null;
                    case "secondsOf" -> {
                        ((Runnable) args[0]).run();
                        Double time = seconds.get(runs.get(runs.size() - 1));
                        if (time == null) {
                            throw new IllegalStateException("no such kernel");
                        }
                        afterRun.accept(runs.get(runs.size() - 1));
                        yield time;
                    }
                    default -> {
                        try {
                            yield method.invoke(real, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }
                });
    }

    private int runsOf(String name) {
        return Collections.frequency(runs, name);
    }

    @Test
    void theFastestIsChosenAndTheOthersSayWhatTheyTook() {
        seconds.putAll(Map.of("first", 3e-6, "second", 2e-6, "third", 2.5e-6));
        ConvPlan plan = choose("first", "second", "third");
        assertEquals("second", plan.algorithm().name());
        assertEquals("the fastest of 3 when measured, 2.0 us", plan.reason());
        assertEquals(List.of(new ConvPlan.PassedOver("first", "it took 3.0 us"), new ConvPlan.PassedOver("third", "it took 2.5 us")),
                plan.passedOver());
    }

    @Test
    void whatIsClearlySlowerIsNotRunAgain() {
        seconds.putAll(Map.of("fast", 0.01, "slow", 0.1, "close", 0.012, "behind", 0.014));
        choose("fast", "slow", "close", "behind");
        assertEquals(27, runsOf("fast"), "three to warm up, nine to measure, and fifteen in turns");
        assertEquals(2, runsOf("slow"), "the first run may be slow for other reasons");
        assertEquals(27, runsOf("close"));
        assertEquals(12, runsOf("behind"), "three to warm up and nine to measure");
        assertEquals(List.of("fast", "close", "fast", "close"), runs.subList(runs.size() - 4, runs.size()));
    }

    /** Short runs warm up until a compiler has had the time to look at them. */
    @Test
    void shortRunsAreMadeOften() {
        seconds.putAll(Map.of("first", 1e-4, "second", 2e-4));
        choose("first", "second");
        assertEquals(200 + 9, runsOf("first"), 1);
        assertEquals(100, runsOf("second"), 1);
    }

    @Test
    void theUsualChoiceStaysUnlessAnotherIsFasterByMoreThanMeasurementsDiffer() {
        seconds.putAll(Map.of("usual", 0.01, "another", 0.0098));
        ConvPlan plan = choose("usual", "another");
        assertEquals("usual", plan.algorithm().name());
        assertEquals("the usual one, as fast as any of 2 when measured, 10000.0 us", plan.reason());
        assertEquals(List.of(new ConvPlan.PassedOver("another", "it took 9800.0 us")), plan.passedOver());
        description = "another device";
        seconds.put("another", 0.0096);
        assertEquals("another", choose("usual", "another").algorithm().name());
    }

    /** A slow first measurement, as of code that is not compiled yet, costs the usual choice nothing: it is run again beside the others. */
    @Test
    void theUsualChoiceIsMeasuredAgainBesideTheFastest() {
        seconds.putAll(Map.of("usual", 0.04, "another", 0.01));
        afterRun = name -> {
            if (name.equals("another")) {
                seconds.put("usual", 0.005);
            }
        };
        assertEquals("usual", choose("usual", "another").algorithm().name());
    }

    @Test
    void algorithmsAreWaitedForUntilTheyAreReady() {
        AtomicInteger asked = new AtomicInteger();
        seconds.putAll(Map.of("first", 0.01, "late", 0.005));
        ConvAlgorithm late = new NotYetReady(asked);
        assertEquals("late", choose(LIMIT, List.of(new Named("first", 0, false), late)).algorithm().name());
        assertEquals(NotYetReady.TIMES, asked.get());
    }

    /** Ready when asked for the last of some times. */
    private record NotYetReady(AtomicInteger asked) implements ConvAlgorithm {

        static final int TIMES = 4;

        @Override
        public String name() {
            return "late";
        }

        @Override
        public Support supports(ConvRequest request) {
            return Support.supported();
        }

        @Override
        public long workspaceBytes(ConvRequest request) {
            return 0;
        }

        @Override
        public boolean isReady() {
            return asked.incrementAndGet() >= TIMES;
        }
    }

    @Test
    void whatTakesLongIsRunOnce() {
        seconds.putAll(Map.of("minutes", 100.0, "an hour", 3600.0));
        assertEquals("minutes", choose("minutes", "an hour").algorithm().name());
        assertEquals(1, runsOf("minutes"));
        assertEquals(1, runsOf("an hour"));
    }

    @Test
    void onlyWhatCanServeWithinTheLimitIsMeasured() {
        seconds.putAll(Map.of("unable", 1e-9, "greedy", 1e-9, "definition", 1e-9, "a", 0.02, "b", 0.01));
        assertEquals("b", choose("unable", "greedy", "definition", "a", "b").algorithm().name());
        assertEquals(Set.of("a", "b"), new HashSet<>(runs));
    }

    @Test
    void aSingleCandidateIsNotMeasured() {
        assertEquals("only", choose("unable", "only", "definition").algorithm().name());
        assertEquals(List.of(), runs);
    }

    @Test
    void aChoiceIsRememberedByTheNextProgram() {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6));
        choose("first", "second");
        runs.clear();
        ConvPlan plan = choose("first", "second");
        assertEquals("second", plan.algorithm().name());
        assertEquals("the choice when it was measured, 1.0 us", plan.reason());
        assertEquals(List.of(), runs);
    }

    @Test
    void anotherPlaceLimitOrVersionIsMeasuredAnew() {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6));
        List<ConvAlgorithm> algorithms = List.of(new Named("first", 0, false), new Named("second", 0, false));
        choose(LIMIT, algorithms);
        runs.clear();
        choose(LIMIT + 1, algorithms);
        assertFalse(runs.isEmpty(), "another limit");
        description = "another device";
        runs.clear();
        choose(LIMIT, algorithms);
        assertFalse(runs.isEmpty(), "another device");
        runs.clear();
        new Autotuner(backend(), TunedChoices.inFile(file, "2.0")).choose(REQUEST, "test", algorithms, LIMIT);
        assertFalse(runs.isEmpty(), "another version");
        runs.clear();
        choose(LIMIT, algorithms);
        assertEquals(0, runs.size(), "all are kept");
    }

    @Test
    void aRememberedAlgorithmThatIsGoneIsMeasuredAnew() {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6, "third", 3e-6));
        choose("first", "second");
        assertEquals("first", choose("first", "third").algorithm().name());
    }

    @Test
    void damagedLinesAreLeftOutAndTheRestIsKept() throws IOException {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6));
        choose("first", "second");
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        String good = lines.get(lines.size() - 1);
        lines.addAll(List.of("", "nonsense", good.replace("1.0", "one"), good.substring(0, good.lastIndexOf('\t')), good + "\t7",
                "\0\1\2", good.replace("second", "").replace("1.0\t", "1.1\t")));
        Files.write(file, lines);
        runs.clear();
        assertEquals("second", choose("first", "second").algorithm().name());
        assertEquals(List.of(), runs);
        description = "another device";
        choose("first", "second");
        List<String> repaired = Files.readAllLines(file);
        assertTrue(repaired.contains(good));
        assertEquals(3, repaired.size(), () -> "a heading and two choices: " + repaired);
    }

    @Test
    void aFileThatIsNoTextIsReplaced() throws IOException {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6));
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, (byte) 0x80});
        assertEquals("second", choose("first", "second").algorithm().name());
        assertEquals(2, Files.readAllLines(file).size());
    }

    @Test
    void aFileThatCannotBeWrittenCostsItsBenefitOnly() throws IOException {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6));
        Files.writeString(folder.resolve("cache"), "a file where the folder should be");
        assertEquals("second", choose("first", "second").algorithm().name());
        assertTrue(Files.isRegularFile(folder.resolve("cache")));
    }

    @Test
    void nothingIsLeftBesideTheFile() throws IOException {
        seconds.putAll(Map.of("first", 2e-6, "second", 1e-6));
        choose("first", "second");
        try (var files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void whatFailsWhenMeasuredIsDecidedWithoutMeasuring() {
        seconds.put("second", 1e-6);
        assertEquals("first", choose("first", "second").algorithm().name());
        assertFalse(Files.exists(file));
    }
}
