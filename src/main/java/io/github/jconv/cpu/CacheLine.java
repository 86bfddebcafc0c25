package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.wholes;

/**
 * Where cache lines begin in a large array of floats: behind its header of 16 bytes the 13th element is the first of one, as collectors
 * place arrays on a page of their own that are large enough. Vectors that lie across two lines cost two accesses each.
 */
final class CacheLine {

    /** Elements of a cache line. */
    static final int FLOATS = 16;

    /** The first element that begins one. */
    static final int FIRST = 12;

    /** Elements from which arrays are large in this sense: half a region of the default collector, with heaps of up to 16 GB. */
    static final int LARGE = 1 << 20;

    private CacheLine() {
    }

    /** The first place from {@code at} on where a line begins. */
    static int from(int at) {
        return whole(at - FIRST) + FIRST;
    }

    /** A length of whole lines. */
    static int whole(int length) {
        return wholes(length, FLOATS);
    }
}
