// The catalogue document: every operation, row key, run setting, card and diagnostic, read from the one place that has
// it.
#include <algorithm>
#include <limits>

#include "cuda/gpu.hpp"
#include "json/tree.hpp"
#include "json/write.hpp"
#include "layers/layer.hpp"
#include "model/run.hpp"

namespace footprint::json {
namespace {

/// Visits a layer's fields and writes one entry for each.
class Describer final : public Fields {
 public:
    explicit Describer(Tree& attributes) : attributes_(attributes) {}

    void boolean(std::string_view name, bool& value, const About& about) override {
        add(name, "boolean", about)["default"] = value;
    }
    void integer(std::string_view name, std::int64_t& value, const About& about) override {
        with_default(add(name, "integer", about), value, about);
    }
    void integer(std::string_view name, std::optional<std::int64_t>& value, const About& about) override {
        optional_default(add(name, "integer", about), value, about);
    }
    void number(std::string_view name, double& value, const About& about) override {
        with_default(add(name, "number", about), value, about);
    }
    void number(std::string_view name, std::optional<double>& value, const About& about) override {
        optional_default(add(name, "number", about), value, about);
    }
    void word(std::string_view name, std::string& value, Words words, const About& about) override {
        Tree& entry = add(name, "choice", about);
        entry["words"] = listed(words);
        if (value.empty())
            nothing(entry, about);
        else
            with_default(entry, value, about);
    }
    void tuple(std::string_view name, Tuple& value, const About& about) override {
        tuple_default(add(name, "integers", about), value, about);
    }
    void tuple_or_word(std::string_view name, Tuple& value, std::string& word, Words words,
                       const About& about) override {
        Tree& entry = add(name, "integers-or-word", about);
        entry["words"] = listed(words);
        if (word.empty())
            tuple_default(entry, value, about);
        else
            with_default(entry, word, about);
    }
    void integers(std::string_view name, std::optional<std::vector<std::int64_t>>& value, const About& about) override {
        list_default(add(name, "integers", about), value, about);
    }
    void numbers(std::string_view name, std::optional<std::vector<double>>& value, const About& about) override {
        list_default(add(name, "numbers", about), value, about);
    }
    void sizes(std::string_view name, std::optional<std::vector<Size>>& /*value*/, const About& about) override {
        nothing(add(name, "sizes", about), about);
    }
    void dtype(std::string_view name, std::optional<DType>& value, const About& about) override {
        Tree& entry = add(name, "dtype", about);
        if (value)
            entry["default"] = name_of(*value);
        else
            nothing(entry, about);
    }
    void index(std::string_view name, std::vector<IndexItem>& /*value*/, const About& about) override {
        add(name, "index", about);
    }
    void value(std::string_view name, const Value*& /*value*/, const About& about) override {
        add(name, "list", about);
    }

 private:
    Tree& add(std::string_view name, std::string_view type, const About& about) {
        Tree& entry = attributes_.emplace_back(Tree{{"name", name}, {"type", type}});
        if (about.required) entry["required"] = true;
        if (about.inferred) entry["inferred"] = true;
        if (about.nullable) entry["nullable"] = true;
        if (about.least != std::numeric_limits<std::int64_t>::min()) entry["minimum"] = about.least;
        entry["help"] = about.help;
        return entry;
    }

    static Tree listed(Words words) {
        Tree list = Tree::array();
        for (const std::string_view word : words) list.push_back(word);
        return list;
    }

    static void nothing(Tree& entry, const About& about) {
        if (!about.otherwise.empty())
            entry["otherwise"] = about.otherwise;
        else if (about.nullable && !about.required)
            entry["default"] = Tree();
    }

    template <class T>
    static void with_default(Tree& entry, const T& value, const About& about) {
        if (about.required) return;
        if (!about.otherwise.empty())
            entry["otherwise"] = about.otherwise;
        else
            entry["default"] = value;
    }

    template <class T>
    static void optional_default(Tree& entry, const std::optional<T>& value, const About& about) {
        if (value)
            with_default(entry, *value, about);
        else if (!about.inferred && !about.required)
            nothing(entry, about);
    }

    static void tuple_default(Tree& entry, const Tuple& value, const About& about) {
        entry["rank"] = value.rank;
        with_default(entry, value[0], about);
    }

    template <class T>
    static void list_default(Tree& entry, const std::optional<std::vector<T>>& value, const About& about) {
        entry["rank"] = 0;
        if (!value) return nothing(entry, about);
        with_default(entry, value->size() == 1 ? Tree((*value)[0]) : Tree(*value), about);
    }

