#include "step/derive.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/number.hpp"

namespace footprint {
namespace {

constexpr std::string_view kOfStep = "step/", kOfBridge = "bridge/";
constexpr std::size_t kMostAddends = 12;  // of a sum; what is smaller is added up
constexpr std::string_view kCounters = "torch.cuda.memory_stats";

/// A quantity with its sign: what is taken away stands behind a minus, as an amount of its own.
struct Addend {
    Symbol symbol;
    std::int64_t bytes = 0;
};

/// The largest, and what the others come to.
std::vector<Addend> largest(std::vector<Addend> addends) {
    std::stable_sort(addends.begin(), addends.end(),
                     [](const Addend& a, const Addend& b) { return std::abs(a.bytes) > std::abs(b.bytes); });
    if (addends.size() > kMostAddends + 1) {
        std::int64_t others = 0;
        for (std::size_t i = kMostAddends; i < addends.size(); ++i) others += addends[i].bytes;
        const std::string count = plain(static_cast<std::int64_t>(addends.size() - kMostAddends));
        addends.resize(kMostAddends);
        addends.push_back({{"M_others", 0, "bytes", count + " smaller amounts", "", ""}, others});
    }
    return addends;
}

Term signed_sum(std::vector<Addend> addends) {
    std::stable_partition(addends.begin(), addends.end(), [](const Addend& one) { return one.bytes >= 0; });
    std::vector<Term> added;
    std::optional<Term> sum;
    for (const Addend& one : addends) {
        Symbol symbol = one.symbol;
        symbol.value = std::abs(one.bytes);
        if (one.bytes >= 0) {
            added.push_back(Term::symbol(std::move(symbol)));
            continue;
        }
        const Term taken = Term::symbol(std::move(symbol));
        if (!sum && !added.empty()) sum = Term::sum(added);
        sum = sum ? *sum - taken : -taken;
    }
    if (sum) return *sum;
    return added.size() == 1 ? added[0] : Term::sum(std::move(added));
}

/// What the amounts of the notebook and the readings of the allocator are.
struct Reading {
    std::string_view name, sentence, path;
};
constexpr Reading kReadings[] = {
    {"input", "the notebook's input", "notebook/input"},
    {"forward", "the notebook's outputs of all rows", "notebook/forward"},
    {"backward", "the notebook's gradient for every output", "notebook/backward"},
    {"parameters", "the notebook's parameters", "notebook/parameters"},
    {"peak_allocated", "allocated at the peak", "step/peak_allocated"},
    {"requested", "asked for by the blocks alive at the peak", ""},
    {"peak_reserved", "reserved at the most, without workspaces", "step/peak_reserved"},
    {"with_room", "reserved at the most, with the workspaces that are likely and room for everything", ""},
    {"reserved", "reserved at the most on this card, with the workspaces that are likely", ""},
    {"context", "read on cards of this kind", ""},
};

class StepDerivations {
 public:
    StepDerivations(const Request& request, const StepReport& step, std::string_view path)
        : request_(request), step_(step), path_(path) {}

    [[nodiscard]] std::optional<Derivation> find() const {
        if (path_.starts_with(kOfBridge)) return of_entry(path_.substr(kOfBridge.size()));
        const std::string_view which = path_.starts_with(kOfStep) ? path_.substr(kOfStep.size()) : std::string_view();
        if (which == "peak_allocated") return peak_allocated();
        if (which == "peak_reserved")
            return derived(
                "Reserved at the most", "M_peak_reserved",
                signed_sum({bridged("fragmentation", step_.replay.peak_reserved - step_.replay.peak_allocated),
                            reading("peak_allocated", step_.replay.peak_allocated)}),
                {{"step", "max_memory_reserved(), with workspaces 0", std::string(kCounters)}});
        if (which == "device_total") return device_total();
        return std::nullopt;
    }

 private:
    [[nodiscard]] Derivation derived(std::string title, std::string_view left, const Term& right,
                                     std::vector<Note> notes) const {
        return footprint::derive(std::string(path_), std::move(title), left, right, "bytes", std::move(notes));
    }

    static Addend reading(std::string_view name, std::int64_t bytes) {
        for (const Reading& known : kReadings)
            if (known.name == name)
                return {
                    {"M_" + std::string(name), 0, "bytes", std::string(known.sentence), "", std::string(known.path)},
                    bytes};
        return {{"M_" + std::string(name), 0, "bytes", "blocks that " + std::string(name) + " made", "", ""}, bytes};
    }

    static Addend bridged(std::string_view code, std::int64_t bytes) {
        std::string name(code);
        std::replace(name.begin(), name.end(), '-', '_');
        return {{"M_" + name, 0, "bytes", std::string(in_words(code)), "", std::string(kOfBridge) + std::string(code)},
                bytes};
    }

