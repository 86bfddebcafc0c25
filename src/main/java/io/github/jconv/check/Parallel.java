package io.github.jconv.check;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Tasks that depend on nothing but their number. */
final class Parallel {

    /** Multiply-adds that are done before other threads have begun. */
    private static final double FEW = 1 << 17;

    private Parallel() {
    }

    /** Runs tasks 0 to {@code count - 1}, on all cores where it is worth it: they make so many multiply-adds each. */
    static void run(int count, double multiplyAdds, IntConsumer task) {
        if (count * multiplyAdds < FEW) {
            for (int i = 0; i < count; i++) {
                task.accept(i);
            }
        } else {
            IntStream.range(0, count).parallel().forEach(task);
        }
    }
}
