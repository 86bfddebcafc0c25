package io.github.jconv.nn.data;

import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.tensor.TensorShape;

/**
 * Pictures of simple shapes, drawn from a seed: needs no file. Six classes (disc, ring, square, frame, cross, triangle) at random places,
 * sizes and brightness on a noisy ground.
 */
public final class GeneratedShapes implements Dataset {

    /** Names of the classes by number. */
    public static final java.util.List<String> NAMES = java.util.List.of("disc", "ring", "square", "frame", "cross", "triangle");

    private static final double NOISE = 0.15;

    private final int size;
    private final int edge;
    private final long seed;

    /**
     * @param size how many pictures, 1 and up
     * @param edge height and width in pixels, 16 and up
     */
    public GeneratedShapes(int size, int edge, long seed) {
        if (size < 1 || edge < 16 || edge > 1024) {
            throw new IllegalArgumentException(size + " pictures of " + edge + " pixels; allowed: 1 and up, 16..1024");
        }
        this.size = size;
        this.edge = edge;
        this.seed = seed;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public TensorShape imageShape() {
        return TensorShape.of(1, edge, edge);
    }

    @Override
    public int classes() {
        return NAMES.size();
    }

    @Override
    public int label(int index) {
        return (int) Math.floorMod(CounterRandom.bits(seed, index, 0), (long) NAMES.size());
    }

    @Override
    public void image(int index, float[] into, int offset) {
        double radius = edge * (0.18 + 0.14 * CounterRandom.uniform(seed, index, 1));
        double centreY = radius + (edge - 2 * radius) * CounterRandom.uniform(seed, index, 2);
        double centreX = radius + (edge - 2 * radius) * CounterRandom.uniform(seed, index, 3);
        double brightness = 0.5 + 0.5 * CounterRandom.uniform(seed, index, 4);
        int label = label(index);
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++) {
                double ink = covers(label, (y + 0.5 - centreY) / radius, (x + 0.5 - centreX) / radius) ? brightness : 0;
                double noise = NOISE * CounterRandom.uniform(seed, index, 5L + (long) y * edge + x);
                into[offset + y * edge + x] = (float) Math.min(1, ink * (1 - NOISE) + noise);
            }
        }
    }

    /** Whether a point of the shape's own coordinates, in which it fits between -1 and 1, lies on the shape. */
    private static boolean covers(int label, double y, double x) {
        double largest = Math.max(Math.abs(x), Math.abs(y));
        double distance = Math.hypot(x, y);
        return switch (label) {
            case 0 -> distance <= 1;
            case 1 -> distance <= 1 && distance >= 0.6;
            case 2 -> largest <= 0.85;
            case 3 -> largest <= 0.85 && largest >= 0.5;
            case 4 -> largest <= 1 && Math.min(Math.abs(x), Math.abs(y)) <= 0.25;
            default -> y <= 0.8 && y >= 2 * Math.abs(x) - 0.9;
        };
    }
}
