// The derivation document.
#include "json/tree.hpp"
#include "json/write.hpp"

namespace footprint::json {

std::string write_derivation(const Derivation& derivation) {
    Tree tree = {
        {"format", "footprint/derivation"}, {"version", 1}, {"path", derivation.path}, {"title", derivation.title}};
    tree["value"] = number(derivation.value);
    tree["unit"] = derivation.unit;
    Tree& lines = tree["lines"] = Tree::array();
    for (const Line& line : derivation.lines)
        lines.push_back(
            {{"kind", name_of(line.kind)}, {"text", line.text}, {"latex", line.latex}, {"mathml", line.mathml}});
    tree["text"] = derivation.text;
    tree["latex"] = derivation.latex;
    tree["mathml"] = derivation.mathml;
    Tree& terms = tree["terms"] = Tree::array();
    for (const TermEntry& term : derivation.terms) {
        Tree entry = {{"symbol", term.symbol},
                      {"mathml", term.mathml},
                      {"value", number(term.value)},
                      {"unit", term.unit},
                      {"sentence", term.sentence}};
        if (!term.source.empty()) entry["source"] = term.source;
        if (!term.path.empty()) entry["path"] = term.path;
        terms.push_back(std::move(entry));
    }
    Tree& notes = tree["notes"] = Tree::array();
    for (const Note& note : derivation.notes) {
        Tree entry = {{"method", note.method}, {"sentence", note.sentence}};
        if (!note.source.empty()) entry["source"] = note.source;
        notes.push_back(std::move(entry));
    }
    return dump(tree);
}

std::string write_no_derivation(std::string_view path, const Diagnostics& said) {
    return dump(
        {{"format", "footprint/derivation"}, {"version", 1}, {"path", path}, {"diagnostics", diagnostics(said)}});
}

}  // namespace footprint::json
