package io.github.jconv.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * PTX text of a kernel family for one target.
 *
 * @param name   as {@code im2col_sm75.ptx}
 * @param target the least compute capability that it runs on, as 75
 * @param text   the PTX
 */
record PtxImage(String name, int target, String text) {

    private static final String FOLDER = "/io/github/jconv/kernels/";
    private static final int[] TARGETS = {90, 80, 75};

    /** The images of a family that are on the class path, the highest target first. */
    static List<PtxImage> ofFamily(String family) {
        List<PtxImage> images = new ArrayList<>();
        for (int target : TARGETS) {
            String name = family + "_sm" + target + ".ptx";
            try (InputStream in = PtxImage.class.getResourceAsStream(FOLDER + name)) {
                if (in != null) {
                    images.add(new PtxImage(name, target, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + FOLDER + name, e);
            }
        }
        if (images.isEmpty()) {
            throw new IllegalArgumentException("kernel family '" + family + "' is not known: no " + FOLDER + family
                    + "_sm<target>.ptx on the class path");
        }
        return images;
    }
}
