package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.SpatialAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One axis of a convolution as cyclic ones of length N. On the axis an element e of x lies at {@code e}, of y at {@code e * stride}, of w
 * at {@code e * dilation}, and those meet for which {@code x = y + w - padBegin}. In tile t each tensor is moved by a start of its own,
 * all three such that {@code x = y + w} modulo N:
 *
 * <pre>
 *                     x                  y                      w     computed in tile t
 *   FORWARD           t * S - padBegin   t * S                  0     y in [t * S, t * S + S)
 *   BACKWARD_FILTER   the same                                        all of w, from y in [t * S, t * S + S), to be added up
 *   BACKWARD_DATA     t * S - extent + 1 t * S - extent + 1     0     x in [t * S, t * S + S)
 *                                          + padBegin
 * </pre>
 *
 * <p>With S = N - extent + 1, what is computed meets all its partners among N positions, and nothing else: those that meet it only modulo
 * N are outside. One tile alone can be shorter, because nothing but zeros is around x: two elements that do not meet differ by less than N
 * if {@code N >= input + max(padBegin, padEnd)}.
 */
final class FourierAxis {

    /** From one length that is tried for tiles to the next, at least. */
    private static final double LENGTH_RATIO = 1.1;
    /** The longest tiles, in extents of the filter. */
    private static final int LONGEST = 10;
    private static final int LEAST_LENGTH = 8;

    final int length;
    final int tiles;
    private final SpatialAxis axis;
    private final ConvOperation operation;
    private final int step;
    /** Whether there is one tile with all of x, y and w, of which some positions meet modulo N. */
    private final boolean whole;

    private FourierAxis(SpatialAxis axis, ConvOperation operation, int length, int tiles, int step, boolean whole) {
        this.axis = axis;
        this.operation = operation;
        this.length = length;
        this.tiles = tiles;
        this.step = step;
        this.whole = whole;
    }

    /**
     * What is worth considering: one tile, and tiles of at most twice as many positions as they compute.
     *
     * @param even whether N must be even
     */
    static List<FourierAxis> candidates(SpatialAxis axis, ConvOperation operation, boolean even) {
        long extent = axis.extent();
        long computed = operation == ConvOperation.BACKWARD_DATA ? axis.input() : axis.zeroInsertedOutput();
        long whole = Math.max(axis.input() + Math.max(0, Math.max(axis.padBegin(), axis.padEnd())),
                Math.max(axis.zeroInsertedOutput(), extent));
        List<FourierAxis> candidates = new ArrayList<>();
        int single = lengthFrom(whole, even);
        long longest = Math.min(single - 1L, LONGEST * extent + LEAST_LENGTH);
        for (int n = lengthFrom(Math.max(LEAST_LENGTH, 2 * extent - 2), even); n <= longest;
                n = lengthFrom((long) Math.ceil(n * LENGTH_RATIO), even)) {
            int step = (int) (n - extent + 1);
            candidates.add(new FourierAxis(axis, operation, n, (int) ceilDiv(computed, step), step, false));
        }
        candidates.add(new FourierAxis(axis, operation, single, 1, (int) computed, true));
        return candidates;
    }

    private static int lengthFrom(long n, boolean even) {
        int least = (int) Math.min(n, Integer.MAX_VALUE / 2);
        return even ? 2 * FourierLength.atLeast((least + 1) / 2) : FourierLength.atLeast(least);
    }

    int size(Of of) {
        return (int) switch (of) {
            case X -> axis.input();
            case W -> axis.filter();
            case Y -> axis.output();
        };
    }

    /** Positions from one element to the next. */
    int scale(Of of) {
        return (int) switch (of) {
            case X -> 1;
            case W -> axis.dilation();
            case Y -> axis.stride();
        };
    }

    /** The position, in front of the tile's first, of a tensor. */
    private int start(Of of, int tile) {
        if (of == Of.W) {
            return 0;
        }
        int pad = (int) axis.padBegin();
        int begin = tile * step;
        if (operation == ConvOperation.BACKWARD_DATA) {
            int y = whole ? 0 : begin + pad - (int) axis.extent() + 1;
            return of == Of.Y ? y : y - pad;
        }
        return of == Of.Y ? begin : begin - pad;
    }

    /** The first element of a tensor that takes part in a tile. */
    int first(Of of, int tile) {
        return Math.min(size(of), ceilDiv(Math.max(0, begin(of, tile)), scale(of)));
    }

    /** The end of the elements that take part. */
    int end(Of of, int tile) {
        long reached = of == Of.X && operation != ConvOperation.BACKWARD_DATA
                ? axis.zeroInsertedOutput() + axis.extent() - 1 - axis.padBegin() : Integer.MAX_VALUE;
        int end = (int) Math.min(reached, begin(of, tile) + (long) span(of));
        return Math.max(first(of, tile), Math.min(size(of), ceilDiv(Math.max(0, end), scale(of))));
    }

    private int begin(Of of, int tile) {
        return isCut(of) ? tile * step : whole ? 0 : start(of, tile);
    }

    private int span(Of of) {
        return isCut(of) ? step : whole || of == Of.W ? Integer.MAX_VALUE : length;
    }

    /** Whether each element takes part in one tile only. */
    private boolean isCut(Of of) {
        return of == (operation == ConvOperation.BACKWARD_DATA ? Of.X : Of.Y);
    }

    /** The position in a tile, from 0 to N - 1, of an element. */
    int position(Of of, int tile, int element) {
        return Math.floorMod(element * scale(of) - start(of, tile), length);
    }

    /** For each tile and each of its positions the element of a tensor that lies there, or -1. */
    int[] elements(Of of) {
        int[] elements = new int[of == Of.W ? length : tiles * length];
        Arrays.fill(elements, -1);
        for (int tile = 0; tile < elements.length / length; tile++) {
            for (int e = first(of, tile); e < end(of, tile); e++) {
                elements[tile * length + position(of, tile, e)] = e;
            }
        }
        return elements;
    }
}
