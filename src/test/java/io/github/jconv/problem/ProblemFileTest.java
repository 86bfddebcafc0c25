package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of problems: mixed notations, comments, and what is said of a bad one. */
class ProblemFileTest {

    @TempDir
    Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("problems.txt"), content);
    }

    private String messageOf(Path file) {
        return assertThrows(InvalidProblemException.class, () -> ProblemFile.read(file, false)).getMessage();
    }

    @Test
    void notationsMayBeMixed() throws IOException {
        List<ProblemEntry> entries = ProblemFile.read(file("""
                # comment

                first  n1c3w8k4s3
                  # indented comment
                mb1ic3iw8oc4kw3n"second"
                700,161,1,4,32,20,5,0,0,2,2\r
                conv -n 1 -c 3 -H 8 -W 9 -k 4
                third op=deconv n=1,2 c=3 in=8 k=4 kernel=3
                transposed:n1c3w8k4s3"""), false);
        assertEquals(List.of("first n1c3w8k4s3", "second n1c3w8k4s3", "n4c1h161w700k32r5s20_sh2sw2", "n1c3h8w9k4r3s3",
                "third/n1 transposed:n1c3w8k4s3", "third/n2 transposed:n2c3w8k4s3", "transposed:n1c3w8k4s3"),
                entries.stream().map(ProblemEntry::toString).toList());
    }

    @Test
    void theErrorNamesFileLineAndWhatIsWrong() throws IOException {
        Path file = file("# comment\nn1c3w8k4s3\n\nn1c3w8k4s3_sw0\n");
        assertEquals(file + ":4: problem line 'n1c3w8k4s3_sw0': axis w: stride is 0; allowed: 1..2147483647", messageOf(file));
    }

    @Test
    void aFileThatWasCutOffIsRefused() throws IOException {
        Path file = file("n1c3w8k4s3\nn1c3w8k");
        assertEquals(file + ":2: problem line 'n1c3w8k': cannot read 'k'; expected a key of small letters and its number",
                messageOf(file));
    }

    @Test
    void aFileWithoutProblemsIsRefused() throws IOException {
        Path file = file("# only a comment\n\n");
        assertEquals("file " + file + " holds no problem; expected one per line", messageOf(file));
    }

    @Test
    void binaryFilesAreRefused() throws IOException {
        Path zeros = Files.write(folder.resolve("zeros.bin"), new byte[100]);
        assertEquals("file " + zeros + " is not a text file in UTF-8; expected one problem per line", messageOf(zeros));
        Path notUtf8 = Files.write(folder.resolve("latin.txt"), new byte[] {'n', '1', (byte) 0xff, (byte) 0xfe, '\n'});
        assertEquals("file " + notUtf8 + " is not a text file in UTF-8; expected one problem per line", messageOf(notUtf8));
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() throws IOException {
        Path file = file("n1c3w8k4s3\u001b[31m\n");
        assertEquals(file + ":1: problem line 'n1c3w8k4s3\uFFFD[31m': cannot read '\uFFFD[31m'; expected a key of small letters and its "
                + "number", messageOf(file));
    }

    @Test
    void missingFilesAndDirectoriesAreNamed() {
        Path missing = folder.resolve("missing.txt");
        assertEquals("file " + missing + " does not exist", messageOf(missing));
        assertEquals("file " + folder + " is a directory; expected a text file with one problem per line", messageOf(folder));
    }

    @Test
    void optionsBehindAProblemAreItsLines() throws IOException {
        Path file = file("n1c3w8k4s3\nfirst  n1c3w9k4s3  --type bfloat16 --layout nhwc\nconv --batchsize 1 -c 3 -H 8 -W 9 -k 4\n");
        List<ProblemLine> lines = ProblemFile.readLines(file, false);
        assertEquals(List.of(List.of(), List.of("--type", "bfloat16", "--layout", "nhwc"), List.of()),
                lines.stream().map(ProblemLine::options).toList());
        assertEquals("first n1c3w9k4s3", lines.get(1).entries().get(0).toString());
        assertEquals(file + ":2: options stand behind the problem, --type bfloat16 --layout nhwc; allowed here: the problem alone",
                messageOf(file));
    }

    @Test
    void longLinesAreQuotedShort() throws IOException {
        Path file = file("n1".repeat(10_000));
        assertEquals(file + ":1: problem line '" + "n1".repeat(100) + "...': 'n' is given twice", messageOf(file));
    }

    @Test
    void aByteOrderMarkInFrontOfTheFileIsSkipped() throws IOException {
        assertEquals(List.of("n1c3w8k4s3", "n1c3w9k4s3"),
                ProblemFile.read(file("\uFEFFn1c3w8k4s3\r\nn1c3w9k4s3\r\n"), false).stream().map(ProblemEntry::toString).toList());
        assertEquals(1, ProblemFile.read(file("\uFEFF# comment\nn1c3w8k4s3\n"), false).size());
        Path within = file("n1c3w8k4s3\n\uFEFFn1c3w8k4s3\n");
        assertEquals(within + ":2: problem line '\uFEFFn1c3w8k4s3': cannot read '\uFEFFn1c3w8k4s3'; expected a key of small letters"
                + " and its number", messageOf(within));
    }
}
