package io.github.jconv.check;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.deny.DenyEntry;
import io.github.jconv.algorithm.deny.DenyList;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Puts the entries of a deny-list to the proof on this host: every algorithm that an entry denies is checked on the entry's example, in
 * every tier.
 */
public final class DenyListTrial {

    /** What came of an entry. */
    public enum Verdict {
        /** At least one denied algorithm is wrong on the example. */
        PROVED,
        /** All of them are right on it, here. */
        REFUTED,
        /** The entry is about no backend, version or device of this host. */
        ELSEWHERE,
        /** It has no example, or nothing that it denies serves the example here. */
        NOT_TESTED
    }

    /**
     * The finding about one entry.
     *
     * @param because in a sentence
     */
    public record Finding(DenyEntry entry, Verdict verdict, String because) {
    }

    private DenyListTrial() {
    }

    /** @param backends of this host; they stay the caller's to close */
    public static List<Finding> of(DenyList list, List<Backend> backends) {
        return list.entries().stream().map(entry -> examine(entry, backends)).toList();
    }

    private static Finding examine(DenyEntry entry, List<Backend> backends) {
        List<Backend> concerned = backends.stream().filter(entry::concerns).toList();
        if (concerned.isEmpty()) {
            return new Finding(entry, Verdict.ELSEWHERE, "it is about no backend, version or device of this host");
        }
        if (entry.example() == null) {
            return new Finding(entry, Verdict.NOT_TESTED, "it has no example");
        }
        long checks = 0;
        List<String> wrong = new ArrayList<>();
        for (DataType type : DataType.values()) {
            for (ConvOperation operation : ConvOperation.values()) {
                List<ConvolutionUnderTest> denied = denied(entry, concerned, new ConvRequest(entry.example(), operation, type));
                if (!denied.isEmpty()) {
                    CheckReport report = CrossCheck.of(denied).on(entry.example()).operations(operation).dataTypes(type).shrink(false)
                            .full().run();
                    checks += report.checks();
                    report.mismatches().forEach(mismatch -> wrong.add(mismatch.subject() + " " + operation.text()));
                }
            }
        }
        return finding(entry, checks, wrong);
    }

    private static Finding finding(DenyEntry entry, long checks, List<String> wrong) {
        if (!wrong.isEmpty()) {
            return new Finding(entry, Verdict.PROVED, "wrong: " + wrong.stream().distinct().collect(Collectors.joining(", ")));
        }
        return checks == 0 ? new Finding(entry, Verdict.NOT_TESTED, "nothing that it denies serves its example here")
                : new Finding(entry, Verdict.REFUTED, "right in all of " + checks + " checks");
    }

    private static List<ConvolutionUnderTest> denied(DenyEntry entry, List<Backend> backends, ConvRequest request) {
        List<ConvolutionUnderTest> subjects = new ArrayList<>();
        for (Backend backend : backends) {
            Set<String> names = backend.algorithms().stream().filter(algorithm -> entry.denies(request, algorithm)
                    && algorithm.supports(request).yes()).map(algorithm -> backend.name() + ":" + algorithm.name())
                    .collect(Collectors.toSet());
            BackendSubject.allOf(backend).stream().filter(subject -> names.contains(subject.name())).forEach(subjects::add);
        }
        return subjects;
    }
}
