#include "layers/functions/refusal.hpp"

#include <utility>
#include <vector>

#include "base/number.hpp"

namespace footprint {

Diagnostic& refuse(Call& call, std::string_view code, std::string_view field, std::string_view sentence,
                   std::initializer_list<Word> words) {
    std::string message;
    std::vector<NamedValue> values;
    const Word* word = words.begin();
    while (true) {
        const std::size_t open = sentence.find('{');
        message += sentence.substr(0, open);
        if (open == std::string_view::npos || word == words.end()) break;
        const std::size_t close = sentence.find('}', open);
        std::string_view name = sentence.substr(open + 1, close - open - 1);
        sentence.remove_prefix(close + 1);
        const bool silent = !name.empty() && name[0] == '!';
        if (silent) name.remove_prefix(1);
        if (!silent) message += word->is_number() ? plain(word->number()) : std::string(word->text());
        if (!name.empty()) {
            NamedValue& value = values.emplace_back();
            value.name = name == "@" ? field : name;
            if (word->is_number())
                value.value = word->number();
            else
                value.value = std::string(word->text());
        }
        ++word;
    }
    Diagnostic& diagnostic = call.fail(code, field, std::move(message));
    diagnostic.values = std::move(values);
    return diagnostic;
}

}  // namespace footprint
