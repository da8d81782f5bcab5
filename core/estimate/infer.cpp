#include "estimate/infer.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/nearest.hpp"
#include "base/number.hpp"

namespace footprint {
namespace {

constexpr std::size_t kMostTensors = 250'000;  // of one inference: a hostile document must not fill memory

/// What a name stands for.
struct Entry {
    using Kind = Origin::Kind;
    Kind kind;
    std::size_t index;
};

std::string_view leaf_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

class Walk {
 public:
    Walk(const Model& model, const Run& run, const InferenceOptions& options, Diagnostics& diagnostics)
        : model_(model), run_(run), options_(options), diagnostics_(diagnostics) {
        around_.batch = options.batch;
        around_.training = options.training;
        around_.dtype = options.dtype;
    }

    Inference take() {
        result_.rows.resize(model_.layers.size());
        names_.reserve(model_.inputs.size() + model_.parameters.size() + model_.layers.size());
        make_inputs();
        make_parameters();
        register_rows();
        for (std::size_t i = 0; i < model_.layers.size(); ++i) infer_row(i);
        check_outputs();
        diagnostics_.append(around_.diagnostics, [&](Diagnostic& diagnostic) { blame_written_size(diagnostic); });
        result_.storages = std::move(around_.storages);
        return std::move(result_);
    }

 private:
    /// With other input sizes than the document's, a size written in a row is what cannot follow.
    void blame_written_size(Diagnostic& diagnostic) const {
        const bool of_sizes = diagnostic.code == "shape-mismatch" || diagnostic.code == "not-divisible" ||
                              diagnostic.code == "out-of-range";
        if (run_.inputs.empty() || diagnostic.row == 0 || !of_sizes) return;
        const auto [row, attribute] = written_size(static_cast<std::size_t>(diagnostic.row) - 1);
        if (attribute.empty()) return;
        diagnostic.code = "size-is-written";
        diagnostic.message += "; " + std::string(attribute) + " of " + called(model_.layers[row], row + 1) +
                              " is written and cannot follow the input sizes of the run";
    }

    /// The nearest function from this row upwards that holds a list of sizes, and the list's name; empty: there is
    /// none.
    std::pair<std::size_t, std::string_view> written_size(std::size_t from) const {
        for (std::size_t i = from + 1; i-- > 0;)
            for (const auto& [name, value] : model_.layers[i].attributes)
                if (!model_.layers[i].is_module() && value.list() != nullptr &&
                    (name == "size" || name == "sizes" || name == "shape" || name == "output_size" ||
                     name == "split_size_or_sections" || name == "normalized_shape"))
                    return {i, name};
        return {from, {}};
    }

    Diagnostic& document_error(std::string_view code, std::string_view field, std::string message) {
        Diagnostic& diagnostic = around_.diagnostics.error(code, std::move(message));
        diagnostic.field = field;
        return diagnostic;
    }

    Diagnostic& row_error(std::size_t i, std::string_view code, std::string_view field, std::string message) {
        Diagnostic& diagnostic = document_error(code, field, std::move(message));
        diagnostic.row = static_cast<std::int64_t>(i) + 1;
        diagnostic.name = model_.layers[i].name;
        return diagnostic;
    }

    // ── names
    bool claim(std::string_view name, Entry entry) { return names_.emplace(name, entry).second; }

    void make_inputs() {
        if (model_.inputs.empty())
            document_error("empty-model", "inputs", "the model has no input: give one with its shape");
        if (model_.layers.empty()) document_error("empty-model", "layers", "the model has no rows: add a layer");
        result_.inputs.reserve(model_.inputs.size());
        for (std::size_t i = 0; i < model_.inputs.size(); ++i) {
            const ModelInput& input = model_.inputs[i];
            Tensor tensor;
            tensor.shape = item_shape(input, run_, options_.batch);
            if (input.batch_dim) {
                const auto at = static_cast<std::ptrdiff_t>(
                    std::min<std::int64_t>(*input.batch_dim, static_cast<std::int64_t>(tensor.rank())));
                tensor.shape.insert(tensor.shape.begin() + at, options_.batch);
            }
            tensor.dtype = options_.float_inputs ? DType::float32 : followed(input.dtype);
            add_tensor(tensor);
            if (elements(tensor.shape).overflowed())
                document_error("overflow", "shape",
                               "input " + input.name + " has more elements than 64 bits can count");
            result_.inputs.push_back(std::move(tensor));
            if (!claim(input.name, {Entry::Kind::input, i}))
                document_error("duplicate-name", "name",
                               "two inputs are called " + input.name + ": give each a name of its own");
        }
        for (const auto& [name, sizes] : run_.inputs) check_override(name, sizes.size());
    }

