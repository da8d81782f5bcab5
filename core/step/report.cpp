#include "step/report.hpp"

#include <algorithm>
#include <map>

#include "base/number.hpp"

namespace footprint {
namespace {

using aten::BlockKind;

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::string_view kDefaultCard = "a100-80gb";
constexpr std::size_t kTimelinePoints = 600;
constexpr std::size_t kMostSearched = 1'000'000;  // events of a step that is written only to find the largest batch

struct CodeText {
    std::string_view code, text;
};
constexpr CodeText kBridge[] = {
    {"notebook-total", "the notebook's total: input, outputs twice, parameters"},
    {"gradients-not-all-at-once", "it counts a gradient for every output; at the peak only these are alive"},
    {"inputs", "inputs and targets as they lie on the device"},
    {"containers", "blocks that it counts once more for what their last row made"},
    {"in-place", "rows that write into their input and make nothing"},
    {"not-kept", "outputs that are gone when the peak comes"},
    {"kept-beside-outputs", "what rows keep beside their outputs: indices, masks, statistics, casts"},
    {"functions", "outputs of functions, which torchsummary does not see"},
    {"loss", "what the loss keeps, and the outputs of the step before"},
    {"parameters", "parameters counted once, in their own type"},
    {"buffers", "buffers: running statistics and the like"},
    {"parameter-gradients", "a gradient for every parameter that has one by then"},
    {"optimizer-state", "what the optimizer keeps"},
    {"other-state", "the gradient scaler and the moving average"},
    {"transients", "what operations take while they run"},
    {"rounding", "blocks are larger than what was asked for"},
    {"fragmentation", "reserved, but not handed out at the peak"},
    {"cudnn-workspaces", "what convolutions are likely to take"},
    {"context", "CUDA's context and modules, outside the allocator"},
};

/// Threads that a multiprocessor holds: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
std::int32_t threads_of(std::int32_t capability) {
    if (capability == 75) return 1024;
    const bool consumer = (capability >= 86 && capability < 90) || capability >= 120;
    return consumer ? 1536 : 2048;
}

aten::Properties properties_of(const CardRequest& asked, const Run& run) {
    aten::Properties card;
    if (const Gpu* gpu = find_gpu(asked.id); gpu != nullptr && gpu->compute_capability.major > 0) {
        card.compute_capability = gpu->compute_capability.major * 10 + gpu->compute_capability.minor;
        card.multi_processor_count = std::max(gpu->multiprocessors.count, 1);
    }
    if (asked.compute_capability > 0) card.compute_capability = asked.compute_capability;
    if (asked.sm_count > 0) card.multi_processor_count = asked.sm_count;
    card.max_threads_per_multi_processor = threads_of(card.compute_capability);
    card.persistent_workspaces = run.training.torch == "2.6";
    return card;
}

/// 3.9 MiB for each multiprocessor, from 0.7 to 1.3 times that; at least 110 MiB (docs/decisions/009).
Interval context_of(const aten::Properties& card, const Run& run) {
    if (run.training.context) return {*run.training.context, *run.training.context, *run.training.context};
    const std::int64_t likely = std::max<std::int64_t>(card.multi_processor_count * 39 / 10, 110) * kMebibyte;
    return {likely * 7 / 10, likely, likely * 13 / 10};
}

/// The step with each of the three answers to what cuDNN takes.
struct Programs {
    StepProgram none;
    std::optional<StepProgram> likely, high;  // left out where there is nothing to doubt

    [[nodiscard]] const StepProgram& likely_or_none() const { return likely ? *likely : none; }
    [[nodiscard]] const StepProgram& high_or_none() const { return high ? *high : none; }
};

std::optional<Programs> programs_of(const Model& model, const Run& run, const aten::Properties& card,
                                    Diagnostics& diagnostics) {
    std::optional<StepProgram> none = write_step(model, run, card, aten::Workspaces::none, diagnostics);
    if (!none) return std::nullopt;
    Programs programs{std::move(*none), std::nullopt, std::nullopt};
    if (programs.none.has_convolutions && !run.training.cudnn_workspace) {
        programs.likely = write_step(model, run, card, aten::Workspaces::larger, diagnostics);
        programs.high = write_step(model, run, card, aten::Workspaces::all, diagnostics);
        if (!programs.likely || !programs.high) return std::nullopt;
    }
    return programs;
}

class Reporter {
 public:
    Reporter(const Request& request, const Report& report, Diagnostics& diagnostics)
        : request_(request), report_(report), run_(request.run), diagnostics_(diagnostics) {}

