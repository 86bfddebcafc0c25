// The order in which the threads of a block, and the blocks of a grid, are let run. A kernel whose result depends on it has
// a race: a missing barrier shows in at least one order, since a thread runs undisturbed to its next meeting with others.

#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace emulated {

struct Schedule {
    enum class Order { ASCENDING, DESCENDING, RANDOM };

    Order order = Order::ASCENDING;
    uint64_t seed = 0;  // of RANDOM
};

// A small generator with a full period from any seed (SplitMix64).
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    uint64_t below(uint64_t bound) { return next() % bound; }

private:
    uint64_t state_;
};

// Puts the numbers 0 .. order.size()-1 into the order of the schedule.
inline void arrange(std::vector<uint16_t>& order, Schedule::Order kind, Random& random) {
    std::iota(order.begin(), order.end(), static_cast<uint16_t>(0));
    if (kind == Schedule::Order::DESCENDING) {
        for (size_t i = 0, j = order.size(); i + 1 < j; i++) {
            std::swap(order[i], order[--j]);
        }
    } else if (kind == Schedule::Order::RANDOM) {
        for (size_t i = order.size(); i > 1; i--) {
            std::swap(order[i - 1], order[random.below(i)]);
        }
    }
}

}  // namespace emulated
