package io.github.jconv.cpu;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ConvProblem;

/**
 * What the plans of the direct algorithms keep: how one plane meets another and how the output's planes are shared among threads.
 * The rest, which planes meet for which output plane, is said here once for each operation.
 */
record DirectPlan(PlaneCorrelation correlation, PlaneTiles tiles) {

    static DirectPlan of(ConvRequest request, PlaneCorrelation correlation, int threads) {
        ConvProblem problem = request.problem();
        long macsPerPair = problem.filterTaps() * problem.outputPositions();
        return new DirectPlan(correlation, switch (request.operation()) {
            case FORWARD -> PlaneTiles.of(problem.batch() * problem.outputChannels(), problem.axis3(1).output(),
                    problem.channelsPerGroup() * macsPerPair, threads);
            case BACKWARD_DATA -> PlaneTiles.of(problem.batch() * problem.inputChannels(), problem.axis3(1).input(),
                    problem.filtersPerGroup() * macsPerPair, threads);
            case BACKWARD_FILTER -> PlaneTiles.of(problem.outputChannels() * problem.channelsPerGroup(), problem.axis3(1).filter(),
                    problem.batch() * macsPerPair, threads);
        });
    }

    /** Runs a call whose plan was prepared here. */
    static void run(CpuCall call) {
        int tiles = prepared(call).tiles.count();
        switch (call.plan().request().operation()) {
            case FORWARD -> call.parallel(tiles, DirectPlan::forwardTile);
            case BACKWARD_DATA -> call.parallel(tiles, DirectPlan::backwardDataTile);
            case BACKWARD_FILTER -> call.parallel(tiles, DirectPlan::backwardFilterTile);
        }
    }

    /** A plane is one channel of one image of y; it meets every channel of its group in x. */
    private static void forwardTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        PlaneCorrelation correlation = prepared(call).correlation;
        PlaneTiles tiles = prepared(call).tiles;
        for (int plane = tiles.firstPlane(tile); plane < tiles.endPlane(tile); plane++) {
            int image = plane / g.k();
            int filter = plane % g.k();
            int y = call.y().offset() + plane * yPlane(g);
            if (!call.accumulate()) {
                tiles.clear(tile, call.y().floats(), y, g.z(), g.q());
            }
            for (int c = 0; c < g.cg(); c++) {
                int channel = filter / g.kg() * g.cg() + c;
                correlation.add(call.x().floats(), call.x().offset() + (image * g.c() + channel) * xPlane(g),
                        call.w().floats(), call.w().offset() + (filter * g.cg() + c) * wPlane(g),
                        call.y().floats(), y, tiles.firstRow(tile), tiles.endRow(tile));
            }
        }
    }

    /** A plane is one channel of one image of dx; it meets every filter of its group in dy. */
    private static void backwardDataTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        PlaneCorrelation correlation = prepared(call).correlation;
        PlaneTiles tiles = prepared(call).tiles;
        for (int plane = tiles.firstPlane(tile); plane < tiles.endPlane(tile); plane++) {
            int image = plane / g.c();
            int channel = plane % g.c();
            int dx = call.x().offset() + plane * xPlane(g);
            if (!call.accumulate()) {
                tiles.clear(tile, call.x().floats(), dx, g.d(), g.w());
            }
            for (int k = 0; k < g.kg(); k++) {
                int filter = channel / g.cg() * g.kg() + k;
                correlation.add(call.y().floats(), call.y().offset() + (image * g.k() + filter) * yPlane(g),
                        call.w().floats(), call.w().offset() + (filter * g.cg() + channel % g.cg()) * wPlane(g),
                        call.x().floats(), dx, tiles.firstRow(tile), tiles.endRow(tile));
            }
        }
    }

    /** A plane is one filter's taps in one channel of dw; it meets every image. */
    private static void backwardFilterTile(CpuCall call, int tile, int worker) {
        ConvGeometry g = call.geometry();
        PlaneCorrelation correlation = prepared(call).correlation;
        PlaneTiles tiles = prepared(call).tiles;
        for (int plane = tiles.firstPlane(tile); plane < tiles.endPlane(tile); plane++) {
            int filter = plane / g.cg();
            int channel = filter / g.kg() * g.cg() + plane % g.cg();
            int dw = call.w().offset() + plane * wPlane(g);
            if (!call.accumulate()) {
                tiles.clear(tile, call.w().floats(), dw, g.t(), g.s());
            }
            for (int image = 0; image < g.n(); image++) {
                correlation.add(call.x().floats(), call.x().offset() + (image * g.c() + channel) * xPlane(g),
                        call.y().floats(), call.y().offset() + (image * g.k() + filter) * yPlane(g),
                        call.w().floats(), dw, tiles.firstRow(tile), tiles.endRow(tile));
            }
        }
    }

    private static DirectPlan prepared(CpuCall call) {
        return call.plan().prepared(DirectPlan.class);
    }

    private static int xPlane(ConvGeometry g) {
        return g.d() * g.h() * g.w();
    }

    private static int wPlane(ConvGeometry g) {
        return g.t() * g.r() * g.s();
    }

    private static int yPlane(ConvGeometry g) {
        return g.z() * g.p() * g.q();
    }
}
