#include "step/report.hpp"

#include <algorithm>
#include <map>

#include "base/number.hpp"
#include "step/card.hpp"
#include "step/search.hpp"

namespace footprint {
namespace {

constexpr std::size_t kTimelinePoints = 600;    // at most
constexpr std::size_t kMostSearched = 400'000;  // events of a step that is written only to find the largest batch
constexpr std::int64_t kMostItems = std::int64_t{1} << 20;  // in a batch that is looked for

class Reporter {
 public:
    Reporter(const Request& request, const Report& report, Diagnostics& diagnostics)
        : request_(request), report_(report), run_(request.run), diagnostics_(diagnostics) {}

    std::optional<StepReport> write(const StepWant& want) {
        const aten::Properties card = properties_of(first_card(), run_);
        std::optional<StepPrograms> programs = write_steps(request_.model, run_, card, diagnostics_, want.most_events);
        if (!programs) return std::nullopt;
        return write(std::move(*programs), card, want);
    }

    StepReport write(StepPrograms programs, const aten::Properties& card, const StepWant& want) {
        StepReport out;
        Replays replays(run_.training.allocator);
        const StepProgram &none = programs.none, &likely = programs.likely_or_none(), &high = programs.high_or_none();
        out.replay = replays.without_end(none);
        out.peak = moment_at(none, out.replay.peak_event);
        out.context = context_of(card, run_);
        const std::int64_t usable = usable_of(first_card());
        const Replay& on_card = replays.with(likely, usable - out.context.likely);
        out.retries = on_card.retries;
        if (on_card.out_of_memory) out.out_of_memory = moment_at(likely, *on_card.out_of_memory);
        const auto reserved = [&](const StepProgram& program, std::int64_t outside) {
            return replays.reserved(program, usable - outside);
        };
        // Blocks that convolutions have taken are used again, so less may be reserved with workspaces than without.
        out.reserved.likely = reserved(likely, out.context.likely);
        const std::int64_t low = out.context.low, most = out.context.high;
        out.reserved.low =
            std::min({reserved(none, low), reserved(likely, low), reserved(high, low), out.reserved.likely});
        out.reserved.high =
            std::max({reserved(none, most), reserved(likely, most), reserved(high, most), out.reserved.likely});
        out.device_total = {out.context.low + out.reserved.low, out.context.likely + out.reserved.likely,
                            out.context.high + out.reserved.high};
        share_rows(none, out);
        if (want.bridge && report_.notebook)
            out.bridge = bridge(request_, *report_.notebook, none, out.replay,
                                {replays.without_end(likely).peak_reserved, out.reserved.likely, out.context.likely});
        if (want.timeline) draw(none, allocator_settings(run_.training.allocator, kUnlimited), out);
        if (want.fit) judge(want, programs, replays, card, out);
        check_card(first_card(), run_, diagnostics_);
        warn(none);
        out.program = std::move(programs.none);
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

    static StepMoment moment_at(const StepProgram& program, std::size_t event) {
        if (program.events.empty()) {  // every tensor is empty: nothing is asked for, from the first phase on
            StepMoment nothing;
            if (!program.phases.empty()) nothing.phase = program.phases.front();
            return nothing;
        }
        const aten::Allocation& block = program.allocations[static_cast<std::size_t>(program.events[event].allocation)];
        return {event, program.phase_of(event), block.row, block.made_by, block.kind, block.bytes};
    }

    static void share_rows(const StepProgram& program, StepReport& out) {
        std::map<std::size_t, std::int64_t> rows;
        for (const std::size_t i : alive_at(program, out.replay.peak_event))
            if (program.allocations[i].row >= 0)
                rows[static_cast<std::size_t>(program.allocations[i].row)] += program.allocations[i].bytes;
        for (const auto& [row, bytes] : rows) out.by_row.push_back({row, bytes});
        std::stable_sort(out.by_row.begin(), out.by_row.end(),
                         [](const RowShare& a, const RowShare& b) { return a.bytes > b.bytes; });
    }

    /// The steps thinned for a screen: for each stretch its highest moment.
    static void draw(const StepProgram& program, const AllocatorSettings& settings, StepReport& out) {
        Playback playback(program, settings);
        std::array<std::int64_t, aten::kBlockKinds> by_kind{};
        const std::size_t stretch =
            std::max<std::size_t>((program.events.size() + kTimelinePoints - 1) / kTimelinePoints, 1);
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

    void judge(const StepWant& want, const StepPrograms& on_first, Replays& of_first, const aten::Properties& first,
               StepReport& out) {
        Diagnostics said_already;
        Request named;  // left out: the card whose step is reported
        named.cards = request_.cards;
        if (!named.cards) named.cards.emplace().push_back(first_card());
        const std::vector<Card> cards = cards_of(named, said_already);
        for (std::size_t i = 0; i < cards.size(); ++i) {
            const Card& card = cards[i];
            const aten::Properties properties = properties_of((*named.cards)[i], run_);
            std::optional<StepPrograms> own;
            const bool same = request_.model.layers.empty() ||  // recorded: there is one program
                              (properties.compute_capability == first.compute_capability &&
                               properties.multi_processor_count == first.multi_processor_count);
            if (!same) own = write_steps(request_.model, run_, properties, said_already, want.most_events);
            const StepPrograms& programs = own ? *own : on_first;
            Replays of_own(run_.training.allocator);
            const Interval context = context_of(properties, run_);
            StepFit fit = judged(programs, own ? of_own : of_first, card, context);
            if (want.largest_batch)
                fit.largest_batch = largest_batch(card, programs.likely_or_none(), properties, context);
            if (i == 0) warn_of_gap(fit);
            out.fits.push_back(std::move(fit));
        }
    }

    /// Bytes of the card that PyTorch can have; without end where the card is not known.
    std::int64_t usable_of(const CardRequest& asked) const {
        Diagnostics said_already;
        Request one;
        one.cards.emplace().push_back(asked);
        const std::vector<Card> cards = cards_of(one, said_already);
        return cards.empty() ? kUnlimited : cards[0].usable.value();
    }

    static StepFit judged(const StepPrograms& programs, Replays& replays, const Card& card, const Interval& context) {
        StepFit fit;
        fit.card = card;
        fit.usable = card.usable.value();
        const auto with = [&](const StepProgram& program, std::int64_t outside) -> const Replay& {
            return replays.with(program, fit.usable - outside);
        };
        const StepProgram& program = programs.likely_or_none();
        const Replay& likely = with(program, context.likely);
        fit.free = fit.usable - context.likely - replays.reserved(program, fit.usable - context.likely);
        fit.reserved = likely.peak_reserved;
        fit.retries = likely.retries;
        if (!likely.runs()) {
            fit.verdict = Verdict::does_not_fit;
            for (const StepProgram* spare : {&programs.none, &program}) {
                const Replay& may = with(*spare, context.low);
                if (!may.runs()) continue;
                fit.verdict = Verdict::tight;
                fit.because = "interval";
                fit.free = fit.usable - context.low - may.peak_reserved;
                fit.reserved = may.peak_reserved;
                break;
            }
        } else if (likely.retries > 0) {
            fit.verdict = Verdict::tight;
            fit.because = "retries";
        } else if (!with(programs.high_or_none(), context.high).runs()) {
            fit.verdict = Verdict::tight;
            fit.because = "interval";
        } else if (is_tight(fit.free, fit.usable)) {
            fit.verdict = Verdict::tight;
            fit.because = "little-free";
        }
        return fit;
    }

    /// The largest batch whose likely step runs on the card; of the run's own batch, `program` is that step. None where
    /// the search would need a step of more events than are worth writing for it, or more items than anybody asks
    /// about.
    std::optional<std::int64_t> largest_batch(const Card& card, const StepProgram& program,
                                              const aten::Properties& properties, const Interval& context) {
        const AllocatorSettings settings =
            allocator_settings(run_.training.allocator, card.usable.value() - context.likely);
        const auto read = [&](const StepProgram& step) { return Trial{runs_with(step, settings), least_bytes(step)}; };
        const auto trial = [&](std::int64_t batch) -> std::optional<Trial> {
            if (batch == run_.items()) return read(program);
            Run run = run_;
            run.batch = batch;
            Diagnostics said;
            const std::optional<StepProgram> other =
                write_step(request_.model, run, properties, aten::Workspaces::likely, said, kMostSearched);
            if (other) return read(*other);
            if (!said.list().empty() && said.list().back().code == "too-large") return std::nullopt;
            return Trial{false, kUnlimited};  // what cannot be written for another reason does not run
        };
        return largest_that_runs(settings.allowed(), kMostItems, trial);
    }

    /// Fragmentation lets a batch fail while a larger one runs.
    void warn_of_gap(const StepFit& fit) {
        if (fit.verdict != Verdict::does_not_fit || !fit.largest_batch || *fit.largest_batch < run_.items()) return;
        diagnostics_
            .warning("fragmentation", "batch " + plain(run_.items()) + " does not run though batch " +
                                          plain(*fit.largest_batch) + " does: cached memory is cut up in another way")
            .field = "batch";
    }

    const Request& request_;
    const Report& report_;
    const Run& run_;
    Diagnostics& diagnostics_;
};

}  // namespace

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
    Diagnostics said;
    std::optional<StepReport> out = Reporter(request, report, said).write(want);
    const auto is_known = [&](const Diagnostic& one) {
        return std::any_of(report.diagnostics.list().begin(), report.diagnostics.list().end(),
                           [&](const Diagnostic& known) {
                               return known.code == one.code && known.row == one.row && known.message == one.message;
                           });
    };
    for (const Diagnostic& one : said.list())
        if (!is_known(one)) diagnostics.add(one);
    return out;
}

}  // namespace footprint
