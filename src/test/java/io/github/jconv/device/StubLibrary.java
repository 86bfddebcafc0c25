package io.github.jconv.device;

import io.github.jconv.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes libraries that stand where NVIDIA's would: every function only returns a number. */
final class StubLibrary {

    private StubLibrary() {
    }

    /**
     * @param soname    name of the library and of its file in the folder
     * @param versioned whether its symbols carry a version of the library's name, as cuBLAS's and cuDNN's do
     * @param returned  what every function returns
     */
    static Path build(Path folder, String soname, boolean versioned, List<String> functions, int returned)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        StringBuilder code = new StringBuilder();
        functions.forEach(function -> code.append("extern \"C\" int ").append(function).append("(...) { return ").append(returned)
                .append("; }\n"));
        Path source = Files.writeString(folder.resolve(soname + ".cpp"), code);
        Path library = folder.resolve(soname);
        List<String> command = new ArrayList<>(List.of("g++", "-shared", "-fPIC", "-Wl,-soname," + soname, "-o", library.toString(),
                source.toString()));
        if (versioned) {
            Path versions = Files.writeString(folder.resolve(soname + ".map"), soname + " { global: *; };");
            command.add("-Wl,--version-script," + versions);
        }
        Tools.run(command);
        return library;
    }
}
