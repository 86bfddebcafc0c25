// What implicit matrix products have in common: which element of the source a product and a position meet at, and where its sum belongs.
//
// Products of a row of the matrix are numbered [channels of the group, taps], positions [N, positions]; taps and positions are boxes
// [depth, height, width]. What the numbers mean stands at GemmGeometry: forward, or a residue class of a data gradient.

#pragma once

#include "geometry.h"

constexpr int NOWHERE = -(1 << 30);  // added to any position, outside of every axis

// The forward convolution, from x to y.
DEVICE GemmGeometry forwardOf(const ConvGeometry& g) {
    return {g.n, g.groups, g.kg, g.cg, g.cg, 1,
            {g.z, g.t, g.d, -g.padD, g.strideD, g.dilD, g.t, 0, 1, g.z, 0, 1},
            {g.p, g.r, g.h, -g.padH, g.strideH, g.dilH, g.r, 0, 1, g.p, 0, 1},
            {g.q, g.s, g.w, -g.padW, g.strideW, g.dilW, g.s, 0, 1, g.q, 0, 1}};
}

template <typename Index>
DEVICE Index positionsOf(const GemmGeometry& g) {
    return static_cast<Index>(g.depth.positions) * g.height.positions * g.width.positions;
}

template <typename Index>
DEVICE Index sourcesOf(const GemmGeometry& g) {
    return static_cast<Index>(g.depth.sources) * g.height.sources * g.width.sources;
}

template <typename Index>
DEVICE Index targetsOf(const GemmGeometry& g) {
    return static_cast<Index>(g.depth.targets) * g.height.targets * g.width.targets;
}

DEVICE int tapsOf(const GemmGeometry& g) {
    return g.depth.taps * g.height.taps * g.width.taps;
}

// Where the tap of a product lies, seen from that of the first product, and how far its element from the other's.
template <typename Index>
struct Product {
    Index offset;
    int depth, height, width;
};

template <typename Index>
DEVICE Product<Index> productAt(Index m, Index products, const GemmGeometry& g) {
    if (m >= products) {
        return {0, NOWHERE, 0, 0};
    }
    const int taps = tapsOf(g);
    const Position<Index> tap = positionAt(m % taps, g.height.taps, g.width.taps);
    const int depth = tap.depth * g.depth.sourceStep;
    const int height = tap.height * g.height.sourceStep;
    const int width = tap.width * g.width.sourceStep;
    return {((m / taps * g.depth.sources + depth) * g.height.sources + height) * g.width.sources + width, depth, height, width};
}

// The element of a product in the first row of the first group.
template <typename Index>
DEVICE Index filterElementAt(Index m, Index products, const GemmGeometry& g) {
    if (m >= products) {
        return 0;
    }
    const int taps = tapsOf(g);
    const Position<Index> tap = positionAt(m % taps, g.height.taps, g.width.taps);
    const Index depth = m / taps * g.channelStep * g.depth.filter + g.depth.firstTap + tap.depth * g.depth.tapStep;
    const Index height = depth * g.height.filter + g.height.firstTap + tap.height * g.height.tapStep;
    return height * g.width.filter + g.width.firstTap + tap.width * g.width.tapStep;
}

// Where the elements of a step's products lie, in the source and in w.
template <typename Index, int COUNT>
struct Located {
    Product<Index> products[COUNT];
    Index filterElements[COUNT];  // in the first row of the first group

    // This thread's of the products from `first` on, of which there are `count` in all.
    DEVICE void locate(Index first, Index count, const GemmGeometry& g) {
        if (threadIdx.x < COUNT) {
            const Index m = first + static_cast<Index>(threadIdx.x);
            products[threadIdx.x] = productAt(m, count, g);
            filterElements[threadIdx.x] = filterElementAt(m, count, g);
        }
    }
};

// How far the elements of w for neighbouring filters of a group lie apart, and where those of a group begin.
template <typename Index>
DEVICE Index filterStepOf(const GemmGeometry& g) {
    return static_cast<Index>(g.depth.filter) * g.height.filter * g.width.filter * g.filterStep;
}

template <typename Index>
DEVICE Index firstFilterOf(int group, const GemmGeometry& g) {
    return static_cast<Index>(group) * g.depth.filter * g.height.filter * g.width.filter * g.filters * g.channels;
}

// A position: the element of the first product that it meets, and where in the source that lies.
template <typename Index>
struct Column {
    Index element;
    Position<Index> at;
};

template <typename Index>
DEVICE Column<Index> columnOf(Index n, Position<Index> position, int group, const GemmGeometry& g) {
    const Position<Index> at = {g.depth.firstSource + position.depth * g.depth.sourceStride,
                                g.height.firstSource + position.height * g.height.sourceStride,
                                g.width.firstSource + position.width * g.width.sourceStride};
    const Index map = (n * g.groups + group) * g.channels;
    return {map * sourcesOf<Index>(g) + (at.depth * g.height.sources + at.height) * g.width.sources + at.width, at};
}

// A column that meets nothing.
template <typename Index>
DEVICE Column<Index> noColumn() {
    return {0, {NOWHERE, 0, 0}};
}

template <typename Index>
DEVICE Column<Index> columnAt(Index position, Index positions, int group, const GemmGeometry& g) {
    if (position >= g.n * positions) {
        return noColumn<Index>();
    }
    return columnOf(position / positions, positionAt(position % positions, g.height.positions, g.width.positions), group, g);
}

// The element of the source where they meet; zero in the padding, and for products and positions that there are not.
template <typename Number, typename Index>
DEVICE Number elementAt(const Number* __restrict__ source, const Column<Index>& column, const Product<Index>& product,
                        const GemmGeometry& g) {
    const bool there = inside(column.at.depth + product.depth, g.depth.sources)
                       && inside(column.at.height + product.height, g.height.sources)
                       && inside(column.at.width + product.width, g.width.sources);
    return there ? source[column.element + product.offset] : Number(0);
}

// Where in a map the sum of a position, counted in its image, belongs.
template <typename Index>
DEVICE Index targetAt(Index position, const GemmGeometry& g) {
    const Position<Index> at = positionAt(position, g.height.positions, g.width.positions);
    const Index depth = g.depth.firstTarget + at.depth * g.depth.targetStride;
    const Index height = g.height.firstTarget + at.height * g.height.targetStride;
    return (depth * g.height.targets + height) * g.width.targets + g.width.firstTarget + at.width * g.width.targetStride;
}

// One block's share of the target: FILTERS rows of a group from the first on, POSITIONS positions likewise.
template <typename Index>
struct Block {
    int group, firstFilter;
    Index firstPosition, products;
};

// Calls `compute` for each of the blocks that are this one's in a grid that counts groups * filter tiles * position tiles.
template <int FILTERS, int POSITIONS, typename Index, typename Compute>
DEVICE void forEachBlock(const GemmGeometry& g, Compute compute) {
    const int filterTiles = (g.filters + FILTERS - 1) / FILTERS;
    const Index positionTiles = (g.n * positionsOf<Index>(g) + POSITIONS - 1) / POSITIONS;
    const Index blocks = static_cast<Index>(g.groups) * filterTiles * positionTiles;
    for (Index i = blockIdx.x; i < blocks; i += gridDim.x) {
        const int group = i / filterTiles / positionTiles;
        const int firstFilter = i % filterTiles * FILTERS;
        compute(Block<Index>{group, firstFilter, i / filterTiles % positionTiles * POSITIONS, static_cast<Index>(g.channels) * tapsOf(g)});
    }
}
