// Formulas: a rule written once computes with Integer and explains itself with Term. What it must read like.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "explain/derivation.hpp"
#include "explain/render.hpp"
#include "explain/term.hpp"

using namespace footprint;

namespace {

Term named(std::string name, std::int64_t value) { return Term::symbol({std::move(name), value, "", "", "", ""}); }

std::string symbols(const Term& term, Format format = Format::text) { return render(term, format, Reading::symbols); }
std::string numbers(const Term& term, Format format = Format::text) { return render(term, format, Reading::numbers); }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
    return found;
}

/// Every tag is closed in order, and outside of tags there is no '<', '>', control character or '&' but an entity's.
bool well_formed(std::string_view xml) {
    std::vector<std::string_view> open;
    for (std::size_t i = 0; i < xml.size(); ++i) {
        const char c = xml[i];
        if (c >= 0 && c < ' ') return false;
        if (c == '>') return false;
        if (c == '&') {
            const std::string_view rest = xml.substr(i, 6);
            bool entity = false;
            for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
                entity = entity || rest.substr(0, known.size()) == known;
            if (!entity) return false;
        }
        if (c != '<') continue;
        const std::size_t end = xml.find('>', i);
        if (end == xml.npos) return false;
        std::string_view tag = xml.substr(i + 1, end - i - 1);
        i = end;
        if (tag.empty() || contains(tag, "<")) return false;
        if (tag.back() == '/') continue;
        if (tag.front() == '/') {
            if (open.empty() || open.back() != tag.substr(1)) return false;
            open.pop_back();
        } else {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
    }
    return open.empty();
}

/// Braces pair up and no character that means something to TeX stands without its escape.
bool harmless(std::string_view latex) {
    int depth = 0;
    for (std::size_t i = 0; i < latex.size(); ++i) {
        if (latex[i] == '\\') {
            ++i;
            continue;
        }
        if (latex[i] == '{') ++depth;
        if (latex[i] == '}' && --depth < 0) return false;
        if (contains("#$%&~", latex.substr(i, 1))) return false;
    }
    return depth == 0;
}

// torch.nn.Conv2d, "Shape": H_out = ⌊(H_in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
template <class N>
N conv_positions(const Symbols<N>& name, Integer length, Integer kernel, Integer padding) {
    const N h = name("H_in", length, "height of the input");
    const N k = name("k_H", kernel, "kernel_size of this row");
    const N p = name("p_H", padding, "padding of this row");
    const N d = name("d_H", 1, "dilation of this row");
    const N s = name("s_H", 1, "stride of this row");
    return floor_divide(h + 2 * p - d * (k - 1) - 1, s) + 1;
}

// torch.nn.Conv2d, "Variables": weight (out, in / groups, k_H, k_W), and a bias of out values
template <class N>
N conv_parameters(const Symbols<N>& name, Integer in, Integer out, Integer k_h, Integer k_w) {
    const N c_out = name("C_out", out, "out_channels of this row", "torch.nn.Conv2d", "", "layers/conv/outputs/0/1");
    return name("C_in", in, "in_channels of this row", "torch.nn.Conv2d") * c_out *
               name("k_H", k_h, "kernel_size of this row", "torch.nn.Conv2d") *
               name("k_W", k_w, "kernel_size of this row", "torch.nn.Conv2d") +
           c_out;
}

}  // namespace

