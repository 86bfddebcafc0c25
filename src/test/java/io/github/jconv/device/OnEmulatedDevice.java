package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.testing.EmulatedDevice;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Tests on the emulated device: each begins with its usual behaviour, and must leave nothing alive on it. */
abstract class OnEmulatedDevice {

    private static final String USUAL = "fail nothing; schedule ascending; streams immediate; devices 1; memory 17179869184;"
            + " compute-capability 90; driver-version 12060";

    /** Kinds and numbers of things that a test leaves alive because it made the call fail that ends them. */
    protected final Map<String, Long> leftOnPurpose = new TreeMap<>();

    private Map<String, Long> aliveBefore;

    @BeforeAll
    static void load() {
        EmulatedDevice.build();
        NativeLibraries.load(LibrarySource.EMULATED);
    }

    @BeforeEach
    void noteWhatIsAlive() {
        aliveBefore = new TreeMap<>(EmulatedDevice.alive());
    }

    @AfterEach
    void nothingIsLeft() {
        EmulatedDevice.command(USUAL);
        assertNothingIsLeft("after the test");
    }

    final void assertNothingIsLeft(String when) {
        Map<String, Long> expected = new TreeMap<>(aliveBefore);
        leftOnPurpose.forEach((kind, count) -> expected.merge(kind, count, Long::sum));
        assertEquals(expected, new TreeMap<>(EmulatedDevice.alive()), () -> "alive on the device " + when);
    }
}
