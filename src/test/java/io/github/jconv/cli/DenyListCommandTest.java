package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.DenyLists;
import io.github.jconv.algorithm.deny.DenyList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("refuted: right in all of "), run.out());
        assertTrue(run.out().contains("elsewhere: "), run.out());
    }

    @Test
    void whatIsWrongIsProvedAndWhatHasNoExampleIsNotTested() throws IOException {
        own("backend=cpu algorithm=direct operation=forward example=n1c2h5w6k3r3s2 | wrong in the last column");
        CommandRun run = CommandRun.on(new WrongBackend(), "denylist", "--prove", "--threads", "1");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("proved: wrong: cpu:direct forward"), run.out());
        own("backend=cpu algorithm=direct | without an example");
        run = CommandRun.of("denylist", "--prove", "--backend", "cpu", "--threads", "1");
        assertEquals(0, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("not tested: it has no example"), run.out());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", value = {
        "backend=cudn => backend is 'cudn'; allowed: cuda, cudnn, cpu",
        "backend=cudnn algorithm=FFT_TILE => algorithm is 'FFT_TILE'; allowed with backend=cudnn: IMPLICIT_PRECOMP_GEMM, ALGO_1, WINOGRAD",
        "backend=cuda algorithm=FFT => algorithm is 'FFT'; allowed with backend=cuda: tensor-gemm, ",
        "backend=cpu algorithm=dirct => algorithm is 'dirct'; allowed with backend=cpu: winograd-4x4, "})
    void whatDoesNotExistCannotBeDenied(String conditions, String problem) throws IOException {
        own(conditions + " | wrong");
        CommandRun run = CommandRun.of("denylist");
        assertEquals(2, run.exitCode(), run.out());
        assertTrue(run.err().startsWith("jconv denylist: deny-list " + folder.resolve("own.txt") + ", line 1: " + problem), run.err());
    }

    @Test
    void theBundledListNamesWhatExists() throws IOException {
        own(DenyList.bundled().entries().stream().map(entry -> entry.line() + " | " + entry.reason()).collect(Collectors.joining("\n")));
        assertEquals(0, CommandRun.of("denylist").exitCode());
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
