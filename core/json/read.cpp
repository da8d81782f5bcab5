#include "json/read.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "base/number.hpp"
#include "json/parse.hpp"
#include "json/reader.hpp"
#include "step/optimizer.hpp"

namespace footprint::json {
namespace {

constexpr std::size_t kMostInputs = 256;
constexpr std::size_t kMostParameters = 200'000;
constexpr std::size_t kMostOperands = 100'000;      // of one row
constexpr std::int64_t kMostPrints = 1000;          // of one row
constexpr std::int64_t kMostPrintedRows = 200'000;  // of a model
constexpr std::int64_t kMostSize = std::int64_t{1} << 48;
constexpr std::int64_t kVersion = 1;

bool is_word(const Value& value, std::string_view word) { return value.text() != nullptr && *value.text() == word; }

std::string place(std::string_view list, std::size_t i) {
    return std::string(list) + "[" + plain(static_cast<std::int64_t>(i)) + "]: ";
}

/// A size of an input or a parameter: an integer, or {"batch": k, "plus": c}.
bool read_size(ObjectReader& reader, const Value& value, Size& size) {
    const auto refuse = [&](std::string_view code) {
        reader.error(code, "shape", "shape has " + value.in_words() + ", but a size is a whole number from 0 to 2^48")
            .values = {{"size", value.in_words()}};
        return false;
    };
    const auto within = [](std::int64_t least, std::int64_t n) { return n >= least && n <= kMostSize; };
    if (const std::int64_t* given = value.integer()) {
        size.plus = *given;
        return within(0, *given) || refuse("out-of-range");
    }
    if (value.object() == nullptr)
        return refuse(value.real() != nullptr && std::fabs(*value.real()) >= 0x1p63 ? "too-large" : "wrong-type");
    for (const auto& [key, part] : *value.object()) {
        if (key != "batch" && key != "plus") {
            reader.error("unknown-key", key,
                         "a size that follows the batch is {\"batch\": k, \"plus\": c}; there is no key " +
                             Value(key).in_words());
            return false;
        }
        if (part.integer() == nullptr) return refuse("wrong-type");
        if (!within(key == "batch" ? 0 : -kMostSize, *part.integer())) return refuse("out-of-range");
        (key == "batch" ? size.per_item : size.plus) = *part.integer();
    }
    return size.at(1) >= 0 || refuse("out-of-range");  // and so at every batch
}

void read_shape(ObjectReader& reader, std::vector<Size>& shape) {
    const Value* found = reader.take("shape");
    if (found == nullptr) return reader.missing("shape", "give its sizes as a list");
    const Value::List* items = found->list();
    if (items == nullptr) return reader.wrong_type("shape", *found, "a list of sizes");
    if (items->size() > kMostDimensions) {
        reader.error("too-large", "shape",
                     "shape has " + plain(static_cast<std::int64_t>(items->size())) + " sizes; PyTorch allows " +
                         plain(kMostDimensions));
        return;
    }
    for (const Value& item : *items)
        if (!read_size(reader, item, shape.emplace_back())) return;
}

std::string read_word(ObjectReader& reader, std::string_view key, std::span<const Word> words) {
    std::vector<std::string_view> known;
    for (const Word& one : words) known.push_back(one.word);
    return reader.word(key, known);
}

// ── the model
class ModelReader {
 public:
    ModelReader(const Value& document, Diagnostics& diagnostics) : document_(document), diagnostics_(diagnostics) {}

    Model read() {
        ObjectReader reader(document_, {}, diagnostics_);
        if (document_.object() == nullptr || !is_this_format(reader)) return std::move(model_);
        model_.name = reader.text("name");
        model_.source = reader.text("source");
        read_inputs(reader);
        read_rows(reader);
        read_parameters(reader);
        read_outputs(reader);
        model_.returns = reader.word("returns", {"tensor", "tuple", "list", "named tuple", "dict"});
        model_.loss = read_word(reader, "loss", kLosses);
        const bool marked = std::any_of(model_.outputs.begin(), model_.outputs.end(),
                                        [](const ModelOutput& output) { return output.loss; });
        if (model_.loss == "model" && !marked)
            reader.missing("loss", "mark the output that is the loss with \"loss\": true");
        reader.nothing_else();
        return std::move(model_);
    }