    std::optional<StepReport> write(const StepWant& want) {
        const aten::Properties card = properties_of(first_card(), run_);
        std::optional<Programs> programs = programs_of(request_.model, run_, card, diagnostics_);
        if (!programs) return std::nullopt;
        return write(std::move(*programs), card, want);
    }

    StepReport write(Programs given, const aten::Properties& card, const StepWant& want) {
        std::optional<Programs> programs(std::move(given));
        StepReport out;
        const std::int64_t unlimited = std::int64_t{1} << 60;
        const auto settings = [&](std::int64_t memory) { return allocator_settings(run_.training.allocator, memory); };
        out.replay = replay(programs->none, settings(unlimited));
        out.context = context_of(card, run_);
        out.reserved.low = out.replay.peak_reserved;
        out.reserved.likely =
            programs->likely ? replay(*programs->likely, settings(unlimited)).peak_reserved : out.reserved.low;
        out.reserved.high =
            programs->high ? replay(*programs->high, settings(unlimited)).peak_reserved : out.reserved.likely;
        out.reserved.likely = std::max(out.reserved.likely, out.reserved.low);
        out.reserved.high = std::max(out.reserved.high, out.reserved.likely);
        out.device_total = {out.context.low + out.reserved.low, out.context.likely + out.reserved.likely,
                            out.context.high + out.reserved.high};
        share_rows(programs->none, out);
        if (want.bridge && report_.notebook) build_bridge(programs->none, out);
        if (want.timeline) draw(programs->none, settings(unlimited), out);
        if (want.fit) judge(want, *programs, card, out);
        warn(programs->none);
        out.program = std::move(programs->none);
        return out;
    }

    CardRequest first_card() const {
        if (request_.cards && !request_.cards->empty()) return request_.cards->front();
        CardRequest card;
        card.id = kDefaultCard;
        return card;
    }

 private:
    void warn(const StepProgram& program) {
        for (const std::size_t row : program.assumed) {
            Diagnostic& said =
                diagnostics_.warning("assumed", "what PyTorch keeps for " + request_.model.layers[row].op +
                                                    " is not written down: the step takes its "
                                                    "inputs as kept and one gradient for each");
            said.row = static_cast<std::int64_t>(row) + 1;
            said.name = request_.model.layers[row].name;
        }
        if (program.has_recurrent && run_.training.mode == "train")
            diagnostics_.warning(
                "assumed",
                "recurrent layers run in cuDNN, which keeps a reserve for backward whose size only the library "
                "knows: the step counts none, so the true need is larger");
    }

    static void alive_at(const StepProgram& program, std::size_t event, std::vector<std::size_t>& alive) {
        std::vector<bool> is(program.allocations.size(), false);
        for (std::size_t i = 0; i <= event && i < program.events.size(); ++i)
            is[static_cast<std::size_t>(program.events[i].allocation)] = !program.events[i].frees;
        for (std::size_t i = 0; i < is.size(); ++i)
            if (is[i]) alive.push_back(i);
    }

    static void share_rows(const StepProgram& program, StepReport& out) {
        std::vector<std::size_t> alive;
        alive_at(program, out.replay.peak_event, alive);
        std::map<std::size_t, std::int64_t> rows;
        for (const std::size_t i : alive)
            if (program.allocations[i].row >= 0)
                rows[static_cast<std::size_t>(program.allocations[i].row)] += program.allocations[i].bytes;
        for (const auto& [row, bytes] : rows) out.by_row.push_back({row, bytes});
        std::stable_sort(out.by_row.begin(), out.by_row.end(),
                         [](const RowShare& a, const RowShare& b) { return a.bytes > b.bytes; });
    }

