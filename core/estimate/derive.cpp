#include "estimate/derive.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/number.hpp"
#include "layers/arithmetic.hpp"

namespace footprint {
namespace {

constexpr std::string_view kTorchsummary = "torchsummary 1.5.1";
constexpr std::string_view kNotebook = "notebook \"Memory footprint estimation\"";

/// "H_out": how dimension d of a tensor of this rank is called.
std::string dimension_name(std::size_t rank, std::size_t d, std::string_view suffix) {
    std::string name;
    if (d == 0) return "B";
    if (rank <= 2)
        name = "F";
    else if (d == 1)
        name = "C";
    else if (rank <= 5)
        name = axis_name(static_cast<int>(rank) - 2, static_cast<int>(d) - 2);
    else
        name = "N_" + plain(static_cast<std::int64_t>(d)) + ".";
    return name + (name.back() == '.' ? "" : "_") + std::string(suffix);
}

class Derivations {
 public:
    Derivations(const Request& request, const Report& report, std::string_view path)
        : request_(request), report_(report), path_(path) {}

    Result<Derivation> find() {
        std::string_view rest = path_;
        const std::string_view first = cut(rest);
        std::optional<Derivation> found;
        if (first == "layers")
            found = of_layer(rest);
        else if (first == "inputs")
            found = of_input(rest);
        else if (first == "notebook" && report_.notebook)
            found = of_notebook(rest);
        else if (first == "fit" && report_.notebook)
            found = of_fit(rest);
        if (found) return std::move(*found);
        Diagnostic reason;
        reason.code = "unknown-path";
        reason.message = "the report has no number at " + Value(std::string(path_)).in_words();
        return reason;
    }

 private:
    /// Takes what stands before the next slash.
    static std::string_view cut(std::string_view& rest) {
        const std::size_t slash = rest.find('/');
        const std::string_view first = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        return first;
    }

    /// Takes what stands after the last slash: a row's name may hold slashes itself.
    static std::string_view cut_last(std::string_view& rest) {
        const std::size_t slash = rest.rfind('/');
        if (slash == std::string_view::npos) return std::exchange(rest, {});
        const std::string_view last = rest.substr(slash + 1);
        rest = rest.substr(0, slash);
        return last;
    }

    static std::optional<std::size_t> number(std::string_view digits) {
        if (digits.empty() || digits.size() > 9) return std::nullopt;
        std::size_t value = 0;
        for (const char c : digits) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + static_cast<std::size_t>(c - '0');
        }
        return value;
    }

    [[nodiscard]] const std::vector<Row>& rows() const { return request_.model.layers; }
    [[nodiscard]] std::string base(std::size_t i) const { return "layers/" + plain(static_cast<std::int64_t>(i) + 1); }
    [[nodiscard]] Integer batch() const { return request_.run.items(); }

    /// The row's name as a subscript: its own, or its number.
    [[nodiscard]] std::string short_name(std::size_t i) const {
        return rows()[i].name.empty() ? plain(static_cast<std::int64_t>(i) + 1) : rows()[i].name;
    }

    [[nodiscard]] std::string title_name(std::size_t i) const {
        return rows()[i].name.empty() ? "row " + plain(static_cast<std::int64_t>(i) + 1) + ", " + rows()[i].op
                                      : rows()[i].name;
    }

    Term batch_symbol() const { return Term::symbol({"B", batch(), "items", "batch size, from the settings", "", ""}); }
    Term size_symbol() const {
        return Term::symbol(
            {"s", Integer(report_.notebook ? report_.notebook->bytes_per_value : request_.run.bytes_per_value), "bytes",
             "bytes of one value, from the settings", "", ""});
    }

    // ── rows
    std::optional<std::size_t> row_of(std::string_view key) const {
        // A number is always the row's: a row whose name is a number is found by its own number.
        const std::optional<std::size_t> at = number(key);
        if (at && *at >= 1 && *at <= rows().size()) return *at - 1;
        for (std::size_t i = 0; i < rows().size(); ++i)
            if (!key.empty() && rows()[i].name == key) return i;
        return std::nullopt;
    }

