package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.testing.JUnitRun;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the README claims: its programs are compiled and run, its tables compared with the code. */
class ReadmeTest {

    private static final Pattern PROGRAM = Pattern.compile("```java\\R(.*?)```\\R\\R```\\R(.*?)```", Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("public class (\\w+)");

    /** Between them they are served by every algorithm that serves anything. */
    private static final List<String> SAMPLES = List.of("n1c6h7w9k6r3s3_ph1pw1", "n2c6h7w9k4r3s2_sh2sw1_ph1:0_g2", "n1c4h6w5k6r1s1", "n2c3h5w4k2r5s4",
            "n1c1h9w64k6r3s64", "n1c4h9w8k4r3s3_g4", "n1c4h9w8k4r3s3_ph1pw1_g4", "n1c12h6w5k14r3s2_g2", "n1c4h20w19k3r3s3_ph1pw1",
            "n1c2h9w576k8r3s64_sw64");

    @TempDir
    private Path folder;

    static Stream<MatchResult> programs() throws IOException {
        return PROGRAM.matcher(readme()).results();
    }

    @Test
    void everyProgramIsFollowedByWhatItPrints() throws IOException {
        assertEquals(readme().lines().filter(line -> line.equals("```java")).count(), programs().count());
        assertTrue(programs().count() >= 3);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aProgramCompilesAndPrintsWhatTheReadmeSays(MatchResult program) throws Exception {
        var className = CLASS.matcher(program.group(1));
        assertTrue(className.find());
        Path source = Files.writeString(folder.resolve(className.group(1) + ".java"), program.group(1));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classPath = System.getProperty("java.class.path");
        assertEquals(0, compiler.run(null, null, null, "-Xlint:all", "-Werror", "-cp", classPath, "-d", folder.toString(),
                source.toString()));
        assertEquals(program.group(2), program.group(1).contains("void main(") ? printed(className.group(1), classPath)
                : testsOf(className.group(1)));
    }

    /** What a program prints, run as a reader would. */
    private String printed(String className, String classPath) throws Exception {
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                folder + System.getProperty("path.separator") + classPath, className)
                .redirectOutput(out.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        assertEquals(0, process.waitFor());
        return Files.readString(out);
    }

    /** What becomes of the tests of a test class. */
    private String testsOf(String className) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            JUnitRun run = JUnitRun.of(loader.loadClass(className));
            run.causes().forEach(cause -> fail(cause));
            return run + "\n";
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void aProgramFitsOnAScreen(MatchResult program) {
        List<String> body = program.group(1).lines().filter(line -> !line.startsWith("import ") && !line.isBlank()).toList();
        assertTrue(body.size() <= 20, () -> body.size() + " lines");
        body.forEach(line -> assertTrue(line.length() <= 120, line));
    }

    @Test
    void theAlgorithmTableIsTheListOfTheBackend() throws IOException {
        List<String[]> rows = rows("CPU algorithm");
        try (CpuBackend backend = new CpuBackend(1)) {
            assertEquals(backend.algorithms().stream().map(algorithm -> "`" + algorithm.name() + "`").toList(),
                    rows.stream().map(cells -> cells[0]).toList());
            for (int i = 0; i < rows.size(); i++) {
                assertEquals(operations(backend.algorithms().get(i)), rows.get(i)[1], rows.get(i)[0]);
                assertFalse(rows.get(i)[2].isEmpty(), rows.get(i)[0]);
            }
        }
    }

    @Test
    void theSuitesAreNamed() throws IOException {
        assertTrue(readme().contains("instead of all: " + String.join(", ", ProblemSuites.names()) + " |"));
    }

    @Test
    void theDependencyIsThisVersion() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        String own = pom.substring(pom.indexOf("<groupId>"), pom.indexOf("</version>") + "</version>".length());
        String squeezed = own.replaceAll("\\s+", "");
        assertTrue(readme().replaceAll("\\s+", "").contains(squeezed), squeezed);
    }

    private static String operations(ConvAlgorithm algorithm) {
        return String.join(", ", Arrays.stream(ConvOperation.values())
                .filter(operation -> SAMPLES.stream().map(ConvProblem::parse)
                        .anyMatch(problem -> algorithm.supports(ConvRequest.fp32(problem, operation)).yes()))
                .map(ConvOperation::text).toList());
    }

    /** The cells of a table, found by the heading of its first column. */
    private static List<String[]> rows(String heading) throws IOException {
        return readme().lines().dropWhile(line -> !line.startsWith("| " + heading + " ")).skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toArray(String[]::new)).toList();
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"), StandardCharsets.UTF_8);
    }
}
