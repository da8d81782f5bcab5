// Runs the fuzz target over files, for every compiler: what once crashed stays a test where libFuzzer does not exist.
//
//     fuzz_replay FILE_OR_FOLDER…
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::filesystem::path& file) {
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);  // the last line printed names the input that crashed
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t count = 0;
    for (const std::string& argument : std::vector<std::string>(argv + 1, argv + argc)) {
        if (!std::filesystem::exists(argument)) {
            std::fprintf(stderr, "%s does not exist\n", argument.c_str());
            return 1;
        }
        if (!std::filesystem::is_directory(argument)) {
            replay(argument);
            ++count;
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(argument)) {
            if (!entry.is_regular_file() || entry.path().filename() == "README.md") continue;
            replay(entry.path());
            ++count;
        }
    }
    std::printf("%zu inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