    /// The model's own type, which the run may lower, stands also where float32 is written.
    [[nodiscard]] DType followed(const std::optional<DType>& written) const {
        return written && *written != DType::float32 ? *written : around_.dtype;
    }

    void check_override(const std::string& name, std::size_t rank) {
        for (const ModelInput& input : model_.inputs) {
            if (input.name != name) continue;
            if (input.shape.size() == rank) return;
            Diagnostic& diagnostic = document_error(
                "wrong-rank", "inputs",
                "input " + name + " has " + plain(static_cast<std::int64_t>(input.shape.size())) +
                    " sizes without the batch, but the run gives " + plain(static_cast<std::int64_t>(rank)));
            diagnostic.values = {{"model", static_cast<std::int64_t>(input.shape.size())},
                                 {"run", static_cast<std::int64_t>(rank)}};
            return;
        }
        document_error("unknown-name", "inputs", "the model has no input called " + name);
    }

    void make_parameters() {
        result_.parameters.reserve(model_.parameters.size());
        for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
            const Parameter& parameter = model_.parameters[i];
            Tensor tensor;
            tensor.shape = parameter.shape;
            tensor.dtype = followed(parameter.dtype);
            tensor.requires_grad = !parameter.frozen && !parameter.buffer && is_floating(tensor.dtype);
            add_tensor(tensor);
            result_.parameters.push_back(std::move(tensor));
            if (!claim(parameter.path, {Entry::Kind::parameter, i}))
                document_error(
                    "duplicate-name", "path",
                    "the name " + parameter.path + " is used twice: rows, inputs and parameters share one name space");
            owned_by_[parent_of(parameter.path)].push_back(i);
        }
        for (const Parameter& parameter : model_.parameters)
            if (!parameter.tied_to.empty() && !is_parameter(parameter.tied_to))
                document_error("unknown-name", "tied_to",
                               parameter.path + " is tied to " + parameter.tied_to + ", which the list does not have");
    }

    bool is_parameter(std::string_view path) const {
        const auto found = names_.find(path);
        return found != names_.end() && found->second.kind == Entry::Kind::parameter;
    }

    void register_rows() {
        for (std::size_t i = 0; i < model_.layers.size(); ++i) {
            const std::string& name = model_.layers[i].name;
            if (name.empty() || claim(name, {Entry::Kind::row, i})) continue;
            row_error(i, "duplicate-name", "name",
                      "the name " + name + " is used twice: rows, inputs and parameters share one name space");
        }
    }

    // ── operands
    void add_tensor(Tensor& tensor) {
        tensor.strides = contiguous_strides(tensor.shape);
        tensor.storage = new_storage(around_.storages, elements(tensor.shape) * size_of(tensor.dtype), -1);
    }

    /// "lstm:1" is output 1 of "lstm"; a name may hold a colon itself. No number: what follows the colon is none.
    std::pair<std::string_view, std::optional<std::size_t>> split(std::string_view text) const {
        if (names_.contains(text)) return {text, 0};
        const std::size_t colon = text.rfind(':');
        if (colon == std::string_view::npos || !names_.contains(text.substr(0, colon))) return {text, 0};
        std::size_t output = 0;
        const std::string_view digits = text.substr(colon + 1);
        if (digits.empty() || digits.size() > 6) return {text.substr(0, colon), std::nullopt};
        for (const char digit : digits) {
            if (digit < '0' || digit > '9') return {text.substr(0, colon), std::nullopt};
            output = output * 10 + static_cast<std::size_t>(digit - '0');
        }
        return {text.substr(0, colon), output};
    }

