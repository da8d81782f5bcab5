#include "estimate/fit.hpp"

#include "model/run.hpp"

namespace footprint {
namespace {

constexpr std::string_view kVerdicts[] = {"fits", "tight", "does not fit"};

/// The part of the total that leaves least room: the fixed one if it alone is too much, else the largest that grows.
std::string_view binding_part(const Notebook& counted, Integer usable) {
    const Integer fixed = counted.total().fixed;
    if (fixed > usable || counted.total().per_item == 0)
        return counted.parameters >= fixed - counted.parameters ? "parameters" : "activations";
    return counted.input.per_item > counted.forward.per_item * 2 ? "input" : "activations";
}

}  // namespace

std::string_view name_of(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

std::optional<std::int64_t> largest_batch(const Affine& total, Integer usable) {
    if (total.fixed > usable || total.at(1) > usable || total.at(1).overflowed()) {
        if (total.per_item == 0 && total.fixed <= usable) return std::nullopt;
        return 0;
    }
    if (total.per_item == 0) return std::nullopt;
    // The total is affine and grows, so this is its last batch within: at n + 1 it is above, or beyond 64 bits.
    return smaller(floor_divide(usable - total.fixed, total.per_item), kMostBatch).value();
}

Fit fit(const Notebook& counted, std::int64_t batch, Integer usable) {
    Fit result;
    const Affine total = counted.total();
    result.usable = usable;
    result.free = usable - total.at(batch);
    if (result.free < 0)
        result.verdict = Verdict::does_not_fit;
    else if (is_tight(result.free.value(), usable.value()))
        result.verdict = Verdict::tight;
    result.largest_batch = largest_batch(total, usable);
    result.binds = binding_part(counted, usable);
    return result;
}

}  // namespace footprint
