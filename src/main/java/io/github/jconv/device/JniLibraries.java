package io.github.jconv.device;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jcuda.JCudaVersion;

/**
 * Lets JCuda load its JNI libraries from a folder that only this user can write. JCuda itself would take whatever lies under the
 * right name in the shared folder for temporary files; so it is pointed to a private folder for the moment in which it loads, and
 * the copies are deleted again at once, which a loaded library does not mind.
 */
final class JniLibraries {

    /** The property where JCuda looks for its libraries. */
    private static final String FOLDER_PROPERTY = "java.io.tmpdir";

    private JniLibraries() {
    }

    /**
     * Initialises JCuda's class for the library; NVIDIA's library itself must have been loaded.
     *
     * @param soname the name of NVIDIA's library that is loaded; when JCuda was built for another one, its copy is relinked
     */
    static void initialise(NativeLibrary library, String soname) throws IOException, ClassNotFoundException {
        Path temporary = Path.of(System.getProperty(FOLDER_PROPERTY));
        try {
            initialiseIn(temporary, library, soname);
        } catch (FileNotFoundException | ElfFormatException e) {
            throw e;
        } catch (IOException e) {
            initialiseInCache(library, soname, temporary + " (" + LibraryLoader.reason(e) + ")");
        }
    }

    /** Where the folder for temporary files is full, cannot be written, or forbids to run what lies there. */
    private static void initialiseInCache(NativeLibrary library, String soname, String before) throws IOException, ClassNotFoundException {
        try {
            initialiseIn(UserCache.folder("natives"), library, soname);
        } catch (FileNotFoundException | ElfFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("it can be unpacked neither in " + before + " nor in " + UserCache.folder() + " ("
                    + LibraryLoader.reason(e) + ")");
        }
    }

    private static void initialiseIn(Path parent, NativeLibrary library, String soname) throws IOException, ClassNotFoundException {
        Path folder = privateFolderIn(parent);
        try {
            Path copy = folder.resolve(library.jniFile(JCudaVersion.get()));
            unpack(library, copy);
            String builtFor = library.sonames().get(0);
            if (!soname.equals(builtFor)) {
                ElfRelink.relink(copy, builtFor, soname);
            }
            initialise(library.jcudaClass(), folder);
        } finally {
            delete(folder);
        }
    }

    private static synchronized void initialise(String jcudaClass, Path folder) throws ClassNotFoundException {
        String before = System.getProperty(FOLDER_PROPERTY);
        System.setProperty(FOLDER_PROPERTY, folder.toString());
        try {
            Class.forName(jcudaClass, true, JniLibraries.class.getClassLoader());
        } finally {
            System.setProperty(FOLDER_PROPERTY, before);
        }
    }

    private static void unpack(NativeLibrary library, Path copy) throws IOException {
        try (InputStream in = JniLibraries.class.getResourceAsStream(library.jniResource())) {
            if (in == null) {
                throw new FileNotFoundException("JCuda's " + library.jniResource() + " is not on the class path (found jcuda "
                        + JCudaVersion.get() + "); JConv needs jcuda 12.6.0, jcublas 12.6.0 and jcudnn 11.7.0 with their natives");
            }
            Files.copy(in, copy);
        }
    }

    private static Path privateFolderIn(Path parent) throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Path folder = Files.createTempDirectory(parent, "jconv-natives-", ownerOnly);
        Path probe = folder.resolve("probe");
        try {
            Files.createFile(probe, ownerOnly);
            if (!Files.isExecutable(probe)) {
                throw new IOException("it forbids to run what lies there");
            }
            Files.delete(probe);
            return folder;
        } catch (IOException e) {
            delete(folder);
            throw e;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
