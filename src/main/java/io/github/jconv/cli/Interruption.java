package io.github.jconv.cli;

/** What is still done when the user ends the command with Ctrl-C, or the system does; until this is closed. */
final class Interruption implements AutoCloseable {

    private final Thread hook;

    /** @param action the process ends as soon as it returns; the command goes on meanwhile */
    Interruption(Runnable action) {
        hook = new Thread(action, "jconv-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // It has begun; the process ends as soon as the action returns.
        }
    }
}