    /// Every block alive at the peak goes to one entry, every amount of the notebook to one; so the sum is exact.
    void build_bridge(const StepProgram& program, StepReport& out) {
        std::map<std::string_view, BridgeEntry> entries;
        const auto add = [&](std::string_view code, std::int64_t bytes, std::optional<std::size_t> row = std::nullopt) {
            BridgeEntry& entry = entries[code];
            entry.code = code;
            entry.bytes += bytes;
            if (row && (entry.rows.empty() || entry.rows.back() != *row)) entry.rows.push_back(*row);
        };
        const Notebook& counted = *report_.notebook;
        const std::int64_t batch = run_.items();
        add("notebook-total", counted.total().at(batch).value());
        add("gradients-not-all-at-once", -counted.forward.at(batch).value());
        add("inputs", -counted.input.at(batch).value());
        add("parameters", -counted.parameters.value());

        std::vector<std::int64_t> of_row(request_.model.layers.size(), 0);
        std::vector<std::size_t> alive;
        alive_at(program, out.replay.peak_event, alive);
        std::int64_t requested = 0;
        for (const std::size_t i : alive) {
            const aten::Allocation& block = program.allocations[i];
            requested += block.bytes;
            const std::optional<std::size_t> row =
                block.row >= 0 ? std::optional(static_cast<std::size_t>(block.row)) : std::nullopt;
            switch (block.kind) {
                case BlockKind::parameter:
                    add("parameters", block.bytes);
                    break;
                case BlockKind::buffer:
                    add("buffers", block.bytes);
                    break;
                case BlockKind::input:
                    add("inputs", block.bytes);
                    break;
                case BlockKind::gradient:
                    add("parameter-gradients", block.bytes);
                    break;
                case BlockKind::optimizer_state:
                    add("optimizer-state", block.bytes);
                    break;
                case BlockKind::grad_scaler:
                case BlockKind::ema:
                    add("other-state", block.bytes);
                    break;
                case BlockKind::activation_gradient:
                    add("gradients-not-all-at-once", block.bytes, row);
                    break;
                case BlockKind::workspace:
                case BlockKind::temporary:
                    add("transients", block.bytes, row);
                    break;
                case BlockKind::activation:
                case BlockKind::output:
                    if (row)
                        of_row[*row] += block.bytes;
                    else
                        add("loss", block.bytes);
                    break;
            }
        }
        for (std::size_t i = 0; i < of_row.size(); ++i) {
            const Row& row = request_.model.layers[i];
            const NotebookRow& said = counted.rows[i];
            const std::int64_t expected = (said.elements.at(batch) * said.prints() * counted.bytes_per_value).value();
            const std::int64_t difference = of_row[i] - expected;
            if (difference == 0) continue;
            if (row.is_block())
                add("containers", difference, i);
            else if (!row.is_module())
                add("functions", difference, i);
            else if (row.inplace && of_row[i] == 0)
                add("in-place", difference, i);
            else
                add(difference < 0 ? "not-kept" : "kept-beside-outputs", difference, i);
        }
        add("rounding", out.replay.peak_allocated - requested);
        add("fragmentation", out.replay.peak_reserved - out.replay.peak_allocated);
        add("cudnn-workspaces", out.reserved.likely - out.replay.peak_reserved);
        add("context", out.context.likely);
        for (const CodeText& known : kBridge)
            if (const auto found = entries.find(known.code);
                found != entries.end() && (found->second.bytes != 0 || known.code == "notebook-total"))
                out.bridge.push_back(found->second);
    }

    /// The steps thinned for a screen: for each stretch its highest moment.
    static void draw(const StepProgram& program, const AllocatorSettings& settings, StepReport& out) {
        Playback playback(program, settings);
        std::array<std::int64_t, aten::kBlockKinds> by_kind{};
        const std::size_t stretch = std::max<std::size_t>(program.events.size() / kTimelinePoints, 1);
        TimelinePoint highest;
        while (playback.next()) {
            by_kind[static_cast<std::size_t>(playback.allocation().kind)] +=
                playback.frees() ? -playback.place().bytes : playback.place().bytes;
            const std::size_t i = playback.event();
            if (i % stretch == 0 || playback.allocator.allocated() > highest.allocated)
                highest = {i, playback.allocator.allocated(), playback.allocator.reserved(), by_kind};
            if (i % stretch == stretch - 1 || i + 1 == program.events.size()) out.timeline.push_back(highest);
        }
    }