    std::optional<Derivation> of_layer(std::string_view rest) {
        std::string_view key = rest;
        const std::string_view last = cut_last(key);
        if (const std::optional<std::size_t> dimension = number(last)) {
            const std::optional<std::size_t> output = number(cut_last(key));
            if (!output || cut_last(key) != "outputs") return std::nullopt;
            const std::optional<std::size_t> row = row_of(key);
            return row ? output_size(*row, *output, *dimension) : std::nullopt;
        }
        const std::optional<std::size_t> row = row_of(key);
        if (!row || !report_.at_two.rows[*row].known) return std::nullopt;
        if (last == "forward" && report_.notebook) return forward(*row);
        if (last == "parameters" && report_.notebook) return parameters(*row);
        if (last == "unseen" && report_.notebook) return unseen(*row);
        if (last == "parameter_bytes" && report_.notebook) {
            const Term count = Term::symbol(
                {"P_" + short_name(*row), 0, "elements", "parameters of this row", "", base(*row) + "/parameters"},
                counted_parameters(*row));
            return derived("Bytes of the parameters of " + title_name(*row), "M_" + short_name(*row),
                           count * size_symbol(), "bytes",
                           {{"notebook", "parameters do not depend on the batch", std::string(kNotebook)}});
        }
        return std::nullopt;
    }

    Derivation derived(std::string title, const std::string& left, const Term& right, std::string unit,
                       std::vector<Note> notes) const {
        return footprint::derive(std::string(path_), std::move(title), left, right, std::move(unit), std::move(notes));
    }

    /// Calls the row again on the inputs that inference found.
    template <class Use>
    auto with_call(std::size_t i, const InferredRow& row, Use use) {
        const Row effective =
            row.first == i ? Row()
                           : effective_row(rows()[i], rows()[row.first], report_.at_two.rows[row.first].resolved);
        Call::Surroundings around;
        around.batch = report_.at_batch ? batch() : Integer(2);
        Call call(row.first == i ? rows()[i] : effective, i + 1, around);
        call.inputs_ = row.inputs;
        call.keywords_ = row.keywords;
        return use(call);
    }

    /// A size of an output, by the layer's own rule where it has one.
    std::optional<Derivation> output_size(std::size_t i, std::size_t output, std::size_t d) {
        const Inference& inference = report_.shown();
        const InferredRow& row = inference.rows[i];
        if (!row.known || output >= row.outputs.size() || d >= row.outputs[output].rank()) return std::nullopt;
        const Shape& shape = row.outputs[output].shape;
        const std::string left = dimension_name(shape.size(), d, "out");
        return derived("Size " + plain(static_cast<std::int64_t>(d)) + " of the output of " + title_name(i), left,
                       size_term(i, row, output, d), d == 0 ? "items" : "", {});
    }

    Term size_term(std::size_t i, const InferredRow& row, std::size_t output, std::size_t d) {
        const Shape& shape = row.outputs[output].shape;
        if (output == 0 && row.type->explain_sizes != nullptr && row.runs) {
            const std::vector<Term> sizes = rule_sizes(i, row);
            if (d < sizes.size() && sizes[d].value() == shape[d]) return sizes[d];
        }
        for (std::size_t k = 0; k < row.inputs.size(); ++k)
            if (row.inputs[k]->rank() == shape.size() && row.inputs[k]->shape[d] == shape[d])
                return input_term(row, k, d);
        return Term::symbol({dimension_name(shape.size(), d, rows()[i].op), shape[d], "",
                             "what " + rows()[i].op + " makes of its attributes and its input",
                             "torch, " + rows()[i].op, ""});
    }

