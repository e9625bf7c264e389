// Arithmetic of a study file: conditions, derived parameters, objectives. "dim_M * dim_C * dim_F == 1024",
// "input_gb.capacity + 64 * weight_buffer.capacity <= 1 MiB".
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"

namespace rebasis::dse {

/// A formula over named numbers. Names may hold dots; operators and functions are those of muParser (+ - * / ^,
/// comparisons, && ||, ?:, min, max, sqrt, log2, ...) and ceil, floor, round; KiB, MiB, GiB, k, M, G behind a number
/// multiply it.
class Expression {
 public:
  /// Throws Error(bad_input) at `where` when the text is no formula.
  Expression(std::string text, SourceLocation where);
  ~Expression();
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const SourceLocation& where() const { return where_; }
  /// Names that the formula uses, sorted.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// Nothing when the result is not finite. Throws Error(bad_input) at the formula's line when a name has no value.
  [[nodiscard]] std::optional<double> value(const std::map<std::string, double>& values) const;
  /// The same; throws Error(bad_input) as well when the result is not finite.
  [[nodiscard]] double evaluate(const std::map<std::string, double>& values) const;
  /// A condition without a finite value does not hold.
  [[nodiscard]] bool holds(const std::map<std::string, double>& values) const { return value(values).value_or(0) != 0; }

 private:
  struct Impl;
  std::string text_;
  SourceLocation where_;
  std::vector<std::string> names_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rebasis::dse
