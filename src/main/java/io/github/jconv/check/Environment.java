package io.github.jconv.check;

/** Where a run took place. */
public final class Environment {

    private Environment() {
    }

    /** As {@code Java 17.0.15 (OpenJDK 64-Bit Server VM), Linux amd64, 2 processors}. */
    public static String describe() {
        return "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + "), "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors";
    }
}
