package io.github.jconv.cpu;

import java.util.Arrays;

/**
 * What each thread has prepared in its scratch memory for the tiles of a step: the memory has places, and each holds one part of what the
 * step works on. Tiles that need the same parts follow one another, so that a thread prepares few of them; two threads may prepare the
 * same one. That costs less than sharing it: what one processor has written comes slowly to another, and is written again slowly once
 * the other has read it.
 */
final class PreparedParts {

    private static final int NONE = -1;

    /** Between the numbers of two threads: two cache lines. */
    private static final int APART = 32;

    private final int threads;
    private int places;
    private int[] parts;

    PreparedParts(int threads) {
        this.threads = threads;
        parts = new int[0];
        reserve(1);
    }

    /** Makes room for so many places of each thread; allocates nothing if there were as many before. */
    void reserve(int count) {
        if (count > places) {
            places = count;
            parts = new int[threads * (places + APART)];
            clear();
        }
    }

    /** Forgets all: a step begins. */
    void clear() {
        Arrays.fill(parts, NONE);
    }

    /**
     * Whether a thread still has to prepare a part, which it is expected to do at once.
     *
     * @param part its number, 0 and up
     */
    boolean isNew(int place, int part, int worker) {
        int at = worker * (places + APART) + place;
        boolean isNew = parts[at] != part;
        parts[at] = part;
        return isNew;
    }
}