    /// The path of dimension d of an operand; a parameter's size has none.
    std::string path_of(const Origin& origin, std::size_t d) const {
        const std::string dimension = "/" + plain(static_cast<std::int64_t>(d));
        switch (origin.kind) {
            case Origin::Kind::input:
                return "inputs/" + request_.model.inputs[origin.index].name + dimension;
            case Origin::Kind::row:
                return "layers/" + plain(static_cast<std::int64_t>(origin.index) + 1) + "/outputs/" +
                       plain(static_cast<std::int64_t>(origin.output)) + dimension;
            case Origin::Kind::parameter:
                break;
        }
        return "";
    }

    Term input_term(const InferredRow& row, std::size_t k, std::size_t d) const {
        const Shape& shape = row.inputs[k]->shape;
        const std::string path = k < row.origins.size() ? path_of(row.origins[k], d) : "";
        return Term::symbol({dimension_name(shape.size(), d, "in"), shape[d], d == 0 ? "items" : "",
                             "size " + plain(static_cast<std::int64_t>(d)) + " of the input", "", path});
    }

    /// The layer's size rule over the input's sizes, each a symbol that leads to where it comes from.
    std::vector<Term> rule_sizes(std::size_t i, const InferredRow& row) {
        return with_call(i, row, [&](Call& call) {
            std::vector<Term> in;
            for (std::size_t d = 0; d < row.inputs[0]->rank(); ++d) in.push_back(input_term(row, 0, d));
            return row.type->explain_sizes(call, std::move(in));
        });
    }

    std::vector<Owner<Term>::Owned> owned_terms(std::size_t i) {
        const InferredRow& row = report_.at_two.rows[i];
        if (row.type->explain_parameters == nullptr) return {};
        return with_call(i, row, [&](Call& call) { return row.type->explain_parameters(call); });
    }

    /// The elements of one parameter of a row, by the layer's rule or as the product of its sizes.
    Term parameter_term(const std::vector<Owner<Term>::Owned>& owned, const InferredParameter& parameter) const {
        for (const auto& term : owned)
            if (term.name == parameter.name && term.count.value() == parameter.count) return term.count;
        std::vector<Term> sizes;
        for (std::size_t d = 0; d < parameter.shape.size(); ++d)
            sizes.push_back(
                Term::symbol({"n_" + parameter.name + "." + plain(static_cast<std::int64_t>(d)), parameter.shape[d], "",
                              "size " + plain(static_cast<std::int64_t>(d)) + " of " + parameter.name, "", ""}));
        return Owner<Term>::product(sizes);
    }

    /// Σ over the parameters that torchsummary sees, or over those it does not.
    Term parameters_term(std::size_t i, bool seen) {
        const InferredRow& row = report_.at_two.rows[i];
        const std::vector<Owner<Term>::Owned> owned = owned_terms(i);
        std::vector<Term> addends;
        for (const InferredParameter& parameter : row.parameters) {
            const bool counted =
                (parameter.name == "weight" || parameter.name == "bias") && report_.notebook->rows[i].prints() > 0;
            if (counted == seen) addends.push_back(parameter_term(owned, parameter));
        }
        return addends.size() == 1 ? addends[0] : Term::sum(std::move(addends));
    }
    Term counted_parameters(std::size_t i) { return parameters_term(i, true); }

    std::optional<Derivation> parameters(std::size_t i) {
        return derived("Parameters of " + title_name(i), "P_" + short_name(i), counted_parameters(i), "elements",
                       {{"notebook", "counts weight and bias, at each call of the module",
                         std::string(kTorchsummary) + ", nb_params"}});
    }

    std::optional<Derivation> unseen(std::size_t i) {
        return derived(
            "Parameters of " + title_name(i) + " that torchsummary does not see", "U_" + short_name(i),
            parameters_term(i, false), "elements",
            {{"notebook",
              "torchsummary counts attributes called weight and bias and no others, so these are in no total",
              std::string(kTorchsummary)}});
    }