    void judge(const StepWant& want, const Programs& on_first, const aten::Properties& first, StepReport& out) {
        Diagnostics said_already;
        Request named;  // left out: the card whose step is reported
        named.cards = request_.cards;
        if (!named.cards) named.cards.emplace().push_back(first_card());
        const std::vector<Card> cards = cards_of(named, said_already);
        bool is_first = true;
        for (std::size_t i = 0; i < cards.size(); ++i) {
            const Card& card = cards[i];
            const aten::Properties properties = properties_of((*named.cards)[i], run_);
            std::optional<Programs> own;
            const bool same =
                request_.model.layers.empty() ||  // recorded: there is one program properties.compute_capability ==
                                                  // first.compute_capability &&
                properties.multi_processor_count == first.multi_processor_count;
            if (!same) own = programs_of(request_.model, run_, properties, said_already);
            const Programs& programs = own ? *own : on_first;
            const Interval context = context_of(properties, run_);
            StepFit fit = judged(programs, card, context);
            if (want.largest_batch && is_first) fit.largest_batch = largest_batch(card, properties, context);
            is_first = false;
            out.fits.push_back(std::move(fit));
        }
    }

    StepFit judged(const Programs& programs, const Card& card, const Interval& context) const {
        StepFit fit;
        fit.card = card;
        fit.usable = card.usable.value();
        const auto with = [&](const StepProgram& program, std::int64_t outside) {
            return replay(program, allocator_settings(run_.training.allocator, fit.usable - outside));
        };
        const Replay likely = with(programs.likely_or_none(), context.likely);
        // With room for workspaces less may be reserved than without: never less than the bookkeeping is counted.
        fit.free = fit.usable - context.likely -
                   std::max(likely.peak_reserved, with(programs.none, context.likely).peak_reserved);
        fit.retries = likely.retries;
        if (!likely.runs()) {
            fit.verdict = with(programs.none, context.low).runs() ? Verdict::tight : Verdict::does_not_fit;
            fit.because = fit.verdict == Verdict::tight ? "interval" : "";
        } else if (likely.retries > 0) {
            fit.verdict = Verdict::tight;
            fit.because = "retries";
        } else if (!with(programs.high_or_none(), context.high).runs()) {
            fit.verdict = Verdict::tight;
            fit.because = "interval";
        } else if (fit.free * kTightShare < fit.usable) {
            fit.verdict = Verdict::tight;
            fit.because = "little-free";
        }
        return fit;
    }

    /// The largest batch whose likely step runs on the card: doubled, then halved, and confirmed at the next. None
    /// where the search would need a step of more events than are worth writing for it.
    std::optional<std::int64_t> largest_batch(const Card& card, const aten::Properties& properties,
                                              const Interval& context) {
        const AllocatorSettings settings =
            allocator_settings(run_.training.allocator, card.usable.value() - context.likely);
        bool too_long = false;
        const auto runs = [&](std::int64_t batch) {
            Run run = run_;
            run.batch = batch;
            Diagnostics said;
            const auto program =
                write_step(request_.model, run, properties, aten::Workspaces::larger, said, kMostSearched);
            too_long = !program && !said.list().empty() && said.list().back().code == "too-large";
            return program && runs_with(*program, settings);
        };
        constexpr std::int64_t kMost = std::int64_t{1} << 20;
        std::int64_t good = 0, bad = 1;
        while (bad <= kMost && runs(bad)) {
            good = bad;
            bad *= 2;
        }
        if (too_long || bad > kMost) return std::nullopt;
        while (bad - good > 1) {
            const std::int64_t middle = good + (bad - good) / 2;
            (runs(middle) ? good : bad) = middle;
        }
        return good;
    }

    const Request& request_;
    const Report& report_;
    const Run& run_;
    Diagnostics& diagnostics_;
};

}  // namespace

std::string_view in_words(std::string_view bridge_code) {
    for (const CodeText& known : kBridge)
        if (known.code == bridge_code) return known.text;
    return {};
}

aten::Properties first_properties(const Request& request) {
    Diagnostics unused;
    const Report none;
    return properties_of(Reporter(request, none, unused).first_card(), request.run);
}

StepReport report_program(StepProgram program, const Request& request, Diagnostics& diagnostics) {
    const Report none;
    const StepWant want{.bridge = false, .fit = true, .largest_batch = false, .timeline = true};
    return Reporter(request, none, diagnostics)
        .write({std::move(program), std::nullopt, std::nullopt}, first_properties(request), want);
}

std::optional<StepReport> report_step(const Request& request, const Report& report, const StepWant& want,
                                      Diagnostics& diagnostics) {
    if (report.diagnostics.has_errors()) return std::nullopt;
    return Reporter(request, report, diagnostics).write(want);
}

}  // namespace footprint
