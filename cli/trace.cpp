#include "trace.hpp"

#include <ostream>
#include <string>
#include <string_view>

#include "json/writer.hpp"
#include "step/replay.hpp"

namespace footprint::cli {

namespace {

void write_event(json::Writer& json, std::string_view name, std::string_view phase, std::size_t at) {
    json.begin_object();
    json.member("name", name);
    json.member("ph", phase);  // Perfetto's: X a slice, C a counter, i an instant
    json.member("pid", 1);
    json.member("ts", at);
}

void end_event(json::Writer& json) {
    json.end_object();
    json.end_object();
}

}  // namespace

void write_perfetto(const StepReport& step, const AllocatorSettings& settings, std::ostream& out) {
    json::Writer json;
    json.begin_object();
    json.member("displayTimeUnit", "ns");
    json.key("traceEvents");
    json.begin_array();
    std::size_t begin = 0;
    for (const PhaseMark& phase : step.program.phases) {
        write_event(json, phase.name, "X", begin);
        json.member("tid", 1);
        json.member("dur", phase.end - begin);
        json.key("args");
        json.begin_object();
        json.member("step", phase.step);
        end_event(json);
        begin = phase.end;
    }
    for (Playback playback(step.program, settings); playback.next();) {
        write_event(json, "memory", "C", playback.event());
        json.key("args");
        json.begin_object();
        json.member("allocated", playback.allocator.allocated());
        json.member("cached", playback.allocator.reserved() - playback.allocator.allocated());
        end_event(json);
        if (playback.frees()) continue;
        const aten::Allocation& block = playback.allocation();
        write_event(json, block.made_by, "i", playback.event());
        json.member("cat", name_of(block.kind));
        json.member("s", "t");
        json.member("tid", 2);
        json.key("args");
        json.begin_object();
        json.member("bytes", block.bytes);
        json.member("row", block.row + 1);
        end_event(json);
    }
    json.end_array();
    json.end_object();
    out << json.take() << '\n';
}

namespace {

/// The part of pickle's protocol 2 that a snapshot needs. Source: Lib/pickletools.py.
class Pickle {
 public:
    explicit Pickle(std::ostream& out) : out_(out) { out_ << "\x80\x02"; }
    void end() { out_ << '.'; }

    void begin_list() { out_ << "]("; }  // EMPTY_LIST, MARK … APPENDS
    void end_list() { out_ << 'e'; }
    void begin_dict() { out_ << "}("; }  // EMPTY_DICT, MARK … SETITEMS
    void end_dict() { out_ << 'u'; }
    void text(std::string_view words) {  // BINUNICODE
        out_ << 'X';
        little_endian(words.size(), 4);
        out_ << words;
    }
    void number(std::int64_t value) {  // LONG1, two's complement
        out_ << "\x8a" << '\x08';
        little_endian(static_cast<std::uint64_t>(value), 8);
    }
    void member(std::string_view key, std::int64_t value) {
        text(key);
        number(value);
    }
    void member(std::string_view key, std::string_view value) {
        text(key);
        text(value);
    }

 private:
    void little_endian(std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) out_ << static_cast<char>((value >> (8 * i)) & 0xff);
    }

    std::ostream& out_;
};

constexpr std::int64_t kBase = std::int64_t{1} << 40;   // where the first segment lies
constexpr std::int64_t kApart = std::int64_t{1} << 36;  // segments never touch

}  // namespace

void write_snapshot(const StepReport& step, const AllocatorSettings& settings, std::ostream& out) {
    Pickle pickle(out);
    pickle.begin_dict();
    pickle.text("segments");
    pickle.begin_list();
    pickle.end_list();
    pickle.text("device_traces");
    pickle.begin_list();
    pickle.begin_list();
    for (Playback playback(step.program, settings); playback.next();) {
        const aten::Allocation& block = playback.allocation();
        const Allocator::Place place = playback.place();
        pickle.begin_dict();
        pickle.member("action", playback.frees() ? "free_completed" : "alloc");
        pickle.member("addr", kBase + place.segment * kApart + place.offset);
        pickle.member("size", place.bytes);
        pickle.member("stream", std::int64_t{0});
        pickle.member("time_us", static_cast<std::int64_t>(playback.event()));
        pickle.text("frames");
        pickle.begin_list();
        pickle.begin_dict();
        pickle.member("name", block.made_by.empty() ? name_of(block.kind) : block.made_by);
        pickle.member("filename", name_of(block.kind));
        pickle.member("line", block.row + 1);
        pickle.end_dict();
        pickle.end_list();
        pickle.end_dict();
    }
    pickle.end_list();
    pickle.end_list();
    pickle.end_dict();
    pickle.end();
}

}  // namespace footprint::cli
