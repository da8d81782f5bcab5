#include "application.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest.hpp"
#include "commands.hpp"
#include "model/run.hpp"
#include "presets.hpp"
#include "step/optimizer.hpp"

namespace footprint::cli {
namespace {

std::string about() {
    std::string text =
        "Tells whether a neural network fits on a GPU and where the memory goes, before anything is run.\n"
        "MODEL is a file, - for standard input, or a preset's name:";
    std::string_view before = " ";
    for (const Preset& preset : presets()) {
        text.append(before).append(preset.name);
        before = ", ";
    }
    return text + ".\n";
}

constexpr const char* kFooter =
    "Examples:\n"
    "  footprint summary davenet-image --batch 128         torchsummary's text, character for character\n"
    "  footprint fit davenet-image --batch 128             a row per GPU: verdict, free memory, largest batch\n"
    "  footprint fit model.json --gpu t4-16gb --check      exits with 3 if it does not fit\n"
    "  footprint explain davenet-audio layers/conv1/parameters\n"
    "  footprint import print.txt --input 3,224,224 > model.json\n"
    "Exit status: 0 done, 1 the model is wrong, 2 wrong usage, 3 with --check: a named card does not fit.";

constexpr const char* kImportFooter =
    "The document goes to standard output. What the print does not say is left out of it and asked for on the error\n"
    "stream, each question with the options that answer it; nothing is guessed. Then the numbers of the print are "
    "compared.\n"
    "  python -c 'import torchvision; print(torchvision.models.vgg16())' > print.txt\n"
    "  footprint import print.txt --input 3,224,224                        asks what VGG's forward does\n"
    "  footprint import print.txt --input 3,224,224 --answer 'forward/VGG=features, avgpool, flatten(1), classifier'\n"
    "A forward is told step by step: children by name, functions as flatten(1), \"+ x\" adds what the module was "
    "given,\n"
    "\"= a\" keeps a value under a name, \"a\" takes it up again, \"downsample?\" is called where there is one.\n"
    "Exit status: 0 done, also with open questions; 1 the print or an answer cannot be read; 2 wrong usage.";

/// A number that CLI11 would otherwise make the nearest of 64 bits, without a word.
std::string fits_64_bits(const std::string& text) {
    std::int64_t number = 0;
    const std::from_chars_result read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc::result_out_of_range ? text + " does not fit 64 bits" : "";
}

std::string is_given(const std::string& text) { return text.empty() ? "it is empty" : ""; }

/// A whole number of MiB, up to 2^40.
CLI::Validator mebibytes(std::int64_t least) {
    return {[least](const std::string& text) -> std::string {
                std::int64_t number = 0;
                const char* end = text.data() + text.size();
                const auto [at, status] = std::from_chars(text.data(), end, number);
                if (status == std::errc() && at == end && number >= least && number <= std::int64_t{1} << 40) return "";
                return text + " is no whole number of MiB from " + std::to_string(least) + " to 2^40";
            },
            ""};
}

std::string is_finite(const std::string& text) {
    return std::isfinite(std::strtod(text.c_str(), nullptr)) ? "" : text + " is no finite number";
}

void model_option(CLI::App& command, Options& options) {
    command.add_option("MODEL", options.model, "a file, - for standard input, or a preset's name")->required();
}

void run_options(CLI::App& command, Options& options) {
    command.add_option("--batch", options.batch, "items in a batch (summary: -1, torchsummary's own default)")
        ->check(fits_64_bits);
    command.add_option("--input", options.inputs, "other sizes of an input, without the batch: NAME=3,224,224")
        ->allow_extra_args(false);
    command
        .add_option("--run", options.run,
                    "the whole run object: a file, or the JSON itself; single options override it")
        ->check(is_given);
    command.add_flag("--json", options.json, "the report document instead of tables");
}

void value_option(CLI::App& command, Options& options) {
    command.add_option("--bytes-per-value", options.bytes_per_value, "4 for float32 (the default)")
        ->check(fits_64_bits);
}

std::string listed(std::span<const Word> words) {
    std::string all;
    for (const Word& one : words) all += (all.empty() ? "" : ", ") + std::string(one.word);
    return all;
}

/// The settings of a step that are asked for most; --run has all of them.
void training_options(CLI::App& command, Options& options) {
    std::string names = "sgd (the default), none";
    for (const OptimizerType& one : optimizers())
        if (one.name != "sgd") names += ", " + std::string(one.name);
    command.add_option("--optimizer", options.optimizer, names);
    command.add_option("--momentum", options.momentum, "of sgd and rmsprop")->check(is_finite);
    command.add_option("--weight-decay", options.weight_decay, "a number above 0 takes room for decayed gradients")
        ->check(is_finite);
    command.add_option("--precision", options.precision, listed(kPrecisions) + "; left out: fp32");
    command.add_option("--mode", options.mode, listed(kModes) + "; left out: train");
    command.add_option("--loss", options.loss, listed(kLosses) + "; left out: the model's own");
    command.add_option("--torch", options.torch, listed(kReleases) + "; 2.6 keeps cuBLAS's workspaces");
    command
        .add_option("--checkpoint", options.checkpoint,
                    "a pattern of modules that are computed again in backward: layer*.*")
        ->allow_extra_args(false);
    command.add_option("--freeze", options.freeze, "a pattern of parameters without a gradient; not:fc is all but fc")
        ->allow_extra_args(false);
    command.add_option("--accumulate", options.accumulate, "micro-batches in a step")->check(fits_64_bits);
    command
        .add_option("--cudnn-workspace", options.cudnn_workspace, "bytes that every convolution takes while it runs")
        ->check(fits_64_bits);
    command.add_option("--context", options.context, "bytes of CUDA's context on your card, measured")
        ->check(fits_64_bits);
}

void card_options(CLI::App& command, Options& options) {
    command.add_option("--gpu", options.gpus, "a card's id (footprint gpus lists them); may be given again")
        ->allow_extra_args(false)
        ->check(is_given);
    command.add_option("--usable-mib", options.usable_mib, "a card of your own: the MiB that PyTorch sees")
        ->check(mebibytes(1));
    command.add_option("--in-use-mib", options.in_use_mib, "MiB that other programs use on the card")
        ->check(mebibytes(0));
    command.add_flag("--windows", options.windows,
                     "the card runs under Windows or WSL2, where the driver's reserve is not subtracted");
}

std::string with_closest(std::string message, const std::string& wrong, const std::vector<std::string>& known) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    if (const auto close = nearest(wrong, names); !close.empty())
        message += "; the closest is " + std::string(close[0]);
    return message;
}

/// Where the first word is no command, which CLI11 would take for none at all.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments[0].starts_with('-')) return {};
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    if (std::find(names.begin(), names.end(), arguments[0]) != names.end()) return {};
    return with_closest("there is no command " + arguments[0], arguments[0], names);
}

