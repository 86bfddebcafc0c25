// What implicit matrix products have in common: which element of x a product and an output position meet at.
//
// Products of a filter are numbered [C/G, T, R, S], positions [N, Z, P, Q].

#pragma once

#include "geometry.h"

constexpr int NOWHERE = -(1 << 30);  // added to any position, outside of every axis

// Where the tap of a product lies, seen from that of the first product, and how far its element from the other's.
template <typename Index>
struct Product {
    Index offset;
    int depth, height, width;
};

template <typename Index>
DEVICE Product<Index> productAt(Index m, Index products, const ConvGeometry& g) {
    if (m >= products) {
        return {0, NOWHERE, 0, 0};
    }
    const int taps = filterTaps(g);
    const Position<Index> tap = positionAt(m % taps, g.r, g.s);
    const int depth = tap.depth * g.dilD;
    const int height = tap.height * g.dilH;
    const int width = tap.width * g.dilW;
    return {((m / taps * g.d + depth) * g.h + height) * g.w + width, depth, height, width};
}

// An output position: the element of the first product that it meets, and where in x that lies.
template <typename Index>
struct Column {
    Index element;
    Position<Index> at;
};

template <typename Index>
DEVICE Column<Index> columnAt(Index position, Index positions, int group, const ConvGeometry& g) {
    if (position >= g.n * positions) {
        return {0, {NOWHERE, 0, 0}};
    }
    const Position<Index> at = firstInput(positionAt(position % positions, g.p, g.q), g);
    const Index map = position / positions * g.c + static_cast<Index>(group) * g.cg;
    return {map * inputPositions<Index>(g) + (at.depth * g.h + at.height) * g.w + at.width, at};
}

// The element of x where they meet; zero in the padding, and for products and positions that there are not.
template <typename Index>
DEVICE float elementAt(const float* __restrict__ x, const Column<Index>& column, const Product<Index>& product, const ConvGeometry& g) {
    const bool there = inside(column.at.depth + product.depth, g.d) && inside(column.at.height + product.height, g.h)
                       && inside(column.at.width + product.width, g.w);
    return there ? x[column.element + product.offset] : 0.0f;
}

// One block's share of y.
template <typename Index>
struct Block {
    int group, firstFilter;
    Index firstPosition, products;
};
