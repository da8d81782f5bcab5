// For torchsummary the totals are those of its print, made anew; for torchinfo those of its rules
// (docs/torchsummary.md), with what Footprint's notebook says beside them.
#include "prints/reconcile.hpp"

#include <algorithm>
#include <map>

#include "base/number.hpp"
#include "estimate/notebook.hpp"
#include "estimate/torchsummary.hpp"
#include "prints/text.hpp"

namespace footprint::prints {
namespace {

constexpr double kMillion = 1e6;

std::string shape_text(const Sizes& sizes) {
    std::string text;
    for (const std::int64_t size : sizes) text += (text.empty() ? "" : ", ") + plain(size);
    return "[" + text + "]";
}

std::string shapes_text(const std::vector<Sizes>& shapes) {
    if (shapes.size() == 1) return shape_text(shapes.front());
    std::string text;
    for (const Sizes& sizes : shapes) text += (text.empty() ? "" : ", ") + shape_text(sizes);
    return "[" + text + "]";
}

class Reconciliation {
 public:
    Reconciliation(const Table& table, const Module& root, const Built& built, const Inferred& inferred, Import& import)
        : table_(table), root_(root), built_(built), inferred_(inferred), import_(import) {
        for (std::size_t i = 0; i < built.rows.size(); ++i)
            if (built.rows[i].module != nullptr) rows_.emplace(built.rows[i].module->line, i);
        is_whole_ = inferred.is_inferred && !inferred.diagnostics.has_errors();
        for (const Draft& draft : built.rows) has_stand_in_ = has_stand_in_ || draft.op == "opaque";
        if (is_whole_) counted_ = notebook(inferred.model, Run{}, inferred.inference);
    }

    void run() {
        visit(root_);
        totals();
    }

 private:
    [[nodiscard]] bool is_flat() const { return import_.kind == "torchsummary"; }

    void visit(const Module& module) {
        if (module.line > 0) row(module);
        for (const Module& child : module.children) visit(child);
    }

    Comparison begin(const Module& module, std::string_view what, std::string printed) const {
        Comparison line;
        line.line = module.line;
        line.text = module.label.empty() ? module.class_name : module.label;
        line.what = what;
        line.printed = std::move(printed);
        return line;
    }

    void row(const Module& module) {
        const auto found = rows_.find(module.line);
        const std::size_t at = found == rows_.end() ? last_row_of(module) : found->second;
        const bool is_container = !module.children.empty();
        Comparison output = begin(module, "output", shapes_text(module.outputs));
        output.row = at == SIZE_MAX ? 0 : at + 1;
        Comparison parameters = begin(module, "parameters", module.parameters ? grouped(*module.parameters) : "--");
        parameters.row = output.row;
        const Known known = known_of(module, at);
        if (!known.outputs) {
            output.reason = at != SIZE_MAX && built_.rows[at].op == "opaque"
                                ? "what it does is not known: see the questions"
                            : inferred_.is_inferred ? "not known before the rows above are: see the questions"
                                                    : "not known before the input's size is given";
            parameters.reason = output.reason;
        } else {
            std::vector<Sizes> shapes = *known.outputs;
            // A tuple's further items may be no tensors.
            if (shapes.size() > module.outputs.size() && !is_flat()) shapes.resize(module.outputs.size());
            output.ours = shapes_text(shapes);
            output.equal = shapes == module.outputs;
            if (!output.equal) output.reason = shape_reason(shapes, module);
            const Trial& owned = known.owned;
            const std::int64_t ours = is_container ? 0 : is_flat() ? owned.weight_and_bias : owned.parameters;
            parameters.ours = ours == 0 && !is_flat() ? "--" : grouped(ours);
            parameters.equal = ours == module.parameters.value_or(0);
            parameters.difference = static_cast<double>(ours) - static_cast<double>(module.parameters.value_or(0));
            if (!parameters.equal) parameters.reason = parameter_reason(module, owned, is_container);
        }
        if (!module.outputs.empty()) import_.lines.push_back(std::move(output));
        if (module.parameters || (known.outputs && !parameters.equal)) import_.lines.push_back(std::move(parameters));
    }

    /// The row whose output is a container's, where it has none of its own.
    std::size_t last_row_of(const Module& module) const {
        if (module.children.empty()) return SIZE_MAX;
        if (module.line == table_.root.line) return built_.rows.empty() ? SIZE_MAX : built_.rows.size() - 1;
        const Module& last = module.children.back();
        const auto found = rows_.find(last.line);
        return found == rows_.end() ? last_row_of(last) : found->second;
    }

