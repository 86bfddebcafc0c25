package io.github.jconv.device;

/**
 * A piece of device memory that is in use.
 *
 * @param number counts the allocations of a context, from 1
 * @param bytes  as asked for
 * @param what   what it is for, as {@code FLOAT32 [2, 6, 7, 9]} or {@code workspace}
 * @param site   where in the program it was made; null unless the context was opened with debugging
 */
public record Allocation(long number, long bytes, String what, Throwable site) {

    /** One line; with a creation site, the frames of the program that lead to it below. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("allocation " + number + ": " + what + ", " + Sizes.text(bytes));
        if (site != null) {
            for (StackTraceElement frame : site.getStackTrace()) {
                if (!frame.getClassName().startsWith(DeviceContext.class.getPackageName() + ".")) {
                    text.append(System.lineSeparator()).append("    at ").append(frame);
                }
            }
        }
        return text.toString();
    }
}
