package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {

    @Property
    void aSizeIsRoundedUpByAnEighthAtMostOrToTheNextStep(@ForAll @LongRange(min = 0, max = 1L << 50) long bytes) {
        long size = MemoryPool.sizeClass(bytes);
        assertTrue(size >= bytes && size % 512 == 0, () -> bytes + " -> " + size);
        assertTrue(size - bytes <= Math.max(512, bytes / 8), () -> bytes + " -> " + size);
        assertEquals(size, MemoryPool.sizeClass(size), "a rounded size is its own class");
    }

    @Test
    void aTensorWithoutElementsHasAnAddressToo() {
        assertEquals(512, MemoryPool.sizeClass(0));
    }
}
