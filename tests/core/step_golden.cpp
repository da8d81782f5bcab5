#include "step_golden.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "json/parse.hpp"
#include "json/read.hpp"
#include "step/program.hpp"
#include "step/replay.hpp"

namespace footprint::testing {

/// "expandable_segments:True,max_split_size_mb:32" and the device's memory, as measure.py was given them.
AllocatorSettings settings_of(const Json& configuration) {
    AllocatorSettings settings;
    settings.device_memory = std::int64_t{80} << 30;
    const Json& environment = configuration.value("env", Json::object());
    if (environment.contains("NULLCUDA_MEMORY"))
        settings.device_memory = std::stoll(environment.at("NULLCUDA_MEMORY").get<std::string>(), nullptr, 16);
    std::istringstream words(environment.value("PYTORCH_CUDA_ALLOC_CONF", std::string()));
    for (std::string word; std::getline(words, word, ',');) {
        const std::string name = word.substr(0, word.find(':')), value = word.substr(word.find(':') + 1);
        if (name == "expandable_segments") settings.expandable_segments = value == "True";
        if (name == "max_split_size_mb") settings.max_split_size = std::stoll(value) << 20;
        if (name == "roundup_power2_divisions") settings.roundup_power2_divisions = std::stoll(value);
        if (name == "garbage_collection_threshold") settings.garbage_collection_threshold = std::stod(value);
    }
    if (configuration.at("run").contains("memory_fraction"))
        settings.memory_fraction = configuration.at("run").at("memory_fraction").get<double>();
    return settings;
}

namespace {

/// measure.py takes regular expressions: a digit, a dot, alternatives, all but one.
std::vector<std::string> patterns(std::string regex) {
    const auto replace = [&](const std::string& from, const std::string& to) {
        for (std::size_t at; (at = regex.find(from)) != std::string::npos;) regex.replace(at, from.size(), to);
    };
    replace("\\d+", "*");
    replace("\\d", "*");
    replace("\\.", ".");
    if (regex.rfind("(?!", 0) == 0) return {"not:" + regex.substr(3, regex.size() - 4)};
    std::vector<std::string> list;
    std::istringstream words(regex);
    for (std::string word; std::getline(words, word, '|');) list.push_back(word);
    return list;
}

Run run_of(const Json& configuration) {
    const Json& given = configuration.at("run");
    Run run;
    run.batch = given.at("batch").get<std::int64_t>();
    Training& training = run.training;
    training.mode = given.value("mode", "train");
    training.loss =
        given.contains("loss") && given.at("loss").is_string() ? given.at("loss").get<std::string>() : "none";
    if (training.loss == "hf") training.loss = "model";
    // Classifiers are measured in eval mode with targets on the device.
    if (training.mode == "eval" && configuration.at("model").get<std::string>().find("torchvision:") == 0)
        training.loss = "ce";
    if (training.mode == "eval" && configuration.at("model") == "nets.py:unet") training.loss = "ce";
    training.steps = given.value("steps", 3);
    training.accumulate = given.value("accumulate", 1);
    training.input_grad = given.value("input_grad", false);
    training.ema = given.value("ema", false);
    training.clip_norm = given.value("clip_norm", false);
    training.channels_last = given.value("channels_last", false);
    training.fresh_batch = given.value("fresh_batch", false);
    training.sdpa = given.value("sdpa", "");
    training.zero_grad_to_none = given.value("zero_grad", "set_to_none") != "zero";
    if (given.contains("amp")) training.precision = "amp-" + given.at("amp").get<std::string>();
    if (given.contains("param_dtype")) training.precision = given.at("param_dtype").get<std::string>();
    const std::string name = given.contains("optimizer") && given.at("optimizer").is_string()
                                 ? given.at("optimizer").get<std::string>()
                                 : "none";
    Optimizer& optimizer = training.optimizer;
    optimizer.name = name == "sgdm" || name == "nesterov" ? "sgd"
                     : name == "amsgrad"                  ? "adam"
                     : name == "rmsprop-centered"         ? "rmsprop"
                                                          : name;
    optimizer.nesterov = name == "nesterov";
    optimizer.amsgrad = name == "amsgrad";
    optimizer.centered = name == "rmsprop-centered";
    if (name == "sgdm" || name == "nesterov" || name == "rmsprop-centered") optimizer.momentum = 0.9;
    optimizer.weight_decay = given.value("weight_decay", 0.0);
    const std::string foreach = given.value("foreach", "default");
    if (foreach == "true" || foreach == "false") optimizer.foreach = foreach == "true";
    optimizer.fused = foreach == "fused";
    if (given.contains("freeze")) training.freeze = patterns(given.at("freeze"));
    if (given.contains("checkpoint")) training.checkpoint = patterns(given.at("checkpoint"));
    return run;
}

/// "Null CUDA device (cc 8.0)" and the environment's multiprocessors.
aten::Properties card_of(const Json& configuration) {
    aten::Properties card;
    const std::string device = configuration.at("device");
    const std::size_t at = device.find("cc ");
    const std::size_t dot = device.find('.', at);
    card.compute_capability =
        std::stoi(device.substr(at + 3, dot - at - 3)) * 10 + std::stoi(device.substr(dot + 1, 1));
    const Json& environment = configuration.value("env", Json::object());
    if (environment.contains("NULLCUDA_SMS"))
        card.multi_processor_count = std::stoi(environment.at("NULLCUDA_SMS").get<std::string>());
    return card;
}

struct Traced {
    bool frees = false;
    std::int64_t id = 0, requested = 0;
    std::string where;
};

std::vector<Traced> trace_of(const std::string& path) {
    std::istringstream lines(inflated(kStep + path));
    std::string line;
    std::getline(lines, line);
    std::vector<Traced> events;
    while (std::getline(lines, line)) {
        const Json event = Json::parse(line);
        const std::string kind = event.at("event");
        if (kind != "alloc" && kind != "free") continue;
        events.push_back({kind == "free", event.at("id"), event.value("requested", std::int64_t{0}),
                          std::to_string(event.at("step").get<int>()) + " " + event.at("phase").get<std::string>() +
                              " " + event.at("tag").get<std::string>()});
    }
    return events;
}

/// The first place where two streams differ; frees between two allocations may come in any order. Empty: none.
std::string first_difference(const StepProgram& ours, const std::vector<Traced>& theirs) {
    std::map<std::int64_t, std::int32_t> paired;
    std::size_t a = 0, b = 0;
    const auto said = [&](const std::string& what) {
        std::string text = what + " at ours " + std::to_string(a) + ", theirs " + std::to_string(b) + "\n";
        for (std::size_t k = a; k < a + 4 && k < ours.events.size(); ++k) {
            const aten::Allocation& allocation = ours.allocations[static_cast<std::size_t>(ours.events[k].allocation)];
            text += "   ours   " + std::string(ours.events[k].frees ? "free " : "make ") +
                    std::to_string(ours.events[k].allocation) + " " + std::to_string(allocation.bytes) + " row " +
                    std::to_string(allocation.row + 1) + " " + std::string(allocation.made_by) + "\n";
        }
        for (std::size_t k = b; k < b + 4 && k < theirs.size(); ++k)
            text += "   theirs " + std::string(theirs[k].frees ? "free " : "make ") + std::to_string(theirs[k].id) +
                    " " + std::to_string(theirs[k].requested) + " " + theirs[k].where + "\n";
        return text;
    };
    while (a < ours.events.size() || b < theirs.size()) {
        std::vector<std::int32_t> mine, other;
        const std::size_t from_a = a, from_b = b;
        while (a < ours.events.size() && ours.events[a].frees) mine.push_back(ours.events[a++].allocation);
        while (b < theirs.size() && theirs[b].frees) {
            const auto found = paired.find(theirs[b].id);
            other.push_back(found == paired.end() ? -1 : found->second);
            ++b;
        }
        std::sort(mine.begin(), mine.end());
        std::sort(other.begin(), other.end());
        if (mine != other) {
            a = from_a;
            b = from_b;
            return said("frees differ");
        }
        if (a >= ours.events.size() && b >= theirs.size()) break;
        if (a >= ours.events.size() || b >= theirs.size()) return said("one ends");
        if (ours.allocations[static_cast<std::size_t>(ours.events[a].allocation)].bytes != theirs[b].requested)
            return said("allocations differ");
        paired[theirs[b].id] = ours.events[a].allocation;
        ++a;
        ++b;
    }
    return {};
}

Outcome outcome_of(const Json& row, const std::string& document, const std::string& traces = "") {
    Outcome outcome;
    outcome.id = row.at("id");
    outcome.expected_allocated = row.at("peak_allocated");
    outcome.expected_reserved = row.at("peak_reserved");
    outcome.amp = row.at("run").contains("amp") || row.at("run").contains("param_dtype");
    outcome.recurrent = outcome.id.find("lstm") != std::string::npos || outcome.id.find("gru") != std::string::npos ||
                        outcome.id.find("rnn") != std::string::npos;
    Diagnostics diagnostics;
    const auto value = json::parse(document, diagnostics);
    const Model model = json::read_model(*value, diagnostics);
    const Run run = run_of(row);
    const auto program = write_step(model, run, card_of(row), aten::Workspaces::none, diagnostics);
    if (!program) {
        outcome.difference = "no program: " + (diagnostics.list().empty() ? "" : diagnostics.list().back().message);
        return outcome;
    }
    const Replay result = replay(*program, settings_of(row));
    outcome.allocated = result.peak_allocated;
    outcome.reserved = result.peak_reserved;
    outcome.allocations = static_cast<std::int64_t>(program->allocations.size());
    const bool retried = row.value("num_alloc_retries", 0) != 0;
    if (!traces.empty())
        outcome.difference = first_difference(*program, trace_of(traces + "/" + outcome.id + ".jsonl.gz"));
    else if (row.contains("trace") && !row.at("trace").is_null() && !retried)
        outcome.difference = first_difference(*program, trace_of(row.at("trace")));
    const Json& peak = row.at("peak");
    const std::string expected = std::to_string(peak.at("step").get<int>()) + " " + peak.at("phase").get<std::string>();
    std::string found;
    for (const PhaseMark& mark : program->phases)
        if (found.empty() && result.peak_event < mark.end)
            found = std::to_string(mark.step) + " " + std::string(mark.name);
    if (found != expected) outcome.phase = found + ", recorded " + expected;
    return outcome;
}

}  // namespace

std::vector<Outcome> patterns() {
    std::vector<Outcome> outcomes;
    const Json golden = read_json(kStep + "patterns.json");
    for (const Json& pattern : golden.at("patterns")) {
        Outcome& outcome = outcomes.emplace_back();
        outcome.id = pattern.at("name");
        outcome.expected_allocated = pattern.at("peak_allocated");
        Diagnostics diagnostics;
        const auto value = json::parse(pattern.at("document").dump(), diagnostics);
        const Model model = json::read_model(*value, diagnostics);
        Run run;
        run.batch = golden.at("batch").get<std::int64_t>();
        run.training.steps = 1;
        run.training.loss = "none";
        run.training.optimizer.name = "sgd";
        run.training.precision = pattern.value("precision", run.training.precision);
        const auto program = write_step(model, run, aten::Properties(), aten::Workspaces::none, diagnostics);
        if (!program) {
            outcome.difference = "no program";
            continue;
        }
        AllocatorSettings settings;
        settings.device_memory = std::int64_t{80} << 30;
        outcome.allocated = replay(*program, settings).peak_allocated;
        std::vector<Traced> events;
        std::int64_t made = 0;
        for (const Json& event : pattern.at("events")) {
            const auto number = event.get<std::int64_t>();
            if (number > 0)
                events.push_back({false, ++made, number, ""});
            else
                events.push_back({true, -number, 0, ""});
        }
        outcome.difference = first_difference(*program, events);
    }
    return outcomes;
}

std::vector<Outcome> networks(const std::string& word) {
    const Json golden = read_json(kStep + "networks.json");
    std::istringstream documents(inflated(kStep + "networks.jsonl.gz"));
    std::vector<Outcome> outcomes;
    std::string document;
    for (const Json& row : golden.at("rows")) {
        REQUIRE(std::getline(documents, document));
        if (row.at("id").get<std::string>().find(word) == std::string::npos) continue;
        outcomes.push_back(outcome_of(row, document));
        outcomes.back().expected_allocations = row.at("allocations");
    }
    return outcomes;
}

std::vector<Outcome> outcomes_of(const std::string& family, const std::string& word, const std::string& traces) {
    const Json index = read_json(kStep + "documents/index.json");
    const Json rows = read_json(kStep + family + ".json");
    std::vector<Outcome> outcomes;
    for (const Json& row : rows.at("rows")) {
        const std::string id = row.at("id");
        if (index.contains(id) && id.find(word) != std::string::npos && row.value("oom", Json()).is_null())
            outcomes.push_back(
                outcome_of(row, read(kStep + "documents/" + index.at(id).get<std::string>() + ".json"), traces));
    }
    return outcomes;
}

}  // namespace footprint::testing
