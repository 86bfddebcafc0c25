package io.github.jconv.device;

import io.github.jconv.device.LibraryReport.Attempt;
import io.github.jconv.device.LibraryReport.Entry;
import io.github.jconv.device.LibraryReport.Status;
import io.github.jconv.device.LibrarySearch.Candidate;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads one library and JCuda's part of it, noting every step. A candidate is looked into before it is loaded: a library for
 * another machine, or one that lacks a function that JConv calls, is passed over with that reason.
 */
final class LibraryLoader {

    /** Set to {@code false}, it forbids to let JCuda use a newer or older library than it was built for. */
    static final String RELINK_PROPERTY = "jconv.relink";

    private static final Logger LOG = LoggerFactory.getLogger(LibraryLoader.class);

    private final NativeLibrary library;
    private final List<Attempt> attempts = new ArrayList<>();
    private boolean found;

    LibraryLoader(NativeLibrary library) {
        this.library = library;
    }

    /** The library as installed. */
    Entry loadInstalled(LibrarySearch search) {
        library.helpers().forEach(soname -> loadHelper(search, soname));
        return load(search.find(library, attempts), library.remedy());
    }

    /** The emulated device's library. */
    Entry loadEmulated(Path folder) {
        List<Candidate> candidates = new ArrayList<>();
        for (String soname : library.sonames()) {
            Path file = folder.resolve(soname);
            if (Files.isRegularFile(file)) {
                candidates.add(new Candidate(soname, file.toString(), () -> file));
            }
        }
        attempts.add(new Attempt("emulated device, " + folder, candidates.isEmpty() ? "no " + String.join(" or ", library.sonames())
                : "found " + candidates.stream().map(Candidate::soname).collect(Collectors.joining(", "))));
        return load(candidates, "build the emulated device with native-test/build (needs g++), or name its folder with -D"
                + NativeLibraries.EMULATED_PROPERTY + "=<folder>");
    }

    private Entry load(List<Candidate> candidates, String remedy) {
        for (Candidate candidate : candidates) {
            found = true;
            Path loaded = tryLoad(candidate);
            if (loaded != null) {
                return initialise(candidate.soname(), loaded, remedy);
            }
        }
        String names = String.join(" or ", library.sonames());
        return found
                ? entry(Status.UNUSABLE, null, "none of the " + names + " found can be used", remedy)
                : entry(Status.MISSING, null, names + " not found", remedy);
    }

    private Path tryLoad(Candidate candidate) {
        try {
            if (!mayBeUsed(candidate.soname())) {
                throw new IOException("JCuda was built for " + library.sonames().get(0) + ", and -D" + RELINK_PROPERTY
                        + "=false forbids to relink it");
            }
            Path file = candidate.file().get().toAbsolutePath();
            requireUsable(file);
            loadCompanions(file, candidate.soname());
            loadIntoProcess(file);
            attempts.add(new Attempt(file.toString(), "loaded"));
            return file;
        } catch (IOException | UnsatisfiedLinkError e) {
            attempts.add(new Attempt(candidate.where(), reason(e)));
            return null;
        }
    }

    private boolean mayBeUsed(String soname) {
        return soname.equals(library.sonames().get(0)) || !"false".equals(System.getProperty(RELINK_PROPERTY));
    }

    private void requireUsable(Path file) throws IOException {
        try (ElfFile elf = ElfFile.open(file)) {
            if (elf.machine() != ElfFile.MACHINE_X86_64) {
                throw new ElfFormatException("it is for another machine than x86-64");
            }
            List<String> missing = new ArrayList<>();
            for (String function : library.functions()) {
                if (!elf.defines(function)) {
                    missing.add(function);
                }
            }
            if (!missing.isEmpty()) {
                throw new ElfFormatException("it is too old or incomplete: it lacks " + String.join(", ", missing));
            }
        }
    }

