// The catalogue document: every operation, row key, run setting, card and diagnostic, read from the one place that has
// it.
#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "cuda/gpu.hpp"
#include "json/write.hpp"
#include "json/writer.hpp"
#include "layers/layer.hpp"
#include "model/run.hpp"
#include "step/optimizer.hpp"

namespace footprint::json {
namespace {

/// Visits a layer's fields and writes one entry for each.
class Describer final : public Fields {
 public:
    explicit Describer(Writer& json) : json_(json) {}

    void boolean(std::string_view name, bool& value, const About& about) override {
        const Entry entry(json_, name, "boolean", about);
        json_.member("default", value);
    }
    void integer(std::string_view name, std::int64_t& value, const About& about) override {
        const Entry entry(json_, name, "integer", about);
        with_default(value, about);
    }
    void integer(std::string_view name, std::optional<std::int64_t>& value, const About& about) override {
        const Entry entry(json_, name, "integer", about);
        optional_default(value, about);
    }
    void number(std::string_view name, double& value, const About& about) override {
        const Entry entry(json_, name, "number", about);
        with_default(value, about);
    }
    void number(std::string_view name, std::optional<double>& value, const About& about) override {
        const Entry entry(json_, name, "number", about);
        optional_default(value, about);
    }
    void word(std::string_view name, std::string& value, Words words, const About& about) override {
        const Entry entry(json_, name, "choice", about);
        listed(words);
        if (value.empty())
            nothing(about);
        else
            with_default(value, about);
    }
    void tuple(std::string_view name, Tuple& value, const About& about) override {
        const Entry entry(json_, name, "integers", about);
        tuple_default(value, about);
    }
    void tuple_or_word(std::string_view name, Tuple& value, std::string& word, Words words,
                       const About& about) override {
        const Entry entry(json_, name, "integers-or-word", about);
        listed(words);
        if (word.empty())
            tuple_default(value, about);
        else
            with_default(word, about);
    }
    void integers(std::string_view name, std::optional<std::vector<std::int64_t>>& value, const About& about) override {
        const Entry entry(json_, name, "integers", about);
        list_default(value, about);
    }
    void numbers(std::string_view name, std::optional<std::vector<double>>& value, const About& about) override {
        const Entry entry(json_, name, "numbers", about);
        list_default(value, about);
    }
    void sizes(std::string_view name, std::optional<std::vector<Size>>& /*value*/, const About& about) override {
        const Entry entry(json_, name, "sizes", about);
        nothing(about);
    }
    void dtype(std::string_view name, std::optional<DType>& value, const About& about) override {
        const Entry entry(json_, name, "dtype", about);
        if (value)
            json_.member("default", name_of(*value));
        else
            nothing(about);
    }
    void index(std::string_view name, std::vector<IndexItem>& /*value*/, const About& about) override {
        const Entry entry(json_, name, "index", about);
    }
    void value(std::string_view name, const Value*& /*value*/, const About& about) override {
        const Entry entry(json_, name, "list", about);
    }

 private:
    /// The object of one attribute: what all have first, the default before it is closed.
    class Entry {
     public:
        Entry(Writer& json, std::string_view name, std::string_view type, const About& about) : json_(json) {
            json.begin_object();
            json.member("name", name);
            json.member("type", type);
            if (about.required) json.member("required", true);
            if (about.inferred) json.member("inferred", true);
            if (about.nullable) json.member("nullable", true);
            if (about.least != std::numeric_limits<std::int64_t>::min()) json.member("minimum", about.least);
            json.member("help", about.help);
        }
        ~Entry() { json_.end_object(); }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

     private:
        Writer& json_;
    };

    void listed(Words words) {
        json_.key("words");
        json_.begin_array();
        for (const std::string_view word : words) json_.value(word);
        json_.end_array();
    }

    void nothing(const About& about) {
        if (!about.otherwise.empty())
            json_.member("otherwise", about.otherwise);
        else if (about.nullable && !about.required)
            json_.member("default", nullptr);
    }

    template <class T>
    void with_default(const T& value, const About& about) {
        if (about.required) return;
        if (!about.otherwise.empty())
            json_.member("otherwise", about.otherwise);
        else
            json_.member("default", value);
    }