 private:
    bool is_this_format(ObjectReader& reader) {
        const Value* format = reader.take("format");
        const Value* version = reader.take("version");
        if (format != nullptr && !is_word(*format, "footprint/model")) {
            reader.error("wrong-format", "format",
                         "format is " + format->in_words() + ", but a model's is \"footprint/model\"");
            return false;
        }
        if (format == nullptr) reader.missing("format", "a model document has \"format\": \"footprint/model\"");
        if (version == nullptr) reader.missing("version", "a model document has \"version\": 1");
        if (format == nullptr || version == nullptr) return false;
        if (version->integer() == nullptr) {
            reader.wrong_type("version", *version, "1");
            return false;
        }
        if (*version->integer() == kVersion) return true;
        reader.error("wrong-format", "version",
                     "the document is of version " + version->in_words() + ", and this Footprint reads version 1");
        return false;
    }

    void read_inputs(ObjectReader& reader) {
        const Value::List* list = reader.list("inputs");
        if (list == nullptr) return reader.missing_list("inputs", "give each input with its name and its shape");
        if (list->size() > kMostInputs) {
            reader.error("too-large", "inputs",
                         "the model has " + plain(static_cast<std::int64_t>(list->size())) + " inputs; at most " +
                             plain(kMostInputs) + " are allowed");
            return;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            ObjectReader item((*list)[i], {0, "", place("inputs", i)}, diagnostics_);
            ModelInput input;
            input.name = item.text("name");
            if (input.name.empty()) item.missing("name", "rows refer to it by its name");
            read_shape(item, input.shape);
            input.dtype = item.dtype("dtype");
            if (const Value* at = item.take("batch_dim")) {
                if (at->is_null())
                    input.batch_dim.reset();
                else
                    input.batch_dim =
                        item.integer("batch_dim", {0, static_cast<std::int64_t>(input.shape.size())}).value_or(0);
            }
            item.nothing_else();
            model_.inputs.push_back(std::move(input));
        }
    }

    void read_rows(ObjectReader& reader) {
        const Value::List* list = reader.list("layers");
        if (list == nullptr) return reader.missing_list("layers", "give the rows");
        if (list->size() > kMostRows) {
            reader
                .error("too-many-rows", "layers",
                       "the model has " + plain(static_cast<std::int64_t>(list->size())) + " rows; at most " +
                           plain(kMostRows) + " are allowed")
                .values = {{"rows", static_cast<std::int64_t>(list->size())},
                           {"most", static_cast<std::int64_t>(kMostRows)}};
            return;
        }
        model_.layers.resize(list->size());
        for (std::size_t i = 0; i < list->size(); ++i) read_row((*list)[i], i);
        if (printed_ > kMostPrintedRows)
            reader.error("too-large", "prints",
                         "torchsummary would print " + plain(printed_) + " rows; at most " + plain(kMostPrintedRows) +
                             " are allowed");
    }

    void read_row(const Value& value, std::size_t i) {
        Row& row = model_.layers[i];
        Place here{static_cast<std::int64_t>(i) + 1, "", ""};
        if (const Value* name = value.find("name"); name != nullptr && name->text() != nullptr)
            here.name = name->text()->substr(0, 128);
        ObjectReader reader(value, here, diagnostics_);
        row.op = reader.text("op");
        const Value* op = value.find("op");
        row.op_is_missing = op == nullptr || op->text() == nullptr;
        if (value.object() != nullptr && op == nullptr) reader.missing("op", "name the operation");
        row.name = reader.text("name");
        row.scope = reader.text_if_given("scope");
        row.shares = reader.text("shares");
        row.inplace = reader.boolean("inplace").value_or(false);
        row.grad = reader.boolean("grad").value_or(true);
        row.autocast = reader.boolean("autocast").value_or(true);
        row.training = reader.boolean("training");
        row.only = reader.word("only", {"train", "eval"});
        row.checkpoint = reader.text("checkpoint");
        row.held = reader.text("held");
        read_operands(reader, row);
        if (row.is_module()) {
            row.class_name = reader.text("class");
            row.called_with = reader.word("called_with", {"tensor", "list", "number", "keywords"});
            row.prints = reader.integer("prints", {0, kMostPrints});
            printed_ += row.prints.value_or(1);
            read_frozen(reader, row);
        }
        if (row.is_block()) row.returns = reader.word("returns", {"tensor", "tuple", "list", "dict", "none", "number"});
        const auto attributes = reader.rest();
        row.attributes.reserve(attributes.size());
        for (const auto* member : attributes) row.attributes.emplace_back(member->first, member->second);
    }

