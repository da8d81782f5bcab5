// StepProgram: a training step as PyTorch would run it, written down as requests to the caching allocator. The same
// program is replayed at every card's size.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "estimate/infer.hpp"
#include "kernels/device.hpp"
#include "model/model.hpp"
#include "model/run.hpp"

namespace footprint {

/// A stretch of the program, as tests/golden/step names them. Set-up has step −1.
struct PhaseMark {
    std::int32_t step = -1;
    std::string_view name;
    std::size_t end = 0;  // into the events: one past its last
};

struct StepProgram {
    std::vector<aten::Allocation> allocations;
    std::vector<aten::Event> events;
    std::vector<PhaseMark> phases;
    std::vector<std::string> names;                         // of parameters and buffers, by allocation; empty: none
    std::vector<std::size_t> assumed;                       // rows, from 0, of which PyTorch's own way is not known
    bool has_recurrent = false;                             // whose reserve only cuDNN knows
    std::shared_ptr<const std::vector<std::string>> words;  // of a recorded program: what its names lie in

    /// The phase of an event: the first that ends behind it; of none, where the program has no phases, one without
    /// name.
    [[nodiscard]] const PhaseMark& phase_of(std::size_t event) const;
};

/// The same steps by what cuDNN's engines take for convolutions.
struct StepPrograms {
    StepProgram none;
    std::optional<StepProgram> likely, high;  // left out where there is nothing to doubt

    [[nodiscard]] const StepProgram& likely_or_none() const { return likely ? *likely : none; }
    [[nodiscard]] const StepProgram& high_or_none() const { return high ? *high : none; }
};

/// Runs the model's steps; nothing where an error makes that impossible (said).
[[nodiscard]] std::optional<StepProgram> write_step(const Model& model, const Run& run, const aten::Properties& card,
                                                    aten::Workspaces workspaces, Diagnostics& diagnostics,
                                                    std::size_t most_events = aten::kMostEvents);

[[nodiscard]] std::optional<StepPrograms> write_steps(const Model& model, const Run& run, const aten::Properties& card,
                                                      Diagnostics& diagnostics,
                                                      std::size_t most_events = aten::kMostEvents);

}  // namespace footprint
