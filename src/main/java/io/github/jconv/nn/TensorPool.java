package io.github.jconv.nn;

import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Memory for activations and their gradients. An activation lives from the layer that makes it to the last one that reads it, in training
 * to the backward pass of its own layer; a gradient lives from the layer that makes it to the layer before. What is given back is lent
 * again, so that gradients lie where activations were.
 *
 * <p>A step borrows and gives back the same sizes in the same order each time. The first one is served from as many pieces of memory as it
 * takes and written down; from what was written down {@link #settle} works out how large one piece must be, and takes that instead. From
 * there on nothing is allocated.
 */
final class TensorPool {

    /** The most elements of one piece: what an array on the heap holds, and some to spare. */
    private static final long LARGEST_PIECE = 1L << 30;

    private final Function<TensorShape, Tensor> newTensor;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Tensor, Loan> loans = new IdentityHashMap<>();
    private int lent;
    private boolean grown;
    private long planned;

    /** What was done since nothing was lent: the size of what was borrowed, or -1 minus the number of the event that borrowed it. */
    private long[] events = new long[256];
    private int eventCount;

    TensorPool(Function<TensorShape, Tensor> newTensor) {
        this.newTensor = newTensor;
    }

    /** A tensor of that shape with arbitrary contents. */
    Tensor borrow(TensorShape shape) {
        if (lent == 0 && !grown) {
            eventCount = 0;
        }
        long size = AddressSpace.aligned(shape.elements());
        Loan loan = null;
        for (int i = 0; i < pieces.size() && loan == null; i++) {
            loan = lend(pieces.get(i), size, shape);
        }
        if (loan == null) {
            grown = true;
            loan = lend(add(size), size, shape);
        }
        loan.event = note(size);
        lent++;
        return loan.tensor;
    }

    /** Gives a borrowed tensor back; a tensor that is not borrowed, or was given back, is left alone. */
    void giveBack(Tensor tensor) {
        Loan loan = loans.get(tensor);
        if (loan != null && loan.event >= 0) {
            loan.piece.space.giveBack(loan.at, AddressSpace.aligned(loan.tensor.shape().elements()));
            note(-1 - loan.event);
            loan.event = -1;
            lent--;
        }
    }

    /**
     * Puts one piece of the planned size in the place of several, if nothing is lent.
     *
     * @return whether it did, and tensors that were lent before are no more
     */
    boolean settle() {
        if (!grown || lent > 0) {
            return false;
        }
        grown = false;
        planned = Math.max(planned, extentOfEvents());
        if (pieces.size() == 1 || planned > LARGEST_PIECE) {
            return false;
        }
        close();
        pieces.clear();
        loans.clear();
        add(planned);
        return true;
    }

    long bytes() {
        return pieces.stream().mapToLong(piece -> piece.storage.bytes()).sum();
    }

    void close() {
        pieces.forEach(piece -> piece.storage.close());
    }

    private Piece add(long size) {
        Piece piece = new Piece(newTensor.apply(TensorShape.of(size)), new AddressSpace(size));
        pieces.add(piece);
        return piece;
    }

    private Loan lend(Piece piece, long size, TensorShape shape) {
        long at = piece.space.take(size);
        if (at < 0) {
            return null;
        }
        List<Loan> ofShape = piece.loans.get(shape);
        if (ofShape == null) {
            ofShape = new ArrayList<>();
            piece.loans.put(shape, ofShape);
        }
        for (int i = 0; i < ofShape.size(); i++) {
            if (ofShape.get(i).at == at) {
                return ofShape.get(i);
            }
        }
        Loan loan = new Loan(piece, at, piece.storage.view(shape, at));
        ofShape.add(loan);
        loans.put(loan.tensor, loan);
        return loan;
    }

    private int note(long event) {
        if (eventCount == events.length) {
            events = Arrays.copyOf(events, 2 * eventCount);
        }
        events[eventCount] = event;
        return eventCount++;
    }

    private long extentOfEvents() {
        AddressSpace space = new AddressSpace(Long.MAX_VALUE);
        long[] places = new long[eventCount];
        for (int i = 0; i < eventCount; i++) {
            if (events[i] > 0) {
                places[i] = space.take(events[i]);
            } else {
                int borrowed = (int) (-1 - events[i]);
                space.giveBack(places[borrowed], events[borrowed]);
            }
        }
        return space.extent();
    }

    private static final class Piece {

        final Tensor storage;
        final AddressSpace space;
        final Map<TensorShape, List<Loan>> loans = new HashMap<>();

        Piece(Tensor storage, AddressSpace space) {
            this.storage = storage;
            this.space = space;
        }
    }

    /** A place in a piece, seen with a shape; the number of the event that borrowed it, or -1. */
    private static final class Loan {

        final Piece piece;
        final long at;
        final Tensor tensor;
        int event = -1;

        Loan(Piece piece, long at, Tensor tensor) {
            this.piece = piece;
            this.at = at;
            this.tensor = tensor;
        }
    }
}
