package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.explain.Units;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheirLongestCell() {
        TextTable table = new TextTable().left("name").right("ms").left("note");
        table.row("a", 1234.5, "");
        table.row("longer", 7, "why");
        var bytes = new ByteArrayOutputStream();
        table.print(new PrintStream(bytes));
        assertEquals(String.join(System.lineSeparator(),
                "name        ms  note",
                "--------------------",
                "a       1234.5",
                "longer       7  why", ""), bytes.toString());
    }

    @Test
    void aRowHasACellPerColumn() {
        TextTable table = new TextTable().left("name");
        assertThrows(IllegalArgumentException.class, () -> table.row("a", "b"));
    }

    @Test
    void unitsAreReadable() {
        assertEquals("0 B", Units.bytes(0));
        assertEquals("1.50 KiB", Units.bytes(1536));
        assertEquals("256 MiB", Units.bytes(256L << 20));
        assertEquals("12 FLOP", Units.flops(12));
        assertEquals("1.85 GFLOP", Units.flops(1_850_000_000L));
        assertEquals("2.00 us", Units.seconds(2e-6));
        assertEquals("12.5 ms", Units.seconds(0.0125));
        assertEquals("2 min 05 s", Units.seconds(125.9));
    }
}
