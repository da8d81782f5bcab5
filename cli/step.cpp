// The command `step`: PyTorch's own counters, predicted.
#include <algorithm>
#include <fstream>
#include <functional>
#include <ostream>

#include "base/number.hpp"
#include "commands.hpp"
#include "json/program.hpp"
#include "json/write.hpp"
#include "judge.hpp"
#include "step/card.hpp"
#include "step/compare.hpp"
#include "step/replay.hpp"
#include "step/report.hpp"
#include "table.hpp"
#include "trace.hpp"

namespace footprint::cli {
namespace {

/// "in step 3, backward, at row 7 (Conv2d conv2), in cudnn_convolution_backward"
std::string moment_text(const Request& request, const StepMoment& moment) {
    const std::string phase(moment.phase.name);
    std::string text = moment.phase.step < 0 ? "before the first step, in " + phase
                                             : "in step " + plain(moment.phase.step + 1) + ", " + phase;
    if (moment.row >= 0)
        text += ", at row " + plain(moment.row + 1) + " (" +
                row_text(request.model.layers[static_cast<std::size_t>(moment.row)]) + ")";
    if (!moment.kernel.empty()) text += ", in " + std::string(moment.kernel);
    return text;
}

void print_step(const Request& request, const StepReport& step, std::ostream& out) {
    const auto mebibytes = [](std::int64_t bytes) { return megabytes(Integer(bytes)); };
    const auto memory = [](std::int64_t bytes) { return memory_with_unit(Integer(bytes)); };
    const std::string card = step.fits.empty() ? "a real card" : card_name(step.fits[0].card);
    Table table({{"PyTorch's bookkeeping, batch " + grouped(request.run.items())}, {"MB", Align::right}});
    table.add({"peak allocated (max_memory_allocated)", mebibytes(step.replay.peak_allocated)});
    table.add({"peak reserved (max_memory_reserved)", mebibytes(step.replay.peak_reserved)});
    table.print(out);
    if (step.program.events.empty())
        out << "nothing is allocated\n\n";
    else
        out << "the peak comes " << moment_text(request, step.peak) << "\n\n";

    Table kinds({{"alive at the peak"}, {"MB", Align::right}});
    for (std::size_t kind = 0; kind < step.replay.alive.size(); ++kind)
        if (step.replay.alive[kind] > 0)
            kinds.add({std::string(name_of(static_cast<aten::BlockKind>(kind))), mebibytes(step.replay.alive[kind])});
    kinds.print(out);
    out << "\n"
        << card << (step.out_of_memory ? " would show " : " shows ") << memory(step.device_total.low) << " to "
        << memory(step.device_total.high) << ", likely " << memory(step.device_total.likely) << ": CUDA's context is "
        << memory(step.context.low) << " to " << memory(step.context.high);
    if (step.reserved.low != step.reserved.high)
        out << ", and how much cuDNN's convolutions take only the library knows";
    out << '\n';
    if (step.out_of_memory)
        out << card << " runs out of memory " << moment_text(request, *step.out_of_memory) << ", which asks for "
            << memory(step.out_of_memory->bytes) << '\n';
    out << '\n';

    if (step.bridge.empty()) return;
    Table bridge({{"from the notebook to the device"}, {"MB", Align::right}});
    std::int64_t sum = 0;
    for (const BridgeEntry& entry : step.bridge) {
        bridge.add({std::string(in_words(entry.code)), mebibytes(entry.bytes)});
        sum += entry.bytes;
    }
    bridge.add({"likely on the device", mebibytes(sum)});
    bridge.print(out);
}

void print_step_fits(const StepReport& step, std::ostream& out) {
    Table fits({{"GPU"},
                {"usable", Align::right},
                {"verdict"},
                {"free", Align::right},
                {"largest batch", Align::right},
                {"why tight"}});
    for (const StepFit& fit : step.fits) {
        const std::string why = fit.because == "retries" ? "runs, giving cached memory back " + grouped(fit.retries) +
                                                               (fit.retries == 1 ? " time" : " times")
                                : fit.because == "interval"    ? "runs or not, by what cuDNN and the context take"
                                : fit.because == "little-free" ? "under a tenth is free"
                                                               : "";
        fits.add({card_name(fit.card), gigabytes_with_unit(Integer(fit.usable)), std::string(name_of(fit.verdict)),
                  memory_with_unit(Integer(fit.free)), fit.largest_batch ? grouped(*fit.largest_batch) : "", why});
    }
    fits.print(out);
}

constexpr std::string_view kStandardOutput = "-";

/// Writes a file, or says that it cannot be written.
bool write_file(const std::string& path, std::ostream& out, std::ostream& err,
                const std::function<void(std::ostream&)>& write) {
    if (path == kStandardOutput) {
        write(out);
        return true;
    }
    std::ofstream file(path, std::ios::binary);
    if (file) write(file);
    file.flush();
    if (file) return true;
    err << "footprint: cannot write " << path << '\n';
    return false;
}

}  // namespace

namespace {

/// What is judged where no card is named: the default one, and one card for each capacity, the smallest first.
void offer_cards(const Options& options, Request& request) {
    if (!options.gpus.empty() || options.usable_mib) return;
    const System system = options.windows ? System::windows : System::linux_;
    std::vector<const Gpu*> named;
    for (const Gpu& gpu : footprint::gpus())
        if (gpu.named && gpu.id != kDefaultCard && usable(gpu, system).known()) named.push_back(&gpu);
    std::stable_sort(named.begin(), named.end(),
                     [&](const Gpu* a, const Gpu* b) { return usable(*a, system).bytes < usable(*b, system).bytes; });
    request.cards.emplace().push_back({std::string(kDefaultCard), system, options.in_use_mib, "", 0});
    for (const Gpu* gpu : named) request.cards->push_back({std::string(gpu->id), system, options.in_use_mib, "", 0});
}

int give(const Options& options, const Request& request, const Report& estimated, const StepReport& step,
         const Diagnostics& said, std::ostream& out, std::ostream& err) {
    if (options.json) {
        out << json::write_step(request, estimated, &step, said) << '\n';
    } else if (options.trace != kStandardOutput && options.snapshot != kStandardOutput) {
        print_step(request, step, out);
        out << '\n';
        print_step_fits(step, out);
    }
    const AllocatorSettings settings = allocator_settings(request.run.training.allocator, kUnlimited);
    if (!options.trace.empty() &&
        !write_file(options.trace, out, err, [&](std::ostream& file) { write_perfetto(step, settings, file); }))
        return kWrongUsage;
    if (!options.snapshot.empty() &&
        !write_file(options.snapshot, out, err, [&](std::ostream& file) { write_snapshot(step, settings, file); }))
        return kWrongUsage;
    const bool all_run = std::none_of(step.fits.begin(), step.fits.end(),
                                      [](const StepFit& one) { return one.verdict == Verdict::does_not_fit; });
    return options.check && !all_run ? kDoesNotFit : kDone;
}

int recorded_step(const Options& options, std::ostream& out, std::ostream& err) {
    Recorded given = recorded(options);
    if (!given.usage_error.empty()) {
        err << "footprint: " << given.usage_error << '\n';
        return kWrongUsage;
    }
    offer_cards(options, given.request);
    Report report;
    static_cast<void>(cards_of(given.request, report.diagnostics));
    std::optional<StepProgram> program;
    if (!report.diagnostics.has_errors())
        program = json::read_program(given.text, given.request.run.batch, first_properties(given.request),
                                     report.diagnostics);
    if (!program) {
        if (options.json) out << json::write_step(given.request, report, nullptr, report.diagnostics) << '\n';
        say(options.program, report.diagnostics, err);
        return kWrongModel;
    }
    Diagnostics said;
    const StepReport step = report_program(std::move(*program), given.request, said);
    return give(options, given.request, report, step, said, out, err);
}

std::string in_words(const StepDifference& one) {
    switch (one.kind) {
        case StepDifferenceKind::only_predicted:
            return "predicted alone";
        case StepDifferenceKind::only_recorded:
            return "recorded alone";
        case StepDifferenceKind::lives_longer:
            return "predicted to live longer";
        case StepDifferenceKind::lives_shorter:
            return "predicted to be freed earlier";
    }
    return {};
}

constexpr std::size_t kMostDifferences = 20;

void print_differences(const StepComparison& comparison, const Request& request, std::ostream& out) {
    const auto count = [](std::size_t number) { return grouped(static_cast<std::int64_t>(number)); };
    out << count(comparison.shared) << " allocations are the same";
    if (comparison.reordered > 0) out << ", " << count(comparison.reordered) << " in another order within their phase";
    out << "; " << count(comparison.differences.size()) << " differ\n";
    // A difference of one step comes back in the next: the last one is shown, and what was before the first.
    const std::int64_t last = request.run.training.steps - 1;
    std::vector<const StepDifference*> shown;
    for (const StepDifference& one : comparison.differences)
        if (one.phase.step < 0 || one.phase.step == last) shown.push_back(&one);
    if (shown.empty()) return;
    out << "\nin the last step, and before the first:\n";
    Table table({{"phase"}, {"row"}, {"what"}, {"bytes", Align::right}, {"predicted"}, {"recorded"}});
    for (std::size_t k = 0; k < std::min(shown.size(), kMostDifferences); ++k) {
        const StepDifference& one = *shown[k];
        std::string row;
        if (one.row >= 0) {
            row = one.kind == StepDifferenceKind::only_recorded ? "after " : "";
            row += plain(one.row + 1) + " " + row_text(request.model.layers[static_cast<std::size_t>(one.row)]);
        }
        table.add({std::string(one.phase.name), row, in_words(one), grouped(one.bytes), std::string(one.predicted),
                   std::string(one.recorded)});
    }
    table.print(out);
    if (shown.size() > kMostDifferences) out << "and " << count(shown.size() - kMostDifferences) << " more\n";
}

/// The model's step, without what a real card adds, beside a recorded one.
int compared_step(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const Recorded given = recorded(options);
    if (!given.usage_error.empty()) {
        err << "footprint: " << given.usage_error << '\n';
        return kWrongUsage;
    }
    const Judged judged = judge(options, {.layers = false, .notebook = true, .fit = false}, in, err);
    if (judged.status == kWrongUsage) return judged.status;
    const Request& request = judged.asked.request;
    const aten::Properties card = first_properties(request);
    Diagnostics said;
    const auto predicted = judged.report.diagnostics.has_errors()
                               ? std::nullopt
                               : write_step(request.model, request.run, card, aten::Workspaces::none, said);
    say(options.model, said, err);
    Diagnostics of_program;
    const auto program = json::read_program(given.text, request.run.items(), card, of_program);
    say(options.program, of_program, err);
    if (!predicted || !program) return kWrongModel;
    const AllocatorSettings settings = allocator_settings(request.run.training.allocator, kUnlimited);
    const Replay ours = replay(*predicted, settings), theirs = replay(*program, settings);
    Table peaks({{"batch " + grouped(request.run.items())},
                 {"predicted", Align::right},
                 {"recorded", Align::right},
                 {"difference", Align::right}});
    const auto add = [&](const char* title, std::int64_t mine, std::int64_t other) {
        peaks.add({title, grouped(mine), grouped(other), grouped(mine - other)});
    };
    add("peak allocated, bytes", ours.peak_allocated, theirs.peak_allocated);
    add("peak reserved, bytes", ours.peak_reserved, theirs.peak_reserved);
    peaks.print(out);
    out << '\n';
    const StepComparison comparison = compare(*predicted, *program);
    print_differences(comparison, request, out);
    const bool same = comparison.differences.empty() && ours.peak_allocated == theirs.peak_allocated;
    return same ? kDone : kWrongModel;
}

/// The first option that says how a model is trained, or "".
std::string setting_of(const Options& options) {
    if (!options.run.empty()) return "--run";
    if (!options.inputs.empty()) return "--input";
    if (!options.optimizer.empty()) return "--optimizer";
    if (options.momentum) return "--momentum";
    if (options.weight_decay) return "--weight-decay";
    if (!options.precision.empty()) return "--precision";
    if (!options.mode.empty()) return "--mode";
    if (!options.loss.empty()) return "--loss";
    if (!options.torch.empty()) return "--torch";
    if (!options.checkpoint.empty()) return "--checkpoint";
    if (!options.freeze.empty()) return "--freeze";
    if (options.accumulate) return "--accumulate";
    if (options.cudnn_workspace) return "--cudnn-workspace";
    return {};
}

}  // namespace

int step(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    if (options.model.empty() && options.program.empty()) {
        err << "footprint: step wants MODEL, --program FILE, or both\n";
        return kWrongUsage;
    }
    if (!options.model.empty() && !options.program.empty() &&
        (options.json || !options.trace.empty() || !options.snapshot.empty())) {
        err << "footprint: MODEL beside --program gives one table: no --json, --trace or --snapshot\n";
        return kWrongUsage;
    }
    if (int{options.json} + int{options.trace == kStandardOutput} + int{options.snapshot == kStandardOutput} > 1) {
        err << "footprint: only one of --json, --trace - and --snapshot - can have standard output\n";
        return kWrongUsage;
    }
    if (!options.model.empty() && !options.program.empty()) return compared_step(options, in, out, err);
    if (!options.program.empty()) {
        if (const std::string setting = setting_of(options); !setting.empty()) {
            err << "footprint: " << setting << " is of MODEL: a recorded step has its own\n";
            return kWrongUsage;
        }
        return recorded_step(options, out, err);
    }
    Judged judged = judge(options, {.layers = false, .notebook = true, .fit = false}, in, err);
    if (judged.status == kWrongUsage) return judged.status;
    Request& request = judged.asked.request;
    offer_cards(options, request);
    Diagnostics said;
    const std::optional<StepReport> report = report_step(request, judged.report, {}, said);
    say(options.model, said, err);
    if (report) return give(options, request, judged.report, *report, said, out, err);
    if (options.json) out << json::write_step(request, judged.report, nullptr, said) << '\n';
    return kWrongModel;
}

}  // namespace footprint::cli
