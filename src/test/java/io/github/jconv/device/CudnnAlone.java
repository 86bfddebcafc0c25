package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.device.LibraryReport.Entry;
import io.github.jconv.device.LibraryReport.Status;

/** Loads the installed cuDNN where there need not be a driver: what concerns the host alone can then be called. */
public final class CudnnAlone {

    private CudnnAlone() {
    }

    public static void load() {
        Entry entry = new LibraryLoader(NativeLibrary.CUDNN).loadInstalled(LibrarySearch.ofThisProcess());
        assertEquals(Status.LOADED, entry.status(), entry::toString);
    }
}
