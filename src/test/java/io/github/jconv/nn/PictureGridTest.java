package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureGridTest {

    @TempDir
    private Path dir;

    @Test
    void picturesStandSideBySideAndSmallOnesAreEnlarged() throws IOException {
        HostTensor row = HostTensor.of(TensorShape.of(2, 1, 1, 2), 0f, 1f, 2f, -1f);
        Path file = dir.resolve("grid.png");
        PictureGrid.write(List.of(row, row), file);
        var picture = ImageIO.read(file.toFile());
        assertEquals(2 + 2 * (2 * 56 + 2), picture.getWidth());
        assertEquals(2 + 2 * (56 + 2), picture.getHeight());
        assertEquals(0xFF000000, picture.getRGB(2, 2));
        assertEquals(0xFFFFFFFF, picture.getRGB(2 + 56, 2));
        assertEquals(0xFFFFFFFF, picture.getRGB(2 + 112 + 2, 2));
    }

    @Test
    void noRowsAreRefused() {
        assertEquals("rows are none; allowed: 1 and up", assertThrows(IllegalArgumentException.class,
                () -> PictureGrid.write(List.of(), dir.resolve("grid.png"))).getMessage());
    }

    @Test
    void aMissingFolderIsTold() {
        HostTensor row = HostTensor.zeros(TensorShape.of(1, 3, 4, 4));
        Path file = dir.resolve("missing/grid.png");
        assertEquals(file.toString(), assertThrows(NoSuchFileException.class, () -> PictureGrid.write(List.of(row), file)).getMessage());
    }
}
