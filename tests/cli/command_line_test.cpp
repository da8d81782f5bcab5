// The command line: what it prints, and the exit status, which scripts rely on.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "application.hpp"
#include "presets.hpp"

namespace {

struct Ran {
    int status;
    std::string out, err;
};

Ran run(const std::vector<std::string>& arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    const int status = footprint::cli::run(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

std::string file(const std::string& path) {
    std::ifstream stream(std::string(FOOTPRINT_SOURCE_DIR) + "/" + path, std::ios::binary);
    REQUIRE(stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr const char* kSmall =
    R"({"format": "footprint/model", "version": 1, "inputs": [{"name": "x", "shape": [3, 8, 8]}],
    "layers": [{"op": "Conv2d", "name": "conv", "out_channels": 4, "kernel_size": 3}]})";
constexpr const char* kWrong =
    R"({"format": "footprint/model", "version": 1, "inputs": [{"name": "x", "shape": [3, 8, 8]}],
    "layers": [{"op": "ReLU"}, {"op": "Conv2d", "name": "conv2", "out_channels": 4, "kernel_size": 9}]})";

}  // namespace

TEST_CASE("summary prints torchsummary's text of a preset, a file and standard input") {
    CHECK(run({"summary", "davenet-image", "--batch", "128"}).out ==
          file("tests/golden/torchsummary/davenet_image_b128.txt"));
    CHECK(run({"summary", "davenet-audio"}).out == file("tests/golden/torchsummary/davenet_audio_t1024.txt"));
    CHECK(run({"summary", "davenet-audio", "--batch", "-1"}).out ==
          file("tests/golden/torchsummary/davenet_audio_t1024.txt"));
    const std::string path = std::string(FOOTPRINT_SOURCE_DIR) + "/tests/golden/documents/resnet18.json";
    CHECK(run({"summary", path, "--batch", "32"}).out == file("tests/golden/torchsummary/resnet18_b32.txt"));
    CHECK(run({"summary", "-"}, file("presets/vgg16.json")).out == file("tests/golden/torchsummary/vgg16.txt"));
}

TEST_CASE("summary of a model on which torchsummary stops: what it had printed, the rule on standard error, status 0") {
    const Ran ran = run({"summary", std::string(FOOTPRINT_SOURCE_DIR) + "/tests/golden/documents/QRaggedTuple.json"});
    CHECK(ran.status == 0);
    CHECK(ran.out == file("tests/golden/torchsummary/crashed/QRaggedTuple.txt"));
    CHECK(has(ran.err, "tuple-of-different-ranks"));
    CHECK(has(ran.err, "row"));
}

TEST_CASE("estimate prints rows, totals and verdicts") {
    const Ran ran = run({"estimate", "davenet-image", "--batch", "128", "--gpu", "v100-16gb", "--gpu", "v100-32gb"});
    CHECK(ran.status == 0);
    CHECK(has(ran.out, "28273.64"));
    CHECK(has(ran.out, "27.61 GB"));
    CHECK(has(ran.out, "does not fit"));
    CHECK(has(ran.out, "147"));
    CHECK(ran.err.empty());
}

TEST_CASE("fit --check exits with 3 when a named card does not hold it") {
    CHECK(run({"fit", "davenet-image", "--batch", "128", "--gpu", "v100-16gb", "--check"}).status == 3);
    CHECK(run({"fit", "davenet-image", "--batch", "128", "--gpu", "v100-32gb", "--check"}).status == 0);
    CHECK(run({"fit", "davenet-image", "--batch", "128", "--gpu", "v100-16gb"}).status == 0);
    CHECK(run({"fit", "davenet-image", "--batch", "128", "--usable-mib", "30000", "--check"}).status == 0);
    CHECK(run({"fit", "davenet-image", "--batch", "128", "--usable-mib", "30000", "--in-use-mib", "2000", "--check"})
              .status == 3);
}

TEST_CASE("--json gives the documents") {
    const nlohmann::json report =
        nlohmann::json::parse(run({"estimate", "-", "--json", "--gpu", "t4-16gb"}, kSmall).out);
    CHECK(report.at("format") == "footprint/report");
    CHECK(report.at("layers").at(0).at("parameters") == 4 * 3 * 9 + 4);
    CHECK(nlohmann::json::parse(run({"ops", "--json"}).out).at("format") == "footprint/catalogue");
    CHECK(nlohmann::json::parse(run({"explain", "-", "layers/conv/parameters", "--json"}, kSmall).out).at("value") ==
          112);
}

