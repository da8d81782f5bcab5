// Fields: how a layer declares its attributes. A layer is a struct of defaulted members and one function that names
// each member once; reading a document and describing the catalogue are two visitors of that function.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/dtype.hpp"
#include "model/model.hpp"
#include "model/value.hpp"

namespace footprint {

using Words = std::initializer_list<std::string_view>;

/// What is known of an attribute besides its type, name and default (which is the member's own initial value).
struct About {
    std::string_view help = {};
    std::int64_t least = std::numeric_limits<std::int64_t>::min();  // of each number in it
    bool required = false;                                          // must be given
    bool inferred = false;                                          // the incoming shape settles it when left out
    bool nullable = false;                                          // None is allowed, for it or for its members
    std::string_view otherwise = {};                                // the default in words, where it is a rule
};

/// One integer for each of `rank` dimensions; a document may write a single integer for all of them.
struct Tuple {
    Tuple(int dimensions, std::int64_t value) : rank(dimensions) { values.fill(value); }
    explicit Tuple(int dimensions) : Tuple(dimensions, 0) {}

    std::int64_t operator[](int dimension) const { return values[static_cast<std::size_t>(dimension)]; }

    static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();  // a member that is None
    int rank;
    bool given = false;  // the document has it
    std::array<std::int64_t, 6> values{};
};

/// One element of an index, as in x[0, None, ..., 1:3, mask].
struct IndexItem {
    enum class Kind : std::uint8_t { integer, none, ellipsis, slice, tensor } kind = Kind::integer;
    std::int64_t integer = 0;
    std::optional<Size> start, stop;
    std::int64_t step = 1;
    std::string tensor;
};

class Fields {
 public:
    virtual ~Fields() = default;

    virtual void boolean(std::string_view name, bool& value, const About& about) = 0;
    virtual void integer(std::string_view name, std::int64_t& value, const About& about) = 0;
    /// None, or left out: no value.
    virtual void integer(std::string_view name, std::optional<std::int64_t>& value, const About& about) = 0;
    virtual void number(std::string_view name, double& value, const About& about) = 0;
    virtual void number(std::string_view name, std::optional<double>& value, const About& about) = 0;
    virtual void word(std::string_view name, std::string& value, Words words, const About& about) = 0;
    virtual void tuple(std::string_view name, Tuple& value, const About& about) = 0;
    /// A tuple, or one of the words (then `word` holds it).
    virtual void tuple_or_word(std::string_view name, Tuple& value, std::string& word, Words words,
                               const About& about) = 0;
    /// One integer or a list of any length; no value when left out or None.
    virtual void integers(std::string_view name, std::optional<std::vector<std::int64_t>>& value,
                          const About& about) = 0;
    /// One number or a list of any length.
    virtual void numbers(std::string_view name, std::optional<std::vector<double>>& value, const About& about) = 0;
    /// Sizes that may follow the batch; one size stands for a list of one. A null member is size −1 where nullable.
    virtual void sizes(std::string_view name, std::optional<std::vector<Size>>& value, const About& about) = 0;
    virtual void dtype(std::string_view name, std::optional<DType>& value, const About& about) = 0;
    virtual void index(std::string_view name, std::vector<IndexItem>& value, const About& about) = 0;
    /// Anything of the format's own (opaque's outputs): the layer reads it itself.
    virtual void value(std::string_view name, const Value*& value, const About& about) = 0;
};

}  // namespace footprint