TEST_SUITE("terms") {
    TEST_CASE("a rule computes and explains itself with the same code") {
        CHECK(conv_positions(Symbols<Integer>{}, 40, 40, 0) == Integer(1));
        CHECK(conv_positions(Symbols<Integer>{}, 1024, 11, 5) == Integer(1024));
        const Term term = conv_positions(Symbols<Term>{}, 1024, 11, 5);
        CHECK(value_of(term) == Integer(1024));
        CHECK(symbols(term) == "⌊(H_in + 2 × p_H − d_H × (k_H − 1) − 1) / s_H⌋ + 1");
        CHECK(numbers(term) == "⌊(1024 + 2 × 5 − 1 × (11 − 1) − 1) / 1⌋ + 1");
    }

    TEST_CASE("a rule decides by value_of, whatever it is written over") {
        CHECK(value_of(Integer(7)) == Integer(7));
        CHECK(value_of(named("n", 7)) > Integer(6));
    }

    TEST_CASE("every operation has the value that Integer gives it") {
        const Term a = named("a", -7), b = named("b", 2);
        CHECK((a + b).value() == Integer(-5));
        CHECK((a - b).value() == Integer(-9));
        CHECK((a * b).value() == Integer(-14));
        CHECK((-a).value() == Integer(7));
        CHECK(floor_divide(a, b).value() == Integer(-4));  // towards minus infinity, as Python's -7 // 2
        CHECK(ceil_divide(a, b).value() == Integer(-3));
        CHECK(smaller(a, 2).value() == Integer(-7));
        CHECK(larger(2, a).value() == Integer(2));
        Term total = a;
        total += 10;
        total *= b;
        total -= 1;
        CHECK(total.value() == Integer(5));  // (−7 + 10) × 2 − 1
    }

    TEST_CASE("parentheses stand where they change the meaning, and nowhere else") {
        const Term a = named("a", 2), b = named("b", 3), c = named("c", 5), d = named("d", 7);
        CHECK(symbols((a + b) * c) == "(a + b) × c");
        CHECK(symbols(a + b * c) == "a + b × c");
        CHECK(symbols((a + b) + (c + d)) == "a + b + c + d");
        CHECK(symbols(a + (b - c)) == "a + b − c");
        CHECK(symbols(a - (b - c)) == "a − (b − c)");
        CHECK(symbols((a - b) - c) == "a − b − c");
        CHECK(symbols(a - (b + c)) == "a − (b + c)");
        CHECK(symbols(a - b * c) == "a − b × c");
        CHECK(symbols((a * b) * (c * d)) == "a × b × c × d");
        CHECK(symbols(-(a * b)) == "−a × b");
        CHECK(symbols(-(a + b)) == "−(a + b)");
        CHECK(symbols(a * -b) == "a × (−b)");
        CHECK(symbols(a + -b) == "a − b");
        CHECK(symbols(a - -b) == "a − (−b)");
    }

    TEST_CASE("a floor is its own bracket, in a product too") {
        const Term a = named("a", 17), b = named("b", 3), c = named("c", 2);
        CHECK(symbols(c * floor_divide(a + b, b * c) * 4) == "c × ⌊(a + b) / (b × c)⌋ × 4");
        CHECK(symbols(c * (floor_divide(a, b) + 1)) == "c × (⌊a / b⌋ + 1)");
        CHECK(symbols(ceil_divide(a * c, b)) == "⌈a × c / b⌉");
        CHECK(symbols(larger(a - b, smaller(b, c))) == "max(a − b, min(b, c))");
        CHECK(symbols(floor_divide(a + b, b * c), Format::latex) ==
              "\\left\\lfloor\\frac{a + b}{b \\times c}\\right\\rfloor");
        CHECK(symbols(floor_divide(a, b), Format::mathml) ==
              "<mrow><mo>⌊</mo><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac><mo>⌋</mo></mrow>");
    }

    TEST_CASE("numbers stand one for one where the symbols stood") {
        const Term one = named("C_in", 1), none = named("p", 0), k = named("k", 40), c = named("C", 128);
        CHECK(numbers(one * c * k * one) == "1 × 128 × 40 × 1");
        CHECK(symbols(one * c * k) == "C_in × C × k");
        CHECK(numbers((one * one + k) * c) == "(1 × 1 + 40) × 128");
        CHECK(numbers(k + 2 * none - none + c) == "40 + 2 × 0 − 0 + 128");
        CHECK(numbers(none - c) == "0 − 128");
        CHECK(numbers((k + none) * c) == "(40 + 0) × 128");
    }

    TEST_CASE("in a list, Σ over rows, factors of 1 and items of 0 go, and equal items stay") {
        const Term one = named("C_in", 1), none = named("p", 0), k = named("k", 40), c = named("C", 128);
        CHECK(numbers(Term::sum({one * c * k, none, k * none, c * k, c * one})) == "128 × 40 + 128 × 40 + 128");
        CHECK(symbols(Term::sum({one * c, none, k})) == "C_in × C + p + k");
        CHECK(numbers(Term::sum({none, none, none})) == "0");
        CHECK(numbers(Term::sum({one * one, k, c}) * one) == "(1 + 40 + 128) × 1");
    }

    TEST_CASE("numbers: a difference or a quotient keeps its parts") {
        const Term k = named("k", 40), c = named("C", 128);
        CHECK(numbers(c * k + c * k) == "128 × 40 + 128 × 40");
        // a difference that happens to be 0 or 1 says why: it stays
        CHECK(numbers(c + (k - 40)) == "128 + 40 − 40");
        CHECK(numbers(c * (k - 39)) == "128 × (40 − 39)");
    }

    TEST_CASE("numbers: a negative one is a minus, in parentheses only behind another mark") {
        const Term a = named("a", 5), low = named("n", -3);
        CHECK(numbers(low + a) == "−3 + 5");
        CHECK(numbers(a + low) == "5 − 3");
        CHECK(numbers(a - low) == "5 − (−3)");
        CHECK(numbers(a * low) == "5 × (−3)");
        CHECK(numbers(a * low, Format::mathml) ==
              "<mn>5</mn><mo>×</mo><mrow><mo>(</mo><mo form=\"prefix\">−</mo><mn>3</mn><mo>)</mo></mrow>");
    }

    TEST_CASE("thousands are separated from five digits on") {
        CHECK(numbers(named("T", 1024) * 50176) == "1024 × 50,176");
        CHECK(numbers(named("T", 1024) * 50176, Format::latex) == "1024 \\times 50{,}176");
    }

    TEST_CASE("a name is split into base and subscript at its first underscore") {
        CHECK(symbols(named("C_out", 1), Format::latex) == "C_{\\mathrm{out}}");
        CHECK(symbols(named("k_H", 1), Format::latex) == "k_{H}");
        CHECK(symbols(named("B", 1), Format::latex) == "B");
        CHECK(symbols(named("M_conv_1", 1), Format::latex) == "M_{\\text{conv\\_1}}");
        CHECK(symbols(named("C_out", 1), Format::mathml) == "<msub><mi>C</mi><mi>out</mi></msub>");
        CHECK(symbols(named("_x", 1), Format::mathml) == "<mi>_x</mi>");
        CHECK(symbols(named("x_", 1), Format::mathml) == "<mi>x_</mi>");
    }

    TEST_CASE("a defined symbol is its name in symbols and opens in numbers") {
        const Symbols<Term> name;
        const Term bytes = (name.define("P_conv1", conv_parameters(name, 1, 128, 40, 1), "parameters of conv1") + 2) *
                           name("s", 4, "bytes per value", "", "bytes");
        CHECK(symbols(bytes) == "(P_conv1 + 2) × s");
        CHECK(numbers(bytes) == "(1 × 128 × 40 × 1 + 128 + 2) × 4");
        CHECK(bytes.value() == Integer((128 * 40 + 128 + 2) * 4));
        CHECK(Symbols<Integer>{}.define("P", 5, "") == Integer(5));
    }
}

