package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs of the host that some tests need. */
public final class Tools {

    private static final String REQUIRED = "JCONV_REQUIRE_NATIVE";
    private static final String BROWSER_REQUIRED = "JCONV_REQUIRE_BROWSER";
    private static final List<String> BROWSERS = List.of("chromium", "chromium-browser", "google-chrome", "chrome");

    private Tools() {
    }

    /** Skips the test where there is no g++, unless the environment says that there must be. */
    public static void requireCompiler() {
        boolean there = isThere("g++");
        if (!there && "true".equals(System.getenv(REQUIRED))) {
            fail("g++ is not on the PATH, and " + REQUIRED + "=true says that it must be");
        }
        assumeTrue(there, "g++ is not on the PATH");
    }

    /** The name of Chromium or Chrome on this host. Where there is none the test is skipped, unless the environment says otherwise. */
    public static String requireBrowser() {
        Optional<String> browser = BROWSERS.stream().filter(Tools::isThere).findFirst();
        if (browser.isEmpty() && "true".equals(System.getenv(BROWSER_REQUIRED))) {
            fail("none of " + BROWSERS + " is on the PATH, and " + BROWSER_REQUIRED + "=true says that one must be");
        }
        assumeTrue(browser.isPresent(), "none of " + BROWSERS + " is on the PATH");
        return browser.get();
    }

    public static boolean isThere(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
                .anyMatch(folder -> !folder.isBlank() && Files.isExecutable(Path.of(folder, program)));
    }

    /** Runs a command that must succeed within a minute, and gives what it printed. */
    public static String run(List<String> command) throws IOException, InterruptedException {
        return run(1, command);
    }

    /** The same with another limit. */
    public static String run(int minutes, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("jconv-tool-", ".txt");
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
            if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                fail(command + " did not end within " + minutes + (minutes == 1 ? " minute" : " minutes"));
            }
            String printed = Files.readString(output);
            assertEquals(0, process.exitValue(), () -> command + " failed:\n" + printed);
            return printed;
        } finally {
            Files.delete(output);
        }
    }
}