/// What is left over of the arguments, and the option that was meant.
std::string unexpected(const CLI::App& command, const std::vector<std::string>& left) {
    const auto option = std::find_if(left.begin(), left.end(), [](const auto& word) { return word.starts_with("-"); });
    if (option == left.end()) return command.get_name() + " does not take " + left.front();
    std::vector<std::string> names;
    for (const CLI::Option* one : command.get_options())
        for (const std::string& name : one->get_lnames()) names.push_back("--" + name);
    return with_closest(command.get_name() + " has no option " + *option, *option, names);
}

}  // namespace

int run(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err) {
    CLI::App app(about(), "footprint");
    app.footer(kFooter);
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("footprint ") + FOOTPRINT_RELEASE);
    Options options;

    CLI::App& summary_command = *app.add_subcommand("summary", "torchsummary's text, character for character");
    model_option(summary_command, options);
    run_options(summary_command, options);

    CLI::App& estimate_command = *app.add_subcommand("estimate", "the rows, the totals and the verdicts");
    model_option(estimate_command, options);
    run_options(estimate_command, options);
    value_option(estimate_command, options);
    card_options(estimate_command, options);

    CLI::App& fit_command = *app.add_subcommand("fit", "a row per GPU: verdict, free memory, largest batch");
    model_option(fit_command, options);
    run_options(fit_command, options);
    value_option(fit_command, options);
    card_options(fit_command, options);
    fit_command.add_flag("--check", options.check, "exit with 3 if a named card does not fit");

    CLI::App& step_command = *app.add_subcommand("step", "PyTorch's own counters in a training step, predicted");
    step_command.add_option("MODEL", options.model, "a file, - for standard input, or a preset's name");
    step_command.add_option(
        "--program", options.program,
        "a recorded step, as presets/from_torch.py --record-step writes it, in the place of MODEL; or beside it: "
        "exit with 1 where the two differ, and say at which rows");
    run_options(step_command, options);
    training_options(step_command, options);
    card_options(step_command, options);
    step_command.add_flag("--check", options.check, "exit with 3 if it does not run on a named card");
    step_command.add_option("--trace", options.trace,
                            "writes every allocation for Perfetto (ui.perfetto.dev); - for standard output, in the "
                            "place of the tables");
    step_command.add_option("--snapshot", options.snapshot,
                            "writes them for PyTorch's visualizer (pytorch.org/memory_viz)");

    CLI::App& explain_command = *app.add_subcommand("explain", "the derivation of one number of the report");
    model_option(explain_command, options);
    explain_command
        .add_option(
            "PATH", options.path,
            "layers/conv1/parameters, notebook/total, fit/t4-16gb/largest_batch, …; of the step: step/peak_allocated, "
            "step/peak_reserved, step/device_total, bridge/in-place, …")
        ->required();
    explain_command.add_option("--format", options.format, "text, latex or mathml")
        ->check(CLI::IsMember({"text", "latex", "mathml"}));
    run_options(explain_command, options);
    training_options(explain_command, options);
    value_option(explain_command, options);
    card_options(explain_command, options);

    CLI::App& import_command = *app.add_subcommand("import", "a pasted print to a model document");
    import_command.footer(kImportFooter);
    import_command
        .add_option("FILE", options.model,
                    "a file or - for standard input: print(model), torchsummary's or torchinfo's print, or a document")
        ->required();
    import_command
        .add_option("--input", options.inputs, "the size of an input, without the batch: NAME=3,224,224 or 3,224,224")
        ->allow_extra_args(false);
    import_command
        .add_option("--answer", options.answers, "what the print does not say: QUESTION=ANSWER; may be given again")
        ->allow_extra_args(false);
    import_command.add_flag("--json", options.json, "the import document instead: model, questions, comparison");

    CLI::App& ops_command = *app.add_subcommand("ops", "the operations, or one with its attributes");
    ops_command.add_option("NAME", options.op, "an operation, such as Conv2d");
    ops_command.add_flag("--json", options.json, "the catalogue document");

    CLI::App& gpus_command =
        *app.add_subcommand("gpus", "the cards, what PyTorch can have of each, and how that is known");
    gpus_command.add_flag("--windows", options.windows, "under Windows or WSL2");
    gpus_command.add_flag("--json", options.json, "the catalogue document");

    if (const std::string unknown = unknown_command(app, arguments); !unknown.empty()) {
        err << "footprint: " << unknown << '\n';
        return kWrongUsage;
    }
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
        app.parse(std::move(reversed));
    } catch (const CLI::ExtrasError&) {
        err << "footprint: " << unexpected(*app.get_subcommands().front(), app.remaining(true)) << '\n';
        return kWrongUsage;
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error, out, err);
        return status == 0 ? kDone : kWrongUsage;
    }
    const auto run_command = [&] {
        if (summary_command.parsed()) return summary(options, in, out, err);
        if (estimate_command.parsed()) return estimate(options, in, out, err);
        if (fit_command.parsed()) return fit(options, in, out, err);
        if (step_command.parsed()) return step(options, in, out, err);
        if (explain_command.parsed()) return explain(options, in, out, err);
        if (import_command.parsed()) return import(options, in, out, err);
        if (ops_command.parsed()) return ops(options, out, err);
        return gpus(options, out);
    };
    const int status = run_command();
    if (out.flush()) return status;
    err << "footprint: standard output cannot be written\n";
    return kWrongUsage;
}

}  // namespace footprint::cli