TEST_SUITE("names that mean harm") {
    const std::string kHostile = "M_</math><script>alert(\"1\")&'";

    TEST_CASE("MathML: a row's name cannot leave its element") {
        const std::string code = symbols(named(kHostile, 1), Format::mathml);
        CHECK(code == "<msub><mi>M</mi><mi>&lt;/math&gt;&lt;script&gt;alert(&quot;1&quot;)&amp;&#39;</mi></msub>");
        CHECK(well_formed(code));
    }

    TEST_CASE("LaTeX: every character that means something is escaped") {
        CHECK(symbols(named("M_#$%&~_^\\{}<>|", 1), Format::latex) ==
              "M_{\\text{\\#\\$\\%\\&\\textasciitilde{}\\_\\textasciicircum{}\\textbackslash{}\\{\\}"
              "\\textless{}\\textgreater{}\\textbar{}}}");
        CHECK(harmless(symbols(named("}\\input{secret}%", 1), Format::latex)));
    }

    TEST_CASE("line breaks and control characters become spaces, so a formula stays on its line") {
        CHECK(symbols(named("M_a\nb\x01"
                            "c",
                            1)) == "M_a b c");
        CHECK(well_formed(symbols(named("a\x02\x1F", 1), Format::mathml)));
        CHECK(symbols(named("a\xEF\xBF\xBF", 1), Format::mathml) == "<mi>a </mi>");  // U+FFFF is not XML
    }

    TEST_CASE("a whole derivation stays well-formed") {
        const Derivation derivation = derive("layers/1/forward", "title", kHostile, named(kHostile, 3) * 4, "bytes",
                                             {{"notebook", "sentence", "source"}});
        CHECK(well_formed(derivation.mathml));
        for (const Line& line : derivation.lines) {
            CHECK(well_formed(line.mathml));
            CHECK(harmless(line.latex));
        }
        CHECK(well_formed(derivation.terms.at(0).mathml));
        CHECK(!contains(derivation.mathml, "<script"));
    }
}

