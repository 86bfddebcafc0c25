package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Effort;
import io.github.jconv.check.FusedSubject;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The verification that comes before the clock: all rows of a request are verified with the first of them, so that operands are made,
 * and what is right is found out, once.
 */
final class BenchVerification {

    /** What is verified together. */
    private record Work(ConvRequest request, boolean fused) {
    }

    private final Map<Work, Map<String, ConvolutionUnderTest>> subjects = new LinkedHashMap<>();
    private final Map<Work, List<Mismatch>> verified = new LinkedHashMap<>();
    private final List<Backend> opened;
    private final Effort effort;

    BenchVerification(List<BenchRow> rows, List<Backend> opened) {
        this.opened = opened;
        for (BenchRow row : rows) {
            ConvolutionUnderTest subject = subject(row);
            subjects.computeIfAbsent(work(row), work -> new LinkedHashMap<>()).put(subject.name(), subject);
        }
        long problems = subjects.keySet().stream().map(work -> work.request.problem()).distinct().count();
        // Where there are many, as jconv check does it, but that every problem is also run as it is.
        effort = Effort.forProblems(Math.toIntExact(problems)).wholeAlways();
    }

    private static Work work(BenchRow row) {
        return new Work(row.plan().request(), row.fused());
    }

    private ConvolutionUnderTest subject(BenchRow row) {
        ConvPlan plan = row.plan();
        Backend backend = opened.stream().filter(each -> each.name().equals(plan.backend())).findFirst().orElseThrow();
        var plain = new BackendSubject(backend, plan.algorithm());
        BackendSubject subject = plan.keptBytes() > 0 ? plain.withConstantFilters() : plain;
        return row.fused() ? new FusedSubject(subject) : subject;
    }

    /** What is wrong about one of the rows; empty when nothing is. */
    List<Mismatch> mismatches(BenchRow row) {
        String subject = subject(row).name();
        return verified.computeIfAbsent(work(row), this::verify).stream().filter(each -> each.subject().equals(subject)).toList();
    }

    private List<Mismatch> verify(Work work) {
        ConvRequest request = work.request;
        return CrossCheck.of(List.copyOf(subjects.get(work).values())).on(request.problem()).operations(request.operation())
                .dataTypes(request.dataType()).layouts(request.layout())
                .tiers(Tier.EXACT, Tier.REAL).effort(effort).shrink(false).run().mismatches();
    }
}
