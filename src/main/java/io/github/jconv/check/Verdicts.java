package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.report.Mismatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Who is right and who is wrong in one check of one request. */
final class Verdicts {

    private final Map<ConvolutionUnderTest, CheckGroup.Timed> outcomes;

    Verdicts(Map<ConvolutionUnderTest, CheckGroup.Timed> outcomes) {
        this.outcomes = outcomes;
    }

    Outcome outcome(ConvolutionUnderTest subject) {
        return outcomes.get(subject).outcome();
    }

    /** The subjects that failed. */
    List<ConvolutionUnderTest> outside() {
        return subjects(Outcome::failed);
    }

    /** @param shrunk the smallest request that fails in the same way, or null */
    Mismatch mismatch(String suite, ConvRequest request, Check check, ConvolutionUnderTest subject, ConvRequest shrunk, long seed) {
        Outcome outcome = outcome(subject);
        Comparison comparison = outcome.comparison();
        return new Mismatch(suite, subject.name(), request.problem().toString(), request.operation(), request.dataType(), request.layout(),
                outcome.tier(), check.name(), outcome.finding(), comparison == null ? 0 : comparison.wrong(),
                comparison == null ? null : comparison.worst(), names(Outcome::failed), names(o -> !o.failed() && !o.skipped()), alike(),
                shrunk == null ? null : shrunk.problem().toString(),
                check.reproduction(subject, shrunk == null ? request : shrunk, seed));
    }

    /** Those of the wrong results that are like one another, in groups of two and more. */
    private List<List<String>> alike() {
        List<List<ConvolutionUnderTest>> groups = new ArrayList<>();
        for (ConvolutionUnderTest subject : subjects(o -> o.wrong() != null)) {
            groups.stream().filter(group -> outcome(group.get(0)).wrong().isLike(outcome(subject).wrong())).findFirst()
                    .ifPresentOrElse(group -> group.add(subject), () -> groups.add(new ArrayList<>(List.of(subject))));
        }
        return groups.stream().filter(group -> group.size() > 1)
                .map(group -> group.stream().map(ConvolutionUnderTest::name).toList()).toList();
    }

    private List<String> names(Predicate<Outcome> which) {
        return subjects(which).stream().map(ConvolutionUnderTest::name).toList();
    }

    private List<ConvolutionUnderTest> subjects(Predicate<Outcome> which) {
        return outcomes.entrySet().stream().filter(e -> which.test(e.getValue().outcome())).map(Map.Entry::getKey).toList();
    }
}
