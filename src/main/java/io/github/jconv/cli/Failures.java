package io.github.jconv.cli;

import io.github.jconv.device.DeviceException;
import io.github.jconv.device.NativeLibraryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What went wrong, in one line that says what to do about it. */
final class Failures {

    private Failures() {
    }

    static String line(Throwable failure) {
        return oneLine(text(failure));
    }

    /** A command line that cannot be read, with the nearest thing that could. */
    static String usageLine(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String suggestion = failure instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()
                ? " (did you mean " + unmatched.getSuggestions().get(0) + "?)" : "";
        return oneLine(failure.getMessage()) + suggestion + "; see " + command.getCommandSpec().qualifiedName() + " --help";
    }

    private static String text(Throwable failure) {
        if (failure instanceof UncheckedIOException unchecked) {
            return text(unchecked.getCause());
        }
        if (failure instanceof NoSuchFileException missing) {
            return "there is no file or folder " + missing.getFile();
        }
        if (failure instanceof AccessDeniedException denied) {
            return "no permission for " + denied.getFile();
        }
        if (failure instanceof NotDirectoryException file) {
            return file.getFile() + " is not a folder";
        }
        if (failure instanceof DirectoryNotEmptyException folder) {
            return folder.getFile() + " is a folder that is not empty";
        }
        if (failure instanceof FileAlreadyExistsException existing) {
            return existing.getFile() + " exists already";
        }
        if (failure instanceof CharacterCodingException) {
            return "a file is not UTF-8 text: " + failure.getMessage();
        }
        if (failure instanceof OutOfMemoryError) {
            return "not enough memory (" + failure.getMessage() + "); give Java more, for instance JCONV_JAVA_OPTS=-Xmx8g";
        }
        if (failure instanceof NativeLibraryException missing) {
            return missing.report().problem() + "; jconv doctor tells what was tried";
        }
        if (failure instanceof DeviceException) {
            return failure.getMessage();
        }
        if (failure instanceof IllegalArgumentException || failure instanceof IOException
                || failure instanceof io.github.jconv.algorithm.UnsupportedRequestException) {
            return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        }
        return "this is a mistake in JConv, please report it: " + failure + "; --debug shows where";
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