    static void read_operands(ObjectReader& reader, Row& row) {
        const Value* found = reader.take("inputs");
        if (found == nullptr) return;
        const Value::List* list = found->list();
        if (list == nullptr) return reader.wrong_type("inputs", *found, "a list of names");
        if (list->size() > kMostOperands) {
            reader.error("too-large", "inputs",
                         "the row names " + plain(static_cast<std::int64_t>(list->size())) + " inputs; at most " +
                             plain(kMostOperands) + " are allowed");
            return;
        }
        std::vector<std::optional<std::string>> operands;
        for (const Value& item : *list) {
            if (item.text() != nullptr)
                operands.emplace_back(*item.text());
            else if (item.is_null() && row.is_block())
                operands.emplace_back(std::nullopt);
            else
                return reader.wrong_type("inputs", item, "a list of names");
        }
        row.inputs = std::move(operands);
    }

    static void read_frozen(ObjectReader& reader, Row& row) {
        const Value* found = reader.take("frozen");
        if (found == nullptr) return;
        if (const bool* all = found->boolean()) {
            row.frozen.all = *all;
            return;
        }
        if (found->list() == nullptr) return reader.wrong_type("frozen", *found, "true or a list of parameter names");
        for (const Value& item : *found->list()) {
            if (item.text() == nullptr) return reader.wrong_type("frozen", item, "a list of parameter names");
            row.frozen.names.push_back(*item.text());
        }
    }

    void read_parameters(ObjectReader& reader) {
        const Value::List* list = reader.list("parameters");
        if (list == nullptr) return;
        if (list->size() > kMostParameters) {
            reader.error("too-large", "parameters", "the list has more than " + plain(kMostParameters) + " parameters");
            return;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            ObjectReader item((*list)[i], {0, "", place("parameters", i)}, diagnostics_);
            Parameter parameter;
            parameter.path = item.text("path");
            if (parameter.path.empty()) item.missing("path", "give its dotted path");
            std::vector<Size> shape;
            read_shape(item, shape);
            for (const Size& size : shape) {
                if (size.per_item != 0)
                    item.error("size-does-not-follow", "shape", "a parameter's sizes cannot follow the batch");
                parameter.shape.push_back(size.plus);
            }
            parameter.dtype = item.dtype("dtype");
            parameter.frozen = item.boolean("frozen").value_or(false);
            parameter.buffer = item.boolean("buffer").value_or(false);
            parameter.tied_to = item.text("tied_to");
            item.nothing_else();
            model_.parameters.push_back(std::move(parameter));
        }
    }

    void read_outputs(ObjectReader& reader) {
        const Value::List* list = reader.list("outputs");
        if (list == nullptr) return;
        const bool texts_and_objects = std::all_of(list->begin(), list->end(), [](const Value& value) {
            return value.text() != nullptr || value.object() != nullptr;
        });
        if (!texts_and_objects)
            return reader.wrong_type("outputs", *reader.take("outputs"),
                                     "a list of names, or of {\"row\", \"name\", \"loss\"}");
        for (std::size_t i = 0; i < list->size(); ++i) {
            const Value& value = (*list)[i];
            ModelOutput output;
            if (value.text() != nullptr) {
                output.row = *value.text();
            } else {
                ObjectReader item(value, {0, "", place("outputs", i)}, diagnostics_);
                output.row = item.text("row");
                if (output.row.empty()) item.missing("row", "name the row that is returned");
                output.name = item.text("name");
                output.loss = item.boolean("loss").value_or(false);
                item.nothing_else();
            }
            model_.outputs.push_back(std::move(output));
        }
    }

