// The points of a study: dimensions, what follows from them, and which combinations count.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dse/expression.h"

namespace YAML {
class Node;
}

namespace rebasis::dse {

/// A value of a dimension: what a user would write after --set KEY=, and its number where it is one (bytes, Hz, ...).
struct Value {
  std::string text;
  std::optional<double> number;
  bool operator==(const Value&) const = default;
};
/// "256 KiB" -> 262144, "1 GHz" -> 1e9, "lpddr4" -> no number.
[[nodiscard]] Value value_of(const std::string& text);

struct Dimension {
  std::string name;
  std::vector<Value> values;  ///< as listed; a range ascends
  SourceLocation where;
};

/// A name with a formula: a parameter that is set (`derived`), or a name for other formulas (`let`).
struct Formula {
  std::string name;
  Expression expression;
};

/// A point before anything is known of its hardware: an index into each dimension's values.
using Choice = std::vector<std::size_t>;

/// What a choice means.
struct Point {
  std::map<std::string, std::string> settings;  ///< dimensions and derived parameters, as --set takes them
  std::map<std::string, double> numbers;        ///< of those and of `let`
  const Expression* undefined = nullptr;  ///< the first formula without a finite value; those behind it are left out
};

class Space {
 public:
  std::vector<Dimension> dimensions;
  std::vector<Formula> let, derived;
  std::vector<Expression> where;  ///< conditions on the study's own names

  /// Reads the keys `space`, `let`, `derived` and `where` of a study. Throws Error(bad_input) with file and line: an
  /// empty list, a range that holds nothing or more than a million values, a value listed twice, a name taken twice.
  static Space parse(const YAML::Node& study, const std::string& file);

  /// Combinations before conditions; the largest 64-bit number when there are more.
  [[nodiscard]] std::uint64_t size() const;
  /// Combination number `index`, the last dimension fastest; index < size().
  [[nodiscard]] Choice choice(std::uint64_t index) const;
  /// Throws Error(bad_input) where a formula uses a name that has no value.
  [[nodiscard]] Point point(const Choice& choice) const;
  /// The formula that has no finite value, the first condition that does not hold, or null. `known`: numbers of the
  /// hardware that conditions may use beside the point's own. A condition with a name that neither has is left for
  /// later.
  [[nodiscard]] const Expression* broken(const Point& point, const std::map<std::string, double>& known = {}) const;
};

}  // namespace rebasis::dse
