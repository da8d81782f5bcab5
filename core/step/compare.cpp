#include "step/compare.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace footprint {
namespace {

/// How far ahead the two are searched for a place at which they agree again, and how long they must agree there.
constexpr std::size_t kReach = 512, kAgree = 3;

/// An allocation in the order in which they are made.
struct Made {
    std::size_t allocation = 0;
    const PhaseMark* phase = nullptr;
    std::int64_t bytes = 0;
};

std::vector<Made> made_in(const StepProgram& program) {
    std::vector<Made> all;
    for (std::size_t event = 0; event < program.events.size(); ++event) {
        if (program.events[event].frees) continue;
        const auto number = static_cast<std::size_t>(program.events[event].allocation);
        all.push_back({number, &program.phase_of(event), program.allocations[number].bytes});
    }
    return all;
}

/// Where an allocation is freed.
struct End {
    std::size_t shared = 0;  // how many of the shared ones were made before; all of them: it lives to the end
    const PhaseMark* phase = nullptr;
};

std::vector<End> ends_of(const StepProgram& program, const std::vector<bool>& shared, std::size_t count) {
    std::vector<End> ends(program.allocations.size(), {count, nullptr});
    std::size_t before = 0;
    for (std::size_t event = 0; event < program.events.size(); ++event) {
        const auto number = static_cast<std::size_t>(program.events[event].allocation);
        if (program.events[event].frees)
            ends[number] = {before, &program.phase_of(event)};
        else if (shared[number])
            ++before;
    }
    return ends;
}

bool same(const PhaseMark& a, const PhaseMark& b) { return a.step == b.step && a.name == b.name; }

class Comparer {
 public:
    Comparer(const StepProgram& predicted, const StepProgram& recorded)
        : predicted_(predicted), recorded_(recorded), ours_(made_in(predicted)), theirs_(made_in(recorded)) {}

    StepComparison compare() {
        std::size_t a = 0, b = 0;
        while (a < ours_.size() || b < theirs_.size()) {
            if (agree(a, b, 1)) {
                pairs_.emplace_back(ours_[a++].allocation, theirs_[b++].allocation);
                continue;
            }
            const auto [to_a, to_b] = where_they_agree(a, b);
            for (; a < to_a; ++a) only_predicted(ours_[a]);
            for (; b < to_b; ++b) only_recorded(theirs_[b]);
        }
        drop_reordered();
        compare_ends();
        result_.shared = pairs_.size();
        return std::move(result_);
    }

 private:
    /// The next `count` allocations, or all that are left, are of one size and made in one phase.
    [[nodiscard]] bool agree(std::size_t a, std::size_t b, std::size_t count) const {
        for (std::size_t k = 0; k < count; ++k) {
            if (a + k == ours_.size() || b + k == theirs_.size())
                return k > 0 && a + k == ours_.size() && b + k == theirs_.size();
            const Made &mine = ours_[a + k], &other = theirs_[b + k];
            if (mine.bytes != other.bytes || !same(*mine.phase, *other.phase)) return false;
        }
        return true;
    }

    [[nodiscard]] std::pair<std::size_t, std::size_t> where_they_agree(std::size_t a, std::size_t b) const {
        for (std::size_t skipped = 1; skipped <= kReach; ++skipped)
            for (std::size_t ours = 0; ours <= skipped; ++ours) {
                const std::size_t to_a = a + ours, to_b = b + skipped - ours;
                if (to_a <= ours_.size() && to_b <= theirs_.size() && agree(to_a, to_b, kAgree)) return {to_a, to_b};
            }
        return {std::min(a + 1, ours_.size()), std::min(b + 1, theirs_.size())};
    }

    void only_predicted(const Made& made) {
        const aten::Allocation& block = predicted_.allocations[made.allocation];
        result_.differences.push_back(
            {StepDifferenceKind::only_predicted, *made.phase, block.row, block.bytes, block.made_by, {}});
    }

    void only_recorded(const Made& made) {
        const aten::Allocation& block = recorded_.allocations[made.allocation];
        const std::int32_t row = pairs_.empty() ? -1 : predicted_.allocations[pairs_.back().first].row;
        result_.differences.push_back(
            {StepDifferenceKind::only_recorded, *made.phase, row, block.bytes, {}, block.made_by});
    }

    /// What one has here and the other there, in the same phase, is no difference: a recording on the meta device does
    /// not know in which order a kernel makes what it gives.
    void drop_reordered() {
        using Key = std::tuple<std::int32_t, std::string_view, std::int64_t>;
        std::map<Key, std::array<std::size_t, 2>> left;  // how many each has alone
        const auto key_of = [](const StepDifference& one) { return Key{one.phase.step, one.phase.name, one.bytes}; };
        for (const StepDifference& one : result_.differences)
            ++left[key_of(one)][one.kind == StepDifferenceKind::only_recorded ? 1 : 0];
        for (auto& [key, counts] : left) {
            const std::size_t both = std::min(counts[0], counts[1]);
            result_.reordered += both;
            if (both > 0) reordered_.insert({std::get<0>(key), std::get<1>(key)});
            counts = {both, both};
        }
        std::erase_if(result_.differences, [&](const StepDifference& one) {
            std::size_t& count = left[key_of(one)][one.kind == StepDifferenceKind::only_recorded ? 1 : 0];
            return count > 0 && count-- > 0;
        });
    }

    void compare_ends() {
        std::vector<bool> ours(predicted_.allocations.size()), theirs(recorded_.allocations.size());
        for (const auto& [mine, other] : pairs_) ours[mine] = theirs[other] = true;
        const std::vector<End> my_ends = ends_of(predicted_, ours, pairs_.size());
        const std::vector<End> their_ends = ends_of(recorded_, theirs, pairs_.size());
        std::vector<const PhaseMark*> phase_of(predicted_.allocations.size());
        for (const Made& one : ours_) phase_of[one.allocation] = one.phase;
        for (const auto& [mine, other] : pairs_) {
            const End &my_end = my_ends[mine], &their_end = their_ends[other];
            if (my_end.shared == their_end.shared || reordered_together(my_end.phase, their_end.phase)) continue;
            const aten::Allocation& block = predicted_.allocations[mine];
            result_.differences.push_back({my_end.shared > their_end.shared ? StepDifferenceKind::lives_longer
                                                                            : StepDifferenceKind::lives_shorter,
                                           *phase_of[mine], block.row, block.bytes, block.made_by,
                                           recorded_.allocations[other].made_by});
        }
    }

    /// Where allocations of a phase come in another order, so do the ends of what they read.
    [[nodiscard]] bool reordered_together(const PhaseMark* mine, const PhaseMark* other) const {
        return mine != nullptr && other != nullptr && same(*mine, *other) &&
               reordered_.contains({mine->step, mine->name});
    }

    const StepProgram &predicted_, &recorded_;
    const std::vector<Made> ours_, theirs_;
    std::vector<std::pair<std::size_t, std::size_t>> pairs_;         // allocations that both make
    std::set<std::pair<std::int32_t, std::string_view>> reordered_;  // phases
    StepComparison result_;
};

}  // namespace

StepComparison compare(const StepProgram& predicted, const StepProgram& recorded) {
    return Comparer(predicted, recorded).compare();
}

}  // namespace footprint