TEST_CASE("step prints PyTorch's counters, the peak, the bridge and the cards") {
    const Ran ran =
        run({"step", "davenet-image", "--batch", "128", "--momentum", "0.9", "--loss", "pow2", "--gpu", "a100-40gb"});
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    for (const char* part :
         {"9536.02", "15350.00", "step 2, backward, in PowBackward0", "28273.64", "a100-40gb", "fits"})
        CHECK(has(ran.out, part));
}

TEST_CASE("step writes its trace to standard output alone") {
    const Ran ran = run({"step", "teaching-cnn", "--trace", "-"});
    CHECK(ran.status == 0);
    CHECK(nlohmann::json::parse(ran.out).contains("traceEvents"));
}

TEST_CASE("step --check exits with 3 when it does not run on a named card") {
    CHECK(run({"step", "vgg16", "--batch", "64", "--usable-mib", "2000", "--check"}).status == 3);
    CHECK(run({"step", "teaching-cnn", "--gpu", "t4-16gb", "--check"}).status == 0);
}

TEST_CASE("step without a named card reports the default one, with memory in use and on Windows too") {
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--in-use-mib", "1"}, {"--windows"}}) {
        std::vector<std::string> command = {"step", "teaching-cnn", "--batch", "4"};
        command.insert(command.end(), more.begin(), more.end());
        const Ran ran = run(command);
        CHECK(ran.status == 0);
        CHECK(has(ran.out, "a100-80gb shows "));
        CHECK_FALSE(has(ran.out, "k80"));  // one card of each capacity, not all
    }
    CHECK(has(run({"step", "-", "--batch", "4"}, R"({"format": "footprint/model", "version": 1,
      "inputs": [{"name": "x", "shape": [8]}], "layers": [{"op": "Identity"}]})")
                  .out,
              "the peak comes before the first step, in input_to_device"));
}

TEST_CASE("a text that is no document is said once") {
    for (const char* text : {"{", "null", "[]"}) {
        const Ran ran = run({"estimate", "-"}, text);
        CHECK(ran.status == 1);
        CHECK_FALSE(has(ran.err, "empty-model"));
    }
}

TEST_CASE("step: wrong settings are said, one line each") {
    const Ran ran = run({"step", "vgg16", "--optimizer", "adamx"});
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, "there is no optimizer \"adamx\""));
    CHECK(run({"step"}).status == 2);
    CHECK(run({"step", "vgg16", "--program", "x.json"}).status == 2);
    CHECK(run({"step", "vgg16", "--trace", "/no/such/folder/x.json"}).status == 2);
}

TEST_CASE("step replays a recorded program at another batch") {
    const std::string path = (std::filesystem::temp_directory_path() / "footprint-recorded-step.json").string();
    // Two tensors that grow with the batch; the first goes before the second comes.
    std::ofstream(path)
        << R"({"format": "footprint/program", "version": 1, "name": "two", "batches": [2, 3, 5], "names": ["weight", "aten.relu"],
      "phases": [{"step": -1, "phase": "model_to_device", "end": 1}, {"step": 0, "phase": "forward", "end": 5}],
      "events": [[0, 4096, 0], [1048576, 0, 1], ["cublas"], -2, [524288, 0, 1]]})";
    const Ran ran = run({"step", "--program", path, "--batch", "8", "--json"});
    CHECK(ran.status == 0);
    const auto answer = nlohmann::json::parse(ran.out);
    // 4,096 + 8 × 1,048,576 and cuBLAS's 8,519,680 while it runs.
    CHECK(answer.at("step").at("peak_allocated") == 4096 + 8 * 1048576 + 8519680);
    std::ofstream(path)
        << R"({"format": "footprint/program", "version": 1, "batches": [2], "names": [], "phases": [], "events": []})";
    CHECK(run({"step", "--program", path, "--batch", "8"}).status == 1);
    std::ofstream(path) << R"({"format": "footprint/program", "version": 1, "batches": [2, 3, 5], "names": ["x"],
      "phases": [{"step": 0, "phase": "forward", "end": 2}], "events": [[0, 512, 0], -2]})";
    CHECK(has(run({"step", "--program", path}).err, "event 1"));
}