    /// One item's elements of a row: what the batch multiplies.
    Term item_elements(std::size_t i, bool named) const {
        const InferredRow& row = report_.at_two.rows[i];
        std::vector<Term> addends;
        for (std::size_t k = 0; k < row.outputs.size(); ++k) {
            const Shape& shape = row.outputs[k].shape;
            if (shape.empty()) continue;
            std::vector<Term> sizes;
            for (std::size_t d = 1; d < shape.size(); ++d) {
                const std::string suffix =
                    row.outputs.size() == 1 ? "out" : "out" + plain(static_cast<std::int64_t>(k));
                sizes.push_back(
                    named ? Term::symbol({dimension_name(shape.size(), d, suffix), shape[d], "",
                                          "size " + plain(static_cast<std::int64_t>(d)) + " of the output", "",
                                          base(i) + "/outputs/" + plain(static_cast<std::int64_t>(k)) + "/" +
                                              plain(static_cast<std::int64_t>(d))})
                          : Term(shape[d]));
            }
            addends.push_back(Owner<Term>::product(sizes));
        }
        return addends.size() == 1 ? addends[0] : Term::sum(std::move(addends));
    }

    std::optional<Derivation> forward(std::size_t i) {
        const NotebookRow& row = report_.notebook->rows[i];
        std::vector<Note> notes = {
            {"notebook", "counted twice, forward and backward: the backward pass holds as much as the forward pass",
             std::string(kTorchsummary) + ", total_output"}};
        if (rows()[i].inplace)
            notes.push_back({"notebook", "the row writes over its input; the method counts it in full all the same",
                             std::string(kTorchsummary)});
        if (!rows()[i].is_module())
            notes = {{"notebook",
                      "a function: torchsummary hooks modules, so it does not see this row and counts nothing for it",
                      std::string(kTorchsummary)}};
        Term amount = row.elements.per_item == 0 ? Term(0) : batch_symbol() * item_elements(i, true);
        if (row.elements.fixed != 0) amount = amount + Term(row.elements.fixed);
        amount = amount * size_symbol();
        if (row.prints() != 1)
            amount = amount * Term::symbol({"n", Integer(row.prints()), "", "times torchsummary prints the call",
                                            std::string(kTorchsummary), ""});
        return derived("Activations of " + title_name(i), "M_" + short_name(i), amount, "bytes", std::move(notes));
    }

    std::optional<Derivation> of_input(std::string_view rest) {
        std::string_view key = rest;
        const std::optional<std::size_t> d = number(cut_last(key));
        for (std::size_t i = 0; d && i < request_.model.inputs.size(); ++i) {
            const Shape& shape = report_.shown().inputs[i].shape;
            if (request_.model.inputs[i].name != key || *d >= shape.size()) continue;
            const bool is_batch = request_.model.inputs[i].batch_dim == static_cast<std::int64_t>(*d);
            const std::string name = dimension_name(shape.size(), *d, "in");
            const Term size = Term::symbol({name, shape[*d], is_batch ? "items" : "",
                                            is_batch ? "batch size, from the settings"
                                                     : "size " + plain(static_cast<std::int64_t>(*d)) +
                                                           " of the input " + request_.model.inputs[i].name,
                                            "", ""});
            return derived(
                "Size " + plain(static_cast<std::int64_t>(*d)) + " of the input " + request_.model.inputs[i].name, name,
                size, is_batch ? "items" : "", {});
        }
        return std::nullopt;
    }

    // ── totals
    Term sum_of(std::vector<Term> addends) const {
        return addends.size() == 1 ? addends[0] : Term::sum(std::move(addends));
    }

    /// Elements of the inputs: those that grow with the batch, or those that do not.
    Term input_elements(bool growing) const {
        std::vector<Term> addends;
        for (const ModelInput& input : request_.model.inputs) {
            if (input.batch_dim.has_value() != growing) continue;
            std::vector<Term> sizes;
            for (const Integer size : item_shape(input, request_.run, 1)) sizes.push_back(Term(size));
            const Term count = Owner<Term>::product(sizes);
            addends.push_back(Term::symbol(
                {"E_" + input.name, 0, "elements", "sizes of the input, without the batch", "", ""}, count));
        }
        return sum_of(std::move(addends));
    }

