#include "trace.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace footprint::cli {

/// The whole program for Perfetto (ui.perfetto.dev): counters of what is allocated and reserved, and a slice for each
/// phase. Time is the number of the event: nothing here takes time.
void write_perfetto(const StepReport& step, const AllocatorSettings& settings, std::ostream& out) {
    out << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
        << R"({"name":"process_name","ph":"M","pid":1,"args":{"name":"Footprint: PyTorch's caching allocator"}})";
    std::size_t begin = 0;
    for (const PhaseMark& phase : step.program.phases) {
        out << ",\n{\"name\":\"" << phase.name
            << "\",\"cat\":\"phase\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":" << begin
            << ",\"dur\":" << phase.end - begin << ",\"args\":{\"step\":" << phase.step << "}}";
        begin = phase.end;
    }
    Allocator allocator(settings);
    std::vector<Allocator::Handle> handles(step.program.allocations.size());
    for (std::size_t i = 0; i < step.program.events.size(); ++i) {
        const aten::Event event = step.program.events[i];
        const auto at = static_cast<std::size_t>(event.allocation);
        const aten::Allocation& block = step.program.allocations[at];
        if (event.frees) {
            allocator.free(handles[at]);
        } else if (const auto handle = allocator.allocate(block.bytes)) {
            handles[at] = *handle;
        } else {
            break;
        }
        out << ",\n{\"name\":\"memory\",\"ph\":\"C\",\"pid\":1,\"ts\":" << i
            << ",\"args\":{\"allocated\":" << allocator.allocated()
            << ",\"cached\":" << allocator.reserved() - allocator.allocated() << "}}";
        if (!event.frees)
            out << ",\n{\"name\":\"" << block.made_by << "\",\"cat\":\"" << name_of(block.kind)
                << "\",\"ph\":\"i\",\"s\":\"t\",\"pid\":1,\"tid\":2,\"ts\":" << i
                << ",\"args\":{\"bytes\":" << block.bytes << ",\"row\":" << block.row + 1 << "}}";
    }
    out << "\n]}\n";
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
    Allocator allocator(settings);
    std::vector<Allocator::Handle> handles(step.program.allocations.size());
    for (std::size_t i = 0; i < step.program.events.size(); ++i) {
        const aten::Event event = step.program.events[i];
        const auto at = static_cast<std::size_t>(event.allocation);
        const aten::Allocation& block = step.program.allocations[at];
        if (!event.frees) {
            const auto handle = allocator.allocate(block.bytes);
            if (!handle) break;
            handles[at] = *handle;
        }
        const Allocator::Place place = allocator.place(handles[at]);
        pickle.begin_dict();
        pickle.member("action", event.frees ? "free_completed" : "alloc");
        pickle.member("addr", kBase + place.segment * kApart + place.offset);
        pickle.member("size", place.bytes);
        pickle.member("stream", std::int64_t{0});
        pickle.member("time_us", static_cast<std::int64_t>(i));
        pickle.text("frames");
        pickle.begin_list();
        pickle.begin_dict();
        pickle.member("name", block.made_by.empty() ? name_of(block.kind) : block.made_by);
        pickle.member("filename", name_of(block.kind));
        pickle.member("line", block.row + 1);
        pickle.end_dict();
        pickle.end_list();
        pickle.end_dict();
        if (event.frees) allocator.free(handles[at]);
    }
    pickle.end_list();
    pickle.end_list();
    pickle.end_dict();
    pickle.end();
}

}  // namespace footprint::cli
