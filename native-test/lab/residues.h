// The residue classes of a convolution's inputs modulo its strides, found by trying.

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "convolution.h"

namespace lab {

// The inputs of an axis that leave one remainder modulo the stride and the taps that meet them, by trying all.
struct Residue {
    std::vector<int> inputs, taps;
};

struct AxisClasses {
    Axis axis;
    std::vector<Residue> byRemainder;

    explicit AxisClasses(const Axis& a) : axis(a), byRemainder(std::min(a.stride, a.input)) {
        for (int input = 0; input < a.input; input++) {
            byRemainder[input % a.stride].inputs.push_back(input);
        }
        for (int remainder = 0; remainder < int(byRemainder.size()); remainder++) {
            for (int tap = 0; tap < a.filter; tap++) {
                if ((remainder + a.padBegin - tap * a.dilation) % a.stride == 0) {
                    byRemainder[remainder].taps.push_back(tap);
                }
            }
        }
    }

    ResidueAxis box(int remainder) const {
        const Residue& residue = byRemainder[remainder];
        const int firstTap = residue.taps.empty() ? 0 : residue.taps[0];
        return {remainder, int(residue.inputs.size()), firstTap, int(residue.taps.size()),
                (remainder + axis.padBegin - firstTap * axis.dilation) / axis.stride};
    }

    // The output that input and tap meet at, or -1.
    int output(int input, int tap) const {
        const int strided = input + axis.padBegin - tap * axis.dilation;
        return strided >= 0 && strided / axis.stride < axis.output() ? strided / axis.stride : -1;
    }

    // From y to x, for the inputs of one remainder.
    GemmAxis backwards(int remainder) const {
        const ResidueAxis residue = box(remainder);
        const std::vector<int>& taps = byRemainder[remainder].taps;
        const int step = taps.size() < 2 ? 1 : taps[1] - taps[0];
        return {residue.inputs, residue.taps, axis.output(), residue.shift, 1, -step * axis.dilation / axis.stride,
                axis.filter, residue.firstTap, step, axis.input, residue.first, axis.stride};
    }

    uint64_t remaindersWithTaps() const {
        uint64_t bits = 0;
        for (size_t remainder = 0; remainder < byRemainder.size(); remainder++) {
            bits |= uint64_t(!byRemainder[remainder].taps.empty()) << remainder;
        }
        return bits;
    }
};

// All classes of a convolution, depth outermost.
struct Classes {
    AxisClasses depth, height, width;

    explicit Classes(const Convolution& c) : depth(c.depth), height(c.height), width(c.width) {}

    template <typename Visit>
    void forEach(Visit visit) const {
        for (size_t d = 0; d < depth.byRemainder.size(); d++) {
            for (size_t h = 0; h < height.byRemainder.size(); h++) {
                for (size_t w = 0; w < width.byRemainder.size(); w++) {
                    visit(ResidueBox{depth.box(d), height.box(h), width.box(w)}, depth.byRemainder[d], height.byRemainder[h],
                          width.byRemainder[w]);
                }
            }
        }
    }
};

}  // namespace lab
