package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README and the help texts name the same commands and options. */
class ReadmeCommandsTest {

    private static final Pattern OPTION = Pattern.compile("--[a-z]+");

    @Test
    void theReadmeNamesEveryCommand() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String help = CommandRun.of("--help").out();
        List<String> commands = help.substring(help.indexOf("Commands:")).lines().skip(1).takeWhile(line -> !line.isBlank())
                .filter(line -> line.matches("  \\S.*")).map(line -> line.strip().split(" ")[0]).toList();
        assertTrue(commands.size() > 3);
        commands.forEach(command -> assertTrue(readme.contains("`jconv " + command), command));
    }

    @Test
    void theReadmeNamesEveryOptionOfCheckAndNoOther() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String table = readme.substring(readme.indexOf("The options of `check`:"), readme.indexOf("### Sweeps"));
        String help = CommandRun.of("check", "--help").out();
        OPTION.matcher(help).results().map(match -> match.group())
                .filter(option -> !List.of("--help", "--version", "--debug").contains(option))
                .forEach(option -> assertTrue(table.contains("`" + option), option + " is missing in the README"));
        OPTION.matcher(table).results().map(match -> match.group())
                .forEach(option -> assertTrue(help.contains(option), option + " is missing in the help"));
    }

    @Test
    void theReadmeNamesWhatSweepHasBesideCheck() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf("### Sweeps"), readme.indexOf("## GPUs"));
        List<String> ofCheck = options("check");
        List<String> ofSweep = options("sweep");
        ofSweep.stream().filter(option -> !ofCheck.contains(option)).forEach(option -> assertTrue(section.contains(option), option));
        OPTION.matcher(section).results().map(match -> match.group())
                .forEach(option -> assertTrue(ofSweep.contains(option) || ofCheck.contains(option), option + " is missing in the help"));
    }

    private static List<String> options(String command) {
        return OPTION.matcher(CommandRun.of(command, "--help").out()).results().map(match -> match.group()).distinct().toList();
    }
}
