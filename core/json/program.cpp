#include "json/program.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/number.hpp"
#include "json/parse.hpp"
#include "json/reader.hpp"
#include "kernels/kernels.hpp"

namespace footprint::json {
namespace {

/// Names of phases, which outlive the document.
constexpr std::string_view kPhases[] = {
    "model_to_device", "ema_created", "optimizer_created", "input_to_device", "zero_grad", "forward", "loss",
    "backward",        "clip_norm",   "optimizer_step",    "ema_update"};

class ProgramReader {
 public:
    ProgramReader(const Value& document, const aten::Properties& card, Diagnostics& diagnostics)
        : reader_(document, {0, "", "program: "}, diagnostics), device_(card) {}

    std::optional<StepProgram> read(std::optional<std::int64_t> batch) {
        if (reader_.text("format") != "footprint/program")
            return fail("wrong-format", "format", "this is not a footprint/program");
        if (reader_.integer("version", {1, 1}) != 1) return std::nullopt;
        if (!read_batch(batch) || !read_names()) return std::nullopt;
        const Value::List* phases = reader_.list("phases");
        const Value::List* events = reader_.list("events");
        if (phases == nullptr || events == nullptr)
            return fail("missing", "events", "a program needs phases and events");
        if (events->size() > aten::kMostEvents)
            return fail("too-large", "events", "the program has more than 8,000,000 events");
        std::size_t at = 0;
        for (const Value& phase : *phases) {
            const Value *step = phase.find("step"), *name = phase.find("phase"), *end = phase.find("end");
            const auto* known = name == nullptr || name->text() == nullptr
                                    ? std::end(kPhases)
                                    : std::find(std::begin(kPhases), std::end(kPhases), *name->text());
            if (step == nullptr || step->integer() == nullptr || known == std::end(kPhases) || end == nullptr ||
                end->integer() == nullptr || *end->integer() < static_cast<std::int64_t>(at) ||
                static_cast<std::size_t>(*end->integer()) > events->size())
                return fail("wrong-type", "phases", "each phase needs step, phase and end, in order");
            device_.kernel = *known;
            for (; at < static_cast<std::size_t>(*end->integer()); ++at)
                if (!play((*events)[at], at)) return std::nullopt;
            const auto number = static_cast<std::int32_t>(std::clamp<std::int64_t>(*step->integer(), -1, 1'000'000));
            program_.phases.push_back({number, *known, device_.events.size()});
        }
        if (device_.given_up())
            return fail("overflow", "batch", "the program at this batch asks for more bytes than 64 bits can count");
        program_.allocations = device_.allocations;
        program_.events = device_.events;
        program_.names.resize(program_.allocations.size());
        return std::move(program_);
    }

 private:
    std::nullopt_t fail(std::string_view code, std::string_view key, const std::string& message) {
        reader_.error(code, key, message);
        return std::nullopt;
    }

    bool read_batch(std::optional<std::int64_t> wanted) {
        const Value::List* batches = reader_.list("batches");
        if (batches == nullptr || batches->empty() || batches->front().integer() == nullptr) {
            fail("missing", "batches", "the batches that it was recorded at are missing");
            return false;
        }
        const std::int64_t first = *batches->front().integer();
        if (batches->size() == 1 && wanted && *wanted != first) {
            fail("out-of-range", "batches",
                 "the program was recorded at batch " + plain(first) + " and holds for no other, but batch " +
                     plain(*wanted) + " is asked for");
            return false;
        }
        batch_ = wanted.value_or(first);
        return true;
    }

    bool read_names() {
        auto words = std::make_shared<std::vector<std::string>>();
        const Value::List* names = reader_.list("names");
        for (const Value& name : names == nullptr ? Value::List() : *names) {
            if (name.text() == nullptr) {
                fail("wrong-type", "names", "names must be texts");
                return false;
            }
            words->push_back(*name.text());
        }
        program_.words = std::move(words);
        return true;
    }

    bool wrong(std::size_t at) {
        fail("wrong-type", "events",
             "event " + plain(static_cast<std::int64_t>(at)) + " is none that a program can have");
        return false;
    }