    Term forward_elements(bool growing) const {
        std::vector<Term> addends;
        for (std::size_t i = 0; i < rows().size(); ++i) {
            const NotebookRow& row = report_.notebook->rows[i];
            if (row.prints() == 0) continue;
            const Integer amount = growing ? row.elements.per_item : row.elements.fixed;
            if (amount == 0) continue;
            Term count = growing ? item_elements(i, false) : Term(amount);
            if (row.prints() != 1) count = count * Term(row.prints());
            addends.push_back(
                Term::symbol({"E_" + short_name(i), 0, "elements",
                              "sizes of the output of " + called(rows()[i], i + 1) + ", without the batch", "",
                              base(i) + "/forward"},
                             count));
        }
        return sum_of(std::move(addends));
    }

    /// (elements × B + those that do not grow) × s
    Term grown(const Term& growing, const Term& fixed) const {
        const Term grows = growing.value() == 0 ? Term(0) : growing * batch_symbol();
        return (fixed.value() == 0 ? grows : grows + fixed) * size_symbol();
    }

    Term input_bytes() const { return grown(input_elements(true), input_elements(false)); }
    Term forward_bytes() const { return grown(forward_elements(true), forward_elements(false)); }
    Term parameter_bytes() {
        std::vector<Term> addends;
        for (std::size_t i = 0; i < rows().size(); ++i) {
            const NotebookRow& row = report_.notebook->rows[i];
            if (row.prints() == 0 || row.parameters == 0) continue;
            Term count = counted_parameters(i);
            if (row.prints() != 1) count = count * Term(row.prints());
            addends.push_back(Term::symbol({"P_" + short_name(i), 0, "elements",
                                            "parameters of " + called(rows()[i], i + 1), "", base(i) + "/parameters"},
                                           count));
        }
        return sum_of(std::move(addends)) * size_symbol();
    }

    static Term named(std::string_view name, const Term& amount, std::string_view sentence, std::string_view path) {
        // A plain symbol, so that a total reads as the sum of the parts shown beside it.
        return Term::symbol({std::string(name), amount.value(), "bytes", std::string(sentence), "", std::string(path)});
    }
    Term input_symbol() const { return named("M_input", input_bytes(), "input of all items", "notebook/input"); }
    Term forward_symbol() const {
        return named("M_forward", forward_bytes(), "outputs of all rows", "notebook/forward");
    }
    Term parameter_symbol() { return named("M_parameters", parameter_bytes(), "parameters", "notebook/parameters"); }
    Term total_term() { return input_symbol() + 2 * forward_symbol() + parameter_symbol(); }

    std::optional<Derivation> of_notebook(std::string_view which) {
        const std::string method(kNotebook), print(kTorchsummary);
        if (which == "input")
            return derived(
                "Input", "M_input", input_bytes(), "bytes",
                {{"notebook", "the inputs of all items; several inputs are added (torchsummary would multiply them)",
                  method}});
        if (which == "forward")
            return derived(
                "Forward pass", "M_forward", forward_bytes(), "bytes",
                {{"notebook", "the outputs of every row that torchsummary prints, at the batch in dimension 0",
                  print + ", total_output"}});
        if (which == "backward")
            return derived("Backward pass", "M_backward", forward_symbol(), "bytes",
                           {{"notebook", "the backward pass is taken to hold as much as the forward pass", method}});
        if (which == "forward_backward")
            return derived("Forward and backward pass", "M_passes", 2 * forward_symbol(), "bytes",
                           {{"notebook", "the backward pass is taken to hold as much as the forward pass",
                             print + ", total_output"}});
        if (which == "parameters")
            return derived(
                "Parameters", "M_parameters", parameter_bytes(), "bytes",
                {{"notebook", "weights and biases, at each call, whatever the batch", print + ", total_params"}});
        if (which == "total")
            return derived("Total by the notebook's arithmetic", "M", total_term(), "bytes",
                           {{"notebook", "input + 2 × forward + parameters", method}});
        if (which == "per_item") {
            const Term per_item = (input_elements(true) + 2 * forward_elements(true)) * size_symbol();
            return derived("What one more item costs", "M_item", per_item, "bytes",
                           {{"notebook", "the part of the total that the batch multiplies", method}});
        }
        return std::nullopt;
    }

