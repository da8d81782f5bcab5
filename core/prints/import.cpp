// From a text to what it says: recognised, read, built into a document, inferred, asked about.
#include "prints/import.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "estimate/estimate.hpp"
#include "json/parse.hpp"
#include "json/read.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "prints/builder.hpp"
#include "prints/repr.hpp"
#include "prints/tables.hpp"
#include "prints/text.hpp"
#include "prints/understand.hpp"

namespace footprint::prints {
namespace {

constexpr std::size_t kMostText = 16U << 20;  // bytes

Diagnostic& refuse(Import& import, const std::string& message) {
    return import.diagnostics.error("wrong-format", message);
}

/// What the text is instead, if it is a print of a tool that is known and not read.
std::string_view other_tool(std::string_view text) {
    if (text.find("Model: \"") != std::string_view::npos) return "a Keras summary";
    if (text.find("| Name ") != std::string_view::npos && text.find("| Type ") != std::string_view::npos)
        return "Lightning's model summary";
    if (text.find("# parameters or shape") != std::string_view::npos) return "fvcore's table";
    if (text.find("MACs") != std::string_view::npos && text.find("% MACs") != std::string_view::npos)
        return "ptflops' print";
    if (text.find("def forward(") != std::string_view::npos || text.find("import torch") != std::string_view::npos)
        return "Python code";
    return {};
}

void import_model(std::string_view text, Import& import) {
    import.kind = "model";
    std::optional<Value> document = json::parse(text, import.diagnostics);
    if (!document) return;
    if (document->find("format") == nullptr) {
        refuse(import, "the JSON has no \"format\": a model document has \"format\": \"footprint/model\"");
        return;
    }
    Diagnostics said;
    const Model model = json::read_model(*document, said);
    import.diagnostics.append(said);
    // A document of another format or version is refused; a mistake in a row is marked in its cell.
    const bool other = std::any_of(said.list().begin(), said.list().end(),
                                   [](const Diagnostic& one) { return one.code == "wrong-format"; });
    if (other || (model.layers.empty() && said.has_errors())) return;
    import.model = std::move(*document);
}

void import_repr(std::string_view text, const Answers& answers, Import& import) {
    import.kind = "repr";
    Result<Module> root = read_repr(text);
    if (!root.ok()) {
        import.diagnostics.add(root.reason());
        return;
    }
    understand({&root.value(), nullptr}, answers, import);
}

void import_table(const Result<Table>& table, std::string_view kind, const Answers& answers, Import& import) {
    import.kind = kind;
    if (!table.ok()) {
        import.diagnostics.add(table.reason());
        return;
    }
    understand({&table.value().root, &table.value()}, answers, import);
}

}  // namespace

Import import_print(std::string_view text, const Answers& answers) {
    Import import;
    if (text.size() > kMostText) {
        import.diagnostics.error("too-large",
                                 "the text has more than " + plain(static_cast<std::int64_t>(kMostText)) + " bytes");
        return import;
    }
    const std::vector<Line> lines = lines_of(text);
    const auto first = std::find_if(lines.begin(), lines.end(), [](const Line& line) {
        const std::string_view words = trimmed(line.text);
        return !words.empty() && !words.starts_with("```") && !words.starts_with(">>>") && !words.starts_with("In [");
    });
    if (first == lines.end()) {
        refuse(import, "the text is empty: paste print(model), a torchsummary or torchinfo print, or a model document");
        return import;
    }
    const std::string_view begin = trimmed(first->text);
    if (begin.starts_with('{'))
        import_model(text, import);
    else if (is_torchinfo(text))
        import_table(read_torchinfo(text), "torchinfo", answers, import);
    else if (const std::string_view other = other_tool(text); !other.empty())
        refuse(import, "this is " + std::string(other) +
                           ", which is not read: paste print(model), a torchsummary or torchinfo print, or the "
                           "exporter's JSON");
    else if (is_torchsummary(text))
        import_table(read_torchsummary(text), "torchsummary", answers, import);
    else if (begins_repr(begin))
        import_repr(text, answers, import);
    else
        refuse(import, line_words(first->number) + ": " + quoted(begin) +
                           " begins neither print(model), nor a torchsummary or torchinfo print, nor a model document");
    return import;
}

Answers read_answers(std::string_view text, Diagnostics& diagnostics) {
    Answers answers;
    if (trimmed(text).empty()) return answers;
    const std::optional<Value> document = json::parse(text, diagnostics);
    if (!document) return answers;
    json::ObjectReader reader(*document, {0, "", "answers: "}, diagnostics);
    if (document->object() == nullptr) return answers;
    if (const Value* inputs = reader.take("inputs")) {
        if (inputs->object() == nullptr) {
            reader.wrong_type("inputs", *inputs, "an object of input names and their sizes");
        } else {
            for (const auto& member : *inputs->object()) {
                std::vector<std::int64_t> sizes;
                bool good = member.second.list() != nullptr;
                if (good)
                    for (const Value& size : *member.second.list()) {
                        good =
                            good && size.integer() != nullptr && *size.integer() >= 1 && *size.integer() <= kMostBatch;
                        if (good) sizes.push_back(*size.integer());
                    }
                if (good && sizes.size() <= kMostDimensions && member.first.size() <= 128)
                    answers.inputs.emplace_back(member.first, std::move(sizes));
                else
                    reader.wrong_type("inputs", member.second, "for each input a list of sizes without the batch");
            }
        }
    }
    if (const Value* given = reader.take("answers")) {
        if (given->object() == nullptr) {
            reader.wrong_type("answers", *given, "an object of questions and their answers");
        } else {
            for (const auto& member : *given->object()) {
                const bool is_text = member.second.text() != nullptr;
                answers.answers.emplace_back(member.first, is_text ? *member.second.text() : in_python(member.second));
            }
        }
    }
    reader.nothing_else();
    return answers;
}

std::string write_import(const Import& import) {
    json::Writer json;
    json.begin_object();
    json.member("format", "footprint/import");
    json.member("version", 1);
    json.key("kind");
    if (import.kind.empty())
        json.value(nullptr);
    else
        json.value(import.kind);
    json.key("model");
    json.any(import.model);
    json.key("answers");
    json.begin_object();
    for (const auto& [id, answer] : import.answered) json.member(id, answer);
    json.end_object();
    json.key("questions");
    json.begin_array();
    for (const Question& question : import.questions) {
        json.begin_object();
        json.member("id", question.id);
        if (!question.rows.empty()) {
            json.member("row", question.rows.front());
            json.key("rows");
            json.begin_array();
            for (const std::size_t row : question.rows) json.value(row);
            json.end_array();
        }
        if (!question.input.empty()) json.member("input", question.input);
        if (!question.class_name.empty()) json.member("class", question.class_name);
        if (!question.field.empty()) json.member("field", question.field);
        json.member("message", question.message);
        json.key("options");
        json.begin_array();
        for (const Option& option : question.options) {
            json.begin_object();
            json.member("answer", option.answer);
            json.member("message", option.message);
            json.end_object();
        }
        json.end_array();
        if (!question.example.empty()) json.member("example", question.example);
        json.end_object();
    }
    json.end_array();
    json.key("lines");
    json.begin_array();
    for (const Comparison& line : import.lines) {
        json.begin_object();
        json.member("line", line.line);
        json.member("text", line.text);
        if (line.row > 0) json.member("row", line.row);
        json.member("what", line.what);
        json.member("printed", line.printed);
        json.key("ours");
        if (line.ours.empty())
            json.value(nullptr);
        else
            json.value(line.ours);
        json.member("equal", line.equal);
        if (line.difference) json.member("difference", *line.difference);
        if (!line.reason.empty()) json.member("reason", line.reason);
        json.end_object();
    }
    json.end_array();
    json.key("diagnostics");
    json::write(json, import.diagnostics);
    json.end_object();
    return json.take();
}

}  // namespace footprint::prints
