package io.github.jconv.explain;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.explain.Explanation.Section;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What each algorithm would need for each operation: memory and floating point operations. */
final class AlgorithmCosts {

    private final ConvProblem problem;
    private final List<List<String>> rows = new ArrayList<>();
    private final Map<String, List<String>> refusals = new LinkedHashMap<>();

    private AlgorithmCosts(ConvProblem problem) {
        this.problem = problem;
    }

    static Section section(String backend, List<? extends ConvAlgorithm> candidates, ProblemEntry subject) {
        var costs = new AlgorithmCosts(subject.problem());
        costs.rows.add(List.of("operation", "algorithm", "workspace", "and tensors", "FLOPs"));
        for (ConvOperation operation : ConvOperation.values()) {
            candidates.forEach(algorithm -> costs.add(operation, algorithm));
        }
        List<String> lines = new ArrayList<>(Words.columns("llrrr", costs.rows));
        costs.refusals.forEach((why, operations) -> lines.add("not " + String.join(", ", operations) + " by " + why));
        return new Section("Algorithms of backend " + backend + " (fp32)", lines);
    }

    private void add(ConvOperation operation, ConvAlgorithm algorithm) {
        ConvRequest request = ConvRequest.fp32(problem, operation);
        Support support = algorithm.supports(request);
        if (support.yes()) {
            long workspace = algorithm.workspaceBytes(request);
            rows.add(List.of(operation.text(), algorithm.name(), Units.bytes(workspace),
                    Units.bytes(Math.addExact(workspace, problem.tensorBytes(DataType.FLOAT32))), Words.count(algorithm.flops(request))));
        } else {
            refusals.computeIfAbsent(algorithm.name() + ": " + support.reason(), why -> new ArrayList<>()).add(operation.text());
        }
    }}