TEST_SUITE("long and large") {
    TEST_CASE("a sum of 10,000 addends: all are added, 39 and the last are shown, the rest are counted") {
        std::vector<Term> rows;
        for (int i = 1; i <= 10000; ++i) rows.push_back(named("M_" + std::to_string(i), i));
        const Term total = Term::sum(rows) * 4;
        CHECK(total.value() == Integer(4LL * 50005000));  // n (n + 1) / 2
        const std::string text = symbols(total);
        CHECK(count(text, "M_") == 40);
        CHECK(text.substr(0, 13) == "(M_1 + M_2 + ");
        CHECK(contains(text, "M_39 + … (9,960 more) + M_10000) × 4"));
        CHECK(contains(numbers(total), "39 + … (9,960 more) + 10,000) × 4"));
        CHECK(shown_symbols(total).size() == 40);
        for (const Format format : {Format::latex, Format::mathml}) CHECK(symbols(total, format).size() < 4000);
        CHECK(well_formed(symbols(total, Format::mathml)));
    }

    TEST_CASE("how many are shown is an option") {
        const Term total = Term::sum({named("a", 1), named("b", 2), named("c", 3), named("d", 4)});
        CHECK(render(total, Format::text, Reading::symbols, {.shown = 3}) == "a + b + … (1 more) + d");
        CHECK(render(total, Format::text, Reading::symbols, {.shown = 4}) == "a + b + c + d");
        CHECK(render(total, Format::text, Reading::symbols, {.shown = 0}) == "a + … (2 more) + d");
        CHECK(Term::sum({}).value() == Integer(0));
        CHECK(symbols(Term::sum({})) == "0");
    }

    TEST_CASE("addends of 0 take no place in the count") {
        std::vector<Term> rows(100, named("Z", 0));
        rows.push_back(named("a", 5));
        rows.push_back(named("b", 6));
        CHECK(numbers(Term::sum(rows)) == "5 + 6");
    }

    TEST_CASE("sums and products that were built one by one are as long as any, and end without deep recursion") {
        Term total = named("a", 1);
        Term product = named("a", 1);
        for (int i = 0; i < 200000; ++i) {
            total += named("a", 1);
            product *= named("a", 1);
        }
        CHECK(total.value() == Integer(200001));
        CHECK(contains(numbers(total), "1 + … (199,961 more) + 1"));
        CHECK(contains(numbers(product), "1 × … (199,961 more) × 1"));
        CHECK(contains(symbols(product), "a × … (199,961 more) × a"));
    }

    TEST_CASE("brackets within brackets end in a value") {
        Term nested = named("a", 3);
        for (int i = 0; i < 1000; ++i) nested = 2 * (nested - 1);
        CHECK(nested.value().overflowed());  // 2^1000 + 2
        Term small = named("a", 2);          // 2 × (2 − 1) = 2, however often
        for (int i = 0; i < 1000; ++i) small = 2 * (small - 1);
        CHECK(render(small, Format::text, Reading::symbols, {.nesting = 4}) == "2 × (2 × (2 − 1) − 1)");
    }

    TEST_CASE("what does not fit 64 bits is said in words, never as a number") {
        const Term large = named("B", 1LL << 40) * named("n", 1LL << 40);
        const Derivation derivation = derive("notebook/input", "Input", "M_in", large * 4, "bytes", {});
        CHECK(derivation.value.overflowed());
        CHECK(derivation.text ==
              "M_in = B × n × 4\n"
              "     = 1,099,511,627,776 × 1,099,511,627,776 × 4\n"
              "     = too large for 64 bits");
        CHECK(derivation.lines.back().kind == Line::Kind::bytes);
        CHECK(contains(derivation.latex, "&= \\text{too large for 64 bits}"));
        CHECK(numbers(Term::symbol({"M", Integer::overflow(), "", "", "", ""}) * 3) == "(too large) × 3");
        CHECK(!contains(derivation.text + derivation.latex + derivation.mathml, "9,223,372"));
    }
}

