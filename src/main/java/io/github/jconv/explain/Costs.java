package io.github.jconv.explain;

import io.github.jconv.explain.Explanation.Section;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a problem costs whoever computes it: operations, memory, parameters. */
final class Costs {

    private Costs() {
    }

    static Section section(ProblemEntry subject) {
        ConvProblem problem = subject.problem();
        DataType fp32 = DataType.FLOAT32;
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("multiply-accumulates", Words.count(problem.macs()), "N * K * C/G * taps * output positions, each pass"));
        rows.add(row("FLOPs", Words.count(problem.flops()), "2 per multiply-accumulate"));
        rows.add(row("parameters", Words.count(parameters(subject, false)), "K * C/G * taps; with a bias "
                + Words.count(parameters(subject, true))));
        rows.add(row(subject.isTransposed() ? "output" : "x", Units.bytes(problem.xBytes(fp32)), "in fp32, as all below"));
        rows.add(row(subject.isTransposed() ? "weight" : "w", Units.bytes(problem.wBytes(fp32)), ""));
        rows.add(row(subject.isTransposed() ? "input" : "y", Units.bytes(problem.yBytes(fp32)), ""));
        rows.add(row("column matrix of one image", Units.bytes(problem.columnBytesPerImage(fp32)),
                "[C * taps, output positions]; tiled algorithms hold a part of it"));
        rows.add(row("intensity", String.format(Locale.ROOT, "%.1f FLOP/byte", (double) problem.flops() / problem.tensorBytes(fp32)),
                "if every tensor is moved once"));
        String title = subject.isTransposed() ? "Costs (N, C, K, taps and positions of the equivalent convolution)" : "Costs";
        return new Section(title, Words.columns("lrl", rows));
    }

    private static long parameters(ProblemEntry subject, boolean withBias) {
        if (subject instanceof ProblemEntry.Transposed transposed) {
            TransposedConvolution layer = transposed.layer();
            return layer.parameters(withBias);
        }
        return subject.problem().parameters(withBias);
    }

    private static List<String> row(String what, String amount, String remark) {
        return List.of(what, amount, remark);
    }
}