TEST_CASE("step puts a model's step beside a recorded one, and says where they differ") {
    const std::string path = (std::filesystem::temp_directory_path() / "footprint-compared-step.json").string();
    // Three times forward without a graph: the input of 4 × 8 floats, and an output that lives until the next is there.
    const std::string model = R"({"format": "footprint/model", "version": 1, "inputs": [{"name": "x", "shape": [8]}],
      "layers": [{"op": "ReLU", "name": "act"}]})";
    const auto write = [&](const char* last) {
        std::ofstream(path)
            << R"({"format": "footprint/program", "version": 1, "batches": [4], "names": ["input", "aten.relu"],
          "phases": [{"step": -1, "phase": "model_to_device", "end": 0}, {"step": -1, "phase": "input_to_device", "end": 1},
                     {"step": 0, "phase": "forward", "end": 2}, {"step": 1, "phase": "forward", "end": 4},
                     {"step": 2, "phase": "forward", "end": 6}],
          "events": [[0, 128, 0], [0, 128, 1], [0, 128, 1], -2, )"
            << last << ", -3]}";
    };
    const std::vector<std::string> command = {"step", "-", "--program", path, "--batch", "4", "--mode", "inference"};
    write("[0, 128, 1]");
    const Ran same = run(command, model);
    CHECK(same.err == "");
    CHECK(same.status == 0);
    write("[0, 256, 1]");
    const Ran other = run(command, model);
    CHECK(other.status == 1);
    CHECK(has(other.out, "act"));
    CHECK(has(other.out, "256"));
}

TEST_CASE("explain in three formats") {
    CHECK(has(run({"explain", "-", "layers/conv/parameters"}, kSmall).out, "3 × 4 × 3 × 3 + 4"));
    CHECK(has(run({"explain", "-", "layers/conv/parameters", "--format", "latex"}, kSmall).out, "\\times"));
    CHECK(has(run({"explain", "-", "layers/conv/parameters", "--format", "mathml"}, kSmall).out, "<math"));
    const Ran unknown = run({"explain", "-", "layers/conv/colour"}, kSmall);
    CHECK(unknown.status == 1);
    CHECK(has(unknown.err, "unknown-path"));
}

TEST_CASE("a wrong model: one line for each diagnostic, status 1, nothing on standard output") {
    const Ran ran = run({"estimate", "-"}, kWrong);
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    CHECK(ran.err.starts_with("-: row 2 (conv2): kernel-exceeds-input: "));
    CHECK(run({"summary", "-"}, "{").status == 1);
    CHECK(has(run({"fit", "-", "--gpu", "v100-16g"}, kSmall).err, "v100-16gb"));
    CHECK(run({"fit", "-", "--gpu", "v100-16g"}, kSmall).status == 1);
    CHECK(run({"estimate", "-", "--batch", "0"}, kSmall).status == 1);
}

TEST_CASE("wrong usage: status 2, and a sentence that says what is there") {
    CHECK(run({}).status == 2);
    CHECK(run({"estimate"}).status == 2);
    CHECK(run({"estimate", "davenet-image", "--colour"}).status == 2);
    CHECK(run({"estimate", "davenet-image", "--batch", "many"}).status == 2);
    const Ran huge = run({"estimate", "davenet-image", "--batch", "99999999999999999999"});
    CHECK(huge.status == 2);
    CHECK(has(huge.err, "99999999999999999999 does not fit 64 bits"));
    CHECK(has(run({"step", "teaching-cnn", "--momentum", "nan"}).err, "nan is no finite number"));
    CHECK(run({"step", "teaching-cnn", "--json", "--trace", "-"}).status == 2);
    CHECK(run({"explain", "davenet-image", "notebook/total", "--format", "pdf"}).status == 2);
    const Ran ran = run({"estimate", "davenet-imgae"});
    CHECK(ran.status == 2);
    CHECK(has(ran.err, "davenet-image"));
    CHECK(run({"estimate", "davenet-image", "--input", "three"}).status == 2);
}