    template <class T>
    void optional_default(const std::optional<T>& value, const About& about) {
        if (value)
            with_default(*value, about);
        else if (!about.inferred && !about.required)
            nothing(about);
    }

    void tuple_default(const Tuple& value, const About& about) {
        json_.member("rank", value.rank);
        with_default(value[0], about);
    }

    template <class T>
    void list_default(const std::optional<std::vector<T>>& value, const About& about) {
        json_.member("rank", 0);
        if (!value) return nothing(about);
        if (value->size() == 1) return with_default((*value)[0], about);
        json_.key("default");
        json_.begin_array();
        for (const T one : *value) json_.value(one);
        json_.end_array();
    }

    Writer& json_;
};

void write(Writer& json, const LayerType& type) {
    json.begin_object();
    json.member("op", type.op);
    json.member("kind", type.kind == Kind::module ? "module" : "function");
    json.member("family", type.family);
    json.member("summary", type.summary);
    json.member("inplace", type.inplace);
    json.key("inputs");
    json.begin_object();
    json.member("least", type.least_inputs);
    if (type.most_inputs == kAnyNumber)
        json.member("most", nullptr);
    else
        json.member("most", type.most_inputs);
    json.end_object();
    json.key("keywords");
    json.begin_array();
    for (const std::string_view keyword : type.keywords) json.value(keyword);
    json.end_array();
    json.key("attributes");
    json.begin_array();
    Describer describer(json);
    type.describe(describer);
    json.end_array();
    json.end_object();
}

/// A key of a row or of the run: what any operation may have, and what a reader may set.
struct Key {
    std::string_view name, type, help;
};

constexpr Key kRowKeys[] = {
    {"op", "text", "the operation; upper case is an nn.Module, lower case a function or tensor method"},
    {"class", "text", "the name torchsummary prints, if it is not the operation's"},
    {"name", "text", "the row's id; of a module its dotted path"},
    {"inputs", "list", "names of earlier rows, of inputs or of parameters; left out: the row above"},
    {"scope", "text", "the path of the container in which the row is called; empty: the network itself"},
    {"shares", "text", "an earlier row whose module this row calls again"},
    {"inplace", "boolean", "writes into its first input"},
    {"training", "boolean", "pins the row's mode"},
    {"only", "choice", "the row runs in this mode alone: train or eval"},
    {"grad", "boolean", "false: called under no_grad"},
    {"autocast", "boolean", "false: called outside autocast"},
    {"checkpoint", "text", "rows with one id run under one torch.utils.checkpoint"},
    {"held", "text", "the row after which Python lets go of the output"},
    {"frozen", "list", "true, or the names of the parameters that need no gradient"},
    {"returns", "choice", "of a Block: tensor, tuple, list, dict, none or number"},
    {"called_with", "choice", "of a module: tensor, list, number or keywords"},
    {"prints", "integer", "how often torchsummary prints the call"},
};

void write(Writer& json, const Key& key) {
    json.begin_object();
    json.member("name", key.name);
    json.member("type", key.type);
    json.member("help", key.help);
    json.end_object();
}

void write_run_key(Writer& json, std::string_view name, std::int64_t otherwise, std::int64_t most,
                   std::string_view help) {
    json.begin_object();
    json.member("name", name);
    json.member("type", "integer");
    json.member("default", otherwise);
    json.member("minimum", 1);
    json.member("maximum", most);
    json.member("help", help);
    json.end_object();
}

void write_run_keys(Writer& json) {
    const Run defaults;
    json.begin_array();
    write_run_key(json, "batch", defaults.items(), kMostBatch, "items in a batch");
    write_run_key(json, "bytes_per_value", defaults.bytes_per_value, kMostBytesPerValue,
                  "bytes of one value: 4 for float32");
    write(json, Key{"inputs", "object", "other sizes than the model's, by input name, without the batch"});
    json.end_array();
}

void write_words(Writer& json, std::string_view name, std::span<const Word> words) {
    json.key(name);
    json.begin_array();
    for (const Word& one : words) {
        json.begin_object();
        json.member("word", one.word);
        json.member("meaning", one.meaning);
        json.end_object();
    }
    json.end_array();
}

void write(Writer& json, const OptimizerType& type) {
    json.begin_object();
    json.member("name", type.name);
    json.member("class", type.class_name);
    json.member("keeps", type.keeps);
    json.key("takes");
    json.begin_array();
    const std::pair<std::string_view, bool> arguments[] = {
        {"momentum", type.momentum}, {"nesterov", type.nesterov},         {"amsgrad", type.amsgrad},
        {"centered", type.centered}, {"weight_decay", type.weight_decay}, {"foreach", type.has_foreach},
        {"fused", type.has_fused}};
    for (const auto& [argument, takes] : arguments)
        if (takes) json.value(argument);
    json.end_array();
    json.end_object();
}

void write_training(Writer& json) {
    json.key("training");
    json.begin_object();
    write_words(json, "mode", kModes);
    write_words(json, "precision", kPrecisions);
    write_words(json, "loss", kLosses);
    write_words(json, "sdpa", kAttentionBackends);
    write_words(json, "torch", kReleases);
    json.key("optimizer");
    json.begin_array();
    for (const OptimizerType& type : optimizers()) write(json, type);
    json.end_array();
    json.end_object();
}

void write_total(Writer& json, std::string_view name, Integer bytes, Evidence evidence, std::string_view source) {
    json.key(name);
    if (bytes <= 0) return json.value(nullptr);
    json.begin_object();
    json.member("bytes", bytes);
    json.member("evidence", text(evidence));
    json.member("source", source);
    json.end_object();
}

void write_usable(Writer& json, const Gpu& gpu, System system) {
    const Capacity capacity = usable(gpu, system);
    write_total(json, text(system), capacity.bytes, capacity.evidence, capacity.source);
}

void write(Writer& json, const Gpu& gpu) {
    json.begin_object();
    json.member("id", gpu.id);
    json.member("name", gpu.name);
    json.member("short", gpu.short_name);
    json.member("gb", gpu.gigabytes);
    const std::string capability = text(gpu.compute_capability);
    if (!capability.empty()) json.member("compute_capability", capability);
    json.member("sm_count", gpu.multiprocessors.count);
    if (!gpu.architecture.empty()) json.member("architecture", gpu.architecture);
    if (gpu.year > 0) json.member("year", gpu.year);
    json.member("group", text(gpu.group));
    json.member("named", gpu.named);
    json.key("usable");
    json.begin_object();
    write_usable(json, gpu, System::linux_);
    write_usable(json, gpu, System::windows);
    json.end_object();
    write_total(json, "nvidia_smi", gpu.nvidia_smi.bytes, gpu.nvidia_smi.evidence, gpu.nvidia_smi.source);
    json.end_object();
}

/// The cards offered first, in order of capacity, then the others in the table's.
std::vector<const Gpu*> offered() {
    std::vector<const Gpu*> named, others;
    for (const Gpu& gpu : gpus()) (gpu.named ? named : others).push_back(&gpu);
    std::sort(named.begin(), named.end(), [](const Gpu* a, const Gpu* b) { return a->gigabytes < b->gigabytes; });
    named.insert(named.end(), others.begin(), others.end());
    return named;
}

}  // namespace

std::string write_catalogue(std::string_view release) {
    Writer json;
    json.begin_object();
    json.member("format", "footprint/catalogue");
    json.member("version", 1);
    json.member("release", release);
    json.key("layers");
    json.begin_array();
    for (const LayerType& type : catalogue()) write(json, type);
    json.end_array();
    json.key("row");
    json.begin_array();
    for (const Key& key : kRowKeys) write(json, key);
    json.end_array();
    json.key("run");
    write_run_keys(json);
    write_training(json);
    json.key("gpus");
    json.begin_array();
    for (const Gpu* gpu : offered()) write(json, *gpu);
    json.end_array();
    json.key("diagnostics");
    json.begin_array();
    for (const DiagnosticCode& code : diagnostic_codes()) {
        json.begin_object();
        json.member("code", code.code);
        json.member("meaning", code.meaning);
        json.end_object();
    }
    json.end_array();
    json.key("limits");
    json.begin_object();
    json.member("rows", kMostRows);
    json.member("batch", kMostBatch);
    json.member("dimensions", kMostDimensions);
    json.end_object();
    json.end_object();
    return json.take();
}

}  // namespace footprint::json