    std::optional<Derivation> of_fit(std::string_view rest) {
        std::string_view key = rest;
        const std::string_view which = cut_last(key);
        const auto found = std::find_if(report_.fits.begin(), report_.fits.end(),
                                        [&](const CardFit& one) { return one.card.id == key; });
        if (found == report_.fits.end()) return std::nullopt;
        const std::string name = found->card.name.empty() ? found->card.id : found->card.name;
        if (which == "usable") return usable_memory(*found, name);
        const Term usable_symbol =
            Term::symbol({"M_usable", found->fit.usable, "bytes", "memory of " + name + " that PyTorch can have", "",
                          "fit/" + found->card.id + "/usable"});
        if (which == "free") {
            const Term total = Term::symbol({"M", report_.notebook->total().at(batch()), "bytes",
                                             "total by the notebook's arithmetic", "", "notebook/total"});
            return derived("Memory left free on " + name, "M_free", usable_symbol - total, "bytes",
                           {{"notebook", "negative: that much too little", ""}});
        }
        if (which == "largest_batch" && found->fit.largest_batch) {
            const Affine total = report_.notebook->total();
            const Term fixed = Term::symbol(
                {"M_parameters", total.fixed, "bytes", "what does not grow with the batch", "", "notebook/parameters"});
            const Term per_item =
                Term::symbol({"M_item", total.per_item, "bytes", "what one item costs", "", "notebook/per_item"});
            if (*found->fit.largest_batch == 0)
                return derived("Largest batch on " + name, "B_max",
                               larger(floor_divide(usable_symbol - fixed, per_item), Term(0)), "items",
                               {{"notebook", "not even one item fits", ""}});
            return derived("Largest batch on " + name, "B_max", floor_divide(usable_symbol - fixed, per_item), "items",
                           {{"notebook", "checked: this batch fits, one more does not", ""}});
        }
        return std::nullopt;
    }

    std::optional<Derivation> usable_memory(const CardFit& found, const std::string& name) const {
        Integer in_use = 0;
        Term total(0);
        if (request_.cards)
            for (const CardRequest& asked : *request_.cards)
                if (asked.id == found.card.id || (asked.id.empty() && found.card.id == "custom"))
                    in_use = asked.in_use_mib.value_or(0);
        const Integer in_use_bytes = in_use * (std::int64_t{1} << 20);
        const Gpu* gpu = find_gpu(found.card.id);
        std::vector<Note> notes;
        if (gpu != nullptr) {
            System system = System::linux_;
            if (request_.cards)
                for (const CardRequest& asked : *request_.cards)
                    if (asked.id == found.card.id) system = asked.system;
            const Capacity capacity = usable(*gpu, system);
            total = Term::symbol({"M_CUDA", capacity.bytes, "bytes",
                                  "total that CUDA reports (" + std::string(text(capacity.evidence)) + ")",
                                  capacity.source, ""});
            notes.push_back(
                {"",
                 "sold as " + plain(gpu->gigabytes) +
                     " GB; what the driver keeps for itself is not in CUDA's total on Linux, and is on Windows",
                 capacity.source});
        } else {
            total = Term::symbol({"M_own", found.fit.usable + in_use_bytes, "bytes", "as given for this card", "", ""});
        }
        if (in_use != 0)
            total = total - Term::symbol({"M_others", in_use_bytes, "bytes",
                                          "in use by other programs, from the settings", "", ""});
        return derived("Memory of " + name + " that PyTorch can have", "M_usable", total, "bytes", std::move(notes));
    }

    const Request& request_;
    const Report& report_;
    std::string_view path_;
};

}  // namespace

Result<Derivation> derive(const Request& request, const Report& report, std::string_view path) {
    return Derivations(request, report, path).find();
}

}  // namespace footprint
