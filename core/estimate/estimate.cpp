#include "estimate/estimate.hpp"

#include <algorithm>
#include <cmath>

#include "base/number.hpp"

namespace footprint {
namespace {

constexpr std::int64_t kTorchsummaryBytes = 4;  // per value, whatever its type

std::optional<Card> card_of(const CardRequest& asked, Diagnostics& diagnostics) {
    Card card;
    if (asked.id.empty()) {
        card.id = "custom";
        card.name = asked.name;
        card.usable = Integer(asked.usable_mib) * kMebibyte;
    } else {
        const Gpu* gpu = find_gpu(asked.id);
        if (gpu == nullptr) {
            std::string message = "there is no card " + Value(asked.id).in_words();
            const std::vector<std::string_view> close = near_gpu_ids(asked.id);
            if (!close.empty()) message += "; the closest is " + std::string(close[0]);
            diagnostics.error("unknown-gpu", message).field = "gpus";
            return std::nullopt;
        }
        const Capacity capacity = usable(*gpu, asked.system);
        if (!capacity.known()) {
            diagnostics
                .error("unknown-gpu", "what " + asked.id + " has on " + std::string(text(asked.system)) +
                                          " is not known: give it as a card of your own")
                .field = "gpus";
            return std::nullopt;
        }
        card.id = asked.id;
        card.usable = capacity.bytes;
    }
    card.usable -= Integer(asked.in_use_mib.value_or(0)) * kMebibyte;
    if (card.usable < 0) card.usable = 0;
    return card;
}

/// Batches to draw: evenly from 1 to twice the run's, or past the largest of the first card, whichever is more.
std::vector<std::int64_t> drawn_batches(std::int64_t batch, const std::vector<CardFit>& fits) {
    constexpr std::int64_t kPoints = 32;
    std::int64_t most = std::min(batch, kMostBatch / 2) * 2;
    if (!fits.empty() && fits[0].fit.largest_batch && *fits[0].fit.largest_batch < kMostBatch / 2)
        most = std::max(most, *fits[0].fit.largest_batch * 5 / 4);
    std::vector<std::int64_t> batches;
    for (std::int64_t i = 0; i < kPoints; ++i) {
        const std::int64_t at = 1 + (most - 1) / (kPoints - 1) * i + (most - 1) % (kPoints - 1) * i / (kPoints - 1);
        if (batches.empty() || at > batches.back()) batches.push_back(at);
    }
    return batches;
}

}  // namespace

std::vector<Card> cards_of(const Request& request, Diagnostics& diagnostics) {
    std::vector<Card> cards;
    std::vector<CardRequest> all;
    if (!request.cards)
        for (const Gpu& gpu : gpus())
            if (usable(gpu, System::linux_).known()) all.emplace_back().id = gpu.id;
    for (const CardRequest& asked : request.cards ? *request.cards : all)
        if (std::optional<Card> card = card_of(asked, diagnostics)) cards.push_back(std::move(*card));
    return cards;
}

std::vector<std::string_view> differences(const Report& report, std::int64_t batch) {
    std::vector<std::string_view> because;
    const Torchsummary& print = *report.torchsummary;
    if (print.stopped) return {"stops"};
    const Integer honest =
        floor_divide(report.notebook->total().at(batch), report.notebook->bytes_per_value) * kTorchsummaryBytes;
    if (!honest.overflowed() &&
        std::fabs(*print.total_mb * static_cast<double>(kMebibyte) - static_cast<double>(honest.value())) < 0.5)
        return because;
    if (print.inputs_multiplied) because.push_back("inputs-multiplied");
    if (print.tuple_multiplied) because.push_back("tuple-multiplied");
    if (print.wrapped) because.push_back("wrapped");
    return because;
}

namespace {

/// A size that a module takes from its input is the module's own: one that follows the batch belongs to no module.
void check_settled(const Model& model, Report& report, std::int64_t batch) {
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const InferredRow &two = report.at_two.rows[i], &many = report.at_batch->rows[i];
        if (!two.known || !many.known) continue;
        for (std::size_t k = 0; k < two.resolved.size() && k < many.resolved.size(); ++k) {
            const auto& [name, at_two] = two.resolved[k];
            const std::int64_t at_batch = many.resolved[k].second;
            if (many.resolved[k].first != name || at_two == at_batch) continue;
            Diagnostic& diagnostic = report.diagnostics.warning(
                "follows-the-batch",
                std::string(name) + " follows the batch: it is " + plain(at_two) + " at batch 2 and " +
                    plain(at_batch) + " at batch " + plain(batch) +
                    ", and no module has both. A flatten above it with start_dim 1 leaves the batch alone");
            diagnostic.row = static_cast<std::int64_t>(i) + 1;
            diagnostic.name = model.layers[i].name;
            diagnostic.field = name;
            diagnostic.values = {{"at batch 2", at_two}, {"at batch " + plain(batch), at_batch}};
        }
    }
}

}  // namespace

Report estimate(const Request& request, Diagnostics diagnostics) {
    Report report;
    report.diagnostics = std::move(diagnostics);
    // Nothing was read that could be judged: what is wrong with the text says it all.
    if (request.model.layers.empty() && report.diagnostics.has_errors()) return report;
    const std::int64_t batch = request.run.items();
    InferenceOptions options;
    report.at_two = infer(request.model, request.run, options, report.diagnostics);
    if (batch != options.batch && (request.want.layers || request.want.storages)) {
        // The shapes shown are those at the run's batch. Whatever is wrong only there is of no concern to the method.
        Diagnostics unused;
        options.batch = batch;
        report.at_batch = infer(request.model, request.run, options, unused);
        check_settled(request.model, report, batch);
    }
    const std::vector<Card> cards = cards_of(request, report.diagnostics);
    if (report.diagnostics.has_errors()) return report;

    Notebook counted = notebook(request.model, request.run, report.at_two);
    if (counted.total().at(batch).overflowed()) {
        report.diagnostics
            .error("overflow", "the total at batch " + plain(batch) + " does not fit 64 bits: lower the batch")
            .field = "batch";
        return report;
    }
    report.torchsummary =
        torchsummary(request.model, request.run, report.at_two, counted, request.run.batch.value_or(-1));
    if (request.want.fit || request.want.series)
        for (const Card& card : cards) report.fits.push_back({card, fit(counted, batch, card.usable)});
    if (request.want.series)
        for (const std::int64_t at : drawn_batches(batch, report.fits))
            if (const Integer total = counted.total().at(at); !total.overflowed())
                report.series.emplace_back(at, total);
    report.notebook = std::move(counted);
    if (request.want.storages) report.storages = lifetimes(request.model, report.shown());
    return report;
}

}  // namespace footprint
