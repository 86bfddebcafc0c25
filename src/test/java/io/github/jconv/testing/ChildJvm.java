package io.github.jconv.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a class of the tests in a JVM of its own, for what can happen only once in a process. */
public final class ChildJvm {

    private ChildJvm() {
    }

    /** What {@code main} of the class printed; it must end normally. */
    public static String run(Class<?> main, List<String> options, List<String> arguments) throws IOException, InterruptedException {
        return Tools.run(command(main, options, arguments));
    }

    /** The same for what may take more than a minute. */
    public static String run(int minutes, Class<?> main, List<String> options, List<String> arguments) throws IOException, InterruptedException {
        return Tools.run(minutes, command(main, options, arguments));
    }

    /** The running JVM, whose standard error goes where that of this one goes. */
    public static Process start(Class<?> main, List<String> options, List<String> arguments) throws IOException {
        return new ProcessBuilder(command(main, options, arguments)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static List<String> command(Class<?> main, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }
}
