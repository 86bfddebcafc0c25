package io.github.jconv.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The shared material beside the checkout, {@code ../shared}: recorded cases and problem lists that are not part of the
 * repository. A test that needs it is skipped where it is absent, unless the environment says that it must be there.
 */
public final class SharedMaterial {

    private static final Path FOLDER = Path.of("..", "shared");
    private static final String REQUIRED = "JCONV_REQUIRE_SHARED";

    private SharedMaterial() {
    }

    /**
     * A file or folder of the shared material. Where it is absent the calling test is skipped; with JCONV_REQUIRE_SHARED=true it
     * fails.
     */
    public static Path path(String relative) {
        Path path = FOLDER.resolve(relative);
        if (!Files.exists(path)) {
            String message = "the shared material " + path + " is not beside the checkout";
            if ("true".equals(System.getenv(REQUIRED))) {
                Assertions.fail(message + ", but " + REQUIRED + " is true");
            }
            Assumptions.abort(message);
        }
        return path;
    }
}
