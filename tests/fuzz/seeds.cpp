// Writes what a fuzzer starts from: a seed for each model document and print given, and a dictionary of the words that
// the catalogue knows, so that a new layer is fuzzed the day it is added.
//
//     fuzz_seeds OUTPUT_FOLDER DOCUMENT…
//
// OUTPUT_FOLDER gets request.dict and the seeds in three folders: from those of short/ a search of seconds starts, from
// those of corpus/ a long one too, and those of long/ are only replayed.
#include <array>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "footprint.hpp"

namespace {

namespace fs = std::filesystem;

// One number of each kind that can be explained; the seeds take turns.
constexpr std::array kPaths = {"layers/1/forward",     "layers/2/parameters", "layers/1/outputs/0/1",
                               "notebook/input",       "notebook/total",      "notebook/parameters",
                               "fit/v100-16gb/free",   "layers/3/forward",    "fit/v100-16gb/largest_batch",
                               "layers/2/outputs/0/2", "notebook/backward",   "fit/v100-16gb/usable"};

constexpr std::size_t kShort = 350;  // a fifth of the seeds, tried in four seconds
// The fuzzer is told to make none longer (-max_len): it would cut a longer seed in two.
constexpr std::size_t kLongest = 16384;

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

/// A request with a path to explain. What lies in a folder "requests" is one already; the rest are models.
std::string seed(const fs::path& file, std::size_t number) {
    const std::string text = read(file);
    if (file.parent_path().filename() == "requests") return text;
    if (file.extension() == ".txt")
        return text + '\0' + R"({"inputs": {"x": [3, 224, 224]}, "answers": {"forward/BasicBlock": "0, 1, += x"}})";
    return R"({"model": )" + text + R"(, "run": {"batch": )" + std::to_string(number % 4 + 1) +
           R"(}, "gpus": ["v100-16gb"], "want": ["layers", "notebook", "fit", "print", "series", "storages"]})" + '\0' +
           kPaths[number % kPaths.size()];
}

/// Every key and every text without a space: operations, attributes, words, cards, codes.
void collect(const nlohmann::json& value, std::set<std::string>& words) {
    if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        if (!text.empty() && text.find(' ') == std::string::npos) words.insert(text);
    }
    if (value.is_object())
        for (const auto& item : value.items()) words.insert(item.key());
    if (value.is_structured())
        for (const auto& member : value) collect(member, words);
}

std::string dictionary() {
    std::set<std::string> words;
    collect(nlohmann::json::parse(footprint::describe(), nullptr, false), words);
    std::string text;
    for (const std::string& word : words) {
        text += "\"\\\"";
        for (const char c : word) {
            std::array<char, 5> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\x%02X", static_cast<unsigned char>(c));
            text += (c == '"' || c == '\\' || c < ' ' || c > '~') ? std::string(escaped.data()) : std::string(1, c);
        }
        text += "\\\"\"\n";
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: fuzz_seeds OUTPUT_FOLDER DOCUMENT...\n");
        return 2;
    }
    const fs::path output = argv[1];
    for (const char* folder : {"short", "corpus", "long"}) {
        fs::remove_all(output / folder);
        fs::create_directories(output / folder);
    }

    std::size_t number = 0;
    for (const std::string& document : std::vector<std::string>(argv + 2, argv + argc)) {
        const std::string name = std::to_string(number) + "-" + fs::path(document).stem().string();
        const std::string bytes = seed(document, number);
        const char* folder = bytes.size() <= kShort ? "short" : bytes.size() <= kLongest ? "corpus" : "long";
        write(output / folder / name, bytes);
        ++number;
    }
    write(output / "request.dict", dictionary());
    return 0;
}