    [[nodiscard]] std::optional<Derivation> of_entry(std::string_view code) const {
        const auto found = std::find_if(step_.bridge.begin(), step_.bridge.end(),
                                        [&](const BridgeEntry& one) { return one.code == code; });
        if (found == step_.bridge.end()) return std::nullopt;
        std::map<std::int32_t, std::pair<std::int64_t, std::set<std::string_view>>> of_rows;
        std::map<std::string_view, std::int64_t> of_names;
        for (const BridgePart& part : found->parts) {
            if (part.row < 0) {
                of_names[part.name] += part.bytes;
                continue;
            }
            auto& [bytes, names] = of_rows[part.row];
            bytes += part.bytes;
            names.insert(part.name);
        }
        std::vector<Addend> addends;
        addends.reserve(of_names.size() + of_rows.size());
        for (const auto& [name, bytes] : of_names) addends.push_back(reading(name, bytes));
        for (const auto& [row, amount] : of_rows) addends.push_back(of_row(row, amount.first, amount.second));
        std::string title(in_words(code));
        if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
        std::string left = "D_" + std::string(code);
        std::replace(left.begin(), left.end(), '-', '_');
        return derived(std::move(title), left, signed_sum(largest(std::move(addends))),
                       {{"step", "one of the differences between the notebook's total and the device's", ""}});
    }

    [[nodiscard]] Addend of_row(std::int32_t row, std::int64_t bytes, const std::set<std::string_view>& names) const {
        const Row& written = request_.model.layers[static_cast<std::size_t>(row)];
        const std::string number = plain(std::int64_t{row} + 1);
        const std::string called = written.name.empty() ? "row " + number + ", " + written.op : written.name;
        std::string sentence;
        if (names.contains("counted")) {
            sentence = names.contains("kept") ? "what " + called + " keeps and what the notebook counts for it differ"
                                              : "the notebook counts " + called + ", whose output is not there";
        } else if (names.contains("kept")) {
            sentence = "kept for " + called + ", which the notebook does not count";
        } else {
            sentence = called + ": made by";
            for (const std::string_view name : names)
                sentence += (sentence.back() == 'y' ? " " : ", ") + std::string(name);
        }
        return {{"M_" + (written.name.empty() ? number : written.name), 0, "bytes", std::move(sentence), "",
                 "layers/" + number + "/forward"},
                bytes};
    }

    [[nodiscard]] Derivation peak_allocated() const {
        std::vector<Addend> addends;
        for (std::size_t kind = 0; kind < step_.replay.alive.size(); ++kind) {
            if (step_.replay.alive[kind] == 0) continue;
            const std::string name(name_of(static_cast<aten::BlockKind>(kind)));
            addends.push_back({{"M_" + name, 0, "bytes", "blocks of this kind alive at the peak, rounded up", "", ""},
                               step_.replay.alive[kind]});
        }
        const PhaseMark& phase = step_.peak.phase;
        const std::string reached = addends.empty()
                                        ? "nothing is allocated"
                                        : "reached in " + std::string(phase.name) + " of step " + plain(phase.step + 1);
        return derived("Allocated at the peak", "M_peak_allocated", signed_sum(std::move(addends)),
                       {{"step", "max_memory_allocated(): " + reached, std::string(kCounters)}});
    }

    [[nodiscard]] Derivation device_total() const {
        std::vector<Addend> addends;
        addends.reserve(step_.bridge.size());
        for (const BridgeEntry& entry : step_.bridge) {
            addends.push_back(bridged(entry.code, entry.bytes));
            if (entry.code == "notebook-total") addends.back().symbol.path = "notebook/total";
        }
        return derived("Likely on the device", "M_device", signed_sum(std::move(addends)),
                       {{"step", "what nvidia-smi is likely to show for the process", "docs/accuracy.md"}});
    }

    const Request& request_;
    const StepReport& step_;
    std::string_view path_;
};

}  // namespace

bool is_of_step(std::string_view path) { return path.starts_with(kOfStep) || path.starts_with(kOfBridge); }

Result<Derivation> derive_step(const Request& request, const Report& report, std::string_view path) {
    Diagnostics said;
    const StepWant want{.fit = false, .largest_batch = false, .timeline = false};
    const std::optional<StepReport> step = report_step(request, report, want, said);
    if (!step) {
        const std::vector<Diagnostic>& reasons = (said.has_errors() ? said : report.diagnostics).list();
        return *std::find_if(reasons.begin(), reasons.end(),
                             [](const Diagnostic& one) { return one.severity == Severity::error; });
    }
    if (std::optional<Derivation> found = StepDerivations(request, *step, path).find()) return *std::move(found);
    Diagnostic reason;
    reason.code = "unknown-path";
    reason.message = "no number of the step has the path " + std::string(path) +
                     "; there are step/peak_allocated, step/peak_reserved, step/device_total";
    for (const BridgeEntry& entry : step->bridge) reason.message += ", bridge/" + std::string(entry.code);
    return reason;
}

}  // namespace footprint
