package io.github.jconv.check.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.LookupPaintScale;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.data.xy.DefaultXYZDataset;

/** A map of who agrees with whom, subject by subject; the diagonal tells of the agreement with the definition. */
final class AgreementPlot {

    private static final int CELL = 22;
    private static final int LABELS = 150;

    /** Shares of checks with the same result from which a colour begins; below 0 is where there is no check of both. */
    private static final double NO_CHECKS = -1;
    private static final double SOME = 0.9;
    private static final double FEW = 0.99;
    private static final double ALL = 1;

    private record Pair(String one, String other) {
    }

    private final List<String> subjects;
    private final Map<Pair, Agreement> agreements = new LinkedHashMap<>();

    private AgreementPlot(CheckReport report) {
        this.subjects = checked(report);
        for (SuiteReport suite : report.suites()) {
            suite.agreements().forEach(this::add);
            suite.subjects().forEach(s -> put(new Agreement(s.subject(), s.subject(), s.checks(), s.checks() - s.failed())));
        }
    }

    /** Null when fewer than two subjects were checked. */
    static String svg(CheckReport report, String name) {
        return checked(report).size() > 1 ? new AgreementPlot(report).svg(name) : null;
    }

    /** The subjects that were checked at all: the others would only leave room between these. */
    private static List<String> checked(CheckReport report) {
        return report.subjects().stream().filter(name -> report.suites().stream().flatMap(suite -> suite.subjects().stream())
                .anyMatch(subject -> subject.subject().equals(name) && subject.checks() > 0)).toList();
    }

    private void add(Agreement agreement) {
        put(agreement);
        put(new Agreement(agreement.other(), agreement.one(), agreement.checks(), agreement.agreed()));
    }

    private void put(Agreement agreement) {
        agreements.merge(new Pair(agreement.one(), agreement.other()), agreement, Agreement::plus);
    }

    private String svg(String name) {
        int size = subjects.size();
        double[][] cells = new double[3][size * size];
        XYPlot plot = new XYPlot(null, axis(true), axis(false), renderer());
        for (int i = 0; i < size * size; i++) {
            int column = i % size;
            int row = i / size;
            Agreement agreement = agreements.get(new Pair(subjects.get(row), subjects.get(column)));
            cells[0][i] = column;
            cells[1][i] = row;
            cells[2][i] = agreement == null || agreement.checks() == 0 ? NO_CHECKS : (double) agreement.agreed() / agreement.checks();
            if (agreement != null && agreement.agreed() < agreement.checks()) {
                plot.addAnnotation(count(agreement.checks() - agreement.agreed(), column, row));
            }
        }
        DefaultXYZDataset data = new DefaultXYZDataset();
        data.addSeries("agreement", cells);
        plot.setDataset(data);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        return SvgPlot.of(SvgPlot.chart(plot, false), name, "which algorithms agree with which", LABELS + size * CELL + CELL,
                LABELS + size * CELL);
    }

    private static XYTextAnnotation count(long differing, int column, int row) {
        XYTextAnnotation text = new XYTextAnnotation(differing < 1000 ? String.valueOf(differing) : differing / 1000 + "k", column, row);
        text.setFont(SvgPlot.FONT.deriveFont(9f));
        text.setPaint(Ink.TEXT.color());
        return text;
    }

    private SymbolAxis axis(boolean across) {
        SymbolAxis axis = new SymbolAxis(null, subjects.toArray(String[]::new));
        axis.setGridBandsVisible(false);
        axis.setVerticalTickLabels(across);
        axis.setRange(-0.5, subjects.size() - 0.5);
        axis.setInverted(!across);
        return axis;
    }

    private static XYBlockRenderer renderer() {
        LookupPaintScale scale = new LookupPaintScale(NO_CHECKS - 0.5, 1.5, Ink.NO_CHECKS.color());
        scale.add(NO_CHECKS - 0.5, Ink.NO_CHECKS.color());
        scale.add(-0.5, Ink.MANY_DIFFER.color());
        scale.add(SOME, Ink.SOME_DIFFER.color());
        scale.add(FEW, Ink.FEW_DIFFER.color());
        scale.add(ALL, Ink.ALL_AGREE.color());
        XYBlockRenderer renderer = new XYBlockRenderer();
        renderer.setPaintScale(scale);
        renderer.setBlockWidth(0.9);
        renderer.setBlockHeight(0.9);
        return renderer;
    }
}
