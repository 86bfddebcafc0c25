package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes, and several threads of one, write the same file: what one is writing, no other one deletes. */
class PartFileTest {

    private static final int TIMES = 60;
    private static final int SIDE_BY_SIDE = 3;
    private static final int VALUES = 50_000;

    @TempDir
    private Path dir;

    private Path file;

    @BeforeEach
    void setUp() {
        file = dir.resolve("checkpoint.safetensors");
    }

    /** Begins to write the given file, says so, and never goes on. */
    static final class Beginner {

        private Beginner() {
        }

        public static void main(String[] args) throws IOException {
            PartFile.of(Path.of(args[0]));
            System.out.println("begun");
            System.in.read();
        }
    }

    /** Writes the given file again and again. */
    static final class Writer {

        private Writer() {
        }

        public static void main(String[] args) throws IOException {
            writeManyTimes(Path.of(args[0]));
        }
    }

    private static void writeManyTimes(Path file) throws IOException {
        for (int n = 0; n < TIMES; n++) {
            write(file, n);
        }
    }

    private static void write(Path file, int n) throws IOException {
        HostTensor tensor = HostTensor.zeros(TensorShape.of(VALUES));
        tensor.fill(n);
        new Safetensors(Map.of(), Map.of("tensor", tensor)).write(file);
    }

    @Test
    void aPartIsDeletedWhenItsProcessIsNoMore() throws IOException, InterruptedException {
        Process beginner = ChildJvm.start(Beginner.class, List.of(), List.of(file.toString()));
        try (BufferedReader said = beginner.inputReader()) {
            assertEquals("begun", said.readLine());
            Path part = parts().get(0);
            write(file, 1);
            write(file, 2);
            assertEquals(List.of(part), parts());
        } finally {
            beginner.destroyForcibly().waitFor();
        }
        write(file, 3);
        assertEquals(List.of(), parts());
    }

    @Test
    void processesSideBySideDoNotDisturbOneAnother() throws IOException, InterruptedException {
        write(file, 0);
        List<Process> writers = new ArrayList<>();
        for (int i = 0; i < SIDE_BY_SIDE; i++) {
            writers.add(ChildJvm.start(Writer.class, List.of(), List.of(file.toString())));
        }
        try {
            while (writers.stream().anyMatch(Process::isAlive)) {
                assertIsWhole();
            }
            for (Process writer : writers) {
                assertEquals(0, writer.exitValue());
            }
        } finally {
            writers.forEach(Process::destroyForcibly);
        }
        assertEquals(List.of(), parts());
    }

    @Test
    void threadsSideBySideDoNotDisturbOneAnother() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SIDE_BY_SIDE);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < SIDE_BY_SIDE; i++) {
                tasks.add(() -> {
                    writeManyTimes(file);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertIsWhole();
        assertEquals(List.of(), parts());
    }

    private void assertIsWhole() throws IOException {
        HostTensor tensor = Safetensors.read(file).tensors().get("tensor");
        for (int i = 1; i < VALUES; i++) {
            assertEquals(tensor.get(0), tensor.get(i));
        }
    }

    /** As one of another user, which this one may not open. */
    @Test
    void whatCannotBeDeletedIsNoReasonNotToWrite() throws IOException {
        Path folder = Files.createDirectory(dir.resolve(file.getFileName() + ".00000000-0000-0000-0000-000000000000.part"));
        write(file, 1);
        assertIsWhole();
        assertTrue(Files.exists(folder));
    }

    /** Names that another program, or the writing of another file, may have made. */
    @Test
    void otherFilesStay() throws IOException {
        String unique = "00000000-0000-0000-0000-000000000000.part";
        Path left = Files.createFile(dir.resolve(file.getFileName() + "." + unique));
        List<Path> others = List.of(dir.resolve("weights.safetensors." + unique), dir.resolve(file.getFileName() + ".part"),
                dir.resolve(file.getFileName() + ".old." + unique));
        for (Path other : others) {
            Files.createFile(other);
        }
        write(file, 1);
        assertFalse(Files.exists(left));
        others.forEach(other -> assertTrue(Files.exists(other), other::toString));
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(each -> each.toString().endsWith(".part")).toList();
        }
    }
}
