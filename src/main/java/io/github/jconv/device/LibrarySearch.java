package io.github.jconv.device;

import io.github.jconv.device.LibraryReport.Attempt;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Looks for a library in every place where an installation may have put it, in this order: the property {@code jconv.cuda.path}
 * (folders or files), CUDA_HOME and CUDA_PATH, LD_LIBRARY_PATH, the dynamic loader's cache, the usual folders, the Python
 * environment that the property {@code jconv.python.env} names, NVIDIA's redistributables on the class path.
 */
final class LibrarySearch {

    private static final String PATH_PROPERTY = "jconv.cuda.path";
    private static final String PYTHON_PROPERTY = "jconv.python.env";
    private static final List<String> TOOLKIT_FOLDERS = List.of("lib64", "lib", "targets/x86_64-linux/lib");
    private static final List<String> USUAL_FOLDERS = List.of("usr/local/nvidia/lib64", "usr/lib/x86_64-linux-gnu", "usr/lib64",
            "usr/lib/wsl/lib", "run/opengl-driver/lib", "opt/cuda/lib64", "usr/lib");

    /** Gives the file; one on the class path is unpacked for it. */
    @FunctionalInterface
    interface FileSource {
        Path get() throws IOException;
    }

    /**
     * A file that may serve.
     *
     * @param soname the name under which it was asked for
     * @param where  its place, for people
     * @param file   the file itself
     */
    record Candidate(String soname, String where, FileSource file) {
    }

    /** A place to look in: its name for the report, and the folders or files that it names; null when nothing is named. */
    private record Place(String label, List<Path> entries) {
    }

    private final Map<String, String> environment;
    private final UnaryOperator<String> property;
    private final Path root;
    private final Redistributables redistributables;

    /**
     * @param environment      the process's environment variables
     * @param property         gives a system property or null
     * @param root             the root of the file system
     * @param redistributables what lies on the class path
     */
    LibrarySearch(Map<String, String> environment, UnaryOperator<String> property, Path root, Redistributables redistributables) {
        this.environment = environment;
        this.property = property;
        this.root = root;
        this.redistributables = redistributables;
    }

    static LibrarySearch ofThisProcess() {
        return new LibrarySearch(System.getenv(), System::getProperty, Path.of("/"), Redistributables.onClassPath());
    }

    /** The files that exist, those under the library's first name first; each place looked at is added to the attempts. */
    List<Candidate> find(NativeLibrary library, List<Attempt> attempts) {
        return find(library.sonames(), attempts);
    }

    /** Likewise a library of one of those names. */
    List<Candidate> find(List<String> sonames, List<Attempt> attempts) {
        List<Candidate> found = new ArrayList<>();
        look(place("property " + PATH_PROPERTY, property.apply(PATH_PROPERTY), this::userFolders), sonames, found, attempts);
        look(place("CUDA_HOME", environment.get("CUDA_HOME"), this::toolkitFolders), sonames, found, attempts);
        look(place("CUDA_PATH", environment.get("CUDA_PATH"), this::toolkitFolders), sonames, found, attempts);
        look(place("LD_LIBRARY_PATH", environment.get("LD_LIBRARY_PATH"), LibrarySearch::paths), sonames, found, attempts);
        lookInLoaderCache(sonames, found, attempts);
        look(new Place("usual folders", usualFolders()), sonames, found, attempts);
        look(place("property " + PYTHON_PROPERTY, property.apply(PYTHON_PROPERTY), this::pythonFolders), sonames, found, attempts);
        lookOnClassPath(sonames, found, attempts);
        found.sort(Comparator.comparingInt(candidate -> sonames.indexOf(candidate.soname())));
        return found;
    }

    private static Place place(String name, String value, Function<String, List<Path>> folders) {
        return value == null || value.isBlank() ? new Place(name, null) : new Place(name + "=" + value, folders.apply(value));
    }