TEST_SUITE("derivations") {
    TEST_CASE("activations of DAVEnet's conv1 at batch 128: 64.00 MB") {
        const Symbols<Term> name;
        const Term right = name("B", 128, "batch size, from the settings") *
                           name("C_out", 128, "out_channels of this row", "torch.nn.Conv2d") *
                           name("H_out", 1, "⌊(40 + 2·0 − 1·(40 − 1) − 1) / 1⌋ + 1", "torch.nn.Conv2d, Shape", "",
                                "layers/conv1/outputs/0/2") *
                           name("W_out", 1024, "⌊(1024 + 2·0 − 1·(1 − 1) − 1) / 1⌋ + 1", "torch.nn.Conv2d, Shape", "",
                                "layers/conv1/outputs/0/3") *
                           name("s", 4, "bytes per value", "", "bytes");
        const Derivation derivation =
            derive("layers/conv1/forward", "Activations of conv1", "M_conv1", right, "bytes",
                   {{"notebook", "counted twice, forward and backward", "torchsummary 1.5.1, total_output"}});

        CHECK(derivation.text ==
              "M_conv1 = B × C_out × H_out × W_out × s\n"
              "        = 128 × 128 × 1 × 1024 × 4\n"
              "        = 67,108,864 B ÷ 1024²\n"
              "        = 64.00 MB");
        CHECK(derivation.latex ==
              "\\begin{equation*}\n"
              "\\begin{aligned}\n"
              "M_{\\mathrm{conv1}} &= B \\times C_{\\mathrm{out}} \\times H_{\\mathrm{out}} \\times W_{\\mathrm{out}} "
              "\\times s \\\\\n"
              "&= 128 \\times 128 \\times 1 \\times 1024 \\times 4 \\\\\n"
              "&= 67{,}108{,}864\\,\\mathrm{B} \\div 1024^{2} \\\\\n"
              "&= 64.00\\,\\mathrm{MB}\n"
              "\\end{aligned}\n"
              "\\end{equation*}");
        CHECK(contains(derivation.mathml,
                       "<math display=\"block\"><mtable><mtr><mtd><msub><mi>M</mi><mi>conv1</mi></msub></mtd>"
                       "<mtd><mo>=</mo></mtd><mtd><mi>B</mi><mo>×</mo><msub><mi>C</mi><mi>out</mi></msub>"));
        CHECK(count(derivation.mathml, "<mtr>") == 4);
        CHECK(contains(derivation.mathml,
                       "<mrow class=\"res\"><mn>64.00</mn><mspace width=\"0.2em\"/><mtext>MB</mtext></mrow></mtd>"));
        CHECK(well_formed(derivation.mathml));

        REQUIRE(derivation.lines.size() == 4);
        CHECK(derivation.lines[1].text == "= 128 × 128 × 1 × 1024 × 4");
        CHECK(derivation.lines[2].text == "= 67,108,864 B ÷ 1024²");
        const std::string_view kinds[] = {"symbols", "numbers", "bytes", "megabytes"};
        for (std::size_t i = 0; i < 4; ++i) CHECK(name_of(derivation.lines[i].kind) == kinds[i]);

        REQUIRE(derivation.terms.size() == 5);
        CHECK(derivation.terms[2].symbol == "H_out");
        CHECK(derivation.terms[2].value == Integer(1));
        CHECK(derivation.terms[2].path == "layers/conv1/outputs/0/2");
        CHECK(derivation.terms[2].source == "torch.nn.Conv2d, Shape");
        CHECK(derivation.terms[2].mathml == "<math><msub><mi>H</mi><mi>out</mi></msub></math>");
        CHECK(derivation.terms[4].unit == "bytes");
        CHECK(derivation.notes.at(0).method == "notebook");
    }

    TEST_CASE("a symbol that is used twice is listed once, where it appears first") {
        const Derivation derivation = derive("layers/conv1/parameters", "Parameters of conv1", "P_conv1",
                                             conv_parameters(Symbols<Term>{}, 1, 128, 40, 1), "elements", {});
        CHECK(derivation.text ==
              "P_conv1 = C_in × C_out × k_H × k_W + C_out\n"
              "        = 1 × 128 × 40 × 1 + 128\n"
              "        = 5,248 elements");
        std::string order;
        for (const TermEntry& term : derivation.terms) order += term.symbol + " ";
        CHECK(order == "C_in C_out k_H k_W ");
        CHECK(derivation.terms[1].path == "layers/conv/outputs/0/1");
    }

    TEST_CASE("one name with two values is listed twice: nothing is hidden") {
        CHECK(shown_symbols(named("k", 3) * named("k", 5) * named("k", 3)).size() == 2);
    }

    TEST_CASE("a line that would repeat its neighbour is left out") {
        CHECK(derive("p", "t", "C_out", 128, "", {}).text == "C_out = 128");
        CHECK(derive("p", "t", "C_out", named("C", 128), "", {}).text == "C_out = C\n      = 128");
        CHECK(derive("p", "t", "P", named("n", 1), "items", {}).text == "P = n\n  = 1 item");
        CHECK(derive("p", "t", "P", Term(2) * 3, "elements", {}).text == "P = 2 × 3\n  = 6 elements");
    }

    TEST_CASE("from 1 GB on the result is in GB too, with its sign") {
        CHECK(contains(derive("p", "t", "M", named("n", 1073741823), "bytes", {}).text, "÷ 1024²\n  = 1,024.00 MB"));
        CHECK(!contains(derive("p", "t", "M", named("n", 1073741823), "bytes", {}).text, "GB"));
        CHECK(contains(derive("p", "t", "M", named("n", 1073741824), "bytes", {}).text, "= 1,024.00 MB = 1.00 GB"));
        // the image network on a V100 16 GB, from the report in docs/interface.md: 11.84 GB too much
        const Derivation free = derive("fit/v100-16gb/free", "Free", "M_free",
                                       named("M_usable", 16935682048) - named("M", 29647056128), "bytes", {});
        CHECK(free.text ==
              "M_free = M_usable − M\n"
              "       = 16,935,682,048 − 29,647,056,128\n"
              "       = −12,711,374,080 B ÷ 1024²\n"
              "       = −12,122.51 MB = −11.84 GB");
        CHECK(contains(free.mathml, "<mo form=\"prefix\">−</mo><mn>11.84</mn>"));
    }
}

