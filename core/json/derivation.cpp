// The derivation document.
#include "json/write.hpp"
#include "json/writer.hpp"

namespace footprint::json {
namespace {

void begin(Writer& json, std::string_view path) {
    json.begin_object();
    json.member("format", "footprint/derivation");
    json.member("version", 1);
    json.member("path", path);
}

void write(Writer& json, const Line& line) {
    json.begin_object();
    json.member("kind", name_of(line.kind));
    json.member("text", line.text);
    json.member("latex", line.latex);
    json.member("mathml", line.mathml);
    json.end_object();
}

void write(Writer& json, const TermEntry& term) {
    json.begin_object();
    json.member("symbol", term.symbol);
    json.member("mathml", term.mathml);
    json.member("value", term.value);
    json.member("unit", term.unit);
    json.member("sentence", term.sentence);
    if (!term.source.empty()) json.member("source", term.source);
    if (!term.path.empty()) json.member("path", term.path);
    json.end_object();
}

void write(Writer& json, const Note& note) {
    json.begin_object();
    json.member("method", note.method);
    json.member("sentence", note.sentence);
    if (!note.source.empty()) json.member("source", note.source);
    json.end_object();
}

template <class T>
void write_all(Writer& json, std::string_view name, const std::vector<T>& list) {
    json.key(name);
    json.begin_array();
    for (const T& one : list) write(json, one);
    json.end_array();
}

}  // namespace

std::string write_derivation(const Derivation& derivation) {
    Writer json;
    begin(json, derivation.path);
    json.member("title", derivation.title);
    json.member("value", derivation.value);
    json.member("unit", derivation.unit);
    write_all(json, "lines", derivation.lines);
    json.member("text", derivation.text);
    json.member("latex", derivation.latex);
    json.member("mathml", derivation.mathml);
    write_all(json, "terms", derivation.terms);
    write_all(json, "notes", derivation.notes);
    json.end_object();
    return json.take();
}

std::string write_no_derivation(std::string_view path, const Diagnostics& said) {
    Writer json;
    begin(json, path);
    json.key("diagnostics");
    write(json, said);
    json.end_object();
    return json.take();
}

}  // namespace footprint::json
