#include "commands.hpp"

#include <algorithm>
#include <ostream>

#include "base/number.hpp"
#include "estimate/derive.hpp"
#include "footprint.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "judge.hpp"
#include "layers/layer.hpp"
#include "step/derive.hpp"
#include "table.hpp"

namespace footprint::cli {
namespace {

std::string shape_text(const std::vector<Tensor>& outputs) {
    std::string text;
    for (const Tensor& output : outputs) text += (text.empty() ? "" : ", ") + in_words(output.shape);
    return text.empty() ? "nothing" : text;
}

std::string batch_text(const std::optional<std::int64_t>& batch) { return batch ? grouped(*batch) : "any"; }

/// Which cards to print where none was named: one for each capacity.
bool is_offered(const Options& options, const CardFit& one) {
    if (!options.gpus.empty() || options.usable_mib) return true;
    const Gpu* gpu = find_gpu(one.card.id);
    return gpu == nullptr || gpu->named;
}

void print_fits(const Options& options, const Report& report, bool all, std::ostream& out) {
    Table table({{"GPU"},
                 {"usable", Align::right},
                 {"verdict"},
                 {"free", Align::right},
                 {"largest batch", Align::right},
                 {"limited by"}});
    std::vector<const CardFit*> cards;
    for (const CardFit& one : report.fits)
        if (all || is_offered(options, one)) cards.push_back(&one);
    std::stable_sort(cards.begin(), cards.end(),
                     [](const CardFit* a, const CardFit* b) { return a->card.usable < b->card.usable; });
    for (const CardFit* one : cards)
        table.add({card_name(one->card), gigabytes_with_unit(one->fit.usable), std::string(name_of(one->fit.verdict)),
                   memory_with_unit(one->fit.free), batch_text(one->fit.largest_batch), std::string(one->fit.binds)});
    table.print(out);
}

void print_layers(const Request& request, const Report& report, std::ostream& out) {
    Table table({{"#", Align::right},
                 {"layer"},
                 {"output", Align::right},
                 {"parameters", Align::right},
                 {"activations, MB", Align::right}});
    const Notebook& counted = *report.notebook;
    for (std::size_t i = 0; i < counted.rows.size(); ++i) {
        const NotebookRow& row = counted.rows[i];
        const Integer prints = row.prints();
        const bool seen = row.prints() > 0;
        table.add(
            {plain(static_cast<std::int64_t>(i) + 1), row_text(request.model.layers[i]),
             shape_text(report.shown().rows[i].outputs), seen ? grouped((row.parameters * prints).value()) : "",
             seen ? megabytes(row.elements.at(request.run.items()) * prints * counted.bytes_per_value) : "not seen"});
    }
    table.print(out);
}

void print_totals(const Request& request, const Report& report, std::ostream& out) {
    const Notebook& counted = *report.notebook;
    const std::int64_t batch = request.run.items();
    const Integer forward = counted.forward.at(batch);
    Table table({{"batch " + grouped(batch)}, {"MB", Align::right}});
    table.add({"input", megabytes(counted.input.at(batch))});
    table.add({"forward", megabytes(forward)});
    table.add({"backward, as much", megabytes(forward)});
    table.add({grouped(counted.parameter_count.value()) + " parameters", megabytes(counted.parameters)});
    const Integer total = counted.total().at(batch);
    table.add({"total", megabytes(total)});
    table.print(out);
    out << "needs " << memory_with_unit(total) << " by the notebook's arithmetic (MB = 1024², GB = 1024³)\n";
}

/// One line where torchsummary says something else.
void print_difference(const Report& report, std::int64_t batch, std::ostream& out) {
    const std::vector<std::string_view> because = differences(report, batch);
    if (because.empty()) return;
    if (report.torchsummary->stopped) {
        out << report.torchsummary->stopped->message << '\n';
        return;
    }
    out << "torchsummary would print " << fixed(*report.torchsummary->total_mb, 2) << " MB:";
    for (std::size_t i = 0; i < because.size(); ++i) {
        out << (i > 0 ? " and " : " ");
        if (because[i] == "inputs-multiplied")
            out << "it multiplies the inputs together";
        else if (because[i] == "tuple-multiplied")
            out << "it multiplies the items of a tuple together";
        else
            out << "its 64-bit sum wraps";
    }
    out << '\n';
}

}  // namespace

int summary(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const Judged judged =
        judge(options, {.layers = options.json, .notebook = true, .fit = false, .print = true}, in, err);
    if (judged.status == kWrongUsage) return judged.status;
    if (options.json) {
        out << json::write_report(judged.asked.request, judged.report) << '\n';
        return judged.status;
    }
    if (judged.status != kDone) return judged.status;
    out << judged.report.torchsummary->text;
    if (judged.report.torchsummary->stopped) {
        const Stopped& stopped = *judged.report.torchsummary->stopped;
        err << options.model << ": " << stopped.rule << ": " << stopped.message << '\n';
    }
    return kDone;
}

int estimate(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const Judged judged = judge(options, {}, in, err);
    if (judged.status == kWrongUsage) return judged.status;
    if (options.json) {
        out << json::write_report(judged.asked.request, judged.report) << '\n';
        return judged.status;
    }
    if (judged.status != kDone) return judged.status;
    const Request& request = judged.asked.request;
    print_layers(request, judged.report, out);
    out << '\n';
    print_totals(request, judged.report, out);
    print_difference(judged.report, request.run.items(), out);
    out << '\n';
    print_fits(options, judged.report, false, out);
    return kDone;
}

int fit(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const Judged judged = judge(options, {.layers = false, .notebook = true, .fit = true}, in, err);
    if (judged.status == kWrongUsage) return judged.status;
    if (options.json) out << json::write_report(judged.asked.request, judged.report) << '\n';
    if (judged.status != kDone) return judged.status;
    const std::int64_t batch = judged.asked.request.run.items();
    if (!options.json) {
        out << "batch " << grouped(batch) << " needs " << memory_with_unit(judged.report.notebook->total().at(batch))
            << " by the notebook's arithmetic\n";
        print_fits(options, judged.report, true, out);
    }
    const bool all_fit = std::none_of(judged.report.fits.begin(), judged.report.fits.end(),
                                      [](const CardFit& one) { return one.fit.verdict == Verdict::does_not_fit; });
    return options.check && !all_fit ? kDoesNotFit : kDone;
}

int explain(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const Judged judged = judge(options, {}, in, err);
    if (judged.status == kWrongUsage) return judged.status;
    const Request& request = judged.asked.request;
    const Result<Derivation> found = is_of_step(options.path) ? derive_step(request, judged.report, options.path)
                                                              : derive(request, judged.report, options.path);
    if (!found.ok()) {
        Diagnostics said;
        said.error(found.reason().code, found.reason().message).field = "path";
        if (options.json)
            out << json::write_no_derivation(options.path, said) << '\n';
        else
            say(options.model, said, err);
        return kWrongModel;
    }
    const Derivation& derivation = found.value();
    if (options.json)
        out << json::write_derivation(derivation) << '\n';
    else if (options.format == "latex")
        out << derivation.latex << '\n';
    else if (options.format == "mathml")
        out << derivation.mathml << '\n';
    else {
        out << derivation.title << "\n\n" << derivation.text << "\n\n";
        Table terms({{"symbol"}, {"value", Align::right}, {"unit"}, {"what it is"}});
        for (const TermEntry& term : derivation.terms)
            terms.add(
                {term.symbol, term.value.overflowed() ? "?" : grouped(term.value.value()), term.unit, term.sentence});
        terms.print(out);
        for (const Note& note : derivation.notes) {
            out << '\n' << (note.method.empty() ? "" : note.method + ": ") << note.sentence;
            if (!note.source.empty()) out << " (" << note.source << ')';
        }
        if (!derivation.notes.empty()) out << '\n';
    }
    return judged.status;
}

namespace {

/// A question as a reader answers it on the command line.
void print_question(const prints::Question& question, std::ostream& err) {
    err << "? ";
    if (!question.rows.empty()) {
        constexpr std::size_t kMost = 6;
        err << (question.rows.size() > 1 ? "rows " : "row ");
        for (std::size_t i = 0; i < question.rows.size() && i < kMost; ++i)
            err << (i > 0 ? ", " : "") << question.rows[i];
        if (question.rows.size() > kMost) err << " and " << question.rows.size() - kMost << " more";
        err << ": ";
    }
    err << question.message << '\n';
    if (!question.input.empty()) {
        err << "    --input " << question.input << '=' << question.example << '\n';
        return;
    }
    for (const prints::Option& option : question.options)
        err << "    --answer '" << question.id << '=' << option.answer << "'   " << option.message << '\n';
    if (question.options.empty()) err << "    --answer '" << question.id << '=' << question.example << "'\n";
}

/// The comparison in sentences: what differs, and how much agrees.
void print_comparison(const std::vector<prints::Comparison>& lines, std::ostream& err) {
    std::size_t equal = 0, unknown = 0;
    for (const prints::Comparison& line : lines) {
        equal += line.equal ? 1U : 0U;
        unknown += line.ours.empty() ? 1U : 0U;
    }
    err << equal << " of " << lines.size() << " numbers of the print are Footprint's";
    if (unknown > 0) err << ", " << unknown << " are not known before the questions are answered";
    err << ".\n";
    for (const prints::Comparison& line : lines) {
        if (line.equal || line.ours.empty()) continue;
        err << "line " << line.line << " (" << line.text << "): " << line.what << " is " << line.printed
            << " in the print and " << line.ours << " here";
        if (line.difference && *line.difference != 0)
            err << ", " << (*line.difference > 0 ? "more by " : "less by ")
                << fixed(*line.difference > 0 ? *line.difference : -*line.difference,
                         line.printed.find('.') == std::string::npos ? 0 : 2);
        err << ": " << line.reason << '\n';
    }
}

}  // namespace

int import(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const Pasted given = pasted(options, in);
    if (!given.usage_error.empty()) {
        err << "footprint: " << given.usage_error << '\n';
        return kWrongUsage;
    }
    const prints::Import read = prints::import_print(given.text, given.answers);
    if (options.json) out << prints::write_import(read) << '\n';
    say(options.model, read.diagnostics, err);
    if (read.diagnostics.has_errors()) return kWrongModel;
    if (options.json) return kDone;
    out << json::write_model(read.model);
    for (const prints::Question& question : read.questions) print_question(question, err);
    if (!read.lines.empty()) print_comparison(read.lines, err);
    if (!read.questions.empty()) return kDone;
    // Nothing is open: what is wrong with the document is wrong with the print or an answer.
    Diagnostics wrong;
    Request request;
    request.model = json::read_model(read.model, wrong);
    request.want = {.layers = false, .notebook = true, .fit = false};
    const Diagnostics said = footprint::estimate(request, std::move(wrong)).diagnostics;
    say(options.model, said, err);
    return said.has_errors() ? kWrongModel : kDone;
}

int ops(const Options& options, std::ostream& out, std::ostream& err) {
    if (options.json) {
        out << describe() << '\n';
        return kDone;
    }
    if (!options.op.empty()) return describe_op(options.op, out, err);
    Table table({{"operation"}, {"kind"}, {"family"}, {"what it does"}});
    for (const LayerType& type : catalogue())
        table.add({std::string(type.op), type.kind == Kind::module ? "module" : "function", std::string(type.family),
                   std::string(type.summary)});
    table.print(out);
    return kDone;
}

int gpus(const Options& options, std::ostream& out) {
    if (options.json) {
        out << describe() << '\n';
        return kDone;
    }
    const System system = options.windows ? System::windows : System::linux_;
    Table table({{"id"}, {"GB", Align::right}, {"usable", Align::right}, {"evidence"}, {"source"}});
    for (const Gpu& gpu : footprint::gpus()) {
        const Capacity capacity = usable(gpu, system);
        table.add({std::string(gpu.id), plain(gpu.gigabytes),
                   capacity.known() ? gigabytes_with_unit(capacity.bytes) : "unknown",
                   capacity.known() ? std::string(text(capacity.evidence)) : "",
                   capacity.known() ? capacity.source : ""});
    }
    table.print(out);
    return kDone;
}

}  // namespace footprint::cli
