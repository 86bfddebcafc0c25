package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.nn.data.DataFormatException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingLogTest {

    private static final EpochResult FIRST = new EpochResult(1, 1e-3, 2.5, 0.25, 2.25, 0.5, 1234.5, Map.of("conv.weight", 0.125),
            Map.of("conv.weight", 3.0, "conv.bias", 0.0));
    private static final EpochResult SECOND = new EpochResult(2, 5e-4, 1.5, Double.NaN, Double.NaN, Double.NaN, 1.0 / 3,
            Map.of("conv.weight", 1e-30), Map.of());

    @TempDir
    private Path dir;

    private Path log(EpochResult... results) throws IOException {
        Path file = dir.resolve("log.jsonl");
        try (Writer writer = Files.newBufferedWriter(file)) {
            TrainingLog log = new TrainingLog(writer);
            for (EpochResult result : results) {
                log.add(result);
            }
        }
        return file;
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        assertEquals(List.of(FIRST, SECOND), TrainingLog.read(log(FIRST, SECOND)));
        assertEquals(List.of(), TrainingLog.read(log()));
    }

    @Test
    void ofAnEpochThatIsThereTwiceTheLastCounts() throws IOException {
        EpochResult again = new EpochResult(2, 5e-4, 1.25, 1, 1, 1, 1, Map.of(), Map.of());
        assertEquals(List.of(FIRST, again), TrainingLog.read(log(FIRST, SECOND, again)));
    }

    /** Wherever the process was killed while it wrote. */
    @Test
    void aLastLineThatWasNotFinishedIsLeftOut() throws IOException {
        String whole = Files.readString(log(FIRST, SECOND));
        Path file = dir.resolve("cut.jsonl");
        for (int end = whole.indexOf('\n') + 1; end < whole.length(); end++) {
            Files.writeString(file, whole.substring(0, end));
            assertEquals(List.of(FIRST), TrainingLog.read(file), "cut off after " + end);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "epoch 1", "[1]", "{}", "{\"epoch\":\"one\"}", "{\"epoch\":1,\"loss\":null}", "{\"epoch\":1"})
    void anotherLineIsRefusedWithItsNumber(String line) throws IOException {
        Path file = Files.writeString(log(FIRST), Files.readString(log(FIRST)) + line + "\n");
        String message = assertThrows(DataFormatException.class, () -> TrainingLog.read(file)).getMessage();
        assertEquals(file + ": line 2 is none of a training log; expected: a JSON object with the number 'epoch', other numbers, and"
                + " objects of numbers", message);
    }
}