    private void look(Place place, List<String> sonames, List<Candidate> found, List<Attempt> attempts) {
        if (place.entries == null || place.entries.isEmpty()) {
            attempts.add(new Attempt(place.label, place.entries == null ? "not set" : "no such folder"));
            return;
        }
        List<Path> here = new ArrayList<>();
        for (Path entry : place.entries) {
            for (String soname : sonames) {
                Path file = Files.isDirectory(entry) ? entry.resolve(soname) : entry;
                if (Files.isRegularFile(file) && file.getFileName().toString().startsWith(soname)) {
                    here.add(file);
                    add(found, soname, file);
                }
            }
        }
        attempts.add(new Attempt(place.label, here.isEmpty() ? "nothing in " + place.entries : "found " + here));
    }

    private void lookInLoaderCache(List<String> sonames, List<Candidate> found, List<Attempt> attempts) {
        Path cache = root.resolve("etc/ld.so.cache");
        if (!Files.exists(cache)) {
            attempts.add(new Attempt(cache.toString(), "there is none"));
            return;
        }
        try {
            List<Path> here = new ArrayList<>();
            for (String soname : sonames) {
                for (Path file : LdCache.find(cache, soname)) {
                    here.add(file);
                    add(found, soname, file);
                }
            }
            attempts.add(new Attempt(cache.toString(), here.isEmpty() ? "does not know it" : "found " + here));
        } catch (IOException | InvalidPathException e) {
            attempts.add(new Attempt(cache.toString(), "cannot be read: " + e));
        }
    }

    private void lookOnClassPath(List<String> sonames, List<Candidate> found, List<Attempt> attempts) {
        List<String> here = new ArrayList<>();
        for (String soname : sonames) {
            if (redistributables.has(soname)) {
                here.add(soname);
                found.add(new Candidate(soname, "class path", () -> redistributables.unpacked(soname)));
            }
        }
        attempts.add(new Attempt("class path, " + Redistributables.FOLDER, here.isEmpty() ? "nothing" : "found " + here));
    }

    private static void add(List<Candidate> found, String soname, Path file) {
        found.add(new Candidate(soname, file.toString(), () -> file));
    }

    private List<Path> userFolders(String list) {
        List<Path> entries = new ArrayList<>();
        for (Path named : paths(list)) {
            entries.add(named);
            entries.addAll(existing(named, TOOLKIT_FOLDERS));
        }
        return entries;
    }

    private List<Path> toolkitFolders(String homes) {
        List<Path> entries = new ArrayList<>();
        for (Path home : paths(homes)) {
            entries.addAll(existing(home, TOOLKIT_FOLDERS));
        }
        return entries;
    }

    private List<Path> usualFolders() {
        List<Path> entries = new ArrayList<>();
        for (Path toolkit : matching(root.resolve("usr/local"), "cuda*")) {
            entries.addAll(existing(toolkit, TOOLKIT_FOLDERS));
        }
        entries.addAll(existing(root, USUAL_FOLDERS));
        return entries;
    }

    /** The folders of NVIDIA's wheels in a virtual environment, a conda environment or a site-packages folder. */
    private List<Path> pythonFolders(String environments) {
        List<Path> entries = new ArrayList<>();
        for (Path environmentFolder : paths(environments)) {
            List<Path> packages = new ArrayList<>(List.of(environmentFolder));
            for (Path python : matching(environmentFolder.resolve("lib"), "python*")) {
                packages.add(python.resolve("site-packages"));
            }
            for (Path sitePackages : packages) {
                for (Path nvidia : matching(sitePackages.resolve("nvidia"), "*")) {
                    entries.addAll(existing(nvidia, List.of("lib")));
                }
            }
            entries.addAll(existing(environmentFolder, List.of("lib")));
        }
        return entries;
    }

    private static List<Path> existing(Path base, List<String> folders) {
        return folders.stream().map(base::resolve).filter(Files::isDirectory).toList();
    }

    /** The folders that match, the last in the order of their names first, so that newer versions come before older ones. */
    private static List<Path> matching(Path base, String pattern) {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(base, pattern)) {
            stream.forEach(folders::add);
        } catch (IOException e) {
            return List.of();
        }
        folders.sort(Comparator.reverseOrder());
        return folders;
    }

    private static List<Path> paths(String list) {
        List<Path> paths = new ArrayList<>();
        for (String entry : list.split(File.pathSeparator)) {
            if (!entry.isBlank()) {
                try {
                    paths.add(Path.of(entry.strip()).toAbsolutePath());
                } catch (InvalidPathException e) {
                    continue;
                }
            }
        }
        return paths;
    }
}
