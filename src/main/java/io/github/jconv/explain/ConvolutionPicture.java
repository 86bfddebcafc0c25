package io.github.jconv.explain;

import io.github.jconv.problem.AxisNames;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import java.util.List;

/**
 * A picture of a one- or two-dimensional convolution, cell by cell, as SVG: the input with its padding, the filter, the output, and
 * which cells one chosen output reads; and the same of its backward-data (the transposed convolution) as a convolution over
 * inserted zeros with the rotated filter. One image, one channel, one filter. Long axes are shortened by gaps.
 */
public final class ConvolutionPicture {

    private static final double MARGIN = 28;
    private static final double TITLE_SIZE = 19;

    private final ProblemEntry subject;
    private final long[] chosen;

    private ConvolutionPicture(ProblemEntry subject, long[] chosen) {
        this.subject = subject;
        this.chosen = chosen;
    }

    public static ConvolutionPicture of(ConvProblem problem) {
        return of(new ProblemEntry.Convolution("", problem));
    }

    public static ConvolutionPicture of(TransposedConvolution layer) {
        return of(new ProblemEntry.Transposed("", layer));
    }

    /**
     * @throws InvalidProblemException when the problem has three spatial dimensions
     */
    public static ConvolutionPicture of(ProblemEntry subject) {
        if (subject.problem().dimensions() > 2) {
            throw new InvalidProblemException("the problem " + subject.line() + " has 3 spatial dimensions; allowed in a picture: 1, 2");
        }
        return new ConvolutionPicture(subject, null);
    }

    /**
     * The same picture with another output highlighted than the one in the middle.
     *
     * @param position one index per spatial axis, into y of a convolution or the output of a transposed layer
     */
    public ConvolutionPicture highlighting(long... position) {
        List<SpatialAxis> axes = subject.problem().axes();
        if (position.length != axes.size()) {
            throw new InvalidProblemException("the highlighted output has " + position.length + " indices; allowed: " + axes.size()
                    + ", one per spatial axis of " + subject.line());
        }
        for (int i = 0; i < position.length; i++) {
            long outputs = subject.isTransposed() ? axes.get(i).input() : axes.get(i).output();
            if (position[i] < 0 || position[i] >= outputs) {
                throw new InvalidProblemException("axis " + AxisNames.input(i, axes.size()) + ": the highlighted output is "
                        + position[i] + "; allowed: 0.." + (outputs - 1));
            }
        }
        return new ConvolutionPicture(subject, position.clone());
    }

    /**
     * The picture as an SVG document.
     *
     * @throws InvalidProblemException when a filter spans more positions than can be drawn
     */
    public String svg() {
        var drawing = new Drawing();
        String title = (subject.name().isEmpty() ? "" : subject.name() + "   ") + subject.line();
        drawing.text(MARGIN, MARGIN + TITLE_SIZE, TITLE_SIZE, Drawing.Anchor.START, true, Drawing.INK, title);
        double top = MARGIN + TITLE_SIZE + 14;
        for (PictureView view : views()) {
            top = PicturePainter.of(drawing, view).paint(MARGIN, top) + 22;
        }
        PictureLegend.draw(drawing, MARGIN, top);
        return drawing.svg(title, "Cells that a filter reads for one output, drawn for one channel", MARGIN);
    }

    private List<PictureView> views() {
        PictureView plain = PictureView.plain(subject, choice(!subject.isTransposed()));
        PictureView inserted = PictureView.zeroInserted(subject, choice(subject.isTransposed()));
        return subject.isTransposed() ? List.of(inserted, plain) : List.of(plain, inserted);
    }

    /** The highlighted output of the subject's own view; of the other one, and unless chosen, the one in the middle. */
    private long[] choice(boolean own) {
        if (own && chosen != null) {
            return chosen;
        }
        boolean forward = own != subject.isTransposed();
        return subject.problem().axes().stream().mapToLong(axis -> (forward ? axis.output() : axis.input()) / 2).toArray();
    }
}
