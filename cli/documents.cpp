#include "documents.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <system_error>

#include "base/nearest.hpp"
#include "json/parse.hpp"
#include "json/read.hpp"
#include "presets.hpp"

namespace footprint::cli {
namespace {

std::string everything(std::istream& in) { return {std::istreambuf_iterator<char>(in), {}}; }

/// A file's text; without a value, `error` says why it cannot be read.
std::optional<std::string> file_text(const std::string& path, std::string& error) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) {
        error = path + " is a folder, not a file";
        return std::nullopt;
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        error = errno == ENOENT ? "there is no file " + path
                                : path + " cannot be read: " + std::generic_category().message(errno);
        return std::nullopt;
    }
    std::string text = everything(file);
    if (!file.bad()) return text;
    error = path + " cannot be read";
    return std::nullopt;
}

/// The model's text; without a value, `error` says why.
std::optional<std::string> model_text(const std::string& model, std::istream& in, std::string& error) {
    if (model == "-") return everything(in);
    const auto preset =
        std::find_if(presets().begin(), presets().end(), [&](const Preset& one) { return one.name == model; });
    if (preset != presets().end()) return std::string(preset->document);
    std::error_code unknown;
    if (std::filesystem::exists(model, unknown) || unknown) return file_text(model, error);
    std::vector<std::string_view> names;
    for (const Preset& one : presets()) names.push_back(one.name);
    error = "there is no file and no preset called " + model;
    if (const auto close = nearest(model, names); !close.empty())
        error += "; the closest preset is " + std::string(close[0]);
    else {
        error += "; the presets are";
        for (std::size_t i = 0; i < names.size(); ++i) error += (i > 0 ? ", " : " ") + std::string(names[i]);
    }
    return std::nullopt;
}

/// "3,224,224" or "3x224x224".
std::optional<std::vector<std::int64_t>> sizes_of(std::string_view text) {
    std::vector<std::int64_t> sizes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(",x"), text.size());
        std::int64_t size = 0;
        const auto [at, status] = std::from_chars(text.data(), text.data() + end, size);
        if (status != std::errc() || at != text.data() + end || size < 0) return std::nullopt;
        sizes.push_back(size);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sizes;
}

/// Sets an input's sizes; `given` holds the inputs that options have named so far. Returns what is wrong, or "".
std::string add_input(const std::string& text, Request& request, std::vector<std::string>& given) {
    const std::size_t equals = text.find('=');
    const auto sizes = sizes_of(equals == std::string::npos ? text : text.substr(equals + 1));
    if (!sizes) return "--input wants NAME=3,224,224, not " + text;
    std::string name = text.substr(0, equals);
    if (equals == std::string::npos) {
        if (request.model.inputs.size() != 1)
            return "the model has several inputs: name one, as in --input " +
                   (request.model.inputs.empty() ? "image" : request.model.inputs[0].name) + "=" + text;
        name = request.model.inputs[0].name;
    }
    if (std::find(given.begin(), given.end(), name) != given.end())
        return "--input is given twice for " + name + ": give it once";
    given.push_back(name);
    auto& inputs = request.run.inputs;
    std::erase_if(inputs, [&](const auto& one) { return one.first == name; });
    inputs.emplace_back(std::move(name), *sizes);
    return {};
}

/// Sets a member of an object; anything else is left as it is, for the reader to refuse.
void set(Value& object, std::string_view key, Value value) {
    Value::Object* members = object.object();
    if (members == nullptr) return;
    std::erase_if(*members, [&](const auto& member) { return member.first == key; });
    members->emplace_back(std::string(key), std::move(value));
}

/// The options of a training step.
void set_training(Value& run, const Options& options) {
    const auto word = [&](std::string_view key, const std::string& given) {
        if (!given.empty()) set(run, key, Value(given));
    };
    word("precision", options.precision);
    word("mode", options.mode);
    word("loss", options.loss);
    word("torch", options.torch);
    const auto patterns = [&](std::string_view key, const std::vector<std::string>& given) {
        if (given.empty()) return;
        Value::List list;
        for (const std::string& pattern : given) list.emplace_back(pattern);
        set(run, key, Value(std::move(list)));
    };
    patterns("checkpoint", options.checkpoint);
    patterns("freeze", options.freeze);
    if (options.accumulate) set(run, "accumulate", Value(*options.accumulate));
    if (options.cudnn_workspace) set(run, "cudnn_workspace", Value(*options.cudnn_workspace));
    if (options.context) set(run, "context", Value(*options.context));
    if (options.optimizer.empty() && !options.momentum && !options.weight_decay) return;
    const Value* before = run.find("optimizer");
    Value optimizer = before != nullptr && before->object() != nullptr ? *before : Value(Value::Object());
    if (!options.optimizer.empty()) set(optimizer, "name", Value(options.optimizer));
    if (optimizer.find("name") == nullptr) set(optimizer, "name", Value(std::string("sgd")));
    if (options.momentum) set(optimizer, "momentum", Value(*options.momentum));
    if (options.weight_decay) set(optimizer, "weight_decay", Value(*options.weight_decay));
    set(run, "optimizer", std::move(optimizer));
}

