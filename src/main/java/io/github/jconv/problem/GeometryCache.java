package io.github.jconv.problem;

import java.util.HashMap;
import java.util.Map;

/** The geometries of the problems seen so far: looking one up again allocates nothing. Not safe for use from several threads. */
public final class GeometryCache {

    private final Map<ConvProblem, ConvGeometry> geometries = new HashMap<>();

    public ConvGeometry of(ConvProblem problem) {
        ConvGeometry geometry = geometries.get(problem);
        if (geometry == null) {
            geometry = ConvGeometry.of(problem);
            geometries.put(problem, geometry);
        }
        return geometry;
    }
}