TEST_CASE("--input and --run change the run; single options override the run object") {
    const auto total = [](const std::vector<std::string>& options) {
        std::vector<std::string> arguments = {"estimate", "davenet-audio", "--json", "--gpu", "t4-16gb"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return nlohmann::json::parse(run(arguments).out).at("notebook").at("total").get<std::int64_t>();
    };
    CHECK(total({"--input", "spectrogram=40,2048"}) == total({"--input", "40x2048"}));
    CHECK(total({"--run", R"({"batch": 128})"}) == total({"--batch", "128"}));
    CHECK(total({"--run", R"({"batch": 128})", "--batch", "2"}) == total({"--batch", "2"}));
}

TEST_CASE("help names every command, and each preset is there") {
    const Ran help = run({"--help"});
    CHECK(help.status == 0);
    for (const char* command : {"summary", "estimate", "fit", "explain", "import", "ops", "gpus"})
        CHECK(has(help.out, command));
    for (const footprint::cli::Preset& preset : footprint::cli::presets())
        CHECK(has(help.out, std::string(preset.name)));
    CHECK(footprint::cli::presets().size() == 6);
}

TEST_CASE("ops and gpus list the catalogue") {
    CHECK(has(run({"ops"}).out, "Conv2d"));
    const Ran conv = run({"ops", "Conv2d"});
    CHECK(has(conv.out, "kernel_size"));
    CHECK(has(conv.out, "must be given"));
    CHECK(run({"ops", "Conv2D"}).status == 2);
    CHECK(has(run({"ops", "Conv2D"}).err, "Conv2d"));
    CHECK(has(run({"gpus"}).out, "v100-16gb"));
    CHECK(run({"gpus"}).out != run({"gpus", "--windows"}).out);
}

TEST_CASE("import prints the document in the one layout, and asks on standard error") {
    const std::string print = std::string(FOOTPRINT_SOURCE_DIR) + "/tests/golden/prints/vgg16.repr.txt";
    const Ran open = run({"import", print, "--input", "3,224,224"});
    CHECK(open.status == 0);
    CHECK(open.out.starts_with("{\n  \"format\": \"footprint/model\", \"version\": 1,\n  \"name\": \"VGG\",\n"));
    CHECK(has(open.out, "    {\"op\": \"ReLU\", \"name\": \"features.1\", \"inplace\": true},\n"));
    CHECK(has(open.err, "? row 33: "));
    CHECK(has(open.err, "--answer 'forward/VGG=features, avgpool, flatten(1), classifier'"));
    const Ran closed = run({"import", "-", "--input", "image=3,224,224", "--answer",
                            "forward/VGG=features, avgpool, flatten(1), classifier"},
                           file("tests/golden/prints/vgg16.repr.txt"));
    CHECK(closed.status == 0);
    CHECK(closed.err.empty());
    CHECK(run({"summary", "-"}, closed.out).out == file("tests/golden/torchsummary/vgg16.txt"));
    CHECK(run({"import", print}).status == 0);  // the document holds what is known
    CHECK(has(run({"import", print}).err, "--input input=3,224,224"));
}

TEST_CASE("import compares a table's numbers in sentences") {
    const Ran ran =
        run({"import", std::string(FOOTPRINT_SOURCE_DIR) + "/tests/golden/prints/vgg16.torchinfo-wide.txt"});
    CHECK(ran.status == 0);
    CHECK(has(ran.err, "63 of 65 numbers of the print are Footprint's."));
    CHECK(has(ran.err,
              "line 53 (Forward/backward pass size (MB)): forward_backward is 216.91 in the print and 458.82 here, "
              "more by 241.91: torchinfo counts"));
}

TEST_CASE("import of a document gives it back in its layout, byte for byte") {
    for (const char* preset : {"vgg16", "davenet", "davenet-audio"}) {
        const std::string text = file("presets/" + std::string(preset) + ".json");
        CHECK(run({"import", "-"}, text).out == text);
    }
}

TEST_CASE("import of what cannot be read: one sentence, status 1, nothing on standard output") {
    const std::string print = file("tests/golden/prints/vgg16.repr.txt");
    const Ran cut = run({"import", "-"}, print.substr(0, 700));
    CHECK(cut.status == 1);
    CHECK(cut.out.empty());
    CHECK(cut.err.starts_with("-: wrong-format: the print ends inside features, which begins at line 2"));
    CHECK(run({"import", "-"}, "hello").status == 1);
    const Ran wrong = run({"import", "-", "--answer", "forward/VGG=features, pool"}, print);
    CHECK(wrong.status == 1);
    CHECK(wrong.out.empty());
    CHECK(run({"import", "no-such-file"}).status == 2);
    CHECK(run({"import"}).status == 2);
    CHECK(run({"import", "-", "--input", "three"}, print).status == 2);
    CHECK(run({"import", "-", "--answer", "three"}, print).status == 2);
    const nlohmann::json document = nlohmann::json::parse(run({"import", "-", "--json"}, print).out);
    CHECK(document.at("format") == "footprint/import");
    CHECK(document.at("questions").at(0).at("input") == "input");
}

TEST_CASE("a misspelt command or option is named, with the right one") {
    const Ran command = run({"sumary", "vgg16"});
    CHECK(command.status == 2);
    CHECK(has(command.err, "no command sumary; the closest is summary"));
    const Ran option = run({"summary", "vgg16", "--bacth", "4"});
    CHECK(option.status == 2);
    CHECK(has(option.err, "summary has no option --bacth; the closest is --batch"));
}

TEST_CASE("a folder, a file that cannot be read and an empty value are said, each with status 2") {
    const std::string folder = std::filesystem::temp_directory_path().string();
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"summary", folder},
                                                      {"step", folder},
                                                      {"step", "--program", folder},
                                                      {"import", folder},
                                                      {"estimate", "vgg16", "--run", folder}}) {
        const Ran ran = run(arguments);
        CHECK(ran.status == 2);
        CHECK(has(ran.err, "is a folder"));
    }
    CHECK(has(run({"estimate", "vgg16", "--gpu", ""}).err, "empty"));
    CHECK(run({"estimate", "vgg16", "--gpu", ""}).status == 2);
    CHECK(run({"estimate", "vgg16", "--run", ""}).status == 2);
    CHECK(has(run({"fit", "vgg16", "--usable-mib", "12000.5"}).err, "whole number of MiB"));
    CHECK(has(run({"estimate", "vgg16", "--input", "3,224,224", "--input", "3,64,64"}).err, "twice"));
}