    const Value& document_;
    Diagnostics& diagnostics_;
    Model model_;
    std::int64_t printed_ = 0;
};

// ── the run, the cards, what is wanted
void read_input_sizes(ObjectReader& reader, const Value& inputs, Run& run) {
    if (inputs.object() == nullptr)
        return reader.wrong_type("inputs", inputs, "an object of input names and their sizes");
    for (const auto& [name, sizes] : *inputs.object()) {
        if (sizes.list() == nullptr || sizes.list()->size() > kMostDimensions)
            return reader.wrong_type("inputs", sizes, "for each input a list of sizes without the batch");
        std::vector<std::int64_t> given;
        for (const Value& size : *sizes.list()) {
            if (size.integer() == nullptr)
                return reader.wrong_type("inputs", sizes, "for each input a list of sizes without the batch");
            if (*size.integer() < 1 || *size.integer() > kMostSize) {
                reader
                    .error("out-of-range", "inputs",
                           "input " + name + " is given the size " + size.in_words() + ", but a size is from 1 to 2^48")
                    .values = {{"size", *size.integer()}};
                return;
            }
            given.push_back(*size.integer());
        }
        run.inputs.emplace_back(name, std::move(given));
    }
}

std::vector<std::string> read_patterns(ObjectReader& reader, std::string_view key) {
    std::vector<std::string> patterns;
    const Value::List* list = reader.list(key);
    if (list == nullptr) return patterns;
    for (const Value& item : *list) {
        if (item.text() != nullptr)
            patterns.push_back(*item.text());
        else
            reader.wrong_type(key, item, "a list of patterns, such as \"layer*.*\"");
    }
    return patterns;
}

std::optional<double> read_number(ObjectReader& reader, std::string_view key, double least) {
    const Value* value = reader.take(key);
    if (value == nullptr) return std::nullopt;
    const double number = value->real() != nullptr      ? *value->real()
                          : value->integer() != nullptr ? static_cast<double>(*value->integer())
                                                        : least - 1;
    if (number >= least) return number;
    reader.wrong_type(key, *value, "a number of at least " + fixed(least, 0));
    return std::nullopt;
}

/// A part of something, from 0 to 1.
std::optional<double> read_fraction(ObjectReader& reader, std::string_view key) {
    const std::optional<double> number = read_number(reader, key, 0);
    if (!number || *number <= 1) return number;
    Diagnostic& diagnostic =
        reader.error("out-of-range", key, std::string(key) + " is a fraction, but above 1: give one from 0 to 1");
    diagnostic.values = {{"most", 1}};
    diagnostic.fixes = {{std::string(key), "1"}};
    return std::nullopt;
}

void read_optimizer(const Value& value, Optimizer& optimizer, Diagnostics& diagnostics) {
    ObjectReader reader(value, {0, "", "run.optimizer: "}, diagnostics);
    const std::string name = reader.text("name");
    const OptimizerType* type = find_optimizer(name);
    if (name.empty()) {
        reader.missing("name", "name an optimizer, or \"none\"");
    } else if (type == nullptr && name != "none") {
        std::vector<std::string_view> names;
        for (const OptimizerType& one : optimizers()) names.push_back(one.name);
        std::string known = "none";
        for (const std::string_view one : names) known += ", " + std::string(one);
        reader.error("unknown-word", "name",
                     "there is no optimizer " + Value(name).in_words() + "; there are " + known);
    } else {
        optimizer.name = name;
    }
    const auto refuse = [&](std::string_view key, bool takes) {
        if (takes || type == nullptr) return;
        reader.error("unknown-key", key,
                     type == nullptr ? "" : std::string(type->class_name) + " has no " + std::string(key));
    };
    if (const auto momentum = read_number(reader, "momentum", 0)) {
        optimizer.momentum = *momentum;
        if (*momentum != 0) refuse("momentum", type != nullptr && type->momentum);
    }
    if (const auto decay = read_number(reader, "weight_decay", 0)) {
        optimizer.weight_decay = *decay;
        if (*decay != 0) refuse("weight_decay", type != nullptr && type->weight_decay);
    }
    optimizer.nesterov = reader.boolean("nesterov").value_or(false);
    if (optimizer.nesterov) refuse("nesterov", type != nullptr && type->nesterov);
    optimizer.amsgrad = reader.boolean("amsgrad").value_or(false);
    if (optimizer.amsgrad) refuse("amsgrad", type != nullptr && type->amsgrad);
    optimizer.centered = reader.boolean("centered").value_or(false);
    if (optimizer.centered) refuse("centered", type != nullptr && type->centered);
    optimizer.foreach = reader.boolean("foreach");
    if (optimizer.foreach.value_or(false)) refuse("foreach", type != nullptr && type->has_foreach);
    optimizer.fused = reader.boolean("fused").value_or(false);
    if (optimizer.fused) refuse("fused", type != nullptr && type->has_fused);
    reader.nothing_else();
}

void read_allocator(const Value& value, AllocatorOptions& allocator, Diagnostics& diagnostics) {
    ObjectReader reader(value, {0, "", "run.allocator: "}, diagnostics);
    allocator.expandable_segments = reader.boolean("expandable_segments").value_or(false);
    constexpr std::int64_t kLeastSplit = 21, kMostSplit = std::int64_t{1} << 30;  // PyTorch refuses 20 and less
    allocator.max_split_size_mb = reader.integer("max_split_size_mb", {kLeastSplit, kMostSplit});
    allocator.roundup_power2_divisions = reader.integer("roundup_power2_divisions", {0, 64}).value_or(0);
    allocator.garbage_collection_threshold = read_fraction(reader, "garbage_collection_threshold").value_or(0);
    allocator.memory_fraction = read_fraction(reader, "memory_fraction");
    reader.nothing_else();
}

void read_training(ObjectReader& reader, Training& training, Diagnostics& diagnostics) {
    const auto word = [&](std::string_view key, std::span<const Word> words, std::string& into) {
        if (std::string found = read_word(reader, key, words); !found.empty()) into = std::move(found);
    };
    word("mode", kModes, training.mode);
    word("precision", kPrecisions, training.precision);
    word("loss", kLosses, training.loss);
    word("sdpa", kAttentionBackends, training.sdpa);
    word("torch", kReleases, training.torch);
    training.zero_grad_to_none = reader.word("zero_grad", {"none", "zero"}) != "zero";
    if (const Value* optimizer = reader.take("optimizer")) read_optimizer(*optimizer, training.optimizer, diagnostics);
    if (const Value* allocator = reader.take("allocator")) read_allocator(*allocator, training.allocator, diagnostics);
    constexpr std::int64_t kMostSteps = 16, kMostMicroBatches = 64, kMostBytes = std::int64_t{1} << 50;
    training.steps = reader.integer("steps", {1, kMostSteps}).value_or(training.steps);
    training.accumulate = reader.integer("accumulate", {1, kMostMicroBatches}).value_or(1);
    training.checkpoint = read_patterns(reader, "checkpoint");
    training.freeze = read_patterns(reader, "freeze");
    training.ema = reader.boolean("ema").value_or(false);
    training.clip_norm = reader.boolean("clip_norm").value_or(false);
    training.channels_last = reader.boolean("channels_last").value_or(false);
    training.input_grad = reader.boolean("input_grad").value_or(false);
    training.fresh_batch = reader.boolean("fresh_batch").value_or(false);
    training.cudnn_workspace = reader.integer("cudnn_workspace", {0, kMostBytes});
    training.context = reader.integer("context", {0, kMostBytes});
}

void read_run(const Value& value, Run& run, Diagnostics& diagnostics) {
    ObjectReader reader(value, {0, "", "run: "}, diagnostics);
    run.batch = reader.integer("batch", {1, kMostBatch});
    run.bytes_per_value = reader.integer("bytes_per_value", {1, kMostBytesPerValue}).value_or(run.bytes_per_value);
    if (const Value* inputs = reader.take("inputs")) read_input_sizes(reader, *inputs, run);
    read_training(reader, run.training, diagnostics);
    reader.nothing_else();
}

CardRequest read_card(const Value& value, std::size_t i, Diagnostics& diagnostics) {
    CardRequest card;
    if (value.text() != nullptr) {
        card.id = *value.text();
        return card;
    }
    ObjectReader reader(value, {0, "", place("gpus", i)}, diagnostics);
    constexpr std::int64_t kMostMebibytes = std::int64_t{1} << 40;
    card.id = reader.text("id");
    card.name = reader.text("name");
    if (reader.word("system", {"linux", "windows"}) == "windows") card.system = System::windows;
    card.in_use_mib = reader.integer("in_use_mib", {0, kMostMebibytes});
    const std::optional<std::int64_t> usable_mib = reader.integer("usable_mib", {1, kMostMebibytes});
    if (card.id.empty() && !usable_mib)
        reader.missing("usable_mib", "a card of your own needs the memory that PyTorch sees, in MiB");
    if (!card.id.empty() && usable_mib)
        reader.error("unknown-key", "usable_mib",
                     "a listed card has its usable memory in the table; leave out id or usable_mib");
    card.usable_mib = usable_mib.value_or(0);
    const std::string capability = reader.text("compute_capability");
    const bool sound =
        capability.size() >= 3 && capability.size() <= 4 && capability[capability.size() - 2] == '.' &&
        std::all_of(capability.begin(), capability.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); }) &&
        std::count(capability.begin(), capability.end(), '.') == 1;
    if (!capability.empty() && !sound)
        reader.error("wrong-type", "compute_capability",
                     "compute_capability is " + Value(capability).in_words() + ", but must be like \"8.6\"");
    for (const char c : capability)
        if (sound && c != '.') card.compute_capability = card.compute_capability * 10 + (c - '0');
    constexpr std::int64_t kMostMultiprocessors = 10'000;
    card.sm_count = static_cast<std::int32_t>(reader.integer("sm_count", {1, kMostMultiprocessors}).value_or(0));
    reader.nothing_else();
    return card;
}

