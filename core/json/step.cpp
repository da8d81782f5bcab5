// The step's report as a document.
#include <set>

#include "json/write.hpp"
#include "json/writer.hpp"

namespace footprint::json {
namespace {

void write(Writer& json, std::string_view name, const Interval& interval) {
    json.key(name);
    json.begin_object();
    json.member("low", interval.low);
    json.member("likely", interval.likely);
    json.member("high", interval.high);
    json.end_object();
}

void write_row(Writer& json, const Request& request, std::int64_t row) {
    if (row < 0) return;
    json.member("row", row + 1);
    const std::string& name = request.model.layers[static_cast<std::size_t>(row)].name;
    if (!name.empty()) json.member("name", name);
}

void write_moment(Writer& json, const Request& request, const StepMoment& moment) {
    json.begin_object();
    json.member("event", moment.event);
    json.member("step", moment.phase.step);
    json.member("phase", moment.phase.name);
    write_row(json, request, moment.row);
    json.member("kernel", moment.kernel);
    json.member("kind", name_of(moment.kind));
    json.member("bytes", moment.bytes);
    json.end_object();
}

void write_phases(Writer& json, const Replay& replay) {
    json.begin_array();
    for (const PhaseReading& phase : replay.phases) {
        json.begin_object();
        json.member("step", phase.step);
        json.member("phase", phase.name);
        json.member("allocated", phase.allocated);
        json.member("reserved", phase.reserved);
        json.member("peak_allocated", phase.peak_allocated);
        json.member("peak_reserved", phase.peak_reserved);
        json.end_object();
    }
    json.end_array();
}

void write_kinds(Writer& json, const std::array<std::int64_t, aten::kBlockKinds>& by_kind) {
    json.begin_object();
    for (std::size_t kind = 0; kind < by_kind.size(); ++kind)
        if (by_kind[kind] != 0) json.member(name_of(static_cast<aten::BlockKind>(kind)), by_kind[kind]);
    json.end_object();
}

void write_fit(Writer& json, const StepFit& fit) {
    json.begin_object();
    json.member("gpu", fit.card.id);
    if (!fit.card.name.empty()) json.member("name", fit.card.name);
    json.member("method", "step");
    json.member("verdict", name_of(fit.verdict));
    if (!fit.because.empty()) json.member("because", fit.because);
    json.member("usable", fit.usable);
    json.member("free", fit.free);
    json.member("reserved", fit.reserved);
    json.member("retries", fit.retries);
    if (fit.largest_batch) json.member("largest_batch", *fit.largest_batch);
    json.end_object();
}

void write_rows(Writer& json, const std::vector<BridgePart>& parts) {
    std::set<std::int32_t> rows;
    for (const BridgePart& part : parts)
        if (part.row >= 0) rows.insert(part.row + 1);
    if (rows.empty()) return;
    json.key("rows");
    json.begin_array();
    for (const std::int32_t row : rows) json.value(row);
    json.end_array();
}

void write_bridge(Writer& json, const std::vector<BridgeEntry>& bridge) {
    json.key("bridge");
    json.begin_array();
    for (const BridgeEntry& entry : bridge) {
        json.begin_object();
        json.member("code", entry.code);
        json.member("message", in_words(entry.code));
        json.member("bytes", entry.bytes);
        write_rows(json, entry.parts);
        json.end_object();
    }
    json.end_array();
}

void write_timeline(Writer& json, const StepReport& step) {
    json.key("timeline");
    json.begin_array();
    for (const TimelinePoint& point : step.timeline) {
        const PhaseMark& phase = step.program.phase_of(point.event);
        json.begin_object();
        json.member("event", point.event);
        json.member("step", phase.step);
        json.member("phase", phase.name);
        json.member("allocated", point.allocated);
        json.member("reserved", point.reserved);
        json.key("by_kind");
        write_kinds(json, point.by_kind);
        const std::int32_t row =
            step.program.allocations[static_cast<std::size_t>(step.program.events[point.event].allocation)].row;
        if (row >= 0) json.member("row", row + 1);
        json.end_object();
    }
    json.end_array();
}

void write_reading(Writer& json, const Request& request, const StepReport& step) {
    json.begin_object();
    json.member("peak_allocated", step.replay.peak_allocated);
    json.member("peak_reserved", step.replay.peak_reserved);
    json.member("retries", step.retries);
    json.key("out_of_memory");
    if (step.out_of_memory)
        write_moment(json, request, *step.out_of_memory);
    else
        json.value(nullptr);
    write(json, "context", step.context);
    write(json, "reserved", step.reserved);
    write(json, "device_total", step.device_total);
    json.member("fragmentation", step.replay.peak_reserved - step.replay.peak_allocated);
    json.key("peak");
    write_moment(json, request, step.peak);
    json.key("phases");
    write_phases(json, step.replay);
    json.key("by_kind");
    write_kinds(json, step.replay.alive);
    json.key("by_row");
    json.begin_array();
    for (const RowShare& share : step.by_row) {
        json.begin_object();
        write_row(json, request, static_cast<std::int64_t>(share.row));
        json.member("bytes", share.bytes);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

}  // namespace

std::string write_step(const Request& request, const Report& report, const StepReport* step, const Diagnostics& said) {
    Writer json;
    json.begin_object();
    json.member("format", "footprint/step");
    json.member("version", 1);
    json.key("diagnostics");
    write(json, report.diagnostics.has_errors() ? report.diagnostics : said);
    if (step != nullptr) {
        json.key("step");
        write_reading(json, request, *step);
        if (!step->bridge.empty()) write_bridge(json, step->bridge);
        if (!step->fits.empty()) {
            json.key("fit");
            json.begin_array();
            for (const StepFit& fit : step->fits) write_fit(json, fit);
            json.end_array();
        }
        if (!step->timeline.empty()) write_timeline(json, *step);
    }
    json.end_object();
    return json.take();
}

}  // namespace footprint::json
