package io.github.jconv.cli;

/**
 * Runs an action when the process is interrupted (Ctrl-C), so that what was found so far is not lost; the process then ends with
 * exit code 130. The action runs beside the interrupted work, so it must only read what is safe to read.
 */
final class OnInterrupt implements AutoCloseable {

    private final Thread hook;

    OnInterrupt(Runnable action) {
        hook = new Thread(action, "jconv-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The action is running; the process ends when it is done.
        }
    }
}
