// Shows that the laboratory fails where it must: every kernel of mutants.cu has to be caught, with the right complaint.

#include <cstdio>

#include "../lab/lab.h"

namespace {

constexpr unsigned BLOCK = 64;

// What the complaint about a mutant must contain.
const std::map<std::string, std::string>& expectedComplaints() {
    static const std::map<std::string, std::string> all = {
        {"mutant_missing_barrier", "elements are wrong"},
        {"mutant_barrier_in_branch", "but thread (32,0,0) has left the kernel"},
        {"mutant_two_barriers", "but thread (32,0,0) waits in __syncthreads"},
        {"mutant_exit_before_barrier", "but thread (50,0,0) has left the kernel"},
        {"mutant_wrong_bound", "wrote behind the end of an allocation of 400 bytes"},
        {"mutant_negative_index", "wrote before the start of an allocation of 400 bytes"},
        {"mutant_missing_tail", "36 of 100 elements are wrong, the first is [64]"},
        {"mutant_wild_read", "bytes after the end of an allocation of 256 bytes"},
        {"mutant_unwritten_shared", "elements are wrong, the first is [0] = nan"},
        {"mutant_shared_overrun", "writes 0 bytes after the end of its shared memory"},
        {"mutant_shared_underrun", "wrote before the start of its shared memory"},
        {"mutant_missing_lanes", "with mask 0xffffffff, but thread (16,0,0) waits in __syncthreads"},
        {"mutant_foreign_mask", "its own lane is missing in the mask 0x0000ffff"},
        {"mutant_two_shuffles", "its warp does not meet"},
        {"mutant_partial_warp", "which takes no part"},
        {"mutant_missing_syncwarp", "elements are wrong"},
        {"mutant_race_between_blocks", "elements are wrong"},
        {"mutant_division_by_zero", "thread (0,0,0): integer division by zero"},
        {"mutant_misaligned", "misaligned"},
        {"mutant_endless_recursion", "stack overflow"},
    };
    return all;
}

std::vector<float> ones(size_t count) {
    return std::vector<float>(count, 1);
}

}  // namespace

LAB_TEST(mutant_missing_barrier) {
    test.begin("two blocks");
    std::vector<float> values = lab::integers(2 * BLOCK, 1);
    lab::Buffer<float> x(values), y(values.size());
    test.launch({{2}, {BLOCK}, BLOCK * sizeof(float)}, y.device(), static_cast<const float*>(x.device()));
    std::vector<float> reversed(values.size());
    for (size_t i = 0; i < values.size(); i++) {
        reversed[i] = values[i / BLOCK * BLOCK + BLOCK - 1 - i % BLOCK];
    }
    test.expect(y, reversed);
}

// Most mutants write one value per thread and take nothing but the array.
#define ONE_BLOCK(kernel, threads, sharedBytes)                    \
    LAB_TEST(kernel) {                                             \
        test.begin("one block");                                   \
        lab::Buffer<float> y(threads);                             \
        test.launch({{1}, {threads}, sharedBytes}, y.device());    \
        test.expect(y, ones(threads));                             \
    }

ONE_BLOCK(mutant_barrier_in_branch, BLOCK, 0)
ONE_BLOCK(mutant_two_barriers, BLOCK, 0)
ONE_BLOCK(mutant_unwritten_shared, BLOCK, BLOCK * sizeof(float))
ONE_BLOCK(mutant_shared_overrun, BLOCK, BLOCK * sizeof(float))
ONE_BLOCK(mutant_shared_underrun, BLOCK, BLOCK * sizeof(float))
ONE_BLOCK(mutant_missing_lanes, BLOCK, 0)
ONE_BLOCK(mutant_foreign_mask, 32, 0)
ONE_BLOCK(mutant_two_shuffles, 32, 0)
ONE_BLOCK(mutant_partial_warp, 40, 0)
ONE_BLOCK(mutant_missing_syncwarp, 32, 32 * sizeof(float))

LAB_TEST(mutant_exit_before_barrier) {
    test.begin("a tail of 14");
    lab::Buffer<float> y(BLOCK);
    test.launch({{1}, {BLOCK}}, y.device(), 50);
}

// And some take the number of elements too.
#define COUNTED(kernel, blocks)                                    \
    LAB_TEST(kernel) {                                             \
        test.begin("100 elements");                                \
        lab::Buffer<float> y(100);                                 \
        test.launch({{blocks}, {BLOCK}}, y.device(), 100);         \
        test.expect(y, ones(100));                                 \
    }

COUNTED(mutant_wrong_bound, 2)
COUNTED(mutant_negative_index, 2)
COUNTED(mutant_missing_tail, 2)

LAB_TEST(mutant_wild_read) {
    test.begin("one page on");
    lab::Buffer<float> x(BLOCK), y(BLOCK);
    test.launch({{1}, {BLOCK}}, y.device(), static_cast<const float*>(x.device()), int64_t{1024});
}

LAB_TEST(mutant_race_between_blocks) {
    test.begin("200 blocks");
    lab::Buffer<float> y(1);
    test.launch({{200}, {32}}, y.device());
    test.expect(y, {199});
}

LAB_TEST(mutant_division_by_zero) {
    test.begin("zero");
    lab::Buffer<int> y(BLOCK);
    test.launch({{1}, {BLOCK}}, y.device(), 0);
}

LAB_TEST(mutant_misaligned) {
    struct alignas(16) Four {
        float values[4];
    };
    test.begin("four bytes off");
    lab::Buffer<float> x(BLOCK);
    lab::Buffer<Four> y(4);
    test.launch({{1}, {4}}, y.device(), static_cast<const float*>(x.device()));
}

LAB_TEST(mutant_endless_recursion) {
    test.begin("a million deep");
    lab::Buffer<int> y(32);
    test.launch({{1}, {32}}, y.device());
}

// Ends with 1 if a mutant went unnoticed.
int main() {
    int missed = 0;
    for (const auto& [kernel, body] : lab::tests()) {
        const std::string& expected = expectedComplaints().at(kernel);
        lab::Verdict verdict = lab::judge(kernel, body);
        bool caught = false;
        for (const std::string& complaint : verdict.complaints) {
            caught = caught || complaint.find(expected) != std::string::npos;
        }
        std::printf("%-30s %s\n", kernel.c_str(), caught ? "caught" : "NOT CAUGHT");
        if (!caught) {
            std::printf("    expected: %s\n", expected.c_str());
            for (const std::string& complaint : verdict.complaints) {
                std::printf("    %s\n", complaint.c_str());
            }
            missed++;
        }
    }
    return missed == 0 ? 0 : 1;
}