constexpr std::pair<std::string_view, bool Want::*> kWants[] = {{"layers", &Want::layers},
                                                                {"notebook", &Want::notebook},
                                                                {"fit", &Want::fit},
                                                                {"print", &Want::print},
                                                                {"series", &Want::series},
                                                                {"storages", &Want::storages},
                                                                {"largest_batch", &Want::largest_batch},
                                                                {"bridge", &Want::bridge},
                                                                {"timeline", &Want::timeline}};

void read_want(const Value::List& list, Want& want, ObjectReader& reader) {
    for (const auto& [word, part] : kWants) want.*part = false;
    for (const Value& item : list) {
        const auto found = std::find_if(std::begin(kWants), std::end(kWants),
                                        [&](const auto& known) { return is_word(item, known.first); });
        if (found != std::end(kWants)) {
            want.*found->second = true;
            continue;
        }
        std::string words;
        for (const auto& [word, part] : kWants) words.append(words.empty() ? "\"" : ", \"").append(word).append("\"");
        reader.error("unknown-word", "want", "want has " + item.in_words() + ", but knows " + words);
    }
}

}  // namespace

Model read_model(const Value& document, Diagnostics& diagnostics) { return ModelReader(document, diagnostics).read(); }

Request read_request(const Value& document, Diagnostics& diagnostics) {
    Request request;
    ObjectReader reader(document, {}, diagnostics);
    if (document.object() == nullptr) return request;
    if (const Value* model = reader.take("model"))
        request.model = read_model(*model, diagnostics);
    else
        reader.missing("model", "the request needs a model document");
    if (const Value* run = reader.take("run")) read_run(*run, request.run, diagnostics);
    if (const Value::List* cards = reader.list("gpus")) {
        constexpr std::size_t kMostCards = 1000;
        request.cards.emplace();
        for (std::size_t i = 0; i < cards->size() && i < kMostCards; ++i)
            request.cards->push_back(read_card((*cards)[i], i, diagnostics));
        if (cards->size() > kMostCards)
            reader.error("too-large", "gpus", "the request names more than " + plain(kMostCards) + " cards");
    }
    if (const Value::List* want = reader.list("want")) read_want(*want, request.want, reader);
    reader.nothing_else();
    return request;
}

Request read_request_text(std::string_view text, Diagnostics& diagnostics) {
    const std::optional<Value> document = parse(text, diagnostics);
    return document ? read_request(*document, diagnostics) : Request();
}

}  // namespace footprint::json