    /// What is known of a module's call: as the document has it, or, where that does not reach it or does not agree, as
    /// it is on what the print says it takes.
    struct Known {
        std::optional<std::vector<Sizes>> outputs;
        Trial owned;
    };

    Known known_of(const Module& module, std::size_t at) const {
        Known known;
        if (at != SIZE_MAX && inferred_.knows(at) && built_.rows[at].op != "opaque") {
            known.outputs = outputs_of(inferred_.inference.rows[at]);
            known.owned = owned_by(inferred_.inference.rows[at]);
            if (*known.outputs == module.outputs) return known;
        }
        const LayerType* type = module_type(module.class_name);
        if (type == nullptr || !module.taken || module.is_stand_in) return known;
        Module alone = module;
        alone.children.clear();
        const std::optional<Trial> trial = try_call(alone, "", *module.taken);
        if (!trial) return known;
        std::vector<Sizes> shapes;
        for (const Sizes& sizes : trial->outputs) {
            shapes.push_back({first_size(trial->outputs.size())});
            shapes.back().insert(shapes.back().end(), sizes.begin(), sizes.end());
        }
        if (known.outputs && shapes != module.outputs) return known;
        known.outputs = std::move(shapes);
        known.owned = *trial;
        return known;
    }

    /// torchsummary writes over dimension 0; in a tuple always −1.
    std::int64_t first_size(std::size_t outputs) const { return is_flat() && outputs > 1 ? -1 : table_.batch; }

    std::vector<Sizes> outputs_of(const InferredRow& row) const {
        std::vector<Sizes> shapes;
        for (const Tensor& tensor : row.outputs) {
            Sizes sizes;
            for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
                if (i == 0)
                    sizes.push_back(first_size(row.outputs.size()));
                else
                    sizes.push_back(tensor.shape[i].overflowed() ? -1 : tensor.shape[i].value());
            }
            shapes.push_back(std::move(sizes));
        }
        return shapes;
    }

    std::string shape_reason(const std::vector<Sizes>& ours, const Module& module) const {
        if (ours.size() == module.outputs.size() && ours.size() == 1 &&
            ours.front().size() == module.outputs.front().size() && ours.front().size() > 1 &&
            std::equal(ours.front().begin() + 1, ours.front().end(), module.outputs.front().begin() + 1))
            return "dimension 0 is not the batch there: " + import_.kind +
                   (is_flat() ? " writes over it" : " prints it as it is");
        return "a function or another order stands between the rows: see the questions";
    }

    std::string parameter_reason(const Module& module, const Trial& owned, bool is_container) const {
        if (is_container)
            return "the module owns parameters of its own, which no row of a document has: list them under parameters";
        if (is_flat() && owned.parameters != owned.weight_and_bias) return "torchsummary counts weight and bias alone";
        if (module.is_closed) return "the print counts what is inside, which it does not show";
        return "its attributes are not those that the print was made with";
    }

    // ── totals
    static std::string title_of(std::string_view name) {
        if (name == "Total params") return "total_parameters";
        if (name == "Trainable params") return "trainable_parameters";
        if (name == "Non-trainable params") return "fixed_parameters";
        if (name == "Input size (MB)") return "input";
        if (name == "Forward/backward pass size (MB)") return "forward_backward";
        if (name == "Params size (MB)") return "parameter_size";
        if (name == "Estimated Total Size (MB)") return "total";
        return {};
    }

    void totals() {
        const std::map<std::string, std::pair<std::string, std::string>> ours =
            is_flat() ? summary_totals() : info_totals();
        for (const Total& total : table_.totals) {
            Comparison line;
            line.line = total.line;
            line.text = total.name;
            line.what = title_of(total.name);
            line.printed = total.value;
            if (line.what.empty()) continue;  // mult-adds, which Footprint does not count
            const auto found = ours.find(total.name);
            if (found == ours.end()) {
                line.reason = has_stand_in_           ? "some rows are not known: see the questions"
                              : inferred_.is_inferred ? "not known before every row is: see the questions"
                                                      : "not known before the input's size is given";
            } else {
                line.ours = found->second.first;
                const std::optional<double> printed = decimal_of(total.value), counted = decimal_of(line.ours);
                if (printed && counted) line.difference = rounded(*counted - *printed);
                line.equal = line.ours == total.value;
                if (!line.equal) line.reason = found->second.second;
            }
            import_.lines.push_back(std::move(line));
        }
    }