    /// The tensor an operand names, seen from row i; null when there is none (said) or when it is unknown (not said
    /// again).
    const Tensor* operand(std::size_t i, const std::string& text, std::string_view field, Origin& origin) {
        const auto [name, number] = split(text);
        const auto found = names_.find(name);
        if (found != names_.end() && !number) {
            row_error(i, "no-such-output", field,
                      "outputs of " + std::string(name) + " are numbered, as in " + std::string(name) + ":1; " +
                          Value(text).in_words() + " names none");
            return nullptr;
        }
        const std::size_t output = number.value_or(0);
        if (found == names_.end()) {
            origin.kind = Entry::Kind::parameter;
            if (const Tensor* owned = owned_parameter(text)) return owned;
            unknown_name(i, text, field);
            return nullptr;
        }
        const Entry entry = found->second;
        origin = {entry.kind, entry.index, output};
        if (entry.kind == Entry::Kind::row) {
            if (entry.index >= i) {
                row_error(
                    i, "forward-reference", field,
                    "it reads " + text + ", which is " +
                        (entry.index == i ? "this row itself"
                                          : "row " + plain(static_cast<std::int64_t>(entry.index) + 1) + ", below it") +
                        ": a row reads only rows above it")
                    .values = {{"row", static_cast<std::int64_t>(i) + 1},
                               {"reads", static_cast<std::int64_t>(entry.index) + 1}};
                return nullptr;
            }
            return row_output(i, entry.index, output, field);
        }
        const bool is_input = entry.kind == Entry::Kind::input;
        if (output > 0) {
            row_error(
                i, "no-such-output", field,
                std::string(name) + " is one tensor: it has no output " + plain(static_cast<std::int64_t>(output)));
            return nullptr;
        }
        return is_input ? &result_.inputs[entry.index] : &result_.parameters[entry.index];
    }

    const Tensor* row_output(std::size_t i, std::size_t from, std::size_t output, std::string_view field) {
        const InferredRow& source = result_.rows[from];
        if (!source.known) return nullptr;
        if (output < source.outputs.size() && source.outputs[output].exists) return &source.outputs[output];
        if (!source.runs && !result_.rows[i].runs) return nullptr;  // neither is there in this mode
        Diagnostic& diagnostic = row_error(
            i, "no-such-output", field,
            called(model_.layers[from], from + 1) + " has " + plain(static_cast<std::int64_t>(source.outputs.size())) +
                " outputs, numbered from 0; there is no output " + plain(static_cast<std::int64_t>(output)));
        diagnostic.values = {{"outputs", static_cast<std::int64_t>(source.outputs.size())},
                             {"asked", static_cast<std::int64_t>(output)}};
        return nullptr;
    }

    /// A parameter that no list names but a row owns: "fc.weight" of the row "fc", called above or not.
    const Tensor* owned_parameter(const std::string& path) {
        if (const auto made = implied_.find(path); made != implied_.end()) return made->second;
        const auto owner = names_.find(parent_of(path));
        if (owner == names_.end() || owner->second.kind != Entry::Kind::row) return nullptr;
        for (const InferredParameter& parameter : result_.rows[owner->second.index].parameters) {
            if (parameter.name != leaf_of(path)) continue;
            Tensor tensor;
            tensor.shape = parameter.shape;
            tensor.dtype = around_.dtype;
            tensor.requires_grad = parameter.trainable;
            add_tensor(tensor);
            result_.implied.push_back({path, std::move(tensor)});
            return implied_[path] = &result_.implied.back().tensor;
        }
        return nullptr;
    }

    void unknown_name(std::size_t i, const std::string& text, std::string_view field) {
        std::vector<std::string_view> known;
        for (std::size_t j = 0; j < i && known.size() < 512; ++j)
            if (!model_.layers[j].name.empty()) known.push_back(model_.layers[j].name);
        for (const ModelInput& input : model_.inputs) known.push_back(input.name);
        std::string message = "nothing above it is called " + Value(text).in_words();
        if (around_.diagnostics.dropped() > 0) known.clear();  // nobody would read the suggestion
        if (const std::vector<std::string_view> close = nearest(text, known); !close.empty())
            message += "; the closest name is " + std::string(close[0]);
        row_error(i, "unknown-name", field, message);
    }

