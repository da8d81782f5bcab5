// The allocator against PyTorch's own: every event of every stream in tests/golden/step/traces, with the settings that
// the configuration was recorded under. Block, segment, offset, allocated and reserved must be equal at each event.
#include "cuda/allocator.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "step_golden.hpp"

namespace footprint::testing {
namespace {

/// The settings of every configuration that has a trace, by the trace's path.
std::map<std::string, AllocatorSettings> traced() {
    std::map<std::string, AllocatorSettings> settings;
    for (const char* family : {"singles", "davenet", "vision", "text", "settings", "cards", "allocator"}) {
        const Json document = read_json(kStep + family + ".json");
        for (const Json& row : document.at("rows"))
            if (row.contains("trace") && !row.at("trace").is_null())
                settings[row.at("trace").get<std::string>()] = settings_of(row);
    }
    return settings;
}

struct Replay {
    std::size_t events = 0;
    std::string first_difference;
};

Replay replay(const std::string& trace, const AllocatorSettings& settings) {
    Allocator allocator(settings);
    std::map<std::int64_t, Allocator::Handle> alive;
    std::istringstream lines(trace);
    std::string line;
    std::getline(lines, line);  // what was run
    Replay result;
    while (std::getline(lines, line)) {
        const Json event = Json::parse(line);
        const std::string& kind = event.at("event").get_ref<const std::string&>();
        bool same = true;
        if (kind == "alloc") {
            const auto handle = allocator.allocate(event.at("requested").get<std::int64_t>());
            same = handle.has_value();
            if (handle) {
                alive[event.at("id").get<std::int64_t>()] = *handle;
                const Allocator::Place place = allocator.place(*handle);
                same = place.bytes == event.at("block") && place.segment == event.at("segment") &&
                       place.offset == event.at("offset");
            }
        } else if (kind == "free") {
            const auto found = alive.find(event.at("id").get<std::int64_t>());
            allocator.free(found->second);
            alive.erase(found);
        } else if (kind == "oom") {
            same = !allocator.allocate(event.at("size").get<std::int64_t>());
        } else {
            continue;  // segments are the allocator's own doing: `reserved` of the next event tells
        }
        ++result.events;
        same = same && allocator.allocated() == event.at("allocated") && allocator.reserved() == event.at("reserved");
        if (!same) {
            result.first_difference = line + " but allocated " + std::to_string(allocator.allocated()) + ", reserved " +
                                      std::to_string(allocator.reserved());
            return result;
        }
    }
    return result;
}

TEST_CASE("every event of PyTorch's allocator is replayed to the byte" * sweep) {
    std::size_t events = 0;
    const std::map<std::string, AllocatorSettings> all = traced();
    for (const auto& trace : all) {
        CAPTURE(trace.first);
        const Replay result = replay(inflated(kStep + trace.first), trace.second);
        events += result.events;
        CHECK_MESSAGE(result.first_difference.empty(), result.first_difference);
    }
    CHECK(all.size() == 264);
    CHECK(events > 200'000);
}

}  // namespace
}  // namespace footprint::testing
