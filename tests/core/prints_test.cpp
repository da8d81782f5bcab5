// Pasted prints: what the real tools printed of real networks (tests/golden/prints, tests/golden/torchsummary) becomes
// documents, questions and comparisons. Expected values are those of the prints, of torchsummary and of the presets.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "footprint.hpp"
#include "support.hpp"

using footprint::testing::Json;
using footprint::testing::model_of;
using footprint::testing::read;
using footprint::testing::read_json;
using footprint::testing::report_of;
using footprint::testing::sweep;

namespace {

const std::vector<std::string> kNetworks = {
    "davenet_audio",       "davenet_image", "densenet121", "efficientnet_b0", "mobilenet_v2", "q_conv1d",
    "q_nested_sequential", "resnet18",      "resnet50",    "swin_t",          "vgg16",        "vit_b_16"};

Json imported(const std::string& text, const Json& answers = Json::object()) {
    return Json::parse(footprint::import(text, answers.empty() ? "" : answers.dump()));
}

Json answers(const Json& shape, const Json& given = Json::object()) {
    return {{"inputs", {{"x", shape}}}, {"answers", given}};
}

std::string print(const std::string& name) { return read("tests/golden/prints/" + name + ".txt"); }

Json shape_of(const std::string& network) {
    if (network == "davenet_audio") return {40, 1024};
    if (network == "q_conv1d") return {2, 64};
    if (network == "q_nested_sequential") return {5};
    return {3, 224, 224};
}

/// Answers every question with its first option that is more than "as printed", until none is left with one.
Json answered(const std::string& text, const Json& shape, Json given = Json::object()) {
    Json result;
    for (int round = 0; round < 4; ++round) {
        result = imported(text, answers(shape, given));
        for (const Json& question : result.at("questions")) {
            const Json& options = question.at("options");
            for (const Json& option : options)
                if (option.at("answer") != "as printed" && !given.contains(question.at("id"))) {
                    given[question.at("id")] = option.at("answer");
                    break;
                }
        }
    }
    return result;
}

const Json& question(const Json& import, const std::string& id) {
    for (const Json& one : import.at("questions"))
        if (one.at("id") == id) return one;
    static const Json none;
    return none;
}

std::string torchsummary_print(const Json& model, const Json& run = Json::object()) {
    const Json report = report_of(model, run, Json::array(), {"print"});
    return report.contains("print") ? report.at("print").at("text").get<std::string>() : report.dump();
}

std::string only_error(const Json& import) {
    REQUIRE(import.at("diagnostics").size() == 1);
    CHECK(import.at("model").is_null());
    CHECK(import.at("questions").empty());
    const Json& diagnostic = import.at("diagnostics").at(0);
    CHECK(diagnostic.at("severity") == "error");
    return diagnostic.at("message");
}

/// torchinfo's "Total params".
std::int64_t total_parameters(const std::string& network) {
    const std::string text = print(network + ".torchinfo");
    const std::size_t begin = text.find("Total params: ") + 14;
    std::string digits = text.substr(begin, text.find('\n', begin) - begin);
    digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
    return std::stoll(digits);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("repr: VGG16 is the preset once the one question, what its forward does, is answered") {
    const Json open = imported(print("vgg16.repr"), answers({3, 224, 224}));
    CHECK(open.at("kind") == "repr");
    REQUIRE(open.at("questions").size() == 1);
    const Json& asked = question(open, "forward/VGG");
    CHECK(asked.at("row") == 33);  // classifier.0, where 512 × 7 × 7 arrives
    const Json closed = imported(print("vgg16.repr"),
                                 answers({3, 224, 224}, {{"forward/VGG", asked.at("options").at(1).at("answer")}}));
    CHECK(closed.at("questions").empty());
    CHECK(closed.at("diagnostics").empty());
    const Json report = report_of(closed.at("model"), {{"batch", 128}});
    const Json preset = report_of(read_json("presets/vgg16.json"), {{"batch", 128}});
    CHECK(report.at("notebook") == preset.at("notebook"));
    CHECK(torchsummary_print(closed.at("model")) == read("tests/golden/torchsummary/vgg16.txt"));
}

TEST_CASE(
    "repr: DAVEnet's audio branch, whose forward has functions and calls one pool four times, told in one answer") {
    const Json result =
        imported(print("davenet_audio.repr"),
                 answers({40, 1024}, {{"forward/Davenet",
                                       "unsqueeze(1), batchnorm1, conv1, relu, conv2, relu, pool, conv3, relu, "
                                       "pool, conv4, relu, pool, conv5, relu, pool, squeeze(2)"}}));
    CHECK(result.at("questions").empty());
    Json preset = read_json("presets/davenet-audio.json");
    CHECK(result.at("model").at("layers") == preset.at("layers"));
    CHECK(torchsummary_print(result.at("model")) == read("tests/golden/torchsummary/davenet_audio_t1024.txt"));
}

TEST_CASE("repr: networks whose classes are known print as torchsummary prints the network itself") {
    for (const std::string name : {"resnet18", "resnet50", "mobilenet_v2"}) {
        CAPTURE(name);
        const Json result = answered(print(name + ".repr"), {3, 224, 224});
        CHECK(result.at("questions").empty());
        CHECK(torchsummary_print(result.at("model")) == read("tests/golden/torchsummary/" + name + ".txt"));
    }
    const Json image =
        imported(print("davenet_image.repr"), answers({3, 224, 224}, {{"forward/VGG16", "image_model"}}));
    CHECK(torchsummary_print(image.at("model")) == read("tests/golden/torchsummary/davenet_image.txt"));
    for (const std::string name : {"q_conv1d", "q_nested_sequential"}) {
        CAPTURE(name);
        const Json result = imported(print(name + ".repr"), answers(shape_of(name)));
        CHECK(result.at("questions").empty());  // a Sequential says it all
        CHECK(torchsummary_print(result.at("model")) == read("tests/golden/torchsummary/" + name + ".txt"));
    }
}

TEST_CASE("repr: total parameters are torchinfo's") {
    for (const std::string name : {"vgg16", "resnet50", "mobilenet_v2", "densenet121"}) {
        CAPTURE(name);
        const Json result = answered(print(name + ".repr"), {3, 224, 224});
        const Json report = report_of(result.at("model"));
        REQUIRE(report.contains("notebook"));
        CHECK(report.at("notebook").at("parameters") == total_parameters(name) * 4);
    }
}

TEST_CASE("repr: every module of each network has the attributes that give its parameters" * sweep) {
    // torchinfo's "Total params", less what no module of a print owns: ViT's class token (768) and positions (197 ·
    // 768), Swin's tables of 13 · 13 positions for each head of its blocks, 169 · (2 · 3 + 2 · 6 + 6 · 12 + 2 · 24).
    const std::map<std::string, std::int64_t> of_no_module = {{"vit_b_16", 768 + 197 * 768},
                                                              {"swin_t", 169 * (6 + 12 + 72 + 48)}};
    for (const std::string& name : kNetworks) {
        CAPTURE(name);
        // Without an input's size each row keeps what the print says of it.
        const Json model = imported(print(name + ".repr")).at("model");
        CHECK_FALSE(model.at("inputs").at(0).contains("shape"));
        std::int64_t sum = 0;
        for (Json row : model.at("layers")) {
            const std::string op = row.at("op");
            Json shape = {row.value("in_channels", row.value("num_features", 4)), 64, 64};
            if (op == "Linear") shape = Json::array({row.at("in_features")});
            if (op == "LayerNorm") shape = {10, row.at("normalized_shape")};
            if (op.ends_with("1d") || op == "PReLU") shape.erase(2);
            if (op == "PReLU") shape = {row.value("num_parameters", 4), 64};
            if (op == "MultiheadAttention") {
                row["num_heads"] = 12;
                row["inputs"] = {"input", "input", "input"};
                shape = {10, row.at("embed_dim")};
            }
            if (op == "Block" || op == "Permute" || op == "StochasticDepth" || op == "AdaptiveAvgPool1d") continue;
            const Json report = report_of(model_of(Json::array({row}), shape));
            CAPTURE(row.dump());
            CAPTURE(report.at("diagnostics").dump());
            REQUIRE(report.at("layers").at(0).contains("parameters"));
            sum += report.at("layers").at(0).at("parameters").get<std::int64_t>() +
                   report.at("layers").at(0).value("unseen", std::int64_t{0});
            // Running statistics are no parameters.
            if (op.starts_with("BatchNorm")) sum -= 2 * row.at("num_features").get<std::int64_t>() + 1;
        }
        const auto unseen = of_no_module.find(name);
        CHECK(sum == total_parameters(name) - (unseen == of_no_module.end() ? 0 : unseen->second));
    }
}

TEST_CASE("repr: a class's forward is asked once, at the rows that end its calls") {
    const Json result = imported(print("resnet18.repr"), answers({3, 224, 224}));
    REQUIRE(result.at("questions").size() == 2);
    const Json& block = question(result, "forward/BasicBlock");
    CHECK(block.at("rows").size() == 8);
    CHECK(result.at("model").at("layers").at(block.at("row").get<std::size_t>() - 1).at("class") == "BasicBlock");
    CHECK(block.at("options").at(1).at("answer") == "conv1, bn1, relu, conv2, bn2, += downsample?(x), relu");
}

TEST_CASE("repr: a default that PyTorch never prints is said where it is taken, and an example can be true") {
    // nn.AvgPool2d(3, 2, ceil_mode=True), twice; nn.MultiheadAttention(32, 4, batch_first=True)
    const Json pools = imported(
        "Sequential(\n  (0): AvgPool2d(kernel_size=3, stride=2, padding=0)\n  (1): AvgPool2d(kernel_size=3, stride=2, "
        "padding=0)\n)",
        answers({16, 32, 32}));
    REQUIRE(pools.at("diagnostics").size() == 1);
    CHECK(pools.at("diagnostics")[0].at("severity") == "warning");
    CHECK(pools.at("diagnostics")[0].at("row") == 1);
    CHECK(pools.at("diagnostics")[0].at("field") == "ceil_mode");
    const Json attention = imported(
        "Sequential(\n  (0): MultiheadAttention(\n    (out_proj): NonDynamicallyQuantizableLinear(in_features=32, "
        "out_features=32, bias=True)\n  )\n)",
        answers({16, 32}));
    CHECK(attention.at("diagnostics")[0].at("field") == "batch_first");
    CHECK(question(attention, "attribute/MultiheadAttention/num_heads").at("example") == "8");
}

TEST_CASE("repr: what the print lacks is missing in its cell and asked for") {
    const Json vit = imported(print("vit_b_16.repr"), answers({3, 224, 224}));
    const Json& heads = question(vit, "attribute/MultiheadAttention/num_heads");
    CHECK(heads.at("rows").size() == 12);
    CHECK_FALSE(vit.at("model").at("layers").at(heads.at("row").get<std::size_t>() - 1).contains("num_heads"));
    const Json told =
        imported(print("vit_b_16.repr"), answers({3, 224, 224}, {{"attribute/MultiheadAttention/num_heads", 12}}));
    CHECK(told.at("model").at("layers").at(heads.at("row").get<std::size_t>() - 1).at("num_heads") == 12);
    // No size of an input is in any repr.
    const Json shapeless = imported(print("vgg16.repr"));
    CHECK(question(shapeless, "input/input").at("field") == "shape");
    CHECK_FALSE(shapeless.at("model").at("inputs").at(0).contains("shape"));
}

TEST_CASE("repr: an unknown leaf is a question and a row that the estimate marks; an answer says what it is") {
    const std::string text = "Net(\n  (a): Linear(in_features=4, out_features=4, bias=True)\n  (b): Swish(beta=1)\n)\n";
    const Json open = imported(text, answers({4}));
    const Json& asked = question(open, "forward/Swish");
    CHECK(asked.at("row") == 2);
    CHECK(has(asked.at("message"), "line 3"));
    const Json report = report_of(open.at("model"));
    CHECK(footprint::testing::first_error(report).at("code") == "unknown-op");
    const Json closed = imported(text, answers({4}, {{"forward/Swish", "SiLU"}, {"forward/Net", "as printed"}}));
    CHECK(closed.at("questions").empty());
    CHECK(closed.at("model").at("layers").at(1).at("op") == "SiLU");
    CHECK(closed.at("model").at("layers").at(1).at("class") == "Swish");
    const Json function = imported(text, answers({4}, {{"forward/Swish", "sigmoid = s, x, * s"}}));
    CHECK(function.at("model").at("layers").at(2).at("op") == "mul");
    CHECK(function.at("model").at("layers").at(3).at("class") == "Swish");
}

TEST_CASE("repr: positions, keywords, repeated modules and prompts around it") {
    const std::string text =
        ">>> print(model)\nTiny(\n  (emb): Embedding(30522, 768, padding_idx=0)\n  (lstm): LSTM(768, 20, num_layers=2, "
        "batch_first=True, bidirectional=True)\n  (layers): ModuleList(\n    (0-2): 3 x Head(\n      (fc): "
        "Linear(in_features=40, out_features=40, bias=False)\n    )\n  )\n  (gn): GroupNorm(8, 40, eps=1e-05, "
        "affine=True)\n)\n>>> \n";
    const Json result = imported(text);
    CHECK(result.at("diagnostics").empty());
    const Json& rows = result.at("model").at("layers");
    CHECK(rows.at(0) == Json({{"op", "Embedding"},
                              {"name", "emb"},
                              {"num_embeddings", 30522},
                              {"embedding_dim", 768},
                              {"padding_idx", 0}}));
    CHECK(rows.at(1) == Json({{"op", "LSTM"},
                              {"name", "lstm"},
                              {"input_size", 768},
                              {"hidden_size", 20},
                              {"num_layers", 2},
                              {"batch_first", true},
                              {"bidirectional", true}}));
    CHECK(rows.at(6).at("name") == "layers.2.fc");
    CHECK(rows.at(6).at("bias") == false);
    CHECK(rows.at(7).at("class") == "Head");
    CHECK(rows.at(8) == Json({{"op", "GroupNorm"}, {"name", "gn"}, {"num_groups", 8}, {"num_channels", 40}}));
    CHECK(result.at("model").at("inputs").at(0).at("dtype") == "int64");  // an Embedding reads it
}

TEST_CASE("torchinfo: each printed number of the wide tables is Footprint's, or the line says why not" * sweep) {
    for (const std::string& name : kNetworks) {
        for (const std::string suffix : {".torchinfo", ".torchinfo-wide"}) {
            CAPTURE(name + suffix);
            const Json result = imported(print(name + suffix), answers(shape_of(name)));
            CHECK(result.at("kind") == "torchinfo");
            CHECK(result.at("diagnostics").empty());
            CHECK_FALSE(result.at("lines").empty());
            for (const Json& line : result.at("lines")) {
                CAPTURE(line.dump());
                CHECK((line.at("equal") == true || !line.at("reason").get<std::string>().empty()));
                if (line.contains("row")) CHECK(line.at("row") <= result.at("model").at("layers").size());
            }
        }
    }
}

TEST_CASE(
    "torchinfo: all but its own way of counting outputs agrees, once the first option of each question is taken") {
    for (const std::string name :
         {"davenet_image", "densenet121", "efficientnet_b0", "mobilenet_v2", "resnet18", "resnet50", "vgg16"}) {
        CAPTURE(name);
        const Json result = answered(print(name + ".torchinfo-wide"), {3, 224, 224});
        for (const Json& line : result.at("lines")) {
            const std::string what = line.at("what");
            CAPTURE(line.dump());
            if (what == "forward_backward" || what == "total")
                CHECK(has(line.value("reason", ""), what == "total" ? "sum" : "torchinfo counts"));
            else
                CHECK(line.at("equal") == true);
        }
    }
}

TEST_CASE("torchinfo: a residual network's print becomes the document whose print torchsummary makes") {
    const Json result = answered(print("resnet50.torchinfo-wide"), {3, 224, 224});
    CHECK(result.at("questions").empty());
    CHECK(torchsummary_print(result.at("model")) == read("tests/golden/torchsummary/resnet50.txt"));
}

TEST_CASE("torchsummary: every print is read, each number equal or explained, whatever is unknown" * sweep) {
    for (const Json& entry : read_json("tests/golden/torchsummary/index.json")) {
        const std::string name = entry.at("name");
        if (entry.contains("crash")) continue;  // no print, or half of one
        CAPTURE(name);
        Json inputs = Json::object();
        for (std::size_t i = 0; i < entry.at("input_size").size(); ++i)
            inputs["x" + std::to_string(i)] = entry.at("input_size").at(i);
        const Json result = imported(read("tests/golden/torchsummary/" + name + ".txt"), {{"inputs", inputs}});
        CHECK(result.at("kind") == "torchsummary");
        CHECK(result.at("diagnostics").empty());
        CHECK(result.at("model").at("layers").size() == entry.at("rows"));
        for (const Json& line : result.at("lines")) {
            CAPTURE(line.dump());
            CHECK((line.at("equal") == true || !line.at("reason").get<std::string>().empty()));
        }
    }
}

TEST_CASE("torchsummary: networks of one chain and of blocks print the same again after the questions" * sweep) {
    for (const std::string name : {"vgg16", "resnet18", "resnet50", "mobilenet_v2", "davenet_image", "q_conv1d",
                                   "q_nested_sequential", "davenet_audio_t1024"}) {
        CAPTURE(name);
        const std::string text = read("tests/golden/torchsummary/" + name + ".txt");
        const Json result = answered(text, shape_of(name == "davenet_audio_t1024" ? "davenet_audio" : name));
        CHECK(result.at("questions").empty());
        CHECK(torchsummary_print(result.at("model")) == text);
        for (const Json& line : result.at("lines")) CHECK(line.at("equal") == true);
    }
}

TEST_CASE("torchsummary: what one number determines is written, the rest is asked for once") {
    const Json result = imported(read("tests/golden/torchsummary/vgg16.txt"), answers({3, 224, 224}));
    const Json& rows = result.at("model").at("layers");
    CHECK(rows.at(32).at("in_features") == 25088);  // 102,764,544 = (25,088 + 1) · 4,096
    CHECK(rows.at(32).at("out_features") == 4096);
    CHECK(rows.at(31).at("output_size") == 7);
    CHECK_FALSE(rows.at(0).contains("kernel_size"));
    const Json& kernels = question(result, "attributes/Conv2d-1");
    CHECK(kernels.at("rows").size() == 13);
    CHECK(kernels.at("options").at(0).at("answer") == "kernel_size=3, padding=1, dilation=1");
    CHECK(question(result, "inputs/Linear-33").at("options").at(0).at("answer") == "flatten(1)");
    CHECK(report_of(result.at("model")).at("diagnostics").at(0).at("code") == "missing");
}

TEST_CASE("torchsummary: a convolution that fits the row above only in groups is asked what it reads") {
    const std::string text = read("tests/golden/torchsummary/resnet18.txt");
    const Json open = imported(text, answers({3, 224, 224}));
    // 8,192 = 64 · 128: the 64 channels that the block was given, or half of the 128 above.
    const Json& asked = question(open, "inputs/Conv2d-24");
    CHECK(asked.at("options").at(0).at("answer") == "BasicBlock-18");
    CHECK_FALSE(open.at("model").at("layers").at(23).contains("in_channels"));
    const Json closed = answered(text, {3, 224, 224});
    CHECK(closed.at("model").at("layers").at(23) == Json({{"op", "Conv2d"},
                                                          {"name", "Conv2d-24"},
                                                          {"inputs", {"BasicBlock-18"}},
                                                          {"out_channels", 128},
                                                          {"kernel_size", 1},
                                                          {"stride", 2},
                                                          {"bias", false}}));
}

TEST_CASE("an answer that contradicts the print is refused") {
    const Json result = imported(read("tests/golden/torchsummary/vgg16.txt"),
                                 answers({3, 224, 224}, {{"attributes/Conv2d-1", "kernel_size=5, padding=2"}}));
    CHECK(result.at("diagnostics").at(0).at("code") == "contradiction");
    CHECK(has(result.at("diagnostics").at(0).at("message"), "line 4"));
}

TEST_CASE("answers that cannot be read: one sentence each") {
    const std::string text = print("vgg16.repr");
    const auto first = [&](const Json& given) {
        const Json result = imported(text, answers({3, 224, 224}, given));
        return result.at("diagnostics").empty() ? "" : result.at("diagnostics").at(0).at("message").get<std::string>();
    };
    CHECK(has(first({{"forward/VGG", "features, pool"}}), "no child \"pool\""));
    CHECK(has(first({{"forward/VGG", "features + "}}), "step"));
    CHECK(has(first({{"forward/Vgg", "as printed"}}), "forward/Vgg"));
    CHECK(Json::parse(footprint::import(text, "{\"input\": 3}")).at("diagnostics").at(0).at("code") == "unknown-key");
    CHECK(Json::parse(footprint::import(text, "{")).at("diagnostics").at(0).at("code") == "malformed-json");
}

TEST_CASE("a model document goes through as it is; a wrong one is refused") {
    const Json preset = read_json("presets/davenet-image.json");
    const Json result = imported(preset.dump());
    CHECK(result.at("kind") == "model");
    CHECK(result.at("model") == preset);
    CHECK(result.at("questions").empty());
    CHECK(only_error(imported("{\"format\": \"footprint/report\", \"version\": 1}")).find("footprint/model") !=
          std::string::npos);
    CHECK(has(only_error(imported("{\"layers\": []")), "byte"));
}

TEST_CASE("what is no print is refused in one sentence that names the line or the tool") {
    CHECK(has(only_error(imported("")), "empty"));
    CHECK(has(only_error(imported("hello world")), "line 1"));
    CHECK(has(only_error(imported("Model: \"sequential\"\n_____\n Layer (type)   Output Shape   Param #\n")), "Keras"));
    CHECK(has(only_error(imported("  | Name  | Type   | Params\n0 | layer | Linear | 10\n")), "Lightning"));
    CHECK(has(only_error(imported("import torch\nclass Net(nn.Module):\n")), "Python"));
    CHECK(has(only_error(imported("Net(\n  (a): ReLU()\n)\n)\n")), "line 4"));
    CHECK(has(only_error(imported("Net(\n  (a): ReLU()\n  (a): ReLU()\n)\n")), "two children called a"));
    CHECK(has(only_error(imported("Net(\n  (a): 12\n)\n")), "line 2"));
    CHECK(has(only_error(imported("Net(\n  (0-3): 5 x ReLU()\n)\n")), "line 2"));
    const std::string vgg = read("tests/golden/torchsummary/vgg16.txt");
    CHECK(has(
        only_error(imported(replaced(vgg, "              ReLU-4         [-1, 64, 224, 224]               0\n", ""))),
        "row 4 is missing"));
    CHECK(has(only_error(imported(replaced(vgg, "36,928", "36928x"))), "line 6"));
    CHECK(has(only_error(imported(replaced(print("vgg16.torchinfo"), "2-3 ", "2-4 "))), "2-3 is missing"));
    for (const std::string name : {"QRaggedTuple", "QRaggedInputs", "q_zero_params"})
        CHECK(has(only_error(imported(read("tests/golden/torchsummary/crashed/" + name + ".txt"))), "ends at line"));
}

TEST_CASE("a print cut anywhere is one sentence, never a document" * sweep) {
    std::vector<std::string> texts;
    for (const std::string& name : kNetworks)
        for (const std::string suffix : {".repr", ".torchinfo", ".torchinfo-wide"})
            texts.push_back(print(name + suffix));
    for (const std::string name : {"vgg16", "QTupleOverflow", "QWeightNorm"})
        texts.push_back(read("tests/golden/torchsummary/" + name + ".txt"));
    for (const std::string& text : texts) {
        const std::size_t whole = text.size() - 2;  // the last character and its line's end
        for (std::size_t step = 0; step < 60; ++step) {
            const std::size_t end = step < 20 ? whole - step : whole * (step - 20) / 40;
            const Json result = imported(text.substr(0, end));
            CAPTURE(text.substr(end > 80 ? end - 80 : 0, 80));
            CHECK(result.at("model").is_null());
            REQUIRE(result.at("diagnostics").size() == 1);
            CHECK_FALSE(result.at("diagnostics").at(0).at("message").get<std::string>().empty());
        }
        // The beginning lost, any bytes: an answer, whatever it is.
        for (std::size_t step = 1; step < 6; ++step) {
            CHECK(imported(text.substr(text.size() * step / 6)).at("format") == "footprint/import");
            std::string damaged = text;
            damaged[damaged.size() * step / 6] = static_cast<char>(0x80 + step);
            CHECK(imported(damaged).at("format") == "footprint/import");
        }
    }
}
