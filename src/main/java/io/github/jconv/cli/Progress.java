package io.github.jconv.cli;

import io.github.jconv.explain.Units;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a task is once it takes longer than two seconds: a bar where standard error is a terminal, otherwise a line now
 * and then. Never on standard output.
 */
final class Progress implements AutoCloseable {

    private static final String ERASE_LINE = "\r\033[2K";
    private static final long QUIET_MILLIS = 2_000;
    private static final long BAR_MILLIS = 200;
    private static final long LINE_MILLIS = 15_000;

    private final Console console;
    private final String task;
    private final long total;
    private final long begin = System.nanoTime();
    private final ScheduledExecutorService clock;
    private volatile long done;
    private volatile String current = "";
    private ProgressBar bar;

    /** @param total how many steps the task has */
    Progress(Console console, String task, long total) {
        this.console = console;
        this.task = task;
        this.total = total;
        this.clock = Executors.newSingleThreadScheduledExecutor(runnable -> {
            Thread thread = new Thread(runnable, "jconv-progress");
            thread.setDaemon(true);
            return thread;
        });
        long first = console.isTerminal() ? QUIET_MILLIS : LINE_MILLIS;
        clock.scheduleAtFixedRate(this::show, first, console.isTerminal() ? BAR_MILLIS : LINE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** So many steps are done. */
    void at(long step) {
        done = step;
    }

    /** The step that begins now; those before it are done. */
    void at(long step, String what) {
        done = step;
        current = what;
    }

    /** Prints a line of results; a bar makes room for it. */
    synchronized void println(String line) {
        if (bar != null) {
            console.err().print(ERASE_LINE);
            console.err().flush();
        }
        console.out().println(line);
    }

    /** Takes the bar off the screen. */
    @Override
    public void close() {
        clock.shutdownNow();
        synchronized (this) {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }

    private synchronized void show() {
        if (clock.isShutdown()) {
            return;
        }
        if (!console.isTerminal()) {
            console.err().println(task + ": " + done + " of " + total + " after "
                    + Units.seconds((System.nanoTime() - begin) * 1e-9) + (current.isEmpty() ? "" : ", at " + current));
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder().setTaskName(task).setInitialMax(total).setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis((int) BAR_MILLIS).clearDisplayOnFinish()
                    .setConsumer(new ConsoleProgressBarConsumer(console.err(), console.columns() - 1)).build();
        }
        bar.stepTo(done);
        bar.setExtraMessage(current);
    }
}
