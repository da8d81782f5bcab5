// Times the core: an estimate beside the parse of the same request by nlohmann_json, and three training steps.
//
//     bench_native FOLDER      writes the requests to FOLDER/ROWS.json, for the WebAssembly bench to read, and prints
//                              one line a size: rows, bytes, milliseconds to parse, to estimate, and to simulate a step
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "footprint.hpp"
#include "requests.hpp"

namespace {

/// The median of at least 15 runs and at least half a second of them, after one that warms the caches.
template <class Work>
double milliseconds(Work work) {
    using Clock = std::chrono::steady_clock;
    work();
    std::vector<double> times;
    const auto start = Clock::now();
    while (times.size() < 15 || Clock::now() - start < std::chrono::milliseconds(500)) {
        const auto before = Clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
    }
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: bench_native FOLDER\n");
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    for (const int rows : footprint::kBenchRows) {
        const std::string request = footprint::bench_request(rows);
        const std::string step_request = footprint::bench_request(rows, R"(, "gpus": [])");
        std::ofstream(folder / (std::to_string(rows) + ".json"), std::ios::binary) << request;
        std::ofstream(folder / (std::to_string(rows) + ".step.json"), std::ios::binary) << step_request;
        if (footprint::estimate(request).find(R"("severity":"error")") != std::string::npos) {
            std::fprintf(stderr, "the estimate of %d rows has errors\n", rows);
            return 1;
        }
        std::size_t kept = 0;  // what is computed is used, so that it is computed
        const double parse = milliseconds([&] { kept += nlohmann::json::parse(request, nullptr, false).size(); });
        const double estimate = milliseconds([&] { kept += footprint::estimate(request).size(); });
        const double step = milliseconds([&] { kept += footprint::step(step_request).size(); });
        std::printf("%d %zu %.6f %.6f %.6f\n", rows, request.size(), parse, estimate, step);
        if (kept == 0) return 1;
    }
    return 0;
}