    /** Their absence is not an error here: the library may find them by itself. */
    private void loadCompanions(Path file, String soname) throws IOException {
        String suffix = soname.substring(soname.indexOf(".so"));
        for (String companion : library.companions()) {
            Path beside = file.toRealPath().resolveSibling(companion + suffix);
            Path path = Files.exists(beside) ? beside : file.resolveSibling(companion + suffix);
            if (Files.exists(path)) {
                loadIntoProcess(path);
                attempts.add(new Attempt(path.toString(), "loaded"));
            }
        }
    }

    /**
     * Once it is loaded, the dynamic loader has it at hand under its name, also where no path leads to it: pip puts NVRTC into another
     * folder than cuDNN. What is not found, or cannot be loaded, is missed only by what needs it.
     */
    private void loadHelper(LibrarySearch search, String soname) {
        for (Candidate candidate : search.find(List.of(soname), new ArrayList<>())) {
            try {
                loadIntoProcess(candidate.file().get().toAbsolutePath());
                attempts.add(new Attempt(candidate.where(), "loaded"));
                return;
            } catch (IOException | UnsatisfiedLinkError e) {
                attempts.add(new Attempt(candidate.where(), reason(e)));
            }
        }
    }

    private static void loadIntoProcess(Path file) {
        try {
            System.load(file.toString());
        } catch (UnsatisfiedLinkError e) {
            boolean inUse = String.valueOf(e.getMessage()).contains("already loaded in another classloader");
            if (!inUse) {
                throw e;
            }
        }
    }

    private Entry initialise(String soname, Path loaded, String remedy) {
        String builtFor = library.sonames().get(0);
        try {
            JniLibraries.initialise(library, soname);
        } catch (IOException | ReflectiveOperationException | LinkageError e) {
            LOG.debug("JCuda's part of {} cannot be initialised", library.title(), e);
            attempts.add(new Attempt(library.jcudaClass(), reason(e)));
            return entry(Status.UNUSABLE, loaded, "JCuda's part of it cannot be loaded: " + reason(e), remedyOf(e, remedy));
        }
        if (!soname.equals(builtFor)) {
            LOG.info("JCuda was built for {}; a private copy of its JNI library was relinked to {}", builtFor, loaded);
            attempts.add(new Attempt(library.jcudaClass(), "initialised, relinked from " + builtFor + " to " + soname));
        } else {
            attempts.add(new Attempt(library.jcudaClass(), "initialised"));
        }
        return entry(Status.LOADED, loaded, "", "");
    }

    /** NVIDIA's own library has been loaded already, so that what mends its absence seldom helps. */
    private static String remedyOf(Throwable error, String ofLibrary) {
        if (error instanceof NoClassDefFoundError || error instanceof FileNotFoundException) {
            return "add jcuda and jcublas 12.6.0 and jcudnn 11.7.0 with their natives to the class path";
        }
        return error instanceof IOException && !(error instanceof ElfFormatException)
                ? "name a folder that can be written, has room and is not mounted noexec with -Djconv.cache=<folder>" : ofLibrary;
    }

    private Entry entry(Status status, Path path, String problem, String remedy) {
        return new Entry(library, status, path == null ? null : path.toString(), path == null ? "" : version(path), attempts, problem,
                remedy);
    }

    /** As the name of the file says that the path leads to: {@code 12.6.3.3} for libcublas.so.12.6.3.3. */
    private static String version(Path path) {
        try {
            String name = path.toRealPath().getFileName().toString();
            int so = name.indexOf(".so.");
            return so < 0 ? "" : name.substring(so + ".so.".length());
        } catch (IOException e) {
            return "";
        }
    }

    /** The one line that says why; JCuda's own messages hold whole stack traces, and those of files may be the file alone. */
    static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        boolean isBare = root.getMessage() == null || root instanceof FileSystemException file && file.getReason() == null;
        String message = isBare ? root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage())
                : root.getMessage();
        return message.lines().filter(line -> line.contains("UnsatisfiedLinkError:"))
                .reduce((first, last) -> last)
                .map(line -> line.substring(line.indexOf("UnsatisfiedLinkError:") + "UnsatisfiedLinkError:".length()).strip())
                .orElseGet(() -> message.lines().findFirst().orElse(message));
    }
}