TEST_CASE("output that cannot be written is no success") {
    std::istringstream in;
    std::ostringstream err;
    std::ofstream nowhere("/nonexistent/file");
    CHECK(footprint::cli::run({"summary", "vgg16"}, in, nowhere, err) == 2);
    CHECK(has(err.str(), "cannot be written"));
}

TEST_CASE("settings of a model's step are refused beside a recorded one alone") {
    const Ran ran = run({"step", "--program", "x.json", "--precision", "amp-fp16"});
    CHECK(ran.status == 2);
    CHECK(has(ran.err, "--precision is of MODEL"));
}

TEST_CASE("an operation without attributes says so, and which tensors it takes by name") {
    CHECK(has(run({"ops", "relu"}).out, "none of its own"));
    CHECK(has(run({"ops", "linear"}).out, "tensors by name: weight bias"));
}

TEST_CASE("a control character of a document does not reach the terminal") {
    const Ran ran = run({"estimate", "-"}, R"({"format": "footprint/model", "version": 1,
        "inputs": [{"name": "x", "shape": [3]}], "layers": [{"op": "ReLU", "name": "a\u001b[31m\nb"}]})");
    CHECK(ran.status == 0);
    CHECK(ran.out.find('\x1b') == std::string::npos);
    CHECK(has(ran.out, "ReLU a\uFFFD[31m\uFFFDb"));
}

TEST_CASE("a step of nothing says so") {
    const Ran ran = run({"step", "-", "--mode", "inference"}, R"({"format": "footprint/model", "version": 1,
        "inputs": [{"name": "x", "shape": [0]}], "layers": [{"op": "ReLU"}]})");
    CHECK(ran.status == 0);
    CHECK(has(ran.out, "nothing is allocated\n"));
    CHECK_FALSE(has(ran.out, "the peak comes"));
}

TEST_CASE("a step that runs out of memory says where") {
    const Ran ran = run({"step", "vgg16", "--batch", "512", "--gpu", "t4-16gb"});
    CHECK(has(ran.out, "t4-16gb runs out of memory in step 1, "));
    CHECK(has(ran.out, "does not fit"));
}
