// A predicted step beside a recorded one. The programs are written out here, so that what differs is known.
#include "step/compare.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace footprint {
namespace {

/// Allocations by their bytes, frees by −(number + 1), all in the forward of step 0 but what follows a 0, which is in
/// its backward.
StepProgram program_of(const std::vector<std::int64_t>& events) {
    StepProgram program;
    for (const std::int64_t event : events) {
        if (event == 0) {
            program.phases.push_back({0, "forward", program.events.size()});
        } else if (event < 0) {
            program.events.push_back({static_cast<std::int32_t>(-event - 1), true});
        } else {
            program.events.push_back({static_cast<std::int32_t>(program.allocations.size()), false});
            program.allocations.push_back({event, static_cast<std::int32_t>(program.allocations.size()), "made"});
        }
    }
    program.phases.push_back({0, program.phases.empty() ? "forward" : "backward", program.events.size()});
    return program;
}

TEST_CASE("compare: the same programs share all") {
    const StepProgram program = program_of({512, 1024, -1, 2048, 0, 64, -2, -3});
    const StepComparison result = compare(program, program);
    CHECK(result.shared == 4);
    CHECK(result.reordered == 0);
    CHECK(result.differences.empty());
}

TEST_CASE("compare: what one has alone is said with its row, and the rest still agrees") {
    const StepProgram predicted = program_of({512, 1024, 2048, 4096, 8192, 16384});
    const StepProgram recorded = program_of({512, 1024, 96, 2048, 4096, 8192, 16384});
    const StepComparison more = compare(predicted, recorded);
    CHECK(more.shared == 6);
    REQUIRE(more.differences.size() == 1);
    CHECK((more.differences[0].kind == StepDifferenceKind::only_recorded));
    CHECK(more.differences[0].bytes == 96);
    CHECK(more.differences[0].row == 1);  // after the second
    const StepComparison less = compare(recorded, predicted);
    REQUIRE(less.differences.size() == 1);
    CHECK((less.differences[0].kind == StepDifferenceKind::only_predicted));
    CHECK(less.differences[0].row == 2);
}

TEST_CASE("compare: another order within a phase is no difference, another phase is") {
    const StepComparison swapped =
        compare(program_of({512, 100, 200, 2048, 4096, 8192}), program_of({512, 200, 100, 2048, 4096, 8192}));
    CHECK(swapped.differences.empty());
    CHECK(swapped.reordered + swapped.shared == 6);
    CHECK(swapped.reordered > 0);
    const StepComparison moved =
        compare(program_of({512, 100, 0, 2048, 4096, 8192}), program_of({512, 0, 100, 2048, 4096, 8192}));
    CHECK(moved.reordered == 0);
    CHECK(moved.differences.size() == 2);
}

TEST_CASE("compare: a tensor that lives longer or shorter is said") {
    const StepProgram early = program_of({512, 1024, -1, 2048, 4096});
    const StepProgram late = program_of({512, 1024, 2048, -1, 4096});
    const StepComparison longer = compare(late, early), shorter = compare(early, late);
    REQUIRE(longer.differences.size() == 1);
    CHECK((longer.differences[0].kind == StepDifferenceKind::lives_longer));
    CHECK(longer.differences[0].bytes == 512);
    REQUIRE(shorter.differences.size() == 1);
    CHECK((shorter.differences[0].kind == StepDifferenceKind::lives_shorter));
    CHECK(compare(program_of({512, 1024}), program_of({512, 1024, -1})).differences.size() == 0);
}

}  // namespace
}  // namespace footprint
