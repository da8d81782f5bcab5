// The report document. Rows are written one at a time, so that memory stays flat however many there are.
#include "json/tree.hpp"
#include "json/write.hpp"

namespace footprint::json {
namespace {

constexpr double kMebibyte = 1048576.0;

Tree shapes(const std::vector<Tensor>& tensors) {
    Tree list = Tree::array();
    for (const Tensor& tensor : tensors) list.push_back(tensor.exists ? sizes(tensor.shape) : Tree());
    return list;
}

Tree layer(const Request& request, const Report& report, std::size_t i) {
    const Row& row = request.model.layers[i];
    const InferredRow& inferred = report.at_two.rows[i];
    const InferredRow& shown = report.shown().rows[i];
    Tree tree = Tree::object();
    tree["row"] = i + 1;
    if (!row.name.empty()) tree["name"] = row.name;
    tree["op"] = row.op;
    Tree& labels = tree["labels"] = Tree::array();
    if (report.notebook)
        for (const std::string& label : report.notebook->rows[i].labels) labels.push_back(label);
    Tree& inputs = tree["inputs"] = Tree::array();
    for (const Tensor* input : shown.inputs) inputs.push_back(sizes(input->shape));
    tree["outputs"] = shown.known ? shapes(shown.outputs) : Tree();
    if (report.notebook) {
        const NotebookRow& counted = report.notebook->rows[i];
        const Integer size = report.notebook->bytes_per_value;
        const Integer prints = counted.prints();
        tree["parameters"] = number(counted.parameters * prints);
        tree["parameter_bytes"] = number(counted.parameters * prints * size);
        tree["trainable"] = counted.flagged ? Tree(counted.trainable) : Tree();
        tree["forward"] = number(counted.elements.at(request.run.items()) * prints * size);
        if (counted.unseen != 0) tree["unseen"] = number(counted.unseen);
    }
    if (row.inplace) tree["inplace"] = true;
    if (!inferred.resolved.empty()) {
        Tree& resolved = tree["resolved"] = Tree::object();
        for (const auto& [name, value] : inferred.resolved) resolved[std::string(name)] = value;
    }
    return tree;
}

Tree notebook_totals(const Notebook& counted, std::int64_t batch) {
    const Integer forward = counted.forward.at(batch);
    return {{"input", number(counted.input.at(batch))},
            {"forward", number(forward)},
            {"backward", number(forward)},
            {"parameters", number(counted.parameters)},
            {"total", number(counted.total().at(batch))},
            {"per_item", number(counted.total().per_item)}};
}

Tree difference(const Torchsummary& print, const std::vector<std::string_view>& because) {
    Tree reasons = Tree::array();
    for (const std::string_view reason : because) reasons.push_back(reason);
    Tree tree = Tree::object();
    const double bytes = print.total_mb.value_or(0x1p63) * kMebibyte;
    tree["total"] = bytes < 0x1p63 ? Tree(static_cast<std::int64_t>(bytes)) : Tree();
    tree["because"] = std::move(reasons);
    if (print.stopped) tree["message"] = print.stopped->message;
    return tree;
}

Tree printed(const Torchsummary& print) {
    Tree tree = {{"text", print.text}};
    if (print.stopped) {
        Tree& stopped = tree["stopped"] = {{"rule", print.stopped->rule}};
        if (print.stopped->row > 0) stopped["row"] = print.stopped->row;
        stopped["message"] = print.stopped->message;
    }
    return tree;
}

Tree fit_entry(const CardFit& one) {
    Tree tree = {{"gpu", one.card.id}};
    if (!one.card.name.empty()) tree["name"] = one.card.name;
    tree["method"] = "notebook";
    tree["verdict"] = name_of(one.fit.verdict);
    tree["usable"] = number(one.fit.usable);
    tree["free"] = number(one.fit.free);
    tree["largest_batch"] = one.fit.largest_batch ? Tree(*one.fit.largest_batch) : Tree();
    tree["binds"] = one.fit.binds;
    return tree;
}

}  // namespace

std::string write_report(const Request& request, const Report& report) {
    const Want& want = request.want;
    std::string text =
        R"({"format":"footprint/report","version":1,"diagnostics":)" + dump(diagnostics(report.diagnostics));
    const auto key = [&](std::string_view name) { text.append(",\"").append(name).append("\":"); };
    if (want.layers) {
        key("layers");
        text += '[';
        for (std::size_t i = 0; i < request.model.layers.size(); ++i) {
            if (i > 0) text += ',';
            text += dump(layer(request, report, i));
        }
        text += ']';
    }
    if (report.notebook) {
        const std::int64_t batch = request.run.items();
        if (want.notebook) {
            key("notebook");
            text += dump(notebook_totals(*report.notebook, batch));
            if (const auto because = differences(report, batch); !because.empty()) {
                key("torchsummary");
                text += dump(difference(*report.torchsummary, because));
            }
        }
        if (want.print) {
            key("print");
            text += dump(printed(*report.torchsummary));
        }
        if (want.fit) {
            Tree fits = Tree::array();
            for (const CardFit& one : report.fits) fits.push_back(fit_entry(one));
            key("fit");
            text += dump(fits);
        }
        if (want.series) {
            Tree points = Tree::array();
            for (const auto& [batch_size, total] : report.series)
                points.push_back({{"batch", batch_size}, {"total", number(total)}});
            key("series");
            text += dump(points);
        }
    }
    return text + "}";
}

}  // namespace footprint::json