    // ── one row
    void infer_row(std::size_t i) {
        InferredRow& out = result_.rows[i];
        const Row& written = model_.layers[i];
        out.type = find_layer(written.op);
        out.first = i;
        if (out.type == nullptr) return unknown_op(i);  // an op that is missing was said in reading
        const bool shared = !written.shares.empty();
        if (shared && !check_shares(i)) return;
        const Row effective =
            shared ? effective_row(written, model_.layers[out.first], result_.rows[out.first].resolved) : Row();
        const Row& row = shared ? effective : written;

        Call call(row, i + 1, around_);
        out.runs = row.only.empty() || (row.only == "train") == options_.training;
        bool good = resolve_inputs(i, row, call, out);
        good = resolve_keywords(i, call) && good;
        if (!good && out.runs) {
            call.only_attributes_ = true;
            return out.type->infer(call);
        }
        out.inputs = call.inputs_;
        out.keywords = call.keywords_;
        if (!out.runs) {
            out.known = true;
            if (call.input_count() > 0) call.same(call.input());
            out.outputs = std::move(call.outputs_);
            return;
        }
        if (!row.held.empty() &&
            (!names_.contains(row.held) || names_.find(row.held)->second.kind != Entry::Kind::row)) {
            call.fail("unknown-name", "held", "no row is called " + Value(row.held).in_words());
            return;
        }
        if (row.inplace && !out.type->inplace) {
            call.fail("unknown-attribute", "inplace", row.op + " has no in-place form").fixes = {{"inplace", ""}};
            return;
        }
        call.parameter_dtype_ = listed_dtype(model_.layers[out.first].name);
        out.type->infer(call);
        if (call.failed() || !sizes_are_sound(call)) return;
        keep(i, row, call, out);
    }

    /// The type that the parameters list states for a module's floating-point parameters, if it states one.
    std::optional<DType> listed_dtype(std::string_view path) const {
        const auto found = owned_by_.find(path);
        if (path.empty() || found == owned_by_.end()) return std::nullopt;
        for (const std::size_t index : found->second)
            if (const Parameter& parameter = model_.parameters[index];
                !parameter.buffer && parameter.dtype && is_floating(*parameter.dtype))
                return parameter.dtype;
        return std::nullopt;
    }

    void unknown_op(std::size_t i) {
        const std::string& op = model_.layers[i].op;
        if (model_.layers[i].op_is_missing) return;
        const std::vector<std::string_view> close = near_ops(op);
        std::string message = op.empty() ? "the row has no op" : "there is no operation " + Value(op).in_words();
        if (!close.empty()) message += "; the closest is " + std::string(close[0]);
        Diagnostic& diagnostic = row_error(i, "unknown-op", "op", message);
        for (const std::string_view name : close) diagnostic.fixes.push_back({"op", '"' + std::string(name) + '"'});
    }

