package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CutsTest {

    @Property
    void blocksHoldAllAndNoneIsEmpty(@ForAll @IntRange(max = 10_000) int size, @ForAll @IntRange(min = 1, max = 300) int block) {
        int blocks = Cuts.ceilDiv(size, block);
        assertTrue(blocks * block >= size && (blocks - 1) * block < size, size + " in blocks of " + block);
        assertEquals(blocks, Cuts.ceilDiv((long) size, (long) block));
        assertEquals(blocks * block, Cuts.wholes(size, block));
        assertEquals(blocks * block, Cuts.wholes((long) size, (long) block));
        assertEquals((blocks % 2 == 1 ? blocks : blocks + 1) * block, Cuts.oddWholes(size, block));
    }

    @Property
    void evenBlocksAreAsFewAsTheLimitAllows(@ForAll @IntRange(min = 1, max = 10_000) int size, @ForAll @IntRange(max = 300) int most) {
        int block = Cuts.evenBlock(size, most);
        assertTrue(block >= 1 && block <= Math.max(1, most), size + " in blocks of " + block);
        int blocks = Cuts.ceilDiv(size, Math.max(1, most));
        assertTrue(Cuts.ceilDiv(size, block) <= blocks && block == Cuts.partOf(size, blocks), size + " in blocks of " + block);
    }

    /** No other block makes the slowest thread finish earlier. */
    @Property
    void sharedBlocksFinishFirst(@ForAll @IntRange(min = 1, max = 20) int others, @ForAll @IntRange(min = 1, max = 200) int size,
                                 @ForAll @IntRange(min = 1, max = 8) int threads) {
        double overhead = 0.7;
        int best = Cuts.sharedBlock(others, size, size, overhead, threads, size);
        for (int block = 1; block <= size; block++) {
            assertTrue(time(others, size, best, overhead, threads) <= time(others, size, block, overhead, threads),
                    "blocks of " + best + " and of " + block);
        }
    }

    private static double time(int others, int size, int block, double overhead, int threads) {
        return Cuts.ceilDiv(others * Cuts.ceilDiv(size, block), threads) * (block + overhead);
    }

    @Test
    void thereIsABlockEvenOfNothing() {
        assertEquals(1, Cuts.evenBlock(0, 7));
        assertEquals(1, Cuts.sharedBlock(3, 0, 7, 1, 2, 2));
        assertEquals(Integer.MAX_VALUE / 2 + 1, Cuts.ceilDiv(Integer.MAX_VALUE, 2));
    }
}
