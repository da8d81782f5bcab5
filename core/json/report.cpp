// The report document, written row after row.
#include "json/write.hpp"
#include "json/writer.hpp"

namespace footprint::json {
namespace {

void write_shapes(Writer& json, const InferredRow& shown) {
    if (!shown.known) return json.value(nullptr);
    json.begin_array();
    for (const Tensor& tensor : shown.outputs) {
        if (tensor.exists)
            json.value(tensor.shape);
        else
            json.value(nullptr);
    }
    json.end_array();
}

void write_layer(Writer& json, const Request& request, const Report& report, std::size_t i) {
    const Row& row = request.model.layers[i];
    const InferredRow& inferred = report.at_two.rows[i];
    const InferredRow& shown = report.shown().rows[i];
    json.begin_object();
    json.member("row", i + 1);
    if (!row.name.empty()) json.member("name", row.name);
    json.member("op", row.op);
    json.key("labels");
    json.begin_array();
    if (report.notebook)
        for (const std::string& label : report.notebook->rows[i].labels) json.value(label);
    json.end_array();
    json.key("inputs");
    json.begin_array();
    for (const Tensor* input : shown.inputs) json.value(input->shape);
    json.end_array();
    json.key("outputs");
    write_shapes(json, shown);
    if (report.notebook) {
        const NotebookRow& counted = report.notebook->rows[i];
        const Integer size = report.notebook->bytes_per_value;
        const Integer prints = counted.prints();
        json.member("parameters", counted.parameters * prints);
        json.member("parameter_bytes", counted.parameters * prints * size);
        json.key("trainable");
        if (counted.flagged)
            json.value(counted.trainable);
        else
            json.value(nullptr);
        json.member("forward", counted.elements.at(request.run.items()) * prints * size);
        if (counted.unseen != 0) json.member("unseen", counted.unseen);
    }
    if (row.inplace) json.member("inplace", true);
    if (!inferred.resolved.empty()) {
        json.key("resolved");
        json.begin_object();
        for (const auto& [name, value] : inferred.resolved) json.member(name, value);
        json.end_object();
    }
    json.end_object();
}

void write_totals(Writer& json, const Notebook& counted, std::int64_t batch) {
    const Integer forward = counted.forward.at(batch);
    json.begin_object();
    json.member("input", counted.input.at(batch));
    json.member("forward", forward);
    json.member("backward", forward);
    json.member("parameters", counted.parameters);
    json.member("total", counted.total().at(batch));
    json.member("per_item", counted.total().per_item);
    json.end_object();
}

void write_difference(Writer& json, const Torchsummary& print, const std::vector<std::string_view>& because) {
    const double bytes = print.total_mb.value_or(0x1p63) * static_cast<double>(kMebibyte);
    json.begin_object();
    json.member("total", bytes < 0x1p63 ? Integer(static_cast<std::int64_t>(bytes)) : Integer::overflow());
    json.key("because");
    json.begin_array();
    for (const std::string_view reason : because) json.value(reason);
    json.end_array();
    if (print.stopped) json.member("message", print.stopped->message);
    json.end_object();
}

void write_print(Writer& json, const Torchsummary& print) {
    json.begin_object();
    json.member("text", print.text);
    if (print.stopped) {
        json.key("stopped");
        json.begin_object();
        json.member("rule", print.stopped->rule);
        if (print.stopped->row > 0) json.member("row", print.stopped->row);
        json.member("message", print.stopped->message);
        json.end_object();
    }
    json.end_object();
}

void write_fit(Writer& json, const CardFit& one) {
    json.begin_object();
    json.member("gpu", one.card.id);
    if (!one.card.name.empty()) json.member("name", one.card.name);
    json.member("method", "notebook");
    json.member("verdict", name_of(one.fit.verdict));
    json.member("usable", one.fit.usable);
    json.member("free", one.fit.free);
    json.key("largest_batch");
    if (one.fit.largest_batch)
        json.value(*one.fit.largest_batch);
    else
        json.value(nullptr);
    json.member("binds", one.fit.binds);
    json.end_object();
}

void write_storage(Writer& json, const Lifetime& storage) {
    json.begin_object();
    json.member("row", storage.row + 1);
    json.member("dtype", name_of(storage.dtype));
    json.member("bytes", storage.bytes);
    json.key("readers");
    json.begin_array();
    for (const std::size_t reader : storage.readers) json.value(reader + 1);
    json.end_array();
    json.member("until", storage.until + 1);
    if (storage.returned) json.member("returned", true);
    json.end_object();
}

}  // namespace

std::string write_report(const Request& request, const Report& report) {
    const Want& want = request.want;
    Writer json;
    json.begin_object();
    json.member("format", "footprint/report");
    json.member("version", 1);
    json.key("diagnostics");
    write(json, report.diagnostics);
    if (want.layers) {
        json.key("layers");
        json.begin_array();
        for (std::size_t i = 0; i < request.model.layers.size(); ++i) write_layer(json, request, report, i);
        json.end_array();
    }
    if (report.notebook) {
        const std::int64_t batch = request.run.items();
        if (want.notebook) {
            json.key("notebook");
            write_totals(json, *report.notebook, batch);
            if (const auto because = differences(report, batch); !because.empty()) {
                json.key("torchsummary");
                write_difference(json, *report.torchsummary, because);
            }
        }
        if (want.print) {
            json.key("print");
            write_print(json, *report.torchsummary);
        }
        if (want.fit) {
            json.key("fit");
            json.begin_array();
            for (const CardFit& one : report.fits) write_fit(json, one);
            json.end_array();
        }
        if (want.series) {
            json.key("series");
            json.begin_array();
            for (const auto& [batch_size, total] : report.series) {
                json.begin_object();
                json.member("batch", batch_size);
                json.member("total", total);
                json.end_object();
            }
            json.end_array();
        }
        if (want.storages) {
            json.key("storages");
            json.begin_array();
            for (const Lifetime& storage : report.storages) write_storage(json, storage);
            json.end_array();
        }
    }
    json.end_object();
    return json.take();
}

}  // namespace footprint::json