    bool check_shares(std::size_t i) {
        const Row& row = model_.layers[i];
        const auto found = names_.find(row.shares);
        if (found == names_.end() || found->second.kind != Entry::Kind::row) {
            row_error(i, "unknown-name", "shares", "no row above is called " + Value(row.shares).in_words());
            return false;
        }
        const std::size_t first = found->second.index;
        if (first >= i) {
            row_error(i, "forward-reference", "shares", "it shares " + row.shares + ", which is not above it");
            return false;
        }
        const Row& other = model_.layers[first];
        result_.rows[i].first = result_.rows[first].first;
        if (other.op != row.op || !row.is_module()) {
            row_error(i, "wrong-type", "shares",
                      "it shares " + row.shares + ", which is a " + other.op + " and not a " + row.op)
                .fixes = {{"op", '"' + other.op + '"'}};
            return false;
        }
        if (!row.attributes.empty()) {
            const std::string& name = row.attributes[0].first;
            row_error(i, "unknown-attribute", name,
                      "it calls the module of " + row.shares + " again, so " + name +
                          " is that row's and cannot be given here")
                .fixes = {{name, ""}};
            return false;
        }
        const Row& module = model_.layers[result_.rows[i].first];
        const auto says_otherwise = [&](bool given, bool same, std::string_view key) {
            if (!given || same) return false;
            row_error(i, "contradiction", key,
                      "it calls the module of " + row.shares + " again, which has another " + std::string(key) +
                          ": give it at the first call alone")
                .fixes = {{std::string(key), ""}};
            return true;
        };
        if (says_otherwise(!row.class_name.empty(), row.class_name == module.class_name, "class") ||
            says_otherwise(row.inplace, module.inplace, "inplace") ||
            says_otherwise(!row.only.empty(), row.only == module.only, "only") ||
            says_otherwise(row.frozen.all || !row.frozen.names.empty(),
                           row.frozen.all == module.frozen.all && row.frozen.names == module.frozen.names, "frozen"))
            return false;
        return result_.rows[first].known;
    }

    bool resolve_inputs(std::size_t i, const Row& row, Call& call, InferredRow& out) {
        bool good = true;
        if (row.inputs) {
            for (const std::optional<std::string>& name : *row.inputs) {
                if (!name) continue;  // an element that is no tensor
                const Tensor* tensor = operand(i, *name, "inputs", out.origins.emplace_back());
                if (tensor == nullptr)
                    good = false;
                else
                    call.inputs_.push_back(tensor);
            }
        } else if (out.type->most_inputs > 0) {
            const Tensor* above =
                i == 0 ? (result_.inputs.empty() ? nullptr : &result_.inputs[0]) : row_output(i, i - 1, 0, "inputs");
            if (above == nullptr) return false;
            call.inputs_.push_back(above);
            out.origins.push_back(i == 0 ? Origin{} : Origin{Entry::Kind::row, i - 1, 0});
        }
        if (!good) return false;
        const std::size_t given = call.input_count(), least = out.type->least_inputs, most = out.type->most_inputs;
        if (given >= least && (given <= most || most == kAnyNumber)) return true;
        std::string wanted = plain(static_cast<std::int64_t>(least));
        if (most == kAnyNumber)
            wanted += " or more";
        else if (most != least)
            wanted += " to " + plain(static_cast<std::int64_t>(most));
        Diagnostic& diagnostic = call.fail(
            "wrong-input-count", "inputs",
            row.op + " takes " + wanted + " input tensors, but has " + plain(static_cast<std::int64_t>(given)));
        diagnostic.values = {{"given", static_cast<std::int64_t>(given)}, {"least", static_cast<std::int64_t>(least)}};
        return false;
    }

    /// Tensors that stand under a keyword (`weight`, `attn_mask`) or inside an index.
    bool resolve_keywords(std::size_t i, Call& call) {
        bool good = true;
        const auto& keywords = result_.rows[i].type->keywords;
        const auto add = [&](std::string_view key, std::string_view field, const std::string& name) {
            Origin unused;
            if (const Tensor* tensor = operand(i, name, field, unused))
                call.keywords_.emplace_back(key, tensor);
            else
                good = false;
        };
        // Read from the document's own row: the names must outlive this call.
        for (const auto& [key, value] : model_.layers[result_.rows[i].first].attributes) {
            if (value.text() != nullptr && std::find(keywords.begin(), keywords.end(), key) != keywords.end())
                add(key, key, *value.text());
            if (key != "index" || value.list() == nullptr) continue;
            for (const Value& item : *value.list())
                if (const Value* tensor = item.find("tensor"); tensor != nullptr && tensor->text() != nullptr)
                    add(*tensor->text(), key, *tensor->text());
        }
        return good;
    }