    static double rounded(double difference) {
        const double hundredths = difference * 100;
        const auto whole = static_cast<std::int64_t>(hundredths < 0 ? hundredths - 0.5 : hundredths + 0.5);
        return static_cast<double>(whole) / 100;
    }

    using Totals = std::map<std::string, std::pair<std::string, std::string>>;

    /// The print that torchsummary makes of this document, read again.
    Totals summary_totals() const {
        Totals totals;
        if (!is_whole_ || has_stand_in_) return totals;
        const Torchsummary made = torchsummary(inferred_.model, Run{}, inferred_.inference, *counted_, table_.batch);
        const Result<Table> again = read_torchsummary(made.text);
        if (!again.ok()) return totals;
        for (const Total& total : again.value().totals) totals[total.name] = {total.value, summary_reason(total.name)};
        return totals;
    }

    std::string summary_reason(std::string_view name) const {
        const bool differs =
            std::any_of(import_.lines.begin(), import_.lines.end(), [](const Comparison& line) { return !line.equal; });
        if (name == "Input size (MB)") return "the input is not of the size that the print was made with";
        if (differs) return "rows above differ, and this is their sum";
        if (name == "Trainable params" || name == "Non-trainable params")
            return "a print does not say which parameters are frozen";
        if (name == "Forward/backward pass size (MB)")
            return "a product of sizes was wrapped or its sign cancelled in the print (a tuple at batch −1), or rows "
                   "were "
                   "printed more than once";
        return "it is the sum of numbers above that differ";
    }

    /// Adds what the modules own, each once; false where one is not known.
    bool add_parameters(const Module& module, Integer& sum) const {
        bool known = true;
        const bool is_leaf = module.children.empty() || module_type(module.class_name) != nullptr;
        if (is_leaf && module.shares.empty()) {
            const auto found = rows_.find(module.line);
            const Known of = known_of(module, found == rows_.end() ? SIZE_MAX : found->second);
            known = of.outputs.has_value() || (!module.parameters && !module.is_closed);
            sum += of.owned.parameters;
        }
        if (!is_leaf)
            for (const Module& child : module.children) known = add_parameters(child, sum) && known;
        return known;
    }

    /// By torchinfo's rules where they are known, else by Footprint's.
    Totals info_totals() const {
        Totals totals;
        Integer parameters = 0;
        const bool known = add_parameters(root_, parameters);
        if (!known || parameters.overflowed()) return totals;
        const std::string own = "the network owns parameters that no row has: list them under parameters";
        totals["Total params"] = {grouped(parameters.value()), own};
        totals["Trainable params"] = {grouped(parameters.value()), "a print does not say which parameters are frozen"};
        totals["Non-trainable params"] = {"0", "a print does not say which parameters are frozen"};
        if (!counted_) return totals;
        const std::int64_t batch = table_.batch < 1 ? 1 : table_.batch;
        const Integer input = counted_->input.at(batch), forward = counted_->forward.at(batch);
        if (counted_->total().at(batch).overflowed()) return totals;
        const auto megabytes_of = [](Integer bytes) { return fixed(static_cast<double>(bytes.value()) / kMillion, 2); };
        totals["Input size (MB)"] = {megabytes_of(input), "the input is not of the size that the print was made with"};
        totals["Forward/backward pass size (MB)"] = {
            megabytes_of(forward * 2),
            "torchinfo counts the outputs of modules that have parameters and nothing inside; the notebook's method "
            "counts "
            "each row, so also activations, pools and blocks (MB here are 10^6 bytes)"};
        totals["Params size (MB)"] = {megabytes_of(parameters * 4),
                                      "torchinfo leaves out parameters that are not a layer's weight or bias"};
        totals["Estimated Total Size (MB)"] = {megabytes_of(input + forward * 2 + parameters * 4),
                                               "it is the sum of the three above"};
        return totals;
    }

    const Table& table_;
    const Module& root_;
    const Built& built_;
    const Inferred& inferred_;
    Import& import_;
    std::map<std::size_t, std::size_t> rows_;  // by the line of the print
    bool is_whole_ = false, has_stand_in_ = false;
    std::optional<Notebook> counted_;
};

}  // namespace

void reconcile(const Table& table, const Module& filled, const Built& built, const Inferred& inferred, Import& import) {
    Reconciliation(table, filled, built, inferred, import).run();
}

}  // namespace footprint::prints