TEST_SUITE("DAVEnet's audio network reads like the notebook") {
    TEST_CASE("forward and backward: 10.31 MB") {
        const Symbols<Term> name;
        struct Row {
            const char* name;
            std::int64_t channels, height, width;
        };
        const Row rows[] = {{"E_batchnorm1", 1, 40, 1024}, {"E_conv1", 128, 1, 1024}, {"E_conv2", 256, 1, 1024},
                            {"E_pool", 256, 1, 512},       {"E_conv3", 512, 1, 512},  {"E_pool-2", 512, 1, 256},
                            {"E_conv4", 512, 1, 256},      {"E_pool-3", 512, 1, 128}, {"E_conv5", 1024, 1, 128},
                            {"E_pool-4", 1024, 1, 64}};
        std::vector<Term> outputs;
        for (const Row& row : rows)
            outputs.push_back(name.define(
                row.name, named("C", row.channels) * named("H", row.height) * named("W", row.width), "output"));
        const Term both = Term::sum(outputs) * name("s", 4, "bytes per value", "", "bytes") * 2;
        const Derivation derivation =
            derive("notebook/forward", "Forward and backward", "M_fwd/bwd", both, "bytes", {});
        // 10.3125 MB × 1024²
        CHECK(derivation.text ==
              "M_fwd/bwd = (E_batchnorm1 + E_conv1 + E_conv2 + E_pool + E_conv3 + E_pool-2 + E_conv4 + E_pool-3 + "
              "E_conv5 + E_pool-4) × s × 2\n"
              "          = (40 × 1024 + 128 × 1024 + 256 × 1024 + 256 × 512 + 512 × 512 + 512 × 256 + 512 × 256 + "
              "512 × 128 + 1024 × 128 + 1024 × 64) × 4 × 2\n"
              "          = 10,813,440 B ÷ 1024²\n"
              "          = 10.31 MB");
        CHECK(derivation.terms.size() == 11);
    }

    TEST_CASE("parameters: 15,965,570 values, 60.90 MB") {
        const Symbols<Term> name;
        std::vector<Term> rows{name.define("P_batchnorm1", 2 * named("C", 1), "weight and bias")};
        const std::int64_t convolutions[][4] = {
            {1, 128, 40, 1}, {128, 256, 1, 11}, {256, 512, 1, 17}, {512, 512, 1, 17}, {512, 1024, 1, 17}};
        int n = 0;
        for (const auto& [in, out, k_h, k_w] : convolutions)
            rows.push_back(name.define("P_conv" + std::to_string(++n), conv_parameters(name, in, out, k_h, k_w), ""));
        const Term count_of_values = Term::sum(rows);
        CHECK(count_of_values.value() == Integer(15965570));
        const Derivation derivation =
            derive("notebook/parameters", "Parameters", "M_param", count_of_values * name("s", 4, ""), "bytes", {});
        CHECK(derivation.text ==
              "M_param = (P_batchnorm1 + P_conv1 + P_conv2 + P_conv3 + P_conv4 + P_conv5) × s\n"
              "        = (2 + 128 × 40 + 128 + 128 × 256 × 11 + 256 + 256 × 512 × 17 + 512 + 512 × 512 × 17 + 512 + "
              "512 × 1024 × 17 + 1024) × 4\n"
              "        = 63,862,280 B ÷ 1024²\n"
              "        = 60.90 MB");
        CHECK(contains(derivation.lines[1].latex, "= \\left(2 + 128 \\times 40 + 128 + 128 \\times 256 \\times 11"));
    }
}