    bool sizes_are_sound(Call& call) {
        tensors_ += call.outputs_.size();
        if (tensors_ > kMostTensors) {
            call.fail("too-large", "", "the model has more than " + plain(kMostTensors) + " tensors up to this row");
            return false;
        }
        for (const Tensor& tensor : call.outputs_) {
            if (tensor.rank() > kMostDimensions) {
                call.fail("too-large", "",
                          "its output has " + plain(static_cast<std::int64_t>(tensor.rank())) +
                              " dimensions; PyTorch allows " + plain(kMostDimensions));
                return false;
            }
            if (elements(tensor.shape).overflowed() || (elements(tensor.shape) * 16).overflowed()) {
                call.fail("overflow", "",
                          "its output has more elements than 64 bits can count in bytes: " + in_words(tensor.shape));
                return false;
            }
        }
        for (const OwnedParameter& parameter : call.owned_)
            if (parameter.count.overflowed() || (parameter.count * 16).overflowed()) {
                call.fail("overflow", "",
                          "its " + parameter.name + " has more elements than 64 bits can count in bytes");
                return false;
            }
        return true;
    }

    void keep(std::size_t i, const Row& row, Call& call, InferredRow& out) {
        out.known = true;
        out.returned = call.returned_;
        if (row.is_block()) {
            restore_holes(row, call);
            own_listed(row, call);
            out.returned = block_returns(row, call);
            if (out.returned == Returned::tensor && call.outputs_.size() != 1) {
                call.fail("wrong-input-count", "inputs",
                          "the block returns one tensor, but its inputs name " +
                              plain(static_cast<std::int64_t>(call.outputs_.size())) +
                              ": say what it returns (tuple, list, dict)");
                out.known = false;
                return;
            }
        }
        out.parameters.reserve(call.owned_.size());
        for (const OwnedParameter& owned : call.owned_) out.parameters.push_back(judged(i, row, owned));
        for (const std::string& name : row.frozen.names)
            if (std::none_of(call.owned_.begin(), call.owned_.end(),
                             [&](const auto& owned) { return owned.name == name; }) &&
                call.keyword(name) == nullptr)
                row_error(i, "unknown-name", "frozen", "it has no parameter called " + name);
        // A tensor in the place of `weight` or `bias` (tied, or computed by a parametrization) is what torchsummary
        // counts.
        if (row.is_module())
            for (const auto& [key, tensor] : call.keywords_)
                if (key == "weight" || key == "bias")
                    out.parameters.push_back({std::string(key), tensor->shape, elements(tensor->shape),
                                              tensor->requires_grad, false, tensor->dtype});
        out.resolved = std::move(call.resolved_);
        out.outputs = std::move(call.outputs_);
    }

    /// An element that is no tensor keeps its place among a Block's outputs.
    static void restore_holes(const Row& row, Call& call) {
        if (!row.inputs) return;
        Tensor hole;
        hole.exists = false;
        std::vector<Tensor> with_holes;
        with_holes.reserve(row.inputs->size());
        std::size_t next = 0;
        for (const std::optional<std::string>& name : *row.inputs)
            with_holes.push_back(name && next < call.outputs_.size() ? std::move(call.outputs_[next++]) : hole);
        call.outputs_ = std::move(with_holes);
    }

    /// A container's own parameters stand in the model's list, under its path.
    void own_listed(const Row& row, Call& call) {
        const auto found = owned_by_.find(row.name);
        if (row.name.empty() || found == owned_by_.end()) return;
        for (const std::size_t index : found->second) {
            const Parameter& parameter = model_.parameters[index];
            call.own(
                {std::string(leaf_of(parameter.path)), parameter.shape, elements(parameter.shape), parameter.buffer});
        }
    }

    static Returned block_returns(const Row& row, Call& call) {
        if (row.returns == "dict") return Returned::dictionary;
        if (row.returns == "none" || row.returns == "number") {
            call.outputs_.clear();
            return Returned::nothing;
        }
        const bool holes =
            row.inputs && std::any_of(row.inputs->begin(), row.inputs->end(), [](const auto& name) { return !name; });
        if (holes) return Returned::nested;
        return row.returns == "tuple" || row.returns == "list" ? Returned::tuple : Returned::tensor;
    }

