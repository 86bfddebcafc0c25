package io.github.jconv.device;

import jcuda.jcudnn.JCudnn;

/** The version of the cuDNN that is loaded. */
public final class CudnnVersion {

    /** From here on the major version counts ten thousands, before it thousands. */
    private static final long FIRST_OF_NINE = 90000;

    private CudnnVersion() {
    }

    /** As {@code 9.5.1} for 90501 and {@code 8.9.7} for 8907; to be asked only when cuDNN has been loaded. */
    public static String text() {
        return text(JCudnn.cudnnGetVersion());
    }

    static String text(long number) {
        long major = number >= FIRST_OF_NINE ? 10000 : 1000;
        return number / major + "." + number % major / 100 + "." + number % 100;
    }
}
