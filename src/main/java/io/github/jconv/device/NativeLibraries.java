package io.github.jconv.device;

import io.github.jconv.device.LibraryReport.Entry;
import io.github.jconv.device.LibraryReport.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds and loads the native libraries: the CUDA driver, cuBLAS and cuDNN, and JCuda's JNI libraries that call them. No
 * environment variable is needed: each is loaded by its absolute path before JCuda asks for it by name.
 *
 * <p>Native libraries live as long as the process, so what was loaded, or could not be, is remembered here; this is the one place
 * that holds such state. A second class loader with classes of JConv of its own loads JCuda's libraries of its own, and shares
 * NVIDIA's.
 */
public final class NativeLibraries {

    /** Names the folder of the emulated device's libraries. */
    static final String EMULATED_PROPERTY = "jconv.emulated.libraries";

    /** What a {@link DeviceContext} needs. */
    static final List<NativeLibrary> NEEDED = List.of(NativeLibrary.CUDA_DRIVER, NativeLibrary.CUBLAS);

    private static final String EMULATED_FOLDER = "native-test/build-out";
    private static final String NOT_TRIED = "not tried, because what comes before it is missing";

    private static final Map<LibrarySource, Map<NativeLibrary, Entry>> TRIED = new EnumMap<>(LibrarySource.class);

    private NativeLibraries() {
    }

    /**
     * Loads the driver and cuBLAS: what a {@link DeviceContext} needs.
     *
     * @throws NativeLibraryException with the report as its message
     */
    public static LibraryReport load(LibrarySource source) {
        return require(report(source, NEEDED));
    }

    /**
     * Loads cuDNN, and before it what a {@link DeviceContext} needs.
     *
     * @throws NativeLibraryException with the report as its message
     */
    public static LibraryReport loadCudnn(LibrarySource source) {
        return require(report(source, List.of(NativeLibrary.values())));
    }

    /** Tries to load everything and tells how it went; never fails. */
    public static LibraryReport report(LibrarySource source) {
        return report(source, List.of(NativeLibrary.values()));
    }

    private static LibraryReport require(LibraryReport report) {
        if (!report.complete()) {
            throw new NativeLibraryException(report);
        }
        return report;
    }

    static synchronized LibraryReport report(LibrarySource source, List<NativeLibrary> libraries) {
        Map<NativeLibrary, Entry> tried = TRIED.computeIfAbsent(source, key -> new EnumMap<>(NativeLibrary.class));
        List<Entry> entries = new ArrayList<>();
        boolean go = true;
        for (NativeLibrary library : libraries) {
            Entry entry = tried.get(library);
            if (entry == null && go) {
                entry = tryLoad(source, library);
                tried.put(library, entry);
            }
            entries.add(entry != null ? entry : new Entry(library, Status.NOT_TRIED, null, "", List.of(), NOT_TRIED, ""));
            go = entry != null && entry.status() == Status.LOADED;
        }
        return new LibraryReport(entries);
    }

    private static Entry tryLoad(LibrarySource source, NativeLibrary library) {
        String host = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!host.toLowerCase(Locale.ROOT).matches("linux on (amd64|x86_64)")) {
            return unusable(library, "JCuda's libraries are for Linux on x86-64, and this is " + host, "use the CPU");
        }
        LibrarySource other = otherThan(source);
        Entry otherDriver = TRIED.getOrDefault(other, Map.of()).get(NativeLibrary.CUDA_DRIVER);
        if (otherDriver != null && otherDriver.status() == Status.LOADED) {
            return unusable(library, "this process has already loaded the " + other.name().toLowerCase(Locale.ROOT) + " libraries",
                    "use one or the other in a process");
        }
        LibraryLoader loader = new LibraryLoader(library);
        return switch (source) {
            case INSTALLED -> loader.loadInstalled(LibrarySearch.ofThisProcess());
            case EMULATED -> loader.loadEmulated(emulatedFolder());
        };
    }

    private static Entry unusable(NativeLibrary library, String problem, String remedy) {
        return new Entry(library, Status.UNUSABLE, null, "", List.of(), problem, remedy);
    }

    private static LibrarySource otherThan(LibrarySource source) {
        return source == LibrarySource.INSTALLED ? LibrarySource.EMULATED : LibrarySource.INSTALLED;
    }

    private static Path emulatedFolder() {
        return Path.of(System.getProperty(EMULATED_PROPERTY, EMULATED_FOLDER)).toAbsolutePath();
    }
}