    /// Whether a parameter needs a gradient: the row's word, and the list's where it has the path.
    InferredParameter judged(std::size_t i, const Row& row, const OwnedParameter& owned) {
        const std::string& path = model_.layers[result_.rows[i].first].name;
        bool frozen = owned.buffer || row.frozen.covers(owned.name);
        if (!model_.parameters.empty() && !path.empty()) {
            const std::string full = path + "." + owned.name;
            if (is_parameter(full)) {
                const Parameter& listed = model_.parameters[names_.find(full)->second.index];
                if (listed.shape != owned.shape)
                    row_error(i, "shape-mismatch", owned.name,
                              "the parameters list gives " + full + " as " + in_words(listed.shape) +
                                  ", but this row makes it " + in_words(owned.shape));
                else if (!owned.buffer && row.frozen.covers(owned.name) && !listed.frozen)
                    row_error(i, "contradiction", "frozen",
                              "the row freezes " + owned.name + ", but the parameters list does not: let them agree");
                frozen = frozen || listed.frozen;
            }
        }
        return {owned.name, owned.shape, owned.count, !frozen, owned.buffer, owned.dtype.value_or(around_.dtype)};
    }

    void check_outputs() {
        if (model_.outputs.empty() && !result_.rows.empty() && !result_.rows.back().outputs.empty())
            result_.returned.push_back(&result_.rows.back().outputs[0]);
        for (const ModelOutput& output : model_.outputs) {
            const auto [name, number] = split(output.row);
            const auto found = names_.find(name);
            if (found == names_.end() || !number) {
                document_error(
                    "unknown-name", "outputs",
                    "the outputs name " + Value(output.row).in_words() + ", which no row or input is called");
                continue;
            }
            const InferredRow* row =
                found->second.kind == Entry::Kind::row ? &result_.rows[found->second.index] : nullptr;
            if (row != nullptr && row->known && row->runs && *number >= row->outputs.size())
                document_error("no-such-output", "outputs",
                               "the outputs name " + Value(output.row).in_words() + ", but that row has " +
                                   plain(static_cast<std::int64_t>(row->outputs.size())) + " outputs, numbered from 0");
            else if (row != nullptr && row->known && row->runs && *number < row->outputs.size())
                result_.returned.push_back(&row->outputs[*number]);
        }
    }

    const Model& model_;
    const Run& run_;
    const InferenceOptions& options_;
    Diagnostics& diagnostics_;
    Call::Surroundings around_;
    Inference result_;
    std::unordered_map<std::string_view, Entry> names_;
    std::unordered_map<std::string_view, std::vector<std::size_t>> owned_by_;
    std::unordered_map<std::string, const Tensor*> implied_;
    std::size_t tensors_ = 0;
};

}  // namespace

std::string_view parent_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

Inference infer(const Model& model, const Run& run, const InferenceOptions& options, Diagnostics& diagnostics) {
    return Walk(model, run, options, diagnostics).take();
}

Shape item_shape(const ModelInput& input, const Run& run, std::int64_t batch) {
    Shape shape;
    for (const auto& [name, sizes] : run.inputs)
        if (name == input.name && sizes.size() == input.shape.size()) {
            shape.assign(sizes.begin(), sizes.end());
            return shape;
        }
    for (const Size& size : input.shape) shape.push_back(size.at(batch));
    return shape;
}

Row effective_row(const Row& written, const Row& first,
                  const std::vector<std::pair<std::string_view, std::int64_t>>& resolved) {
    Row row = first;
    // What the first call's input settled is the module's own from then on.
    for (const auto& [name, value] : resolved) row.attributes.emplace_back(std::string(name), Value(value));
    row.name = written.name;
    row.shares = written.shares;
    row.inputs = written.inputs;
    row.scope = written.scope;
    row.checkpoint = written.checkpoint;
    row.grad = written.grad;
    row.autocast = written.autocast;
    row.held = written.held;
    row.training = written.training;
    if (!written.returns.empty()) row.returns = written.returns;
    if (!written.called_with.empty()) row.called_with = written.called_with;
    if (written.prints) row.prints = written.prints;
    return row;
}

}  // namespace footprint
