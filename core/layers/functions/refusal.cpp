#include "layers/functions/refusal.hpp"

#include "base/number.hpp"

namespace footprint {

Diagnostic& refuse(Call& call, std::string_view code, std::string_view field, std::initializer_list<Word> sentence,
                   std::initializer_list<Clash> clashes) {
    std::string message;
    for (const Word& word : sentence)
        message += word.is_number() ? plain(word.number().value()) : std::string(word.text());
    Diagnostic& diagnostic = call.fail(code, field, std::move(message));
    for (const auto& [name, value] : clashes) {
        NamedValue& named = diagnostic.values.emplace_back();
        named.name = name;
        if (value.is_number())
            named.value = value.number().value();
        else
            named.value = std::string(value.text());
    }
    return diagnostic;
}

}  // namespace footprint