    Tree& attributes_;
};

Tree layer_entry(const LayerType& type) {
    Tree entry = {{"op", type.op},
                  {"kind", type.kind == Kind::module ? "module" : "function"},
                  {"family", type.family},
                  {"summary", type.summary}};
    entry["inplace"] = type.inplace;
    Tree& inputs = entry["inputs"] = {{"least", type.least_inputs}};
    inputs["most"] = type.most_inputs == kAnyNumber ? Tree() : Tree(type.most_inputs);
    Tree& keywords = entry["keywords"] = Tree::array();
    for (const std::string_view keyword : type.keywords) keywords.push_back(keyword);
    Describer describer(entry["attributes"] = Tree::array());
    type.describe(describer);
    return entry;
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
    {"scope", "text", "the path of the container in which a function is called"},
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

Tree row_entries() {
    Tree list = Tree::array();
    for (const Key& key : kRowKeys) list.push_back({{"name", key.name}, {"type", key.type}, {"help", key.help}});
    return list;
}

Tree run_entries() {
    const Run defaults;
    Tree list = Tree::array();
    list.push_back({{"name", "batch"},
                    {"type", "integer"},
                    {"default", defaults.items()},
                    {"minimum", 1},
                    {"maximum", kMostBatch},
                    {"help", "items in a batch"}});
    list.push_back({{"name", "bytes_per_value"},
                    {"type", "integer"},
                    {"default", defaults.bytes_per_value},
                    {"minimum", 1},
                    {"maximum", 16},
                    {"help", "bytes of one value: 4 for float32"}});
    list.push_back({{"name", "inputs"},
                    {"type", "object"},
                    {"help", "other sizes than the model's, by input name, without the batch"}});
    return list;
}

Tree total_entry(Integer bytes, Evidence evidence, std::string_view source) {
    if (bytes <= 0) return Tree();
    return {{"bytes", bytes.value()}, {"evidence", text(evidence)}, {"source", source}};
}

Tree capacity_entry(const Gpu& gpu, System system) {
    const Capacity capacity = usable(gpu, system);
    return total_entry(capacity.bytes, capacity.evidence, capacity.source);
}

Tree gpu_entry(const Gpu& gpu) {
    Tree entry = {{"id", gpu.id}, {"name", gpu.name}, {"short", gpu.short_name}, {"gb", gpu.gigabytes}};
    const std::string capability = text(gpu.compute_capability);
    if (!capability.empty()) entry["compute_capability"] = capability;
    entry["sm_count"] = gpu.multiprocessors.count;
    if (!gpu.architecture.empty()) entry["architecture"] = gpu.architecture;
    if (gpu.year > 0) entry["year"] = gpu.year;
    entry["group"] = text(gpu.group);
    entry["named"] = gpu.named;
    entry["usable"] = {{"linux", capacity_entry(gpu, System::linux_)},
                       {"windows", capacity_entry(gpu, System::windows)}};
    entry["nvidia_smi"] = total_entry(gpu.nvidia_smi.bytes, gpu.nvidia_smi.evidence, gpu.nvidia_smi.source);
    return entry;
}

}  // namespace

std::string write_catalogue(std::string_view release) {
    Tree tree = {{"format", "footprint/catalogue"}, {"version", 1}, {"release", release}};
    Tree& layers = tree["layers"] = Tree::array();
    for (const LayerType& type : catalogue()) layers.push_back(layer_entry(type));
    tree["row"] = row_entries();
    tree["run"] = run_entries();
    Tree& cards = tree["gpus"] = Tree::array();
    for (const Gpu& gpu : gpus()) cards.push_back(gpu_entry(gpu));
    // The cards offered first stand in order of capacity.
    std::stable_sort(cards.begin(), cards.end(), [](const Tree& a, const Tree& b) {
        return a.at("named") > b.at("named") ||
               (a.at("named") == b.at("named") && a.at("named") == true && a.at("gb") < b.at("gb"));
    });
    Tree& codes = tree["diagnostics"] = Tree::array();
    for (const DiagnosticCode& code : diagnostic_codes())
        codes.push_back({{"code", code.code}, {"meaning", code.meaning}});
    tree["limits"] = {{"rows", kMostRows}, {"batch", kMostBatch}, {"dimensions", kMostDimensions}};
    return dump(tree);
}

}  // namespace footprint::json
