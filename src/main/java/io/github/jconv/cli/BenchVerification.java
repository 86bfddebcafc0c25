package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Effort;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The verification that comes before the clock: all plans for a request are verified with the first of them, so that operands are made,
 * and what is right is found out, once.
 */
final class BenchVerification {

    private final Map<ConvRequest, Map<String, BackendSubject>> subjects = new LinkedHashMap<>();
    private final Map<ConvRequest, List<Mismatch>> verified = new LinkedHashMap<>();
    private final List<Backend> opened;
    private final Effort effort;

    BenchVerification(List<ConvPlan> plans, List<Backend> opened) {
        this.opened = opened;
        for (ConvPlan plan : plans) {
            BackendSubject subject = subject(plan);
            subjects.computeIfAbsent(plan.request(), request -> new LinkedHashMap<>()).put(subject.name(), subject);
        }
        long problems = subjects.keySet().stream().map(ConvRequest::problem).distinct().count();
        // Where there are many, as jconv check does it, but that every problem is also run as it is.
        effort = Effort.forProblems(Math.toIntExact(problems)).wholeAlways();
    }

    private BackendSubject subject(ConvPlan plan) {
        Backend backend = opened.stream().filter(each -> each.name().equals(plan.backend())).findFirst().orElseThrow();
        var subject = new BackendSubject(backend, plan.algorithm());
        return plan.keptBytes() > 0 ? subject.withConstantFilters() : subject;
    }

    /** What is wrong about one of the plans; empty when nothing is. */
    List<Mismatch> mismatches(ConvPlan plan) {
        String subject = subject(plan).name();
        return verified.computeIfAbsent(plan.request(), this::verify).stream().filter(each -> each.subject().equals(subject)).toList();
    }

    private List<Mismatch> verify(ConvRequest request) {
        return CrossCheck.of(List.copyOf(subjects.get(request).values())).on(request.problem()).operations(request.operation())
                .dataTypes(request.dataType()).layouts(request.layout())
                .tiers(Tier.EXACT, Tier.REAL).effort(effort).shrink(false).run().mismatches();
    }
}
