package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes one checkpoint after the other is killed a hundred times; what it leaves behind can always be loaded, and what it
 * did not finish is gone after the next writing.
 */
class KilledWhileWritingTest {

    private static final int KILLS = 100;
    private static final int AT_A_TIME = 4;
    private static final int TENSORS = 5;
    private static final int VALUES = 30_000;
    private static final String READY = "written";

    @TempDir
    private Path dir;

    /** What is killed: writes checkpoints to the given file, all values of the n-th being n, and says so after each one. */
    static final class Writer {

        private Writer() {
        }

        public static void main(String[] args) throws IOException {
            for (int n = 1;; n++) {
                Map<String, HostTensor> tensors = new LinkedHashMap<>();
                for (int t = 0; t < TENSORS; t++) {
                    HostTensor tensor = HostTensor.zeros(TensorShape.of(VALUES));
                    tensor.fill(n);
                    tensors.put("tensor" + t, tensor);
                }
                new Safetensors(Map.of("n", Integer.toString(n)), tensors).write(Path.of(args[0]));
                System.out.println(READY + " " + n);
            }
        }
    }

    @Test
    void theLastGoodCheckpointAlwaysLoads() throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(7);
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill += AT_A_TIME) {
            List<Path> files = new ArrayList<>();
            List<Process> writers = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                Path folder = Files.createDirectory(dir.resolve("kill" + (kill + i)));
                files.add(folder.resolve("checkpoint.safetensors"));
                writers.add(ChildJvm.start(Writer.class, List.of(), List.of(files.get(i).toString())));
            }
            for (int i = 0; i < AT_A_TIME; i++) {
                unfinished += killAndLoad(writers.get(i), files.get(i), random.nextInt(20)) ? 1 : 0;
            }
        }
        assertTrue(unfinished > KILLS / 10, "of " + KILLS + " kills only " + unfinished + " met a file that was being written");
    }

    /** Whether the kill left an unfinished file beside the checkpoint. */
    private static boolean killAndLoad(Process writer, Path file, int afterMillis) throws IOException, InterruptedException {
        int written = 0;
        try (BufferedReader said = writer.inputReader()) {
            written = number(said.readLine());
            Thread.sleep(afterMillis);
            writer.toHandle().destroyForcibly();
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                written = Math.max(written, line.matches(READY + " \\d+") ? number(line) : 0);
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        Safetensors checkpoint = Safetensors.read(file);
        int n = Integer.parseInt(checkpoint.metadata().get("n"));
        assertTrue(n >= written, "checkpoint " + n + " is there, but " + written + " was written before");
        assertEquals(TENSORS, checkpoint.tensors().size());
        for (HostTensor tensor : checkpoint.tensors().values()) {
            for (int i = 0; i < VALUES; i++) {
                assertEquals(n, tensor.get(i));
            }
        }
        boolean unfinished = filesBeside(file) > 1;
        checkpoint.write(file);
        assertEquals(1, filesBeside(file));
        return unfinished;
    }

    private static long filesBeside(Path file) throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            return files.count();
        }
    }

    private static int number(String line) {
        return Integer.parseInt(line.substring(READY.length() + 1));
    }
}