    [[nodiscard]] static std::optional<std::int64_t> integer(const Value::List& list, std::size_t i) {
        if (i >= list.size() || list[i].integer() == nullptr) return std::nullopt;
        return *list[i].integer();
    }

    bool play(const Value& event, std::size_t at) {
        if (const auto* freed = event.integer()) {
            const std::int64_t number =
                *freed < 0 && *freed > -static_cast<std::int64_t>(numbers_.size()) - 1 ? -*freed - 1 : -1;
            if (number < 0 || freed_[static_cast<std::size_t>(number)]) return wrong(at);
            freed_[static_cast<std::size_t>(number)] = true;
            device_.free(numbers_[static_cast<std::size_t>(number)]);
            return true;
        }
        if (event.list() == nullptr || event.list()->empty()) return wrong(at);
        const Value::List& list = *event.list();
        if (const std::string* word = list[0].text()) {
            if (*word == "cublas")
                aten::take_cublas_workspace(device_);
            else if (*word == "cublaslt")
                aten::take_cublaslt_workspace(device_);
            else
                return *word == "reduce" ? reduce(list, at) : wrong(at);
            return true;
        }
        const auto per_item = integer(list, 0), plus = integer(list, 1), name = integer(list, 2);
        if (!per_item || !plus || !name || *name < 0 || static_cast<std::size_t>(*name) >= program_.words->size())
            return wrong(at);
        const Integer bytes = Integer(*per_item) * batch_ + *plus;
        if (!bytes.overflowed() && bytes < 0) return wrong(at);
        const std::string_view phase = device_.kernel;
        device_.kernel = (*program_.words)[static_cast<std::size_t>(*name)];
        numbers_.push_back(device_.allocate(bytes));
        freed_.push_back(false);
        device_.kernel = phase;
        return true;
    }

    bool reduce(const Value::List& list, std::size_t at) {
        const auto element = integer(list, 1), accumulator = integer(list, 2);
        if (!element || !accumulator || *accumulator < 1 || *accumulator > 64 || list.size() < 4 ||
            list[3].list() == nullptr || list[3].list()->size() > kMostDimensions)
            return wrong(at);
        aten::Sizes sizes, strides;
        std::vector<bool> reduced;
        for (const Value& dimension : *list[3].list()) {
            if (dimension.list() == nullptr || dimension.list()->size() != 5) return wrong(at);
            Integer numbers[2];
            for (std::size_t k = 0; k < 2; ++k) {
                const auto per_item = integer(*dimension.list(), 2 * k), plus = integer(*dimension.list(), 2 * k + 1);
                if (!per_item || !plus) return wrong(at);
                numbers[k] = Integer(*per_item) * batch_ + *plus;
                if (numbers[k].overflowed() || numbers[k] < 0) return wrong(at);
            }
            sizes.push_back(numbers[0].value());
            strides.push_back(numbers[1].value());
            reduced.push_back(integer(*dimension.list(), 4) == 1);
        }
        const DType dtype = *element == 2   ? DType::float16
                            : *element == 8 ? DType::float64
                            : *element == 1 ? DType::uint8
                                            : DType::float32;
        const aten::Tensor nothing = aten::empty(device_, {0}, dtype);
        aten::reduction_staging(aten::alias(nothing, std::move(sizes), std::move(strides)), reduced, *accumulator);
        return true;
    }

    ObjectReader reader_;
    aten::Device device_;
    StepProgram program_;
    std::int64_t batch_ = 1;
    std::vector<std::int32_t> numbers_;  // the device's, by the program's
    std::vector<bool> freed_;
};

}  // namespace

std::optional<StepProgram> read_program(std::string_view text, std::optional<std::int64_t> batch,
                                        const aten::Properties& card, Diagnostics& diagnostics) {
    const std::optional<Value> document = parse(text, diagnostics);
    if (!document) return std::nullopt;
    if (document->object() == nullptr) {
        diagnostics.error("wrong-format", "a program is a JSON object");
        return std::nullopt;
    }
    return ProgramReader(*document, card, diagnostics).read(batch);
}

}  // namespace footprint::json
