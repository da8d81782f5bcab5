#include "explain/notation.hpp"

#include "base/number.hpp"

namespace footprint::notation {
namespace {

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string_view latex_escape(char c) {
    switch (c) {
        case '#':
            return "\\#";
        case '$':
            return "\\$";
        case '%':
            return "\\%";
        case '&':
            return "\\&";
        case '_':
            return "\\_";
        case '{':
            return "\\{";
        case '}':
            return "\\}";
        case '~':
            return "\\textasciitilde{}";
        case '^':
            return "\\textasciicircum{}";
        case '\\':
            return "\\textbackslash{}";
        // TeX's oldest font encoding, still the default, has other characters in these places.
        case '<':
            return "\\textless{}";
        case '>':
            return "\\textgreater{}";
        case '|':
            return "\\textbar{}";
        default:
            return {};
    }
}

std::string_view xml_escape(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

/// One identifier, without a subscript: a single letter is italic, more than one upright, as in ISO 80000-2.
std::string identifier(Format format, std::string_view name) {
    if (format == Format::text) return escaped(format, name);
    if (format == Format::mathml) return joined({"<mi>", escaped(format, name), "</mi>"});
    bool simple = true;
    for (const char c : name) simple = simple && is_letter_or_digit(c);
    if (simple && name.size() == 1) return std::string(name);
    // \mathrm ignores spaces and makes a hyphen a minus: only plain words may stand in it
    return joined({simple ? "\\mathrm{" : "\\text{", escaped(format, name), "}"});
}

}  // namespace

std::string joined(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) size += part.size();
    std::string all;
    all.reserve(size);
    for (const std::string_view part : parts) all += part;
    return all;
}

std::string_view mark(Format format, Mark mark) {
    struct Forms {
        std::string_view text, latex, mathml;
    };
    static constexpr Forms kForms[] = {
        {" + ", " + ", "<mo>+</mo>"},
        {" − ", " - ", "<mo>−</mo>"},
        {" × ", " \\times ", "<mo>×</mo>"},
        {" ÷ ", " \\div ", "<mspace width=\"0.5em\"/><mo>÷</mo><mspace width=\"0.3em\"/>"},
        {" = ", " = ", "<mo>=</mo>"},
        {"1024²", "1024^{2}", "<msup><mn>1024</mn><mn>2</mn></msup>"},
    };
    const Forms& forms = kForms[static_cast<std::size_t>(mark)];
    return format == Format::text ? forms.text : format == Format::latex ? forms.latex : forms.mathml;
}

std::string_view sign(Format format) {
    return format == Format::text ? "−" : format == Format::latex ? "-" : "<mo form=\"prefix\">−</mo>";
}

std::string escaped(Format format, std::string_view words) {
    std::string out;
    out.reserve(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        const char c = words[i];
        // U+FFFE and U+FFFF are no characters of XML, however they are written
        if (words.substr(i, 2) == "\xEF\xBF" && i + 2 < words.size() &&
            (words[i + 2] == '\xBE' || words[i + 2] == '\xBF')) {
            out += ' ';
            i += 2;
            continue;
        }
        if ((c >= 0 && c < ' ') || c == '\x7F') {
            out += ' ';
            continue;
        }
        const std::string_view escape = format == Format::latex    ? latex_escape(c)
                                        : format == Format::mathml ? xml_escape(c)
                                                                   : std::string_view();
        if (escape.empty())
            out += c;
        else
            out += escape;
    }
    return out;
}

std::string words(Format format, std::string_view words) {
    const std::string safe = escaped(format, words);
    if (format == Format::text) return safe;
    if (format == Format::latex) return joined({"\\text{", safe, "}"});
    return joined({"<mtext>", safe, "</mtext>"});
}

std::string symbol(Format format, std::string_view name) {
    const std::size_t cut = name.find('_');
    if (format == Format::text || cut == std::string_view::npos || cut == 0 || cut + 1 == name.size())
        return identifier(format, name);
    const std::string base = identifier(format, name.substr(0, cut));
    const std::string subscript = identifier(format, name.substr(cut + 1));
    if (format == Format::latex) return joined({base, "_{", subscript, "}"});
    return joined({"<msub>", base, subscript, "</msub>"});
}

std::string digits(Format format, std::string_view digits) {
    std::string_view minus;
    if (!digits.empty() && digits.front() == '-') {
        minus = sign(format);
        digits.remove_prefix(1);
    }
    if (format == Format::text) return joined({minus, digits});
    if (format == Format::mathml) return joined({minus, "<mn>", digits, "</mn>"});
    std::string out(minus);
    for (const char c : digits) {
        if (c == ',')
            out += "{,}";  // a bare comma is punctuation: TeX would put a space behind it
        else
            out += c;
    }
    return out;
}

std::string quantity(Format format, std::string_view quantity) {
    const std::size_t space = quantity.find(' ');
    const std::string amount = digits(format, quantity.substr(0, space));
    if (space == std::string_view::npos) return amount;
    const std::string unit = escaped(format, quantity.substr(space + 1));
    if (format == Format::text) return joined({amount, " ", unit});
    if (format == Format::latex) return joined({amount, "\\,\\mathrm{", unit, "}"});
    return joined({amount, "<mspace width=\"0.2em\"/><mtext>", unit, "</mtext>"});
}

std::string number(Format format, Integer value) {
    if (value.overflowed()) return words(format, "too large");
    const bool long_number = value.value() <= -10000 || value.value() >= 10000;
    return digits(format, long_number ? grouped(value.value()) : plain(value.value()));
}

std::string parentheses(Format format, std::string_view inside) {
    if (format == Format::text) return joined({"(", inside, ")"});
    if (format == Format::latex) return joined({"\\left(", inside, "\\right)"});
    return joined({"<mrow><mo>(</mo>", inside, "<mo>)</mo></mrow>"});
}

std::string rounded_quotient(Format format, Rounding rounding, std::string_view a, std::string_view b) {
    const bool down = rounding == Rounding::floor;
    const std::string_view open = down ? "⌊" : "⌈", close = down ? "⌋" : "⌉";
    if (format == Format::text) return joined({open, a, " / ", b, close});
    if (format == Format::latex) {
        const std::string_view name = down ? "floor" : "ceil";
        return joined({"\\left\\l", name, "\\frac{", a, "}{", b, "}\\right\\r", name});
    }
    return joined({"<mrow><mo>", open, "</mo><mfrac><mrow>", a, "</mrow><mrow>", b, "</mrow></mfrac><mo>", close,
                   "</mo></mrow>"});
}

std::string function(Format format, std::string_view name, std::string_view a, std::string_view b) {
    if (format == Format::text) return joined({name, "(", a, ", ", b, ")"});
    if (format == Format::latex) return joined({"\\", name, "\\left(", a, ", ", b, "\\right)"});
    return joined({"<mrow><mi>", name, "</mi><mo>(</mo>", a, "<mo>,</mo>", b, "<mo>)</mo></mrow>"});
}

std::string left_out(Format format, std::size_t count) {
    const std::string many = grouped(static_cast<std::int64_t>(count));
    if (format == Format::text) return joined({"… (", many, " more)"});
    if (format == Format::latex) return joined({"\\cdots\\text{ (", many, " more)}"});
    return joined({"<mo>⋯</mo><mtext>(", many, " more)</mtext>"});
}

}  // namespace footprint::notation
