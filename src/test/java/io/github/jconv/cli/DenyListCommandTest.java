package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.DenyLists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenyListCommandTest {

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        System.clearProperty(DenyLists.PROPERTY);
    }

    private void own(String line) throws IOException {
        System.setProperty(DenyLists.PROPERTY, Files.write(folder.resolve("own.txt"), List.of(line)).toString());
    }

    @Test
    void bothListsAreListed() throws IOException {
        own("backend=cudnn algorithm=FFT | my own reason");
        CommandRun run = CommandRun.of("denylist");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("https://github.com/") && run.out().contains("my own reason"), run.out());
    }

    @Test
    void entriesAreProvedOnThisHost() throws IOException {
        own("backend=cpu algorithm=direct example=n1c2h5w6k3r3s2 | said to be wrong");
        CommandRun run = CommandRun.of("denylist", "--prove", "--backend", "cpu", "--threads", "1");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("refuted: right in all of "), run.out());
        assertTrue(run.out().contains("elsewhere: "), run.out());
    }

    @Test
    void aMistakeIsOneLineWithFileAndLine() throws IOException {
        own("backend=cudnn");
        CommandRun run = CommandRun.of("denylist");
        assertEquals(2, run.exitCode());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains("own.txt, line 1: "), run.err());
    }

    @Test
    void aFileThatIsNoListIsOneLineWithItsName() throws IOException {
        Path garbage = Files.write(folder.resolve("garbage.bin"), new byte[] {(byte) 0xFF, 0, (byte) 0xFE});
        assertEquals("jconv denylist: deny-list " + garbage + " is not a text file in UTF-8\n", mistake(garbage));
        assertEquals("jconv denylist: deny-list " + folder + " cannot be read: Is a directory\n", mistake(folder));
        Path nowhere = folder.resolve("nowhere.txt");
        assertEquals("jconv denylist: deny-list " + nowhere + ", which property jconv.denylist names, does not exist\n", mistake(nowhere));
    }

    private static String mistake(Path list) {
        System.setProperty(DenyLists.PROPERTY, list.toString());
        CommandRun run = CommandRun.of("denylist");
        assertEquals(2, run.exitCode());
        return run.err();
    }
}