void add_cards(const Options& options, Request& request) {
    const System system = options.windows ? System::windows : System::linux_;
    std::vector<CardRequest> cards;
    for (const std::string& id : options.gpus) cards.push_back({id, system, options.in_use_mib, "", 0});
    if (options.usable_mib) cards.push_back({"", system, options.in_use_mib, "your card", *options.usable_mib});
    if (cards.empty() && (options.windows || options.in_use_mib))
        for (const Gpu& gpu : footprint::gpus())
            if (usable(gpu, system).known()) cards.push_back({std::string(gpu.id), system, options.in_use_mib, "", 0});
    if (!cards.empty()) request.cards = std::move(cards);
}

}  // namespace

Asked ask(const Options& options, std::istream& in) {
    Asked asked;
    const std::optional<std::string> text = model_text(options.model, in, asked.usage_error);
    if (!text) return asked;
    std::optional<Value> model = json::parse(*text, asked.diagnostics);
    Value run;
    if (!options.run.empty()) {
        const bool is_text = options.run.find('{') != std::string::npos;
        std::string error;
        const std::optional<std::string> run_text = is_text ? options.run : file_text(options.run, error);
        if (!run_text) {
            asked.usage_error = "--run: " + error;
            return asked;
        }
        if (std::optional<Value> parsed = json::parse(*run_text, asked.diagnostics)) run = std::move(*parsed);
    }
    if (!model) return asked;
    // The same reader as every other way in judges all of it: a request document made of the texts and the options.
    if (run.is_null()) run = Value(Value::Object());
    if (options.batch && *options.batch != -1) set(run, "batch", Value(*options.batch));
    if (options.bytes_per_value) set(run, "bytes_per_value", Value(*options.bytes_per_value));
    set_training(run, options);
    Value::Object request;
    request.emplace_back("model", std::move(*model));
    request.emplace_back("run", std::move(run));
    asked.request = json::read_request(Value(std::move(request)), asked.diagnostics);
    std::vector<std::string> given;
    for (const std::string& input : options.inputs)
        if (asked.usage_error.empty()) asked.usage_error = add_input(input, asked.request, given);
    add_cards(options, asked.request);
    return asked;
}

Recorded recorded(const Options& options) {
    Recorded recorded;
    std::string error;
    if (std::optional<std::string> text = file_text(options.program, error))
        recorded.text = std::move(*text);
    else
        recorded.usage_error = "--program: " + error;
    recorded.request.run.batch = options.batch;
    recorded.request.run.training.context = options.context;
    add_cards(options, recorded.request);
    return recorded;
}

Pasted pasted(const Options& options, std::istream& in) {
    Pasted pasted;
    if (options.model == "-") {
        pasted.text = everything(in);
    } else if (std::optional<std::string> text = file_text(options.model, pasted.usage_error)) {
        pasted.text = std::move(*text);
    } else {
        return pasted;
    }
    for (const std::string& input : options.inputs) {
        const std::size_t equals = input.find('=');
        auto sizes = sizes_of(equals == std::string::npos ? input : input.substr(equals + 1));
        if (!sizes) {
            pasted.usage_error = "--input wants NAME=3,224,224, not " + input;
            return pasted;
        }
        pasted.answers.inputs.emplace_back(equals == std::string::npos ? "" : input.substr(0, equals),
                                           std::move(*sizes));
    }
    for (const std::string& answer : options.answers) {
        // What is asked about has no "=" in its name; an answer may.
        const std::size_t equals = answer.find('=');
        if (equals == std::string::npos) {
            pasted.usage_error = "--answer wants QUESTION=ANSWER, not " + answer;
            return pasted;
        }
        pasted.answers.answers.emplace_back(answer.substr(0, equals), answer.substr(equals + 1));
    }
    return pasted;
}

}  // namespace footprint::cli
